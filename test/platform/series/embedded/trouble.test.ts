import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '#core/series.ts';
import { addSample, emptySum } from '#core/series-math.ts';
import { hours, instant } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { createLog } from '#platform/open-log.ts';
import { checkStore } from '#platform/series/embedded/check.ts';
import { openEmbeddedStore } from '#platform/series/embedded/embedded-store.ts';
import { openEngine } from '#platform/series/embedded/engine.ts';
import { raw } from '#platform/series/embedded/queries.ts';
import { createNumbering } from '#platform/series/embedded/reading-batch.ts';
import { driven, reading } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'zhishou-trouble-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;
const newFile = (): string => join(folder, `${++made}.sqlite`);
const START = Date.UTC(2026, 0, 5);
const DAY = hours(24);
const key = { device: 'rack-1', point: 'room.temperature' };
const whole = { ...key, from: instant(START), to: instant(START + 10 * DAY) };
const everyMinute = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => reading(key.point, from + i * 60_000, 20 + (i % 50) / 10));

describe('a full disk', () => {
  it('write says STORE_DOWN, keeps all that it acknowledged, and works again when there is room', () => {
    const file = newFile();
    const clock = createVirtualClock(instant(START));
    const options = { clock, log: silentLog, metrics: null, retention: {}, mostPages: 24, mostInHead: 5000 };
    const engine = openEngine(file, options);
    const numbering = createNumbering(DEFAULT_SETTINGS);
    let acknowledged = 0;
    const writeOne = (): void => {
      // Numbers that no compression makes small.
      const readings = Array.from({ length: 1000 }, (_, i) =>
        reading(key.point, START + (acknowledged * 1000 + i) * 997, Math.sin(acknowledged * 1000 + i)),
      );
      const { batch, fresh } = numbering.batchOf(readings);
      engine.define(fresh);
      engine.write([batch]);
      acknowledged++;
    };
    expect(() => {
      for (;;) writeOne();
    }).toThrow(expect.objectContaining({ code: 'STORE_DOWN' }));
    expect(acknowledged).toBeGreaterThan(5);
    expect(engine.status()).toMatchObject({ state: 'failing', error: expect.stringContaining('full') });
    const count = () => raw(engine.core, { ...whole, to: START + 400 * DAY }, 1e9).at.length;
    expect(count()).toBe(acknowledged * 1000);
    engine.core.database.exec('PRAGMA max_page_count = 100000');
    writeOne();
    expect(engine.status().state).toBe('ok');
    engine.settle();
    expect(count()).toBe(acknowledged * 1000);
    engine.close();
    const again = openEngine(file, { ...options, mostPages: 100_000 });
    expect(raw(again.core, { ...whole, to: START + 400 * DAY }, 1e9).at.length).toBe(acknowledged * 1000);
    again.close();
  });
});

