import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ZhishouError } from '#core/errors.ts';
import type { LiveClient } from '../live/hub.ts';
import { problemSchema } from '../schemas/answers.ts';
import { API, type Context, type Server } from './context.ts';

/** The event stream. Its bytes go past fastify's own answering, so the headers that hooks have set are carried over by hand. */

/** So much may wait for one client in this process; beyond it the client is too slow and is cut off. */
export const MOST_WAITING_BYTES = 1_000_000;

export function liveRoute(server: Server, context: Context): void {
  server.get(
    `${API}/live`,
    {
      // HEAD would open a stream.
      exposeHeadRoute: false,
      config: { access: { who: 'reader' } },
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
  // Written once the hub has taken the client: a refusal is still an ordinary answer.
  const begin = (): void => {
    if (raw.headersSent) return;
    reply.hijack();
    raw.writeHead(200, {
      ...headersOf(reply),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    raw.write('retry: 2000\n\n');
  };
  const client: LiveClient = {
    address: request.ip,
    audience: caller.kind === 'local' ? 'all' : 'viewer',
    write(text) {
      begin();
      if (raw.destroyed) return false;
      raw.write(text);
      return raw.writableLength <= MOST_WAITING_BYTES;
    },
    mayStay: () => context.authentication.stillSignedIn(caller),
    // What waits for a slow client is thrown away with its connection.
    end: () => (raw.writableLength > MOST_WAITING_BYTES ? raw.destroy() : raw.end()),
  };
  const leave = context.hub.join(client, lastEventId);
  if (leave === null) throw new ZhishouError('TOO_MANY', 'live', 'too many pages are listening');
  begin();
  raw.on('close', leave);
  raw.on('error', leave);
}

function headersOf(reply: FastifyReply): Record<string, string> {
  return Object.fromEntries(
    Object.entries(reply.getHeaders()).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}
