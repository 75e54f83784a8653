import { z } from 'zod';
import type { SessionsEnded, SessionsResponse, SignedInSession } from '#core/accounts-view.ts';
import { ZhishouError } from '#core/errors.ts';
import { toIso } from '#core/time.ts';
import type { Session } from '#platform/accounts-schema.ts';
import { type Caller, expiryOf, handleOf } from '../auth/authentication.ts';
import { personOf } from '../auth/session-cookie.ts';
import { pageQuery, toPage } from '../paging.ts';
import { userNameSchema } from '../schemas/accounts.ts';
import { problemSchema } from '../schemas/answers.ts';
import { sessionIdSchema, sessionsEndedSchema, sessionsSchema } from '../schemas/sign-in.ts';
import { API, type Context, type Server } from './context.ts';

/** Who is signed in where: one's own sessions, and everybody's for administrators. Ending one ends its live page too. */

const OWN = { access: { who: 'viewer', personOnly: true, whilePasswordDue: true } } as const;
const ADMINISTRATOR = { access: { who: 'administrator', personOnly: true } } as const;
const tags = ['sessions'];

export function sessionListRoutes(server: Server, context: Context): void {
  ownSessions(server, context);
  everybodysSessions(server, context);
}

function ownSessions(server: Server, context: Context): void {
  const { accounts } = context;
  server.get(
    `${API}/sessions`,
    {
      config: OWN,
      schema: {
        tags,
        summary: "One's own sessions, used last first",
        response: { 200: sessionsSchema, default: problemSchema },
      },
    },
    async (request): Promise<SessionsResponse> => {
      const me = personOf(request.caller);
      return { sessions: sessionsOf(context, me, accounts.sessions(me.user)), next: null };
    },
  );
  server.delete(
    `${API}/sessions`,
    {
      config: OWN,
      schema: {
        tags,
        summary: "End all of one's own sessions but this one",
        response: { 200: sessionsEndedSchema, default: problemSchema },
      },
    },
    async (request): Promise<SessionsEnded> => {
      const me = personOf(request.caller);
      const ended = accounts.endSessionsOf(me.user, me.sessionId);
      request.auditDetail = `${ended} ended`;
      return { ended };
    },
  );
  server.delete(
    `${API}/sessions/:id`,
    {
      config: OWN,
      schema: {
        tags,
        summary: "End one of one's own sessions",
        params: sessionIdSchema,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const ended = endOne(context, accounts.sessions(personOf(request.caller).user), request.params.id);
      request.auditDetail = placeOf(ended);
      return reply.code(204).send();
    },
  );
}

function everybodysSessions(server: Server, context: Context): void {
  const { accounts } = context;
  server.get(
    `${API}/sessions/everybody`,
    {
      config: ADMINISTRATOR,
      schema: {
        tags,
        summary: "Everybody's sessions, begun last first",
        querystring: z.strictObject(pageQuery),
        response: { 200: sessionsSchema, default: problemSchema },
      },
    },
    async (request): Promise<SessionsResponse> => {
      const all = sessionsOf(context, personOf(request.caller), accounts.sessions());
      // Not by their last use, which changes while somebody turns the pages.
      const { page, next } = toPage(all, { by: [({ since }) => since, ({ id }) => id], newest: true }, request.query);
      return { sessions: page, next };
    },
  );
  server.delete(
    `${API}/sessions/everybody/:id`,
    {
      config: ADMINISTRATOR,
      schema: {
        tags,
        summary: "End anybody's session",
        params: sessionIdSchema,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const ended = endOne(context, accounts.sessions(), request.params.id);
      request.auditDetail = `of ${ended.user}, ${placeOf(ended)}`;
      return reply.code(204).send();
    },
  );
  server.delete(
    `${API}/users/:user/sessions`,
    {
      config: ADMINISTRATOR,
      schema: {
        tags,
        summary: 'End all sessions of a person; of oneself: all but this one',
        params: z.strictObject({ user: userNameSchema }),
        response: { 200: sessionsEndedSchema, default: problemSchema },
      },
    },
    async (request): Promise<SessionsEnded> => {
      const { user } = request.params;
      if (accounts.user(user) === null) throw new ZhishouError('NOT_FOUND', user, 'no such account');
      const ended = accounts.endSessionsOf(user, personOf(request.caller).sessionId);
      request.auditDetail = `of ${user}, ${ended} ended`;
      return { ended };
    },
  );
}

function sessionsOf(
  { accounts, wall }: Context,
  me: Caller & { kind: 'session' },
  sessions: readonly Session[],
): SignedInSession[] {
  const names = new Map(accounts.users().map(({ user, name }) => [user, name]));
  return sessions
    .filter((session) => wall.now() < expiryOf(session))
    .map((session) => ({
      id: handleOf(session),
      user: session.user,
      name: names.get(session.user) ?? session.user,
      since: toIso(session.createdAt),
      lastUsedAt: toIso(session.lastUsedAt),
      expiresAt: toIso(expiryOf(session)),
      address: session.address,
      agent: session.agent,
      via: session.via,
      current: session.id === me.sessionId,
    }));
}

function endOne({ accounts }: Context, among: readonly Session[], handle: string): Session {
  const session = among.find((one) => handleOf(one) === handle);
  if (session === undefined) throw new ZhishouError('NOT_FOUND', handle, 'no such session, or it has ended');
  accounts.endSession(session.id);
  return session;
}

const placeOf = ({ address, createdAt }: Session): string => `from ${address || 'unknown'} since ${toIso(createdAt)}`;
