import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { Language } from '#core/text.ts';
import type { LinkAnswer } from '../links/link-desk.ts';
import type { Context, Server } from './context.ts';

/** The page behind a signed link: without sign-in, for the one person and the one matter that it was made for. */

/** Requests a minute from one address: a person looks once and presses once. */
export const LINK_LIMIT = 30;
const paramsSchema = z.object({ token: z.string().max(300) });

const HEADERS = {
  'x-robots-tag': 'noindex, nofollow, noarchive',
  // No other site learns the address; without a referrer of its own a form would name no origin, and be refused.
  'referrer-policy': 'same-origin',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
} as const;

export function linkRoutes(server: Server, context: Context): void {
  const send = (reply: FastifyReply, { status, html }: LinkAnswer): FastifyReply =>
    reply.code(status).headers(HEADERS).type('text/html; charset=utf-8').send(html);
  const wishOf = (request: FastifyRequest): Language =>
    /^\s*en\b/i.test(request.headers['accept-language'] ?? '') ? 'en' : 'zh';
  const common = {
    config: {
      access: { who: 'everybody' },
      rateLimit: {
        max: LINK_LIMIT,
        timeWindow: '1 minute',
        keyGenerator: (request: FastifyRequest) => `link ${request.ip}`,
      },
    },
    schema: { hide: true, params: paramsSchema },
    // Never the API's problem, and never the address with its token in a log.
    errorHandler: (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
      const known = error instanceof ZhishouError;
      if (!known) context.log.error({ error: messageOf(error) }, 'the page of a link failed');
      const answer =
        known && error.code === 'TOO_MANY'
          ? context.links.tooMany(wishOf(request))
          : context.links.look('', wishOf(request));
      void send(reply, answer);
    },
  } as const;

  server.register(async (scope: Server) => {
    // A form sends its (empty) fields; nothing of them is read.
    scope.addContentTypeParser('application/x-www-form-urlencoded', { bodyLimit: 1024 }, (_request, payload, done) => {
      payload.resume();
      payload.on('end', () => done(null, null));
    });
    scope.get('/a/:token', common, (request, reply) => {
      const { token } = request.params as z.infer<typeof paramsSchema>;
      return send(reply, context.links.look(token, wishOf(request)));
    });
    scope.post('/a/:token', common, async (request, reply) => {
      const { token } = request.params as z.infer<typeof paramsSchema>;
      return send(reply, await context.links.press(token, wishOf(request)));
    });
  });
}
