import type { FastifyReply, FastifyRequest } from 'fastify';
import { ZhishouError } from '#core/errors.ts';
import { openWebFiles, type WebFile, type WebFiles } from '#platform/web-files.ts';
import type { Context, Server } from './context.ts';

/** The built page's files; a path that is no file and wants HTML gets index.html, for the page has routes of its own. */

const A_YEAR = 'public, max-age=31536000, immutable';
const ASK_AGAIN = 'no-cache';
/** A page of its own, so that a screen on the wall loads nothing of the others. */
const WALL = '/wall';

export function pageRoutes(server: Server, { webRoot }: Context): void {
  const files = openWebFiles(webRoot);
  server.route({
    method: ['GET', 'HEAD'],
    url: '/*',
    exposeHeadRoute: false,
    config: { access: { who: 'everybody' } },
    schema: { hide: true },
    handler: (request, reply) => answer(files, request, reply),
  });
}

async function answer(files: WebFiles, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const path = request.url.replace(/[?#].*$/s, '');
  if (path === '/api' || path.startsWith('/api/')) throw new ZhishouError('NOT_FOUND', path.slice(0, 200));
  const file = path === '/' ? null : await files.get(path);
  if (file !== null) return send(request, reply, file, path.startsWith('/assets/') ? A_YEAR : ASK_AGAIN);
  if (!wantsPage(request, path)) throw new ZhishouError('NOT_FOUND', path.slice(0, 200));
  const index = (path === WALL ? await files.get('/wall.html') : null) ?? (await files.get('/index.html'));
  if (index !== null) return send(request, reply, index, ASK_AGAIN);
  return reply.code(503).header('cache-control', 'no-store').type('text/html; charset=utf-8').send(NOT_BUILT);
}

/** A navigation of a browser: it accepts HTML and the last part of the path has no file's ending. */
const wantsPage = (request: FastifyRequest, path: string): boolean =>
  path === '/' || path === '/index.html' || (/text\/html/.test(request.headers.accept ?? '') && !/\.\w+$/.test(path));

function send(request: FastifyRequest, reply: FastifyReply, file: WebFile, cacheControl: string): FastifyReply {
  reply.header('cache-control', cacheControl).header('etag', file.etag).header('vary', 'accept-encoding');
  if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
  const accepted = request.headers['accept-encoding'] ?? '';
  const [encoding, body] = pick(file, String(accepted));
  if (encoding !== null) reply.header('content-encoding', encoding);
  return reply
    .type(file.type)
    .header('content-length', body.length)
    .send(request.method === 'HEAD' ? '' : body);
}

function pick(file: WebFile, accepted: string): [encoding: string | null, body: Buffer] {
  const takes = (name: string): boolean => new RegExp(`\\b${name}\\b(?!\\s*;\\s*q=0(\\.0+)?\\b)`).test(accepted);
  if (file.brotli !== null && takes('br')) return ['br', file.brotli];
  if (file.gzip !== null && takes('gzip')) return ['gzip', file.gzip];
  return [null, file.plain];
}

const NOT_BUILT = `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>值守 Zhishou</title>
<h1>页面尚未构建 / The page has not been built</h1>
<p>服务在运行，监测和应急不受影响。请在程序目录执行 <code>npm run build:page</code>，然后刷新。</p>
<p>The service is running; monitoring and emergencies are not affected. Run <code>npm run build:page</code> in the program's folder, then reload.</p>
<p>API: <a href="/docs">/docs</a>, <a href="/api/v1/health">/api/v1/health</a></p></html>`;
