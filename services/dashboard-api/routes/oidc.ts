import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ProviderLocation } from '#core/accounts-view.ts';
import { ZhishouError } from '#core/errors.ts';
import { digest } from '#platform/passwords.ts';
import { SESSION_COOKIE } from '../auth/access.ts';
import { type CameBack, type OidcDesk, WAITS_FOR } from '../auth/oidc-desk.ts';
import { originOf, personOf, setSessionCookie } from '../auth/session-cookie.ts';
import { CALLBACK_PATH } from '../auth/sign-in-parts.ts';
import { problemSchema } from '../schemas/answers.ts';
import { providerLocationSchema } from '../schemas/sign-in.ts';
import { API, type Context, type Server } from './context.ts';

/** Sign-in at a provider (OpenID Connect). What goes wrong leads back to the sign-in page, which has words for it. */

/** Only this browser has it, and only these routes see it. Lax: the way back is a navigation from the provider's site. */
const COOKIE = 'zhishou_oidc';
const COOKIE_PATH = `${API}/oidc`;
const tags = ['session'];

export function oidcRoutes(server: Server, context: Context, signInsPerMinute: number): void {
  const everybody = {
    access: { who: 'everybody' },
    rateLimit: { max: signInsPerMinute, timeWindow: '1 minute', groupId: 'sign-in' },
  } as const;
  server.get(
    `${API}/oidc/start`,
    {
      config: everybody,
      schema: {
        tags,
        summary: 'To the provider; `to` is where on the page one wants to be afterwards',
        querystring: z.strictObject({ to: z.string().max(501).default('/') }),
        response: { 302: z.null(), default: problemSchema },
      },
    },
    async (request, reply) => {
      try {
        const { location, secret } = await deskOf(context).leave(request.query.to, null);
        return setCookie(request, reply, secret).redirect(location);
      } catch (error) {
        if (error instanceof ZhishouError && error.code === 'UNREACHABLE') return toSignIn(reply, 'down', '/');
        throw error;
      }
    },
  );
  server.get(
    CALLBACK_PATH,
    {
      config: everybody,
      schema: {
        tags,
        summary: 'Back from the provider',
        // The provider's own words: read by the library, bounded by the address's length.
        // What a provider adds is its own: no list of names.
        querystring: z.object({}).catchall(z.union([z.string(), z.array(z.string())])),
        response: { 302: z.null(), default: problemSchema },
      },
    },
    (request, reply) => comeBack(context, request, reply),
  );
  linkRoutes(server, context);
}

function linkRoutes(server: Server, context: Context): void {
  server.post(
    `${API}/oidc/link`,
    {
      config: { access: { who: 'viewer', personOnly: true } },
      schema: {
        tags,
        summary: "Link one's own account with the one at the provider: where the browser goes for it",
        response: { 200: providerLocationSchema, default: problemSchema },
      },
    },
    async (request, reply): Promise<ProviderLocation> => {
      const me = personOf(request.caller);
      const { location, secret } = await deskOf(context).leave('/settings', me.user);
      setCookie(request, reply, secret);
      return { location };
    },
  );
  server.delete(
    `${API}/oidc/link`,
    {
      config: { access: { who: 'viewer', personOnly: true } },
      schema: { tags, summary: 'Undo that', response: { default: problemSchema } },
    },
    async (request, reply) => {
      const { user } = personOf(request.caller);
      // Else nobody could come in with this account any more.
      if (context.accounts.user(user)?.passwordHash === '')
        throw new ZhishouError('CONFLICT', user, 'this account has no password of its own');
      context.accounts.unlink(user);
      return reply.code(204).send();
    },
  );
}

async function comeBack(context: Context, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const desk = deskOf(context);
  // Behind a proxy only site.yaml knows our address; the library takes of it what the provider added.
  const returned = new URL(request.raw.url ?? CALLBACK_PATH, context.config.site.http.public_url);
  const came = await desk.comeBack(returned, request.cookies[COOKIE], originOf(request));
  reply.clearCookie(COOKIE, { path: COOKIE_PATH });
  request.auditDetail = sentenceOf(came);
  if (came.kind === 'refused') return toSignIn(reply, came.reason, came.to);
  if (came.kind === 'linked') return reply.redirect(`${came.to}?linked=1`);
  const before = request.cookies[SESSION_COOKIE];
  if (before !== undefined) context.accounts.endSession(digest(before));
  request.caller = context.authentication.bySession(came.secret);
  setSessionCookie(reply, came.secret, request.protocol === 'https');
  return reply.redirect(came.to);
}

function sentenceOf(came: CameBack): string {
  if (came.kind === 'signed-in') return `sign-in of ${came.view.user.user} at the provider, as ${came.view.user.role}`;
  if (came.kind === 'linked') return `${came.user} linked with the provider`;
  return came.reason === 'stale' ? '' : `refused at the provider's sign-in: ${came.reason}`;
}

const toSignIn = (reply: FastifyReply, reason: string, to: string): FastifyReply =>
  reply.redirect(`/sign-in?${new URLSearchParams({ oidc: reason, ...(to === '/' ? {} : { to }) })}`);

function setCookie(request: FastifyRequest, reply: FastifyReply, secret: string): FastifyReply {
  return reply.setCookie(COOKIE, secret, {
    path: COOKIE_PATH,
    httpOnly: true,
    sameSite: 'lax',
    secure: request.protocol === 'https',
    maxAge: WAITS_FOR / 1000,
  });
}

function deskOf({ oidc }: Context): OidcDesk {
  if (oidc === null) throw new ZhishouError('NOT_FOUND', 'oidc', 'site.yaml names no sign-in provider');
  return oidc;
}
