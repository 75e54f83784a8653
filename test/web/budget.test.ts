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
