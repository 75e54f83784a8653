import type { SeriesBucket } from './series.ts';
import { type Instant, instant } from './time.ts';

/**
 * The buckets of a long question as one array of numbers: a year of hours of 20 series are 175,200 buckets, and as objects they
 * cost more than finding them. Who adds up, compares or draws reads the figures where they stand.
 */
export interface BucketTable {
  readonly length: number;
  from(place: number): Instant;
  to(place: number): Instant;
  /** NaN for what a bucket has not: a mean where nothing was measured in it. */
  figure(place: number, name: BucketFigure): number;
  /** All of them as objects. */
  buckets(): readonly SeriesBucket[];
}

export const BUCKET_FIGURES = [
  'count',
  'mean',
  'min',
  'max',
  'coveredS',
  'timeMean',
  'belowS',
  'aboveS',
] as const satisfies readonly (keyof SeriesBucket)[];
export type BucketFigure = (typeof BUCKET_FIGURES)[number];

/** Numbers a bucket: from, to, then the figures in the order of BUCKET_FIGURES; NaN for null. */
export const BUCKET_NUMBERS = 2 + BUCKET_FIGURES.length;

const OFFSETS = Object.fromEntries(BUCKET_FIGURES.map((name, i) => [name, i + 2])) as Readonly<
  Record<BucketFigure, number>
>;

export function tableOf(packed: Float64Array): BucketTable {
  const at = (place: number, offset: number): number => packed[place * BUCKET_NUMBERS + offset] ?? Number.NaN;
  return {
    length: packed.length / BUCKET_NUMBERS,
    from: (place) => instant(at(place, 0)),
    to: (place) => instant(at(place, 1)),
    figure: (place, name) => at(place, OFFSETS[name]),
    buckets: () => toBuckets(packed),
  };
}

/** For stores whose buckets come as objects. */
export function tableOfBuckets(buckets: readonly SeriesBucket[]): BucketTable {
  const packed = new Float64Array(buckets.length * BUCKET_NUMBERS);
  buckets.forEach((bucket, place) => {
    const start = place * BUCKET_NUMBERS;
    packed[start] = bucket.from;
    packed[start + 1] = bucket.to;
    for (const name of BUCKET_FIGURES) packed[start + OFFSETS[name]] = bucket[name] ?? Number.NaN;
  });
  return tableOf(packed);
}

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

export function toBuckets(packed: Float64Array): readonly SeriesBucket[] {
  const buckets = new Array<SeriesBucket>(packed.length / BUCKET_NUMBERS);
  for (let i = 0, at = 0; i < buckets.length; i++, at += BUCKET_NUMBERS) {
    buckets[i] = bucketOf(
      instant(packed[at] as number),
      instant(packed[at + 1] as number),
      packed[at + 2] as number,
      orNull(packed[at + 3] as number),
      orNull(packed[at + 4] as number),
      orNull(packed[at + 5] as number),
      packed[at + 6] as number,
      orNull(packed[at + 7] as number),
      packed[at + 8] as number,
      packed[at + 9] as number,
    );
  }
  return buckets;
}

/** One shape made in one place. */
const bucketOf = <At, Figure>(
  from: At,
  to: At,
  count: Figure,
  mean: Figure | null,
  min: Figure | null,
  max: Figure | null,
  coveredS: Figure,
  timeMean: Figure | null,
  belowS: Figure,
  aboveS: Figure,
) => ({ from, to, count, mean, min, max, coveredS, timeMean, belowS, aboveS });
// A field that once held null is a pointer to V8, and a whole number (a count, 3,600 s, nothing below) needs no box behind
// it: a year of hours of 20 series is made in 15 ms instead of 21.
bucketOf<null, null>(null, null, null, null, null, null, null, null, null, null);