describe('a damaged file', () => {
  /** Ten days sealed, then one bit of what the query gives is turned. */
  async function damaged(table: string, id: string) {
    const file = newFile();
    const clock = createVirtualClock(instant(START + 10 * DAY));
    const store = openEmbeddedStore(file, { clock });
    await store.write(everyMinute(START, 10 * 1440));
    await store.settle();
    await store.close();
    const database = new DatabaseSync(file);
    const [idName, column] = table === 'stamp' ? ['id', 'body'] : ['id', 'bytes'];
    const row = database
      .prepare(`SELECT ${idName} AS id, ${column} AS bytes FROM ${table} WHERE ${idName} = (${id})`)
      .get()!;
    const bytes = Uint8Array.from(row.bytes as Uint8Array);
    bytes[bytes.length >> 1]! ^= 8;
    database.prepare(`UPDATE ${table} SET ${column} = ? WHERE ${idName} = ?`).run(bytes, Number(row.id));
    database.close();
    const lines: string[] = [];
    const metrics = createMetrics();
    return {
      file,
      clock,
      lines,
      metrics,
      open: () =>
        openEmbeddedStore(file, {
          clock,
          metrics,
          log: createLog({ format: 'json', write: (line) => lines.push(line) }),
        }),
    };
  }
  const THIRD_DAY = `SELECT body FROM chunk WHERE first = ${START + 2 * DAY}`;

  it('a flipped bit in a chunk is told and counted, everything else is readable', async () => {
    const { open, lines, metrics, clock } = await damaged('body', THIRD_DAY);
    const store = open();
    const samples = await store.raw({ ...whole, limit: 100_000 });
    expect(samples).toHaveLength(9 * 1440);
    expect(samples.some(({ at }) => at >= START + 2 * DAY && at < START + 3 * DAY)).toBe(false);
    expect(lines.join()).toContain('chunk 1 2026-01-07T00:00:00.000Z');
    expect(metrics.render()).toContain('zhishou_history_damaged_total');
    const report = await driven(clock, store.check());
    expect(report.damaged).toEqual([{ place: 'chunk 1 2026-01-07T00:00:00.000Z', reason: 'its checksum differs' }]);
    // The rollups of that day were made while it was whole.
    const hour = { ...key, from: instant(START + 2 * DAY), to: instant(START + 3 * DAY), step: { every: hours(1) } };
    expect((await store.buckets(hour)).map(({ count }) => count)).toEqual(Array(24).fill(60));
    await store.close();
  });

  it('a flipped bit in shared times is found as well', async () => {
    const { open, clock } = await damaged('stamp', 'SELECT min(id) FROM stamp');
    const store = open();
    expect((await driven(clock, store.check())).damaged).toHaveLength(1);
    await store.close();
  });

  it('late readings for a damaged chunk are kept; its bytes are set aside for whoever wants to try', async () => {
    const { open, clock } = await damaged('body', THIRD_DAY);
    const store = open();
    await store.write([reading(key.point, START + 2 * DAY + 30_500, 99)]);
    await store.settle();
    const found = await store.raw({ ...key, from: instant(START + 2 * DAY), to: instant(START + 3 * DAY) });
    expect(found.map(({ value }) => value)).toEqual([99]);
    expect(await driven(clock, store.check())).toMatchObject({ damaged: [], setAside: 1 });
    await store.close();
  });

  it('a flipped bit in a row of rollups is told, the answer is made of the samples, and the next sealing makes it anew', async () => {
    const { open, clock, lines } = await damaged('rollup_body', 'SELECT body FROM rollup WHERE unit = 2 LIMIT 1');
    const store = open();
    const hourly = { ...whole, step: { every: hours(1) } };
    const counts = async () => (await store.buckets(hourly)).map(({ count }) => count);
    expect(await counts()).toEqual(Array(240).fill(60));
    expect(lines.join()).toContain('rollup hour');
    expect((await driven(clock, store.check())).damaged).toHaveLength(1);
    await store.write([reading(key.point, START + 5 * DAY, 20)]);
    await store.settle();
    expect(await driven(clock, store.check())).toMatchObject({ damaged: [], wrong: [] });
    expect(await counts()).toEqual(Array(240).fill(60));
    await store.close();
  });

  it('a rollup that says something else than the samples is found by the check', async () => {
    const clock = createVirtualClock(instant(START + 2 * DAY));
    const engine = openEngine(newFile(), { clock, log: silentLog, metrics: null, retention: {} });
    const { batch, fresh } = createNumbering(DEFAULT_SETTINGS).batchOf(everyMinute(START, 1440));
    engine.define(fresh);
    engine.write([batch]);
    engine.settle();
    const wrong = emptySum();
    addSample(wrong, 5);
    engine.core.rollups.replace(1, 'hour', START + hours(3), START + hours(4), [[START + hours(3), wrong]]);
    const report = await driven(clock, checkStore(engine.core));
    expect(report.wrong.map(({ place }) => place)).toEqual(['rack-1 room.temperature hour 2026-01-05T03:00:00.000Z']);
    engine.close();
  });
});

it('a copy made while it goes on opens as a store with all that was kept before', async () => {
  const store = openEmbeddedStore(newFile(), { clock: createVirtualClock(instant(START)) });
  await store.write(everyMinute(START, 3000));
  await store.settle();
  await store.write(everyMinute(START + 3000 * 60_000, 500));
  const copy = newFile();
  const copying = store.backup(copy);
  await store.write(everyMinute(START + 3500 * 60_000, 500));
  await copying;
  await store.close();
  const copied = openEmbeddedStore(copy, { clock: createVirtualClock(instant(START)) });
  expect((await copied.raw({ ...whole, limit: 100_000 })).length).toBeGreaterThanOrEqual(3500);
  await copied.close();
});
