import fastify from 'fastify';
import { z } from 'zod';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { Clock, Log, Stop } from '#core/ports.ts';
import type { CaughtMessage } from '#core/simulator.ts';
import { toIso } from '#core/time.ts';
import { NO_SCHEMAS } from '../no-schemas.ts';

/** The demo's stand-in for a phone: takes the webhook channel's messages and hands them on; keeps nothing. */
export interface CatcherOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly onMessage: (message: CaughtMessage) => void;
}

export interface Catcher {
  readonly port: number;
  readonly stop: Stop;
}

const BODY_LIMIT = 256 * 1024;
export const MOST_CAUGHT_TEXT = 20_000;

/** The webhook channel's JSON; fields beyond these are let through unread. */
const bodySchema = z.object({
  subject: z.string().default(''),
  body: z.string().default(''),
  to: z.string().optional(),
  person: z.string().optional(),
});

export async function startWebhookCatcher(options: CatcherOptions): Promise<Catcher> {
  const app = fastify({ ...NO_SCHEMAS, logger: false, bodyLimit: BODY_LIMIT });
  app.post('/*', async (request, reply) => {
    const parsed = bodySchema.safeParse(request.body);
    if (!parsed.success) return reply.status(400).send({ error: 'not a message' });
    const { subject, body, to, person } = parsed.data;
    options.onMessage({
      at: toIso(options.clock.now()),
      channel: 'webhook',
      to: to ?? person ?? '',
      subject: subject.slice(0, MOST_CAUGHT_TEXT),
      body: body.slice(0, MOST_CAUGHT_TEXT),
    });
    return reply.status(204).send();
  });
  try {
    await app.listen({ host: options.host, port: options.port });
  } catch (error) {
    throw new ZhishouError('UNREACHABLE', `webhook catcher ${options.host}:${options.port}`, messageOf(error), {
      cause: error,
    });
  }
  const address = app.server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    stop: () => app.close(),
  };
}
