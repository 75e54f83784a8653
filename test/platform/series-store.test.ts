import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, it } from 'vitest';
import type { Reading } from '#core/reading.ts';
import { instant, milliseconds, plus, seconds } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { createMetrics } from '#platform/metrics.ts';
import { openSeriesStore } from '#platform/series-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'zhishou-series-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const START = instant(Date.UTC(2026, 0, 5));
const load = { device: 'ups-1', point: 'ups.load' };

function readings(count: number): Reading[] {
  return Array.from({ length: count }, (_, i) => {
    const at = plus(START, milliseconds(i));
    return { ...load, value: i, quality: 'good', measuredAt: at, receivedAt: at, changedAt: at, simulated: false };
  });
}

/** What another process sees in the file. */
function countRows(file: string): number {
  const database = new DatabaseSync(file, { readOnly: true });
  const count = Number(database.prepare('SELECT count(*) AS n FROM sample').get()?.n);
  database.close();
  return count;
}

it('writes nothing in the caller’s turn, slices later, everything within a second or so, and the rest on close', async () => {
  const file = join(folder, 'buffered.sqlite');
  const clock = createVirtualClock(START);
  const store = openSeriesStore(file, { clock });
  void store.write(readings(5000));
  expect(countRows(file)).toBe(0);
  clock.advanceBy(seconds(1));
  expect(countRows(file)).toBe(2000);
  clock.advanceBy(milliseconds(5));
  expect(countRows(file)).toBe(5000);
  expect(clock.pending).toBe(0);
  void store.write(readings(5001).slice(5000));
  await store.close();
  await store.close();
  expect(countRows(file)).toBe(5001);
});

it('L40: a file that takes nothing harms nobody: history waits in memory, the oldest goes first, and comes when it may', async () => {
  const file = join(folder, 'locked.sqlite');
  const clock = createVirtualClock(START);
  const metrics = createMetrics();
  const store = openSeriesStore(file, { clock, metrics });
  const other = new DatabaseSync(file);
  other.exec('BEGIN; UPDATE series SET device = device; CREATE TABLE x (y)');
  other.exec("ROLLBACK; CREATE TRIGGER full BEFORE INSERT ON sample BEGIN SELECT RAISE(ABORT, 'disk full'); END");
  void store.write(readings(150_000));
  void store.write(readings(150_000).map((one) => ({ ...one, point: 'ups.power' })));
  clock.advanceBy(seconds(3));
  expect(metrics.render()).toContain('zhishou_series_dropped_total 100000');
  expect(metrics.render()).toMatch(/zhishou_series_write_failures_total [1-9]/);
  other.exec('DROP TRIGGER full');
  other.close();
  clock.advanceBy(seconds(2));
  expect(await store.raw({ ...load, from: START, to: plus(START, seconds(1000)), limit: 200_000 })).toHaveLength(
    50_000,
  );
  await store.close();
});
