import type { FastifyRequest } from 'fastify';
import { type Role, roleAtLeast } from '#core/command.ts';
import { ZhishouError } from '#core/errors.ts';
import type { TokenScope } from '#core/token-scope.ts';
import { sameSecret } from '#platform/secrets.ts';
import type { Authentication, Caller } from './authentication.ts';
import type { WallDoor } from './wall-door.ts';

/** Every route says who may call it; this is the one place where that is checked. */
export interface Access {
  /**
   * `everybody`: no sign-in. `reader`: a viewer, or without sign-in somebody at this machine when the room is simulated.
   * Else the least role.
   */
  readonly who: 'everybody' | 'reader' | Role;
  /** With `reader`: also for a screen on the wall (site.yaml, http.wall), without sign-in. */
  readonly wall?: true;
  /** A person's session; an API token will not do. */
  readonly personOnly?: true;
  /**
   * An API token needs one of these. Without them a route that only looks needs `read`, and one that changes something is for people
   * alone: what nobody thought of is closed.
   */
  readonly scopes?: readonly TokenScope[];
  /** Also while the password is due to be changed, or one-time codes to be set up. */
  readonly whilePasswordDue?: true;
}

/** Which scopes open a route to API tokens; none: no token does. */
export function scopesFor(method: string, { scopes, personOnly }: Access): readonly TokenScope[] {
  if (personOnly === true) return [];
  return scopes ?? (isChanging(method) ? [] : ['read']);
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
  { authentication, simulation, door }: { authentication: Authentication; simulation: boolean; door: WallDoor },
): void {
  if (isChanging(request.method)) checkOrigin(request);
  const caller = callerOf(request, authentication);
  request.caller = caller;
  if (access.who === 'everybody') return;
  if (access.who === 'reader' && caller === null) {
    request.caller = onlooker(request, access, simulation, door);
    return;
  }
  if (caller === null) throw new ZhishouError('NOT_SIGNED_IN', 'session');
  if (access.who !== 'reader') requireRole(caller, access.who);
  if (access.personOnly === true && caller.kind !== 'session') refuseToken(caller);
  if (caller.kind === 'token') requireScope(caller, scopesFor(request.method, access));
  if (!isChanging(request.method) || caller.kind !== 'session') return;
  const proof = request.headers[CSRF_HEADER];
  if (typeof proof !== 'string' || !sameSecret(proof, caller.csrf)) {
    throw new ZhishouError('FORBIDDEN', caller.user, `the header ${CSRF_HEADER} is missing or not of this session`);
  }
  if (access.whilePasswordDue !== true) refuseWhileDue(caller);
}

function requireScope(caller: Caller & { kind: 'token' }, scopes: readonly TokenScope[]): void {
  if (scopes.length === 0) refuseToken(caller);
  if (scopes.some((scope) => caller.scopes.includes(scope))) return;
  throw new ZhishouError('FORBIDDEN', caller.user, `this API token lacks the scope ${scopes.join(' or ')}`);
}

function refuseToken(caller: Caller): never {
  throw new ZhishouError('FORBIDDEN', caller.user, 'this needs a person who has signed in, not an API token');
}

/** Who looks without an account: a screen on the wall at what is for it, somebody at the machine of a simulated site at the rest. */
function onlooker(request: FastifyRequest, access: Access, simulation: boolean, door: WallDoor): Caller {
  if (access.wall === true && door.isWall(request)) return { kind: 'wall', user: 'wall', name: 'wall', role: 'viewer' };
  if (simulation && isAtThisMachine(request)) return { kind: 'local', user: 'local', name: 'local', role: 'viewer' };
  // Whoever puts up a screen needs to know as whom it comes.
  const asked = access.wall === true ? `asked from ${request.socket.remoteAddress ?? 'nowhere'}` : undefined;
  throw new ZhishouError('NOT_SIGNED_IN', request.url.slice(0, 200), asked);
}

export function requireRole(caller: Caller, role: Role): void {
  if (!roleAtLeast(caller.role, role)) {
    throw new ZhishouError('FORBIDDEN', caller.user, `your role is ${caller.role}, this needs ${role}`);
  }
}

export function refuseWhileDue(caller: Caller): void {
  if (caller.kind !== 'session') return;
  if (caller.passwordDue) throw new ZhishouError('FORBIDDEN', caller.user, 'change your password first');
  if (caller.codesDue) throw new ZhishouError('FORBIDDEN', caller.user, 'set up one-time codes first');
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
