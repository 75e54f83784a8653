import { expect, it } from 'vitest';
import { BUCKET_FIGURES, tableOf, tableOfBuckets, toBuckets } from '#core/bucket-table.ts';
import type { SeriesBucket } from '#core/series.ts';
import { instant } from '#core/time.ts';

const bucket = (from: number, figures: Partial<SeriesBucket>): SeriesBucket => ({
  from: instant(from),
  to: instant(from + 1000),
  count: 0,
  mean: null,
  min: null,
  max: null,
  coveredS: 0,
  timeMean: null,
  belowS: 0,
  aboveS: 0,
  ...figures,
});
const BUCKETS = [
  bucket(1000, { count: 3, mean: 20.5, min: 20, max: 21, coveredS: 1, timeMean: 20.4, aboveS: 0.25 }),
  // Nothing measured in it, and something that still held.
  bucket(2000, { coveredS: 0.5, timeMean: 20.4, belowS: 0.5 }),
];

it('a table says what its buckets say, a figure that is not there as NaN', () => {
  const table = tableOfBuckets(BUCKETS);
  expect(table.length).toBe(2);
  for (const [place, one] of BUCKETS.entries()) {
    expect(table.from(place)).toBe(one.from);
    for (const name of BUCKET_FIGURES) expect(table.figure(place, name), name).toBe(one[name] ?? Number.NaN);
  }
});

it('columns of every figure come out as the buckets that they are', () => {
  const from = Float64Array.from(BUCKETS, (one) => one.from);
  const columns = BUCKET_FIGURES.map((name) => [name, Float64Array.from(BUCKETS, (one) => one[name] ?? Number.NaN)]);
  expect(toBuckets({ from, figures: Object.fromEntries(columns) })).toEqual(BUCKETS);
});

it('a figure that was not asked for is an error and no figure', () => {
  const table = tableOf({ from: Float64Array.of(1000), figures: { mean: Float64Array.of(20.5) } });
  expect(table.figure(0, 'mean')).toBe(20.5);
  expect(() => table.figure(0, 'min')).toThrow(RangeError);
});

it('a table of nothing is empty', () => {
  expect(tableOfBuckets([])).toMatchObject({ length: 0 });
});
