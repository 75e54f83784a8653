import type { SessionView } from '#core/api.ts';
import { digest } from '#platform/passwords.ts';
import { SESSION_COOKIE } from '../auth/access.ts';
import { changeOwnPassword } from '../auth/password-change.ts';
import { originOf, personOf, setSessionCookie } from '../auth/session-cookie.ts';
import { passwordChangeSchema, sessionSchema, signInSchema } from '../schemas/accounts.ts';
import { problemSchema } from '../schemas/answers.ts';
import { providerLocationSchema } from '../schemas/sign-in.ts';
import { API, type Context, type Server } from './context.ts';

/** Sign-in, sign-out, one's own password. */

export function sessionRoutes(server: Server, context: Context, signInsPerMinute: number): void {
  const { authentication, accounts } = context;
  server.post(
    `${API}/session`,
    {
      config: {
        access: { who: 'everybody' },
        rateLimit: { max: signInsPerMinute, timeWindow: '1 minute', groupId: 'sign-in' },
      },
      schema: {
        tags: ['session'],
        summary: 'Sign in; with `code` when CODE_NEEDED was the answer',
        body: signInSchema,
        response: { 200: sessionSchema, default: problemSchema },
      },
    },
    async (request, reply): Promise<SessionView> => {
      const { user, password, code } = request.body;
      request.auditDetail = `sign-in of ${user}${code === undefined ? '' : ' with a one-time code'}`;
      const { secret, view } = await authentication.signIn({ user, password, code: code ?? null }, originOf(request));
      const before = request.cookies[SESSION_COOKIE];
      if (before !== undefined) accounts.endSession(digest(before));
      // The record names who it was.
      request.caller = authentication.bySession(secret);
      setSessionCookie(reply, secret, request.protocol === 'https');
      return view;
    },
  );
  server.get(
    `${API}/session`,
    {
      config: { access: { who: 'viewer', personOnly: true } },
      schema: {
        tags: ['session'],
        summary: 'Who is signed in',
        response: { 200: sessionSchema, default: problemSchema },
      },
    },
    async (request) => authentication.view(personOf(request.caller)),
  );
  server.delete(
    `${API}/session`,
    {
      config: { access: { who: 'viewer', personOnly: true, whilePasswordDue: true } },
      schema: {
        tags: ['session'],
        summary: 'Sign out; 200 with where to go when the provider is to be signed out of too',
        response: { 200: providerLocationSchema, default: problemSchema },
      },
    },
    async (request, reply) => {
      const me = personOf(request.caller);
      accounts.endSession(me.sessionId);
      reply.clearCookie(SESSION_COOKIE, { path: '/' });
      const location = me.via === 'oidc' ? (context.oidc?.signOutLocation() ?? null) : null;
      return location === null ? reply.code(204).send() : reply.send({ location });
    },
  );
  passwordRoute(server, context, signInsPerMinute);
}

function passwordRoute(server: Server, context: Context, signInsPerMinute: number): void {
  server.put(
    `${API}/password`,
    {
      config: {
        access: { who: 'viewer', personOnly: true, whilePasswordDue: true },
        rateLimit: { max: signInsPerMinute, timeWindow: '1 minute', groupId: 'sign-in' },
      },
      schema: {
        tags: ['session'],
        summary: "Change one's own password",
        body: passwordChangeSchema,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      await changeOwnPassword(context, personOf(request.caller), request.body, request.ip);
      return reply.code(204).send();
    },
  );
}
