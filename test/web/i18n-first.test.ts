import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import zh from '../../services/dashboard-api/web/src/locales/zh.ts';
import first from '../../services/dashboard-api/web/src/locales/zh-first.ts';

/** The overview says what it says with the words of the first load: the rest come when it stands already. */

const SOURCE = join(import.meta.dirname, '../../services/dashboard-api/web/src');

/** What is loaded before anything is shown: all that main.ts imports, and what that imports, but not what is fetched later. */
function firstFiles(): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (file: string): void => {
    if (found.has(file) || !existsSync(file) || file.includes('/locales/')) return;
    const text = readFileSync(file, 'utf8');
    found.set(file, text);
    for (const [, path = ''] of text.matchAll(/(?:^|\n)\s*import\s+(?!type\b)[^'"]*?['"](\.[^'"]+)['"]/g))
      visit(normalize(join(dirname(file), path)));
  };
  visit(join(SOURCE, 'main.ts'));
  return found;
}

type Tree = { readonly [key: string]: string | Tree };
const keysOf = (tree: Tree, prefix = ''): string[] =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [prefix + key] : keysOf(value, `${prefix}${key}.`),
  );

const files = [...firstFiles()].filter(([file]) => !/model\/roles\.ts$/.test(file));
const asked = files.flatMap(([, text]) => [
  ...[...text.matchAll(/\bte?\(([^)]*)/g)].flatMap(([, inside = '']) =>
    [...inside.matchAll(/'([A-Za-z]\w*\.[\w.-]+)'/g)].map(([, key = '']) => key),
  ),
]);
const patterns = files.flatMap(([, text]) =>
  [...text.matchAll(/\bte?\(\s*`([^`]+)`/g)].map(([, template = '']) => {
    const parts = template.split(/\$\{[^`]*?\}/).map((part) => part.replaceAll('.', '\\.'));
    return new RegExp(`^${parts.join('[\\w.-]+')}$`);
  }),
);

test('every word that the first load asks for is among its words', () => {
  const all = new Set(keysOf(zh));
  const here = new Set(keysOf(first));
  expect(files.length).toBeGreaterThan(40);
  expect(asked.length).toBeGreaterThan(60);
  const wanted = new Set([
    ...asked.filter((key) => all.has(key)),
    ...[...all].filter((key) => patterns.some((pattern) => pattern.test(key))),
  ]);
  expect([...wanted].filter((key) => !here.has(key))).toEqual([]);
});

test('what comes first is the same in the whole', () => {
  expect(zh).toMatchObject(first);
});
