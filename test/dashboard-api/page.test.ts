import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDashboard, type TestDashboard } from './support.ts';

describe("the page's files", () => {
  const root = mkdtempSync(join(tmpdir(), 'zhishou-web-'));
  const script = `console.log(${JSON.stringify('x'.repeat(5000))})`;
  let site: TestDashboard;

  beforeAll(async () => {
    mkdirSync(join(root, 'dist', 'assets'), { recursive: true });
    writeFileSync(join(root, 'dist', 'index.html'), '<!doctype html><title>page</title>');
    writeFileSync(join(root, 'dist', 'wall.html'), '<!doctype html><title>wall</title>');
    writeFileSync(join(root, 'dist', 'assets', 'index-abc123.js'), script);
    writeFileSync(join(root, 'dist', '.env'), 'SECRET=1');
    writeFileSync(join(root, 'secret.txt'), 'outside');
    site = await startDashboard({ webRoot: join(root, 'dist') });
  });
  afterAll(async () => {
    await site.dashboard.stop();
    rmSync(root, { recursive: true });
  });
  const get = (url: string, headers: Record<string, string> = {}) => site.dashboard.inject({ url, headers });

  test('the index is asked for each time, a hashed asset never again', async () => {
    const index = await get('/');
    expect(index.headers).toMatchObject({ 'cache-control': 'no-cache', 'content-type': 'text/html; charset=utf-8' });
    const asset = await get('/assets/index-abc123.js');
    expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(asset.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(asset.body).toBe(script);
  });

  test('the wall is a page of its own', async () => {
    const html = { accept: 'text/html' };
    expect((await get('/wall', html)).body).toContain('<title>wall</title>');
    expect((await get('/wall?lang=en', html)).body).toContain('<title>wall</title>');
    expect((await get('/walls', html)).body).toContain('<title>page</title>');
  });

  test('come compressed to whoever can read that', async () => {
    const url = '/assets/index-abc123.js';
    const brotli = await get(url, { 'accept-encoding': 'gzip, deflate, br' });
    expect(brotli.headers['content-encoding']).toBe('br');
    expect(brotliDecompressSync(brotli.rawPayload).toString()).toBe(script);
    const gzip = await get(url, { 'accept-encoding': 'gzip, br;q=0' });
    expect(gzip.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(gzip.rawPayload).toString()).toBe(script);
    expect((await get(url, { 'accept-encoding': 'identity' })).headers['content-encoding']).toBeUndefined();
  });

  test('an unchanged file is not sent again', async () => {
    const { headers } = await get('/');
    const again = await get('/', { 'if-none-match': String(headers.etag) });
    expect([again.statusCode, again.body]).toEqual([304, '']);
  });

  test('HEAD has the headers and no body', async () => {
    const response = await site.dashboard.inject({ method: 'HEAD', url: '/' });
    expect([response.statusCode, response.body]).toEqual([200, '']);
    expect(Number(response.headers['content-length'])).toBeGreaterThan(0);
  });

  test("a path of the page's own gets the page; a missing file and the API do not", async () => {
    const html = { accept: 'text/html,application/xhtml+xml' };
    expect((await get('/incidents/20261121-1', html)).body).toContain('<title>page</title>');
    expect((await get('/assets/missing.js', html)).statusCode).toBe(404);
    expect((await get('/incidents/x')).statusCode).toBe(404);
    expect((await get('/api/v1/nothing', html)).json()).toMatchObject({ code: 'NOT_FOUND' });
  });

  test.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/.env',
    '/assets/../../secret.txt',
    '/assets//..//..//secret.txt',
    '/a\\..\\secret.txt',
  ])('%s leaves the root nowhere', async (url) => {
    const response = await get(url);
    expect(response.body).not.toMatch(/outside|SECRET/);
    expect(response.statusCode).toBeGreaterThanOrEqual(400);
  });

  test('a rebuilt page is noticed', async () => {
    writeFileSync(join(root, 'dist', 'index.html'), '<!doctype html><title>a newer page</title>');
    expect((await get('/')).body).toContain('a newer page');
  });

  test('carry headers that keep other hosts, frames and inline scripts out', async () => {
    for (const url of ['/', '/api/v1/health', '/api/v1/nothing', '/docs/']) {
      const { headers } = await get(url);
      expect(headers['content-security-policy']).toContain("script-src 'self';");
      expect(headers['content-security-policy']).not.toMatch(/https?:|unsafe-eval/);
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' });
    }
    expect((await get('/api/v1/health')).headers['cache-control']).toBe('no-store');
  });
});

test('a page that has not been built says so, in both languages, and the API works', async () => {
  const site = await startDashboard({ webRoot: '/nowhere' });
  const response = await site.dashboard.inject('/');
  expect(response.statusCode).toBe(503);
  expect(response.body).toContain('npm run build:page');
  expect(response.body).toContain('页面尚未构建');
  expect((await site.dashboard.inject('/api/v1/health')).statusCode).toBe(200);
  await site.dashboard.stop();
});
