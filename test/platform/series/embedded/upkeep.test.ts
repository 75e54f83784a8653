import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import type { SeriesSettings } from '#core/series.ts';
import { type Duration, hours, instant, milliseconds, minutes } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { openEmbeddedStore } from '#platform/series/embedded/embedded-store.ts';
import type { Keep } from '#platform/series/embedded/upkeep.ts';
import { createMemorySeriesStore } from '#platform/series/memory-series-store.ts';
import { driven, reading, rounded } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'zhishou-upkeep-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;
const newFile = (): string => join(folder, `${++made}.sqlite`);
const START = Date.UTC(2026, 0, 5);
const days = (n: number): Duration => milliseconds(n * 86_400_000);
const key = { device: 'rack-1', point: 'room.temperature' };
const whole = { ...key, from: instant(START), to: instant(START + days(120)), limit: 100_000 };
/** Every five minutes, at no round time. */
const readings = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => reading(key.point, from + i * 300_000 + 1234, 20 + ((i * 7) % 50) / 10));
const pragma = (file: string, name: string): number => {
  const database = new DatabaseSync(file, { readOnly: true });
  const value = Number(Object.values(database.prepare(`PRAGMA ${name}`).get()!)[0]);
  database.close();
  return value;
};

it('the points of a device share their times also when there are so many that they are sealed one after the other', async () => {
  const file = newFile();
  const clock = createVirtualClock(instant(START + days(2)));
  const store = openEmbeddedStore(file, { clock, mostInHead: 10_000_000 });
  const points = ['room.temperature', 'room.humidity', 'ups.load'];
  for (const point of points)
    for (const day of [0, 1])
      await store.write(
        Array.from({ length: 60_000 }, (_, i) => reading(point, START + days(day) + i * 1001 + (i % 7), i % 50)),
      );
  await store.settle();
  expect(await driven(clock, store.check())).toMatchObject({ damaged: [], wrong: [], samples: 360_000 });
  await store.close();
  const database = new DatabaseSync(file, { readOnly: true });
  const { chunks, stamps } = database
    .prepare('SELECT (SELECT count(*) FROM chunk) AS chunks, (SELECT count(*) FROM stamp) AS stamps')
    .get() as { chunks: number; stamps: number };
  database.close();
  expect(stamps * points.length).toBe(chunks);
});

describe('retention', () => {
  const keep: Keep = { raw: days(10), minute: days(30), quarter: days(60), hour: null, day: null };
  const retention = { environment: keep };

  it('samples become minutes when their time is over, then quarters, hours: each answer as before while its resolution is kept', async () => {
    const clock = createVirtualClock(instant(START + days(50)));
    const file = newFile();
    const store = openEmbeddedStore(file, { clock, retention });
    const memory = createMemorySeriesStore();
    const all = readings(START, 50 * 288);
    await store.write(all);
    await memory.write(all);
    await store.settle();
    // Just imported: it is left alone for some hours.
    expect(await store.raw(whole)).toHaveLength(all.length);
    clock.advanceBy(hours(7));
    await store.settle();
    const border = START + days(40);
    expect((await store.raw(whole))[0]?.at).toBe(border + 1234);
    expect(await store.series()).toEqual([{ ...key, firstAt: START, lastAt: START + days(50) - 300_000 + 1234 }]);
    for (const step of [
      { every: hours(1) },
      { every: minutes(15) },
      { calendar: 'day' as const, timeZone: 'Asia/Kathmandu' },
      { calendar: 'month' as const, timeZone: 'Asia/Shanghai' },
    ]) {
      expect(rounded(await store.buckets({ ...whole, step }))).toEqual(
        rounded(await memory.buckets({ ...whole, step })),
      );
    }
    // Minutes reach back for their thirty days, in rows of a day, up to where the samples begin.
    const minutely = { ...whole, from: instant(START + days(21)), to: instant(border), step: { every: minutes(1) } };
    expect(rounded(await store.buckets(minutely))).toEqual(rounded(await memory.buckets(minutely)));
    expect(await store.buckets({ ...minutely, from: instant(START), to: instant(START + days(19)) })).toEqual([]);
    expect(await driven(clock, store.check())).toMatchObject({ damaged: [], wrong: [] });
    await store.close();
    expect(pragma(file, 'freelist_count')).toBe(0);
  });

  it('a single reading from before is refused with the reason, the others of its batch are kept', async () => {
    const clock = createVirtualClock(instant(START + days(50)));
    const store = openEmbeddedStore(newFile(), { clock, retention });
    await store.write(readings(START, 50 * 288));
    await store.settle();
    clock.advanceBy(hours(7));
    await store.settle();
    const [old, recent] = [reading(key.point, START + 5, 1), reading(key.point, START + days(45) + 5, 2)];
    expect(await store.write([old, recent])).toEqual({
      written: 1,
      rejected: [{ reading: old, reason: expect.stringContaining('no single readings') }],
    });
    expect(await store.raw({ ...key, from: recent.measuredAt, to: instant(recent.measuredAt + 1) })).toHaveLength(1);
    await store.close();
  });

  it('goes on by itself on the clock, and a series of which nothing is kept is forgotten', async () => {
    const clock = createVirtualClock(instant(START + days(2)));
    const short: Keep = { raw: hours(1), minute: days(3), quarter: days(5), hour: days(5), day: days(5) };
    const file = newFile();
    const options = { retention: { environment: short } };
    const store = openEmbeddedStore(file, { ...options, clock });
    await store.write(readings(START, 2 * 288));
    clock.advanceBy(hours(9));
    expect(await store.raw(whole)).toEqual([]);
    expect(await store.series()).toHaveLength(1);
    await store.close();
    const later = openEmbeddedStore(file, { ...options, clock: createVirtualClock(instant(START + days(1100))) });
    await later.settle();
    expect(await later.series()).toEqual([]);
    await later.write([reading(key.point, START + days(1100), 5)]);
    expect(await later.series()).toHaveLength(1);
    await later.close();
  });
});

