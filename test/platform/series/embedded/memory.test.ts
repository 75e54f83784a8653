import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUCKET_FIGURES } from '#core/bucket-table.ts';
import { DEFAULT_SETTINGS } from '#core/series.ts';
import { hours, instant, minutes } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { type Core, samplesIn } from '#platform/series/embedded/core.ts';
import { type Engine, openEngine } from '#platform/series/embedded/engine.ts';
import { buckets, changes, raw } from '#platform/series/embedded/queries.ts';
import { createNumbering } from '#platform/series/embedded/reading-batch.ts';
import { reading } from './support.ts';

/** A year of a series is asked for; what is decoded of it at once stays as small as a day of it. */

const START = Date.UTC(2025, 0, 6);
const DAY = 86_400_000;
const DAYS = 365;
const CACHE_BYTES = 200_000;
const OWN = { hold: 300_000, band: null };
const whole = { device: 'rack-1', point: 'room.temperature', from: START, to: START + DAYS * DAY };

const folder = mkdtempSync(join(tmpdir(), 'zhishou-memory-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('however long the range', () => {
  let engine: Engine;
  let core: Core;
  /** Chunks decoded so far. */
  let reads = 0;
  /** The most that was kept decoded at any of them. */
  let mostKept = 0;

  beforeAll(() => {
    engine = openEngine(join(folder, 'year.sqlite'), {
      clock: createVirtualClock(instant(START + DAYS * DAY)),
      log: silentLog,
      metrics: null,
      retention: {},
      cacheBytes: CACHE_BYTES,
    });
    core = engine.core;
    const every = minutes(5);
    const numbering = createNumbering(DEFAULT_SETTINGS);
    const { batch, fresh } = numbering.batchOf(
      Array.from({ length: (DAYS * DAY) / every }, (_, i) =>
        reading(whole.point, START + i * every + (i % 11), 20 + ((i * 7) % 90) / 10),
      ),
    );
    engine.define(fresh);
    engine.write([batch]);
    engine.settle();
    const { read } = core.chunks;
    core.chunks.read = (row) => {
      reads++;
      const columns = read(row);
      mostKept = Math.max(mostKept, core.cache.bytes);
      return columns;
    };
  });
  afterAll(() => engine.close());
  const readBy = <T>(work: () => T): [answer: T, reads: number] => {
    core.cache.clear();
    reads = 0;
    return [work(), reads];
  };

  it('a chunk is decoded when it is its turn, not before', () => {
    core.cache.clear();
    reads = 0;
    const series = core.series.find(whole.device, whole.point)!;
    let pieces = 0;
    for (const piece of samplesIn(core, series, whole.from, whole.to)) {
      expect(reads).toBe(++pieces);
      expect(piece.at.length).toBeLessThanOrEqual(288);
    }
    expect(pieces).toBe(DAYS);
  });

  it('a page stops at its last sample, from whichever end', () => {
    const [page, forward] = readBy(() => raw(core, whole, 1000));
    expect(page.at).toHaveLength(1000);
    expect(forward).toBe(4);
    const [newest, back] = readBy(() => changes(core, whole, 1000));
    expect(newest.at).toHaveLength(1000);
    expect(back).toBeLessThanOrEqual(5);
  });

  it('hours and days come out of the rollups without a chunk; minutes go through the chunks one by one', () => {
    const ask = (step: number) => () =>
      buckets(core, { ...whole, step: { every: hours(step) }, own: OWN, band: null, figures: BUCKET_FIGURES });
    expect(readBy(ask(1))[1]).toBe(0);
    expect(readBy(ask(24))[1]).toBe(0);
    expect(readBy(ask(1 / 60))[1]).toBe(DAYS);
  });

  it('what is kept decoded never outgrows the cache by more than the newest piece', () => {
    readBy(() => raw(core, whole, 1e6));
    readBy(() =>
      buckets(core, { ...whole, step: { every: hours(1) }, own: OWN, band: { high: 22 }, figures: ['mean'] }),
    );
    expect(reads).toBe(DAYS);
    expect(mostKept).toBeGreaterThan(0);
    expect(mostKept).toBeLessThanOrEqual(CACHE_BYTES);
    expect(core.cache.bytes).toBeLessThanOrEqual(CACHE_BYTES);
  });
});
