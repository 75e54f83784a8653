import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDashboard, type TestDashboard } from './support.ts';

/** All that the page does it does over the interface that everybody has: nothing is for the page alone. */

const SOURCES = join(import.meta.dirname, '../../services/dashboard-api/web/src');
const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.(ts|vue)$/.test(file))
  .map((file) => ({ file, text: readFileSync(join(SOURCES, file), 'utf8') }));

let site: TestDashboard;
let described: { readonly paths: Record<string, Record<string, unknown>> };
beforeAll(async () => {
  site = await startDashboard();
  described = (await site.dashboard.inject('/api/v1/openapi.json')).json();
});
afterAll(() => site.dashboard.stop());

/** `${encodeURIComponent(id)}` is some part of a path; what stands behind a question mark is no path. */
const pathOf = (text: string): string =>
  text
    .replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, 'x')
    .replace(/[?#].*$/s, '')
    .replace(/^\/api\/v1/, '');

function asked(): { readonly file: string; readonly method: string; readonly path: string }[] {
  return files.flatMap(({ file, text }) => [
    ...[...text.matchAll(/\b(?:get|getAll)(?:<[^()]*>)?\(\s*(['"`])(\/.*?)\1/g)].map(([, , path = '']) => ({
      ...{ file, method: 'GET', path: pathOf(path) },
    })),
    ...[...text.matchAll(/\bcall(?:<[^()]*>)?\(\s*'(\w+)',\s*(['"`])(\/.*?)\2/g)].map(
      ([, method = '', , path = '']) => ({
        ...{ file, method, path: pathOf(path) },
      }),
    ),
    // Links to files, pictures, the stream.
    ...(file.endsWith('audit-words.ts') ? [] : [...text.matchAll(/(['"`])(\/api\/v1\/.*?)\1/g)]).map(
      ([, , path = '']) => ({ file, method: 'GET', path: pathOf(path) }),
    ),
  ]);
}

test('each address that the page asks is a described route with this method', () => {
  const patterns = Object.entries(described.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({
      method: method.toUpperCase(),
      pattern: new RegExp(
        `^${path
          .replace('/api/v1', '')
          .replaceAll('.', '\\.')
          .replaceAll(/\{\w+\}/g, '[^/]+')}$`,
      ),
    })),
  );
  const all = asked();
  expect(all.length).toBeGreaterThan(60);
  const unknown = all.filter(
    ({ method, path }) => !patterns.some((one) => one.method === method && one.pattern.test(path)),
  );
  expect(unknown).toEqual([]);
});

test('there is no other way out of the page than its few readers', () => {
  const ways = files.filter(({ text }) =>
    /\bfetch\(|new (WebSocket|EventSource|XMLHttpRequest)\b|sendBeacon\(/.test(text),
  );
  expect(ways.map(({ file }) => file).toSorted()).toEqual([
    'live/api.ts',
    'live/event-stream.ts',
    // The wall looks whether the page itself is there again, before it loads it anew.
    'live/kiosk.ts',
    // What the page's files are kept by; the interface goes past it.
    'worker/sw.ts',
  ]);
});
