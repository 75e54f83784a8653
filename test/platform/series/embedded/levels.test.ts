import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, it } from 'vitest';
import type { Reading } from '#core/reading.ts';
import { type Duration, hours, instant, milliseconds, minutes, seconds } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { type EmbeddedHere, openEmbeddedStore } from '#platform/series/embedded/embedded-store.ts';
import { UNITS } from '#platform/series/embedded/units.ts';
import type { Keep } from '#platform/series/embedded/upkeep.ts';
import { createMemorySeriesStore } from '#platform/series/memory-series-store.ts';
import { expectSameBuckets } from '../../../contract/series-store-support.ts';
import { driven, reading } from './support.ts';

/** Which rollups a series has beside its samples, and that nobody sees it by the answers. */

const folder = mkdtempSync(join(tmpdir(), 'zhishou-levels-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;
const START = Date.UTC(2026, 0, 5);
const DAY = 86_400_000;
const days = (n: number): Duration => milliseconds(n * DAY);
const key = { device: 'rack-1', point: 'room.temperature' };

const every = (step: Duration, from: number, to: number): Reading[] =>
  Array.from({ length: Math.floor((to - from) / step) }, (_, i) =>
    reading(key.point, from + i * step + (i % 7), 20 + ((i * 7) % 50) / 10),
  );

const levelsOf = (file: string): Record<string, number> => {
  const database = new DatabaseSync(file, { readOnly: true });
  const rows = database.prepare('SELECT unit, count(*) AS n FROM rollup GROUP BY unit').all();
  database.close();
  return Object.fromEntries(rows.map(({ unit, n }) => [UNITS[Number(unit)], Number(n)]));
};

/** Written in parts, each sealed; then every kind of question is asked. */
async function compared(parts: readonly (readonly Reading[])[], until: number, options: EmbeddedHere = {}) {
  const file = join(folder, `${++made}.sqlite`);
  const clock = createVirtualClock(instant(until));
  const store = openEmbeddedStore(file, { clock, ...options });
  const memory = createMemorySeriesStore();
  for (const part of parts) {
    await store.write(part);
    await memory.write(part);
    await store.settle();
  }
  const range = { ...key, from: instant(START - DAY), to: instant(until) };
  for (const step of [
    { every: minutes(1) },
    { every: minutes(15) },
    { every: hours(1) },
    { every: hours(24) },
    { every: seconds(1000) },
    { calendar: 'day' as const, timeZone: 'Asia/Kathmandu' },
    { calendar: 'week' as const, timeZone: 'Asia/Shanghai' },
  ])
    expectSameBuckets(await store.buckets({ ...range, step }), await memory.buckets({ ...range, step }));
  expect(await driven(clock, store.check())).toMatchObject({ damaged: [], wrong: [] });
  await store.close();
  return { file, memory };
}

it('five minutes between readings: hours and days are kept, minutes and quarters come out of the samples', async () => {
  const { file } = await compared([every(minutes(5), START, START + 3 * DAY)], START + 4 * DAY);
  expect(levelsOf(file)).toEqual({ hour: 1, day: 1 });
});

it('ten seconds between readings: all but the minutes are kept', async () => {
  const { file } = await compared([every(seconds(10), START, START + DAY)], START + 2 * DAY);
  expect(levelsOf(file)).toEqual({ quarter: 1, hour: 1, day: 1 });
});

it('a second between readings: minutes are kept too, and late readings count in them', async () => {
  const all = every(seconds(1), START, START + 6 * 3_600_000);
  const late = all.filter(({ measuredAt }) => measuredAt % 3_600_000 > 3_000_000);
  const rest = all.filter((one) => !late.includes(one));
  const { file } = await compared([rest, late], START + DAY);
  expect(levelsOf(file)).toEqual({ minute: 1, quarter: 1, hour: 1, day: 1 });
});

it('polled faster in an emergency and slower again: whatever is kept by then, the answers are those of the samples', async () => {
  const [calm, fast] = [START + 2 * DAY, START + 2 * DAY + 3 * 3_600_000];
  const { file } = await compared(
    [
      every(minutes(10), START, calm),
      every(seconds(2), calm, fast),
      every(minutes(10), fast, fast + 5 * DAY),
      every(minutes(30), START + 40_000, calm),
    ],
    START + 12 * DAY,
  );
  expect(levelsOf(file)).toMatchObject({ minute: 1, quarter: 1, hour: 1 });
});

it('states have no rollups and are not looked for in them', async () => {
  const words = Array.from({ length: 2000 }, (_, i) => reading(key.point, START + i * 1000, i % 2 === 0));
  const { file } = await compared([words], START + 2 * DAY);
  expect(levelsOf(file)).toEqual({});
});

it('the levels that are kept longer than the samples are made before these go', async () => {
  const keep: Keep = { raw: days(2), minute: days(6), quarter: days(9), hour: null, day: null };
  const file = join(folder, `${++made}.sqlite`);
  const until = START + 12 * DAY;
  const clock = createVirtualClock(instant(until));
  const store = openEmbeddedStore(file, { clock, retention: { environment: keep } });
  const memory = createMemorySeriesStore();
  const all = every(minutes(10), START, until);
  await store.write(all);
  await memory.write(all);
  await store.settle();
  expect(levelsOf(file)).toEqual({ day: 1 });
  clock.advanceBy(hours(7));
  await store.settle();
  for (const [back, step] of [
    [5, { every: minutes(1) }],
    [12, { every: hours(1) }],
    [12, { calendar: 'day' as const, timeZone: 'Europe/Berlin' }],
  ] as const) {
    const query = { ...key, from: instant(until - back * DAY), to: instant(until), step };
    expectSameBuckets(await store.buckets(query), await memory.buckets(query));
  }
  expect((await store.raw({ ...key, from: instant(START), to: instant(until) }))[0]?.at).toBe(
    START + 10 * DAY + (1440 % 7),
  );
  expect(await driven(clock, store.check())).toMatchObject({ damaged: [], wrong: [] });
  await store.close();
});

it("a file of the version before: its rows of minutes that hold the end of a thinned day alone don't pass for whole ones", async () => {
  const keep: Keep = { raw: days(2), minute: null, quarter: null, hour: null, day: null };
  const file = join(folder, `${++made}.sqlite`);
  const until = START + 8 * DAY;
  const options = { clock: createVirtualClock(instant(until)), retention: { environment: keep } };
  const before = openEmbeddedStore(file, options);
  const memory = createMemorySeriesStore();
  const all = every(minutes(10), START, until);
  await before.write(all);
  await memory.write(all);
  options.clock.advanceBy(hours(7));
  await before.settle();
  await before.close();
  const database = new DatabaseSync(file);
  const border = START + 6 * DAY;
  // As that version left it: a row for the border's day that does not tell the day.
  database.exec(`UPDATE rollup SET body = (SELECT body FROM rollup WHERE unit = 0 AND start = ${START}) WHERE unit = 0 AND start = ${border};
    PRAGMA user_version = 2`);
  database.close();
  const store = openEmbeddedStore(file, options);
  expect(levelsOf(file).minute).toBe(6);
  const query = { ...key, from: instant(border + 3_600_000), to: instant(until), step: { every: minutes(1) } };
  expectSameBuckets(await store.buckets(query), await memory.buckets(query));
  await store.close();
});
