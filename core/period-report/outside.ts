import type { BucketTable } from '../bucket-table.ts';
import type { SeriesBand, SeriesSample } from '../series.ts';
import { goodNumber } from '../series-math.ts';
import type { Duration } from '../time.ts';
import type { Interval } from './intervals.ts';

/**
 * Seconds outside limits and degree-hours beyond them, out of the buckets that history keeps ready, whatever their own limits are.
 *
 * The idea: a bucket whose highest value is within the limit was never above it, and one whose lowest is above it was above it all the
 * time that is covered, by its mean less the limit. Only a bucket that has both is looked at sample by sample (`foldBeyond`), or, where
 * its samples are gone or too many, told from its figures (`estimateBeyond`). The value that a bucket began with was measured in one
 * before it, so those count for its highest and lowest.
 */
export interface Beyond {
  /** By place in the table. */
  readonly outsideS: Float64Array;
  /** Degree-seconds (or %·s). */
  readonly beyondS: Float64Array;
  /** Places that only samples can tell. */
  readonly straddling: readonly number[];
  /** The first ones: what still held in them was measured before the table begins. As good as told, but for that moment. */
  readonly first: readonly number[];
}

export type ClimateTable = BucketTable<(typeof CLIMATE_FIGURES)[number]>;
export const CLIMATE_FIGURES = ['to', 'min', 'max', 'coveredS', 'timeMean', 'belowS', 'aboveS'] as const;

const lowOf = (band: SeriesBand): number => band.low ?? Number.NEGATIVE_INFINITY;
const highOf = (band: SeriesBand): number => band.high ?? Number.POSITIVE_INFINITY;

export function judgeBuckets(table: ClimateTable, band: SeriesBand, hold: Duration): Beyond {
  const outsideS = new Float64Array(table.length);
  const beyondS = new Float64Array(table.length);
  const straddling: number[] = [];
  const first: number[] = [];
  const start = table.length === 0 ? 0 : table.from(0);
  const [low, high] = [lowOf(band), highOf(band)];
  const [covered, means, mins] = [table.column('coveredS'), table.column('timeMean'), table.column('min')];
  const [maxs, ends] = [table.column('max'), table.column('to')];
  for (let place = 0; place < table.length; place++) {
    const coveredS = covered[place] ?? 0;
    if (!(coveredS > 0)) continue;
    const from = table.from(place);
    if (from < start + hold) first.push(place);
    // Of what was measured in the bucket, and of what was measured before it and may still have held in it.
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let at = place; at >= 0 && (at === place || (ends[at] ?? 0) > from - hold); at--) {
      least = lesser(mins[at], least);
      most = -lesser(-(maxs[at] ?? Number.NaN), -most);
    }
    if (least >= low && most <= high) continue;
    const mean = means[place] ?? Number.NaN;
    if (least > high || most < low) {
      outsideS[place] = coveredS;
      beyondS[place] = (least > high ? mean - high : low - mean) * coveredS;
    } else straddling.push(place);
  }
  return { outsideS, beyondS, straddling, first };
}

/** NaN where nothing was measured compares as false. */
const lesser = (value: number | undefined, other: number): number =>
  value !== undefined && value < other ? value : other;

/** Neighbouring places as stretches of time, so that their samples are asked for at once. */
export function stretchesOf(table: ClimateTable, places: readonly number[]): readonly Interval[] {
  const out: [number, number][] = [];
  for (const place of places) {
    const [from, to] = [table.from(place), table.figure(place, 'to')];
    const last = out.at(-1);
    if (last !== undefined && last[1] === from) last[1] = to;
    else out.push([from, to]);
  }
  return out;
}

export interface FoldedBeyond {
  /** In the order of time, from one `hold` before the first edge on. */
  add(sample: SeriesSample): void;
  /** Once: seconds outside and degree-seconds by bucket, and what was covered. */
  end(): readonly { readonly outsideS: number; readonly beyondS: number; readonly coveredS: number }[];
}

/** What samples say of buckets that lie side by side; each value holds as series-math.ts has it. */
export function foldBeyond(edges: readonly number[], hold: Duration, band: SeriesBand): FoldedBeyond {
  const sums = edges.slice(1).map(() => ({ outsideS: 0, beyondS: 0, coveredS: 0 }));
  const [low, high] = [lowOf(band), highOf(band)];
  let last: SeriesSample | null = null;
  let place = 0;
  const settle = (sample: SeriesSample, nextAt: number): void => {
    const value = goodNumber(sample);
    if (value === null) return;
    const until = Math.min(nextAt, sample.at + hold);
    const over = value > high ? value - high : value < low ? low - value : 0;
    while (place + 1 < edges.length && (edges[place + 1] as number) <= sample.at) place++;
    for (let at = place; at < sums.length && (edges[at] as number) < until; at++) {
      const held = (Math.min(edges[at + 1] as number, until) - Math.max(edges[at] as number, sample.at)) / 1000;
      const sum = sums[at];
      if (sum === undefined || held <= 0) continue;
      sum.coveredS += held;
      if (over === 0) continue;
      sum.outsideS += held;
      sum.beyondS += over * held;
    }
  };
  return {
    add(sample) {
      if (last !== null) settle(last, sample.at);
      last = sample;
    },
    end() {
      if (last !== null) settle(last, Number.POSITIVE_INFINITY);
      return sums;
    },
  };
}

/**
 * A bucket that straddles a limit and whose samples are gone: the middle of what its figures allow. With `known` (seconds below and
 * above these very limits) only the degree-seconds are a guess, else both are, as if values lay evenly below the mean and evenly above it.
 * Never off by more than (most − limit) × its length.
 */
export function estimateBeyond(
  bucket: { readonly coveredS: number; readonly mean: number; readonly min: number; readonly max: number },
  band: SeriesBand,
  known: { readonly belowS: number; readonly aboveS: number } | null,
): { readonly outsideS: number; readonly beyondS: number } {
  const { coveredS, mean, min, max } = bucket;
  const side = (limit: number | undefined, sign: 1 | -1, seconds: number | undefined): [number, number] => {
    if (limit === undefined) return [0, 0];
    // Seen so that outside is always above.
    const [least, most, middle] =
      sign === 1 ? [min - limit, max - limit, mean - limit] : [limit - max, limit - min, limit - mean];
    if (most <= 0) return [0, 0];
    const outside = seconds ?? coveredS * shareAbove(least, middle, most);
    const own = Math.min(coveredS, Math.max(0, outside));
    const atLeast = Math.max(0, middle * coveredS);
    const atMost = Math.max(atLeast, Math.min(own * most, middle * coveredS + (coveredS - own) * Math.max(0, -least)));
    return [own, (atLeast + atMost) / 2];
  };
  const [belowS, under] = side(band.low, -1, known?.belowS);
  const [aboveS, over] = side(band.high, 1, known?.aboveS);
  return { outsideS: Math.min(coveredS, belowS + aboveS), beyondS: under + over };
}

/** Of values with these figures, evenly below their mean and evenly above it: how many are above 0. */
function shareAbove(least: number, mean: number, most: number): number {
  if (least >= 0 || most <= least) return 1;
  const upper = (mean - least) / (most - least);
  if (mean <= 0) return (upper * most) / (most - mean);
  return upper + ((1 - upper) * mean) / (mean - least);
}
