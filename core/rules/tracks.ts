import { moveOf, type PointTest } from '../config/condition.ts';
import { MOST_PAIRS_FROM, medianSlope } from '../robust-slope.ts';
import { type Duration, type Instant, milliseconds, minutes, plus } from '../time.ts';
import type { Truth } from './truth.ts';

/**
 * How a value has moved lately, for the tests that ask it: a fixed number of samples over the test's window, evenly, at most one
 * in each slot of it. Persisted with the rule's state, so that a restart neither fires nor forgets (L28).
 *
 * The samples alone give the slope and the band in which the value was; both are worked out when a sample comes, so that a
 * reading between two samples costs a comparison.
 */
export interface Track {
  readonly samples: readonly Sample[];
  /** The lowest and the highest of the middle ones of three in a row: one wild reading is none of them. */
  readonly low: number;
  readonly high: number;
  /** Of a forecast: per millisecond; null while too little was measured. */
  readonly perMs: number | null;
}
export type Sample = readonly [at: Instant, value: number];

/** As many as the slope takes: more would be thinned again. */
const SLOTS = MOST_PAIRS_FROM;
const ENOUGH_SAMPLES = 6;
const LEAST_OVER = minutes(5);

export const needsTrack = (test: PointTest): boolean => test.forecast !== undefined || test.within !== undefined;

/** So much of the past is looked at. */
export function windowOf({ within, forecast }: PointTest): Duration {
  if (forecast === undefined) return within ?? milliseconds(0);
  return forecast.over ?? milliseconds(Math.max(LEAST_OVER, forecast.within / 3));
}

const slotOf = (test: PointTest): Duration => milliseconds(Math.max(1, Math.ceil(windowOf(test) / SLOTS)));

/** When the next sample is wanted. */
export const nextSampleAt = (test: PointTest, track: Track): Instant | null => {
  const last = track.samples.at(-1)?.[0];
  return last === undefined ? null : plus(last, slotOf(test));
};

/** A good value: the same track where its slot has a sample already. */
export function takeSample(test: PointTest, before: Track | undefined, value: number, now: Instant): Track {
  const window = windowOf(test);
  const slot = slotOf(test);
  const last = before?.samples.at(-1)?.[0];
  if (before !== undefined && last !== undefined && last <= now && now < plus(last, slot)) return before;
  // One slot more than the window: the middle ones of three reach back all of it. Instants ahead of now are of a clock set back.
  const kept = (before?.samples ?? []).filter(([at]) => at <= now && at + window + slot >= now);
  const samples: Sample[] = [...kept, [now, value]];
  const smooth = middlesOf(samples);
  return {
    samples,
    low: Math.min(...smooth),
    high: Math.max(...smooth),
    perMs: test.forecast !== undefined && covers(samples, window) ? medianSlope(samples) : null,
  };
}

/** At least half of the window lies between the first and the last. */
const covers = (samples: readonly Sample[], window: Duration): boolean =>
  samples.length >= ENOUGH_SAMPLES && ((samples.at(-1)?.[0] ?? 0) - (samples[0]?.[0] ?? 0)) * 2 >= window;

function middlesOf(samples: readonly Sample[]): readonly number[] {
  const values = samples.map(([, value]) => value);
  if (values.length < 3) return values;
  const middles: number[] = [];
  for (let i = 2; i < values.length; i++)
    middles.push(middleOf(values[i - 2] ?? 0, values[i - 1] ?? 0, values[i] ?? 0));
  return middles;
}

const middleOf = (a: number, b: number, c: number): number => Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));

/** What a test of movement says of a good value, by what is known of the time before. Too little known is unknown, not calm. */
export function judgeTrack(test: PointTest, track: Track | undefined, value: number, was: boolean): Truth {
  if (track === undefined) return 'unknown';
  return test.forecast === undefined ? hasMoved(test, track, value, was) : comesNear(test, track, value, was);
}

function hasMoved(test: PointTest, track: Track, value: number, was: boolean): Truth {
  const up = value - track.low;
  const down = track.high - value;
  const moved = test.rises_by !== undefined ? up : test.falls_by !== undefined ? down : Math.max(up, down);
  const by = moveOf(test) ?? 0;
  if (was && test.clear !== undefined ? moved > test.clear : moved >= by) return true;
  return covers(track.samples, windowOf(test)) ? false : 'unknown';
}

/** Time to the limit: how far it is from the level, by how fast the value moves there. */
function comesNear({ forecast }: PointTest, track: Track, value: number, was: boolean): Truth {
  if (forecast === undefined) return 'unknown';
  const up = forecast.above !== undefined;
  const limit = forecast.above ?? forecast.below ?? 0;
  const level = levelOf(track, value);
  const left = up ? limit - level : level - limit;
  if (left <= 0) return true;
  if (track.perMs === null) return 'unknown';
  const speed = up ? track.perMs : -track.perMs;
  const near = was ? (forecast.clear ?? forecast.within * 1.5) : forecast.within;
  return speed > 0 && left / speed <= near;
}

/** The middle one of the value and the two samples before its slot's own: by time alone, without a reading, it never changes. */
function levelOf({ samples }: Track, value: number): number {
  const [one, other] = [samples.at(-3)?.[1], samples.at(-2)?.[1]];
  if (other === undefined) return value;
  return one === undefined ? (other + value) / 2 : middleOf(one, other, value);
}
