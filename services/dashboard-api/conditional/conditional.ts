import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isChanging } from '../auth/access.ts';
import { takesGzip } from '../live/stream-client.ts';
import { ProblemError } from '../problem.ts';
import { API, type Context, type Server } from '../routes/context.ts';
import { createPreconditions } from './preconditions.ts';
import { digestOf } from './version-of.ts';
import { isGivenAgain, MADE_OF, VERSIONED } from './versioned.ts';

/**
 * `ETag`, `If-None-Match` and `If-Match` for all routes of the API (RFC 9110, 13): what has not changed since it was asked for last is
 * answered by 304, without being made where its version is known beforehand; what somebody else has changed is not overwritten. And
 * answers go packed to who takes gzip.
 */
export function addConditionals(server: Server, context: Context): void {
  const preconditions = createPreconditions(context.wall);
  const releases = new WeakMap<FastifyRequest, () => void>();

  server.addHook('preHandler', async (request, reply) => {
    const { url, schema } = request.routeOptions;
    const find = VERSIONED[`${request.method === 'HEAD' ? 'GET' : request.method} ${url}`];
    if (isChanging(request.method)) {
      const wanted = request.headers['if-match'];
      if (wanted === undefined || takesIfMatch(schema) || isGivenAgain(context, request)) return;
      if (find === undefined)
        throw new ProblemError('BAD_REQUEST', 'if-match', 'what this changes has no versions: ask without If-Match');
      const versioned = find(context, request);
      // What there is none of is told by its route.
      if (versioned === null) return;
      const release = preconditions.pass(wanted, versioned);
      releases.set(request, () => release(reply.statusCode < 400, find(context, request)));
      return;
    }
    const tag = find === undefined ? cheapTag(context, request) : quoted(find(context, request)?.version);
    if (tag === null) return;
    reply.header('etag', tag);
    if (!isKnown(request, tag)) return;
    markCaching(request, reply);
    return reply.code(304).send();
  });

  server.addHook('onSend', async (request, reply, payload) => {
    if (!isAnswer(request, reply, payload)) return payload;
    if (reply.getHeader('etag') === undefined) reply.header('etag', `W/"${digestOf(payload)}"`);
    markCaching(request, reply);
    if (isKnown(request, String(reply.getHeader('etag')))) {
      reply.code(304).removeHeader('content-length');
      return '';
    }
    return pack(request, reply, payload);
  });

  server.addHook('onResponse', async (request) => releases.get(request)?.());
}

/** The route's own: it compares for itself. */
const takesIfMatch = (schema: { headers?: unknown } | undefined): boolean => {
  const { headers } = schema ?? {};
  return (
    typeof headers === 'object' &&
    headers !== null &&
    'shape' in headers &&
    typeof headers.shape === 'object' &&
    headers.shape !== null &&
    'if-match' in headers.shape
  );
};

const quoted = (version: string | undefined): string | null => (version === undefined ? null : `"${version}"`);

/** Weak: two answers of one revision say the same, byte for byte or packed. The address is in it, and as whom it was asked: a tag of one is none of another. */
function cheapTag({ revisions }: Context, { url, caller, routeOptions }: FastifyRequest): string | null {
  const kinds = MADE_OF[routeOptions.url ?? ''];
  return kinds === undefined
    ? null
    : `W/"${revisions.of(kinds)}.${digestOf(`${caller?.kind} ${caller?.role} ${url}`)}"`;
}

/** RFC 9110, 13.1.2: compared weakly. `*` is no answer that anybody has: it is for changes. */
function isKnown(request: FastifyRequest, tag: string): boolean {
  const known = request.headers['if-none-match'];
  if (known === undefined || known.length > 4000) return false;
  const bare = tag.replace(/^W\//, '');
  return known.split(',').some((one) => one.trim().replace(/^W\//, '') === bare);
}

const isAnswer = (request: FastifyRequest, reply: FastifyReply, payload: unknown): payload is string | Buffer =>
  request.method === 'GET' &&
  reply.statusCode === 200 &&
  (request.routeOptions.url ?? '').startsWith(`${API}/`) &&
  (typeof payload === 'string' || Buffer.isBuffer(payload));

/**
 * What everybody at this screen may see may be kept by its browser, which asks each time whether it still holds. What names people's
 * accounts, numbers and secrets stays `no-store`.
 */
function markCaching(request: FastifyRequest, reply: FastifyReply): void {
  if (request.routeOptions.config.access?.who !== 'reader') return;
  if (reply.getHeader('cache-control') === 'no-store') reply.header('cache-control', 'private, no-cache');
  vary(reply, 'cookie, authorization');
}

function vary(reply: FastifyReply, names: string): void {
  const before = reply.getHeader('vary');
  reply.header('vary', before === undefined ? names : `${String(before)}, ${names}`);
}

/** Below this the head of the answer outweighs what is saved. */
const WORTH_PACKING = 1000;
const PACKABLE = /^(application\/json|text\/|image\/svg|application\/problem)/;
const packed = promisify(gzip);

/** Answers of one's own account carry secrets beside what a request can choose: they are never packed (BREACH). */
async function pack(request: FastifyRequest, reply: FastifyReply, payload: string | Buffer): Promise<string | Buffer> {
  if (payload.length < WORTH_PACKING || request.routeOptions.config.access?.personOnly === true) return payload;
  if (!PACKABLE.test(String(reply.getHeader('content-type'))) || reply.getHeader('content-encoding') !== undefined)
    return payload;
  vary(reply, 'accept-encoding');
  if (!takesGzip(request.headers['accept-encoding'])) return payload;
  reply.header('content-encoding', 'gzip').removeHeader('content-length');
  return packed(payload, { level: 4 });
}
