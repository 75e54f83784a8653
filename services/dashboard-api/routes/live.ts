import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ZhishouError } from '#core/errors.ts';
import type { Caller } from '../auth/authentication.ts';
import { type LiveClient, MOST_CLIENTS_PER_ADDRESS, MOST_CLIENTS_PER_SESSION } from '../live/hub.ts';
import { createStreamClient, takesGzip } from '../live/stream-client.ts';
import { problemSchema } from '../schemas/answers.ts';
import { API, type Context, type Server } from './context.ts';

/** The event stream. Its bytes go past fastify's own answering, so the headers that hooks have set are carried over by hand. */

export function liveRoute(server: Server, context: Context): void {
  server.get(
    `${API}/live`,
    {
      // HEAD would open a stream.
      exposeHeadRoute: false,
      config: { access: { who: 'reader', wall: true } },
      schema: {
        tags: ['live'],
        summary: 'Server-sent events: a snapshot, then each change',
        querystring: z.strictObject({ lastEventId: z.string().max(100).optional() }),
        response: { 200: z.string(), default: problemSchema },
      },
    },
    async (request, reply) => {
      const lastEventId = request.headers['last-event-id'] ?? request.query.lastEventId ?? null;
      open(context, request, reply, typeof lastEventId === 'string' ? lastEventId.slice(0, 100) : null);
      return reply;
    },
  );
}

function open(context: Context, request: FastifyRequest, reply: FastifyReply, lastEventId: string | null): void {
  const { caller } = request;
  if (caller === null) throw new ZhishouError('NOT_SIGNED_IN', 'session');
  const { raw } = reply;
  const gzip = takesGzip(request.headers['accept-encoding']);
  const stream = createStreamClient(raw, { gzip, now: context.wall.monotonic });
  const client: LiveClient = {
    ...stream,
    ...placeOf(caller, request.ip),
    audience: caller.kind === 'wall' ? 'wall' : caller.kind === 'local' ? 'all' : 'viewer',
    // Only once the hub has taken the client: a refusal is still an ordinary answer.
    begin(pieces) {
      reply.hijack();
      raw.writeHead(200, {
        ...headersOf(reply),
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        vary: 'accept-encoding',
        'x-accel-buffering': 'no',
        ...(gzip ? { 'content-encoding': 'gzip' } : {}),
      });
      stream.begin(pieces);
    },
    mayStay: () => context.authentication.stillSignedIn(caller),
  };
  const leave = context.hub.join(client, lastEventId);
  if (leave === null) throw new ZhishouError('TOO_MANY', 'live', 'too many pages are listening');
  raw.on('close', leave);
  raw.on('error', leave);
}

/** A person's places are their session's, wherever they sit; without an account, and for programs, they are the address's. */
const placeOf = (caller: Caller, address: string): Pick<LiveClient, 'place' | 'mostAtPlace'> =>
  caller.kind === 'session'
    ? { place: `session ${caller.sessionId}`, mostAtPlace: MOST_CLIENTS_PER_SESSION }
    : { place: `address ${address}`, mostAtPlace: MOST_CLIENTS_PER_ADDRESS };

function headersOf(reply: FastifyReply): Record<string, string> {
  return Object.fromEntries(
    Object.entries(reply.getHeaders()).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}
