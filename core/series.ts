import { definePoint } from './points.ts';
import type { Quality, Reading, Value } from './reading.ts';
import { type Duration, type Instant, minutes } from './time.ts';

/**
 * History: what is asked of a series store and what it answers. The meaning of every figure stands in series-math.ts; each
 * store, whatever it keeps inside, answers as those functions do on all its samples.
 */

/** One point of one device. */
export interface SeriesKey {
  readonly device: string;
  readonly point: string;
}

/** A reading as history keeps it, at the time it was measured. NaN and infinities are kept as null. */
export interface SeriesSample {
  readonly at: Instant;
  readonly value: Value | null;
  readonly quality: Quality;
}

/** `from` is inside, `to` is not: neighbouring ranges share nothing. */
export interface SeriesRange extends SeriesKey {
  readonly from: Instant;
  readonly to: Instant;
}

/** Even steps stand on whole multiples since 1970 in UTC; calendar steps on the local midnight, Monday, first of the month. */
export type SeriesStep =
  | { readonly every: Duration }
  | { readonly calendar: 'hour' | 'day' | 'week' | 'month' | 'year'; readonly timeZone: string };

/** The limits that `belowS` and `aboveS` are counted against; a value on the limit is inside. */
export interface SeriesBand {
  readonly low?: number;
  readonly high?: number;
}

export interface SeriesFigures {
  /** Good numbers measured in the bucket. */
  readonly count: number;
  /** Of those numbers, each counted once; null without any. */
  readonly mean: number | null;
  readonly min: number | null;
  readonly max: number | null;
  /** Seconds for which a good number is known: each holds until the next reading of any quality, at most the series' `hold`. */
  readonly coveredS: number;
  /** Each number weighted by how long it held; null when nothing is covered. */
  readonly timeMean: number | null;
  /** Covered seconds under and over the band; 0 without a band. */
  readonly belowS: number;
  readonly aboveS: number;
}

export interface SeriesBucket extends SeriesFigures {
  readonly from: Instant;
  readonly to: Instant;
}

/** What the store knows of a series. */
export interface SeriesEntry extends SeriesKey {
  readonly firstAt: Instant;
  readonly lastAt: Instant;
}

/** A reading that the store will never take, and why; the rest of the batch is kept. */
export interface SeriesRejection {
  readonly reading: Reading;
  readonly reason: string;
}

export interface SeriesWriteResult {
  readonly written: number;
  readonly rejected: readonly SeriesRejection[];
}

export interface SeriesStatus {
  readonly state: 'ok' | 'failing';
  /** `embedded`, `InfluxDB 1.6.7`, `VictoriaMetrics 1.79`. */
  readonly store: string;
  readonly error: string | null;
}

/** How long a value stands for, and against which limits it is counted. From the configuration, by series. */
export interface SeriesSettings {
  hold(key: SeriesKey): Duration;
  band(key: SeriesKey): SeriesBand | null;
}

/** Without configuration: what outlives a few missed polls of any usual interval. */
export const DEFAULT_HOLD: Duration = minutes(5);
export const DEFAULT_SETTINGS: SeriesSettings = { hold: () => DEFAULT_HOLD, band: () => null };

/**
 * What kind of history a point belongs to: retention is set by class, and outside databases have one measurement a class, so
 * that the types of their fields never conflict. `state` holds truths and words, every other class numbers alone.
 */
export const SERIES_CLASSES = [
  'environment',
  'power',
  'battery',
  'cooling',
  'sensor',
  'service',
  'other',
  'state',
] as const;
export type SeriesClass = (typeof SERIES_CLASSES)[number];

const CLASS_BY_FIRST_WORD: Readonly<Record<string, SeriesClass>> = {
  ambient: 'environment',
  room: 'environment',
  ups: 'power',
  input: 'power',
  output: 'power',
  bypass: 'power',
  outlet: 'power',
  dc: 'power',
  battery: 'battery',
  cooling: 'cooling',
  sensor: 'sensor',
  service: 'service',
  host: 'service',
};

/** The class of a point's name; a name that the registry lacks is `state` only by what it holds, so it counts as `other`. */
export function seriesClass(point: string): SeriesClass {
  const definition = definePoint(point);
  if (definition !== null && definition.kind !== 'number') return 'state';
  const [word = ''] = point.split('.', 1);
  // `constructor` and the like are words too.
  return Object.hasOwn(CLASS_BY_FIRST_WORD, word) ? (CLASS_BY_FIRST_WORD[word] ?? 'other') : 'other';
}

/** What is longer is no state but a text: no store takes it. */
const LONGEST_WORD = 4000;
const LONGEST_NAME = 500;
/** What is measured before 1970 or after 2200 was timed by a broken clock; nanoseconds since 1970 fit 63 bits until 2262. */
const LAST_TIME = Date.UTC(2200, 0, 1);

/** Why no store ever takes this reading (the reason of its SeriesRejection); null when every store must. */
export function refusal({ device, point, measuredAt, value }: Reading): string | null {
  if (!isName(device)) return 'the name of the device is empty, too long or has control characters';
  if (!isName(point)) return 'the name of the point is empty, too long or has control characters';
  if (!(Math.round(measuredAt) >= 0 && measuredAt < LAST_TIME)) return 'its time is not between 1970 and 2200';
  if (typeof value === 'string' && (value.length > LONGEST_WORD || !value.isWellFormed()))
    return 'its text is too long or not well-formed';
  return null;
}

const isName = (name: string): boolean =>
  name.length > 0 && name.length <= LONGEST_NAME && name.isWellFormed() && !/\p{Cc}/u.test(name);

/** A reading's value as history keeps it; −0 is 0. */
export const keptValue = (value: Value | null): Value | null => {
  if (value === 0) return 0;
  return typeof value === 'number' && !Number.isFinite(value) ? null : value;
};

export const toSample = ({ measuredAt, value, quality }: Reading): SeriesSample => ({
  at: Math.round(measuredAt) as Instant,
  value: keptValue(value),
  quality,
});
