import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Quality, Reading, Value } from '#core/reading.ts';
import { type Instant, instant, milliseconds, plus } from '#core/time.ts';
import type { InfluxOptions } from '#platform/series/influx/influx-options.ts';
import { createInfluxStore, type InfluxStore } from '#platform/series/influx/influx-store.ts';

/** Opens stores with a file for dead letters each, and closes them all. */
export interface Opened {
  open(options: Partial<InfluxOptions> & { url: string }): InfluxStore;
  /** What the newest store's file of dead letters has. */
  letters(): string;
  closeAll(): Promise<void>;
}

export function storesToClose(): Opened {
  const folder = mkdtempSync(join(tmpdir(), 'zhishou-influx-'));
  const stores: InfluxStore[] = [];
  let file = '';
  let made = 0;
  return {
    open(options) {
      file = join(folder, `dead-${++made}.lp`);
      const store = createInfluxStore({ database: 'history', site: 'hq', deadLetters: file, ...options });
      stores.push(store);
      return store;
    },
    letters: () => {
      try {
        return readFileSync(file, 'utf8');
      } catch {
        return '';
      }
    },
    async closeAll() {
      for (const store of stores.splice(0)) await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A reading of a real device. */
export const readingOf = (
  at: Instant,
  value: Value | null,
  point = 'ups.load',
  quality: Quality = 'good',
  device = 'ups-1',
): Reading => ({
  device,
  point,
  value,
  quality,
  measuredAt: at,
  receivedAt: at,
  changedAt: at,
  simulated: false,
});

/** `count` readings of `ups.load`, one a second. */
export const loads = (from: Instant, count: number): readonly Reading[] =>
  Array.from({ length: count }, (_, index) => readingOf(plus(from, milliseconds(1000 * index)), index));

export const everything = { from: instant(0), to: instant(Date.UTC(2199, 0, 1)) };
export const LOAD = { device: 'ups-1', point: 'ups.load' };
export const START = instant(Date.UTC(2026, 0, 5));
