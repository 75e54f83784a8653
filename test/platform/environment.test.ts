import { existsSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import {
  environmentVariables,
  fileMatches,
  makeFolder,
  makeTemporaryFolder,
  newestChange,
  yamlFiles,
} from '#platform/environment.ts';

const folder = makeTemporaryFolder('zhishou-environment-');
afterAll(() => folder.remove());

it('a temporary folder is one’s own and goes with all that is in it', () => {
  const other = makeTemporaryFolder('zhishou-environment-');
  expect(other.path).not.toBe(folder.path);
  writeFileSync(join(other.path, 'a'), 'a');
  other.remove();
  expect(existsSync(other.path)).toBe(false);
  expect(() => other.remove()).not.toThrow();
});

it('a folder is made with those above it, for its owner only', () => {
  const deep = join(folder.path, 'deep', 'er');
  makeFolder(deep);
  makeFolder(deep);
  expect(statSync(deep).mode & 0o777).toBe(0o700);
});

it('YAML files are listed in order; a folder that is not there has none', () => {
  for (const name of ['b.yaml', 'a.yml', 'c.txt']) writeFileSync(join(folder.path, name), '');
  expect(yamlFiles(folder.path)).toEqual(['a.yml', 'b.yaml']);
  expect(yamlFiles(join(folder.path, 'nowhere'))).toEqual([]);
});

it('a line is looked for in a file; one that cannot be read has none', () => {
  writeFileSync(join(folder.path, 'site.yaml'), 'id: a\nsimulation: true\n');
  expect(fileMatches(join(folder.path, 'site.yaml'), /^simulation:\s*true/m)).toBe(true);
  expect(fileMatches(join(folder.path, 'site.yaml'), /^simulation:\s*false/m)).toBe(false);
  expect(fileMatches(folder.path, /./)).toBe(false);
});

it('the newest change below a folder is found, without the folders that are passed over', () => {
  const tree = join(folder.path, 'tree');
  for (const [name, seconds] of [
    ['src/deep', 100],
    ['dist', 900],
  ] as const) {
    makeFolder(join(tree, name));
    writeFileSync(join(tree, name, 'f'), '');
    utimesSync(join(tree, name, 'f'), seconds, seconds);
  }
  expect(newestChange(tree, ['dist'])).toBe(100_000);
  expect(newestChange(tree, [])).toBe(900_000);
  expect(newestChange(join(folder.path, 'nowhere'), [])).toBeNull();
});

it('variables are a copy: nobody changes the process through them', () => {
  const variables = environmentVariables() as Record<string, string | undefined>;
  variables.ZHISHOU_TEST_ONLY = 'x';
  expect(environmentVariables().ZHISHOU_TEST_ONLY).toBeUndefined();
});
