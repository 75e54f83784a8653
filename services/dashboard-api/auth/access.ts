import type { FastifyRequest } from 'fastify';
import { type Role, roleAtLeast } from '#core/command.ts';
import { ZhishouError } from '#core/errors.ts';
import { sameSecret } from '#platform/secrets.ts';
import type { Authentication, Caller } from './authentication.ts';

/** Every route says who may call it; this is the one place where that is checked. */
export interface Access {
  /**
   * `everybody`: no sign-in. `reader`: a viewer, or without sign-in somebody at this machine when the room is simulated.
   * Else the least role.
   */
  readonly who: 'everybody' | 'reader' | Role;
  /** A person's session; an API token will not do. */
  readonly personOnly?: true;
  /** Also while the password is due to be changed. */
  readonly whilePasswordDue?: true;
}

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | null;
    /** A sentence for the audit log, beside the route. */
    auditDetail: string;
  }
  interface FastifyContextConfig {
    access?: Access;
  }
}

export const SESSION_COOKIE = 'zhishou_session';
export const CSRF_HEADER = 'x-zhishou-csrf';
const CHANGING = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
export const isChanging = (method: string): boolean => CHANGING.has(method);

/** Throws NOT_SIGNED_IN or FORBIDDEN; sets `request.caller`. */
export function checkAccess(
  request: FastifyRequest,
  access: Access,
  { authentication, simulation }: { authentication: Authentication; simulation: boolean },
): void {
  if (isChanging(request.method)) checkOrigin(request);
  const caller = callerOf(request, authentication);
  request.caller = caller;
  if (access.who === 'everybody') return;
  if (access.who === 'reader' && caller === null) {
    if (!simulation || !isAtThisMachine(request)) throw new ZhishouError('NOT_SIGNED_IN', request.url.slice(0, 200));
    request.caller = { kind: 'local', user: 'local', name: 'local', role: 'viewer' };
    return;
  }
  if (caller === null) throw new ZhishouError('NOT_SIGNED_IN', 'session');
  if (access.who !== 'reader') requireRole(caller, access.who);
  if (access.personOnly === true && caller.kind !== 'session') {
    throw new ZhishouError('FORBIDDEN', caller.user, 'this needs a person who has signed in, not an API token');
  }
  if (!isChanging(request.method) || caller.kind !== 'session') return;
  const proof = request.headers[CSRF_HEADER];
  if (typeof proof !== 'string' || !sameSecret(proof, caller.csrf)) {
    throw new ZhishouError('FORBIDDEN', caller.user, `the header ${CSRF_HEADER} is missing or not of this session`);
  }
  if (caller.passwordDue && access.whilePasswordDue !== true) refusePasswordDue(caller);
}

export function requireRole(caller: Caller, role: Role): void {
  if (!roleAtLeast(caller.role, role)) {
    throw new ZhishouError('FORBIDDEN', caller.user, `your role is ${caller.role}, this needs ${role}`);
  }
}

export function refusePasswordDue(caller: Caller): void {
  throw new ZhishouError('FORBIDDEN', caller.user, 'change your password first');
}

function callerOf(request: FastifyRequest, authentication: Authentication): Caller | null {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const secret = /^Bearer ([\w-]{1,200})$/i.exec(authorization)?.[1];
    const caller = secret === undefined ? null : authentication.byToken(secret);
    if (caller === null) throw new ZhishouError('NOT_SIGNED_IN', 'API token', 'unknown or expired');
    return caller;
  }
  const secret = request.cookies[SESSION_COOKIE];
  return secret === undefined || secret.length > 200 ? null : authentication.bySession(secret);
}

/** A browser says where a changing request comes from; another site's page has no business here. */
function checkOrigin(request: FastifyRequest): void {
  const { origin, host } = request.headers;
  if (request.headers['sec-fetch-site'] === 'cross-site' || (origin !== undefined && hostOf(origin) !== host)) {
    throw new ZhishouError('FORBIDDEN', 'origin', 'the request comes from another site');
  }
}

function hostOf(origin: string): string | null {
  return URL.parse(origin)?.host ?? null;
}

/**
 * The address is this machine's own, nothing says that it was passed on by a proxy, and the name asked for is this machine's too:
 * a page elsewhere that points its own name here (DNS rebinding) asks for that name.
 */
function isAtThisMachine(request: FastifyRequest): boolean {
  const { forwarded, via, 'x-forwarded-for': forwardedFor, 'x-real-ip': realIp, host = '' } = request.headers;
  if (forwarded ?? via ?? forwardedFor ?? realIp) return false;
  const name = host.replace(/:\d+$/, '');
  return (
    /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/.test(request.ip) &&
    /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(name)
  );
}
