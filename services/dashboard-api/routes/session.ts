import type { FastifyReply } from 'fastify';
import type { SessionView } from '#core/api.ts';
import { ZhishouError } from '#core/errors.ts';
import { digest } from '#platform/passwords.ts';
import { SESSION_COOKIE } from '../auth/access.ts';
import { type Caller, SESSION_LONGEST } from '../auth/authentication.ts';
import { changeOwnPassword } from '../auth/password-change.ts';
import { ProblemError } from '../problem.ts';
import { passwordChangeSchema, sessionSchema, signInSchema } from '../schemas/accounts.ts';
import { problemSchema } from '../schemas/answers.ts';
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
        summary: 'Sign in',
        body: signInSchema,
        response: { 200: sessionSchema, default: problemSchema },
      },
    },
    async (request, reply): Promise<SessionView> => {
      const { user, password } = request.body;
      request.auditDetail = `sign-in of ${user}`;
      const { secret, view } = await authentication.signIn(user, password, request.ip);
      const before = request.cookies[SESSION_COOKIE];
      if (before !== undefined) accounts.endSession(digest(before));
      setCookie(reply, secret, request.protocol === 'https');
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
    async (request) => authentication.view(person(request.caller)),
  );
  server.delete(
    `${API}/session`,
    {
      config: { access: { who: 'viewer', personOnly: true, whilePasswordDue: true } },
      schema: { tags: ['session'], summary: 'Sign out', response: { default: problemSchema } },
    },
    async (request, reply) => {
      accounts.endSession(person(request.caller).sessionId);
      return reply.clearCookie(SESSION_COOKIE, { path: '/' }).code(204).send();
    },
  );
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
      await changeOwnPassword(context, person(request.caller), request.body, request.ip);
      return reply.code(204).send();
    },
  );
}

function setCookie(reply: FastifyReply, secret: string, secure: boolean): void {
  reply.setCookie(SESSION_COOKIE, secret, {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure,
    maxAge: SESSION_LONGEST / 1000,
  });
}

function person(caller: Caller | null): Caller & { kind: 'session' } {
  if (caller?.kind === 'session') return caller;
  throw caller === null ? new ZhishouError('NOT_SIGNED_IN', 'session') : new ProblemError('FORBIDDEN', caller.user);
}
