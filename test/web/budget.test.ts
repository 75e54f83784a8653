import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BuiltPage, buildPage } from './build-page.ts';

let built: BuiltPage;
beforeAll(async () => {
  built = await buildPage();
});
afterAll(() => built?.remove());

test('the first load of the overview is at most 150 kB gzip, English included', () => {
  const english = built.manifest['src/locales/en.ts'];
  expect(english?.isDynamicEntry).toBe(true);
  const bytes = built.firstLoad.reduce((sum, { gzipBytes }) => sum + gzipBytes, 0);
  console.info(`first load: ${(bytes / 1000).toFixed(1)} kB gzip in ${built.firstLoad.length} files`);
  expect(bytes).toBeLessThanOrEqual(150_000);
});

test('charts are not in the first load', () => {
  const chart = Object.entries(built.manifest).find(([key]) => key.endsWith('history-chart.vue'))?.[1];
  expect(chart?.isDynamicEntry).toBe(true);
  expect(built.firstLoad.map(({ file }) => file)).not.toContain(chart?.file);
});

test('the wall is a page of its own of at most 150 kB gzip with its words, and has no chart library', () => {
  const bytes = built.wallLoad.reduce((sum, { gzipBytes }) => sum + gzipBytes, 0);
  console.info(`the wall's first load: ${(bytes / 1000).toFixed(1)} kB gzip in ${built.wallLoad.length} files`);
  expect(built.wallLoad.map(({ file }) => file)).toContain(built.manifest['wall.html']?.file);
  expect(built.wallLoad.map(({ file }) => file)).toContain(built.manifest['src/locales/wall-zh.ts']?.file);
  expect(bytes).toBeLessThanOrEqual(150_000);
  // The overview and its questions are not among it, nor is echarts (185 kB by itself).
  const largest = Math.max(...built.wallLoad.map(({ gzipBytes }) => gzipBytes));
  expect(largest).toBeLessThan(60_000);
  expect(built.wallLoad.map(({ file }) => file)).not.toContain(built.manifest['index.html']?.file);
});