describe('settings', () => {
  const before: SeriesSettings = { hold: () => minutes(4), band: () => ({ high: 22 }) };
  const after: SeriesSettings = { hold: () => minutes(20), band: () => ({ low: 21, high: 24 }) };

  it('that changed count at once, from the samples, and soon from rollups made anew', async () => {
    const clock = createVirtualClock(instant(START + days(30)));
    const file = newFile();
    const first = openEmbeddedStore(file, { clock, settings: before });
    const memory = createMemorySeriesStore(after);
    await memory.write(readings(START, 30 * 288));
    await first.write(readings(START, 30 * 288));
    await first.settle();
    await first.close();
    const store = openEmbeddedStore(file, { clock, settings: after });
    const query = { ...whole, step: { calendar: 'day' as const, timeZone: 'Europe/Berlin' } };
    const truth = rounded(await memory.buckets(query));
    expect(rounded(await store.buckets(query))).toEqual(truth);
    await store.settle();
    expect(rounded(await store.buckets(query))).toEqual(truth);
    expect(await driven(clock, store.check())).toMatchObject({ damaged: [], wrong: [], compared: expect.any(Number) });
    await store.close();
  });
});

describe('migration', () => {
  /** As the first version made it. */
  function firstVersion(): string {
    const file = newFile();
    const database = new DatabaseSync(file);
    database.exec(`PRAGMA journal_mode = WAL;
      CREATE TABLE series (id INTEGER PRIMARY KEY, device TEXT NOT NULL, point TEXT NOT NULL, UNIQUE (device, point)) STRICT;
      CREATE TABLE sample (
        series INTEGER NOT NULL REFERENCES series, at INTEGER NOT NULL, value ANY, quality TEXT NOT NULL, truth INTEGER NOT NULL,
        PRIMARY KEY (series, at)
      ) STRICT, WITHOUT ROWID;
      INSERT INTO series VALUES (1, 'rack-1', 'room.temperature'), (2, 'rack-1', 'room.smoke');
      PRAGMA user_version = 1; BEGIN`);
    const insert = database.prepare('INSERT INTO sample VALUES (?, ?, ?, ?, ?)');
    for (const { measuredAt, value, quality } of readings(START, 60_000))
      insert.run(1, measuredAt, value as number, quality, 0);
    insert.run(2, START, 1, 'good', 1);
    insert.run(2, START + 1000, 'word', 'stale', 0);
    insert.run(2, START + 2000, null, 'missing', 0);
    database.exec('COMMIT');
    database.close();
    return file;
  }

  it('moves what the first version kept, loses nothing, and makes the file smaller', async () => {
    const file = firstVersion();
    const [pages, size] = [pragma(file, 'page_count'), pragma(file, 'page_size')];
    const clock = createVirtualClock(instant(START + days(300)));
    const store = openEmbeddedStore(file, { clock });
    const memory = createMemorySeriesStore();
    await memory.write(readings(START, 60_000));
    const query = { ...whole, to: instant(START + days(300)), step: { every: hours(24) } };
    expect(rounded(await store.buckets(query))).toEqual(rounded(await memory.buckets(query)));
    expect(await store.raw({ ...whole, to: query.to })).toEqual(await memory.raw({ ...whole, to: query.to }));
    expect(await store.raw({ ...whole, point: 'room.smoke' })).toEqual([
      { at: START, value: true, quality: 'good' },
      { at: START + 1000, value: 'word', quality: 'stale' },
      { at: START + 2000, value: null, quality: 'missing' },
    ]);
    expect(await driven(clock, store.check())).toMatchObject({ damaged: [], wrong: [], samples: 60_003 });
    await store.close();
    expect(pragma(file, 'auto_vacuum')).toBe(2);
    expect(pragma(file, 'page_count') * pragma(file, 'page_size')).toBeLessThan((pages * size) / 4);
  });

  it('goes on where it was ended', async () => {
    const file = firstVersion();
    let steps = 0;
    const end = (): void => {
      if (++steps === 5) throw new Error('ended');
    };
    expect(() => openEmbeddedStore(file, { onStep: end })).toThrow(expect.objectContaining({ code: 'STORE_DOWN' }));
    const store = openEmbeddedStore(file, { clock: createVirtualClock(instant(START)) });
    expect(await store.raw({ ...whole, to: instant(START + days(300)) })).toHaveLength(60_000);
    await store.close();
  });

  it('a file of a newer program is refused with a clear word', () => {
    const file = newFile();
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 99');
    database.close();
    expect(() => openEmbeddedStore(file)).toThrow(expect.objectContaining({ code: 'STORE_TOO_NEW' }));
  });
});
