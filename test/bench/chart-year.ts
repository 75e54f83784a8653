import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { instant } from '#core/time.ts';
import { openEmbeddedStoreInWorker } from '#platform/series/embedded/store-worker.ts';
import { readHistories } from '#services/dashboard-api/history.ts';
import { batchesOf, deviceOf, endOf, pointOf, START, toReadings } from './store-data.ts';

/**
 * `node test/bench/chart-year.ts [series]`: what a chart's question costs the server, out of a year of readings every 10 s in the
 * embedded store: the year, a month, a day, an hour and a minute of one point, and the year of all of them at once. The store
 * is opened anew before, so that nothing is warm but what a service's start warms.
 */
const series = Number(process.argv[2] ?? 4);
const spec = { series, readings: 365 * 8640, everyS: 10 };
const DAY = 86_400_000;

const folder = mkdtempSync(join(tmpdir(), 'zhishou-chart-year-'));
const file = join(folder, 'series.sqlite');
const filling = await openEmbeddedStoreInWorker(file);
const began = performance.now();
for (const batch of batchesOf(spec)) await filling.write(toReadings(batch));
await filling.settle();
await filling.close();
const mb = (statSync(file).size / 2 ** 20).toFixed(1);
console.log(`${series} × ${spec.readings} readings: ${((performance.now() - began) / 1000).toFixed(0)} s, ${mb} MB`);

const store = await openEmbeddedStoreInWorker(file);
const end = endOf(spec);
const keys = Array.from({ length: series }, (_, i) => ({ device: deviceOf(i), point: pointOf(i) }));
const ask = async (what: string, lengthMs: number, of: typeof keys): Promise<void> => {
  const times: number[] = [];
  let bytes = 0;
  let stepS = 0;
  for (let i = 0; i < 5; i++) {
    const range = { from: instant(Math.max(START, end - lengthMs)), to: end, points: 900 };
    const from = performance.now();
    const answer = await readHistories(store, of, range);
    const text = JSON.stringify(answer);
    times.push(performance.now() - from);
    bytes = text.length;
    stepS = answer.stepS;
  }
  const [first = 0, ...others] = times;
  const again = Math.min(...others);
  const figures = `first ${first.toFixed(1)} ms, again ${again.toFixed(1)} ms`;
  console.log(`${what}: ${figures}, step ${stepS} s, ${(bytes / 1000).toFixed(1)} kB`);
};
const [one = { device: '', point: '' }] = keys;
await ask('an hour of one', 3_600_000, [one]);
await store.warm;
await ask('a year of one', 365 * DAY, [one]);
await ask('a month of one', 30 * DAY, [one]);
await ask('a day of one', DAY, [one]);
await ask('a minute of one', 60_000, [one]);
await ask(`a year of ${series}`, 365 * DAY, keys);
await store.close();
rmSync(folder, { recursive: true });
