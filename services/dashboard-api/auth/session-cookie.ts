import type { FastifyReply, FastifyRequest } from 'fastify';
import { ZhishouError } from '#core/errors.ts';
import { ProblemError } from '../problem.ts';
import { SESSION_COOKIE } from './access.ts';
import { type Caller, type Origin, SESSION_LONGEST } from './authentication.ts';

/** The session's cookie and who stands behind a request, for the routes of accounts. */

export function setSessionCookie(reply: FastifyReply, secret: string, secure: boolean): void {
  reply.setCookie(SESSION_COOKIE, secret, {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure,
    maxAge: SESSION_LONGEST / 1000,
  });
}

export const originOf = (request: FastifyRequest): Origin => ({
  address: request.ip,
  agent: request.headers['user-agent'] ?? '',
});

/** For routes that are for people alone: `personOnly` has let nobody else in. */
export function personOf(caller: Caller | null): Caller & { kind: 'session' } {
  if (caller?.kind === 'session') return caller;
  throw caller === null ? new ZhishouError('NOT_SIGNED_IN', 'session') : new ProblemError('FORBIDDEN', caller.user);
}
