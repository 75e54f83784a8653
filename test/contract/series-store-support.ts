import { expect } from 'vitest';
import type { SeriesStore } from '#core/ports.ts';
import type { Quality, Reading, Value } from '#core/reading.ts';
import { DEFAULT_HOLD, type SeriesBand, type SeriesBucket, type SeriesKey, type SeriesSettings } from '#core/series.ts';
import { type Duration, hours, type Instant, minutes, seconds } from '#core/time.ts';

/** What the parts of the series stores' contract share: settings, readings, and when two answers are the same. */

export interface ContractOptions {
  /** Each call costs milliseconds: fewer runs. */
  readonly slow?: boolean;
  /** What may befall a store between two calls: sealing, compaction, a restart. Gives the store to go on with. */
  readonly disturb?: (store: SeriesStore) => Promise<SeriesStore>;
}

export type MakeSeriesStore = (settings: SeriesSettings) => SeriesStore | Promise<SeriesStore>;

/** The store under test; `use` after a disturbance gives the one that goes on. */
export interface StoreUnderTest extends ContractOptions {
  readonly store: () => SeriesStore;
  readonly disturbed: () => Promise<SeriesStore>;
  /** A name that no other test has written to: one store serves the whole suite. */
  readonly device: () => string;
}

/** As data, so that a store in another thread can be given the same. */
export const CONTRACT_SERIES: Readonly<Record<string, { readonly hold: Duration; readonly band: SeriesBand | null }>> =
  {
    'ambient.temperature': { hold: minutes(5), band: { low: 18, high: 27 } },
    'ups.load': { hold: seconds(30), band: { high: 80 } },
    'battery.charge': { hold: hours(2), band: { low: 50 } },
    'room.smoke': { hold: minutes(5), band: null },
    'ups.status': { hold: seconds(1), band: null },
  };

export const CONTRACT_SETTINGS: SeriesSettings = {
  hold: ({ point }) => CONTRACT_SERIES[point]?.hold ?? DEFAULT_HOLD,
  band: ({ point }) => CONTRACT_SERIES[point]?.band ?? null,
};

/** A reading of simulated equipment. */
export function reading(key: SeriesKey, at: Instant, value: Value | null, quality: Quality = 'good'): Reading {
  const { device, point } = key;
  return { device, point, value, quality, measuredAt: at, receivedAt: at, changedAt: at, simulated: true };
}

/** Sums may be added up in another order: equal within 1e-9 of the largest number in the bucket. Everything else is exact. */
export function expectSameBuckets(actual: readonly SeriesBucket[], expected: readonly SeriesBucket[]): void {
  expect(actual.map(exact)).toEqual(expected.map(exact));
  actual.forEach((bucket, index) => {
    const other = expected[index] as SeriesBucket;
    const scale = Math.max(Math.abs(other.min ?? other.timeMean ?? 0), Math.abs(other.max ?? 0));
    expectNear(bucket.mean, other.mean, scale);
    expectNear(bucket.timeMean, other.timeMean, Math.max(scale, Math.abs(other.timeMean ?? 0)));
    for (const figure of ['coveredS', 'belowS', 'aboveS'] as const) expectNear(bucket[figure], other[figure], 1);
  });
}

const exact = ({ from, to, count, min, max }: SeriesBucket) => ({ from, to, count, min, max });

export function expectNear(actual: number | null, expected: number | null, scale: number): void {
  if (actual === null || expected === null) expect(actual).toBe(expected);
  else expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-9 * Math.max(scale, Math.abs(expected)));
}
