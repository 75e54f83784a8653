import { ZhishouError } from './errors.ts';
import type { SeriesBand, SeriesBucket, SeriesFigures, SeriesSample, SeriesStep } from './series.ts';
import { type Duration, hours, type Instant, instant } from './time.ts';

/**
 * What the figures of history mean, on samples in the order of time, one a moment. Stores that keep rollups must answer the
 * same; the contract suite compares them.
 */

/** A year of minutes is half a million: nobody looks at more, and nobody's memory need hold it. */
const MOST_BUCKETS = 600_000;

/**
 * The moments at which buckets of `step` meet, the first at or before `from`, the last at or after `to`; only one, so no
 * bucket, where `to` is not after `from`. Throws BAD_REQUEST beyond 600,000 buckets.
 *
 * Local days have 23 or 25 hours when the clocks change. An hour begins when the local clock strikes it and when the clocks
 * change: where 2 o'clock comes twice it is two buckets, on Lord Howe Island (half an hour) one of them a short one. So the
 * same moments are edges whatever `from` is.
 */
export function bucketEdges(from: Instant, to: Instant, step: SeriesStep): readonly Instant[] {
  const [start, after] =
    'every' in step
      ? evenSteps(from, step.every)
      : step.calendar === 'hour'
        ? localHours(from, step.timeZone)
        : localDays(from, step.calendar, step.timeZone);
  const edges = [instant(start)];
  for (let at = start; at < to && from < to; ) {
    at = after(at);
    edges.push(instant(at));
    if (edges.length > MOST_BUCKETS + 1)
      throw new ZhishouError('BAD_REQUEST', 'step', `the range has more than ${MOST_BUCKETS} steps`);
  }
  return edges;
}

/** The edge at or before a moment, and the way from one edge to the next. */
type Edges = readonly [start: number, after: (edge: number) => number];

function evenSteps(from: Instant, every: Duration): Edges {
  const size = Math.max(1, Math.round(every));
  return [Math.floor(from / size) * size, (edge) => edge + size];
}

const HOUR = hours(1);

function localHours(from: Instant, timeZone: string): Edges {
  let stretch = stretchAt(Math.floor(from), timeZone);
  const struck = (at: number): number => Math.floor((at + stretch.offset) / HOUR) * HOUR - stretch.offset;
  return [
    Math.max(struck(from), stretch.start),
    (edge) => {
      const next = Math.min(struck(edge) + HOUR, stretch.end);
      if (next === stretch.end) stretch = stretchAt(next, timeZone);
      return next;
    },
  ];
}

/** The time around `at` in which the local clock's distance from UTC stays as it is. Milliseconds; `end` is the next change. */
function stretchAt(at: number, timeZone: string): { start: number; end: number; offset: number } {
  const zoned = (epochMs: number) => Temporal.Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(timeZone);
  return {
    start: zoned(at + 1).getTimeZoneTransition('previous')?.epochMilliseconds ?? Number.NEGATIVE_INFINITY,
    end: zoned(at).getTimeZoneTransition('next')?.epochMilliseconds ?? Number.POSITIVE_INFINITY,
    offset: zoned(at).offsetNanoseconds / 1e6,
  };
}

type Days = 'day' | 'week' | 'month' | 'year';

function localDays(from: Instant, calendar: Days, timeZone: string): Edges {
  const unit = { day: { days: 1 }, week: { weeks: 1 }, month: { months: 1 }, year: { years: 1 } }[calendar];
  let at = firstDay(
    Temporal.Instant.fromEpochMilliseconds(Math.floor(from)).toZonedDateTimeISO(timeZone).startOfDay(),
    calendar,
  );
  return [
    at.epochMilliseconds,
    () => {
      // Midnight may not exist on the day on which the clocks go forward.
      at = at.add(unit).startOfDay();
      return at.epochMilliseconds;
    },
  ];
}

function firstDay(day: Temporal.ZonedDateTime, calendar: Days): Temporal.ZonedDateTime {
  if (calendar === 'week') return day.subtract({ days: day.dayOfWeek - 1 }).startOfDay();
  if (calendar === 'month') return day.with({ day: 1 }).startOfDay();
  if (calendar === 'year') return day.with({ month: 1, day: 1 }).startOfDay();
  return day;
}

/** A number that counts: good, and a number. */
export const goodNumber = (sample: SeriesSample): number | null =>
  sample.quality === 'good' && typeof sample.value === 'number' ? sample.value : null;

/**
 * Figures by bucket, buckets in which nothing was measured and nothing is covered left out.
 *
 * `samples` in the order of time, from at least one `hold` before the first edge on (the value that still held then) up to
 * the last edge. `edges` as bucketEdges gives them.
 */
export function figuresByBucket(
  samples: readonly SeriesSample[],
  edges: readonly Instant[],
  hold: Duration,
  band: SeriesBand | null,
): readonly SeriesBucket[] {
  const figures = createFigures(edges, hold, band);
  for (const sample of samples) figures.add(sample);
  return figures.end();
}

/** `figuresByBucket` for samples that come one after the other, so that no store needs to hold them all. */
export interface Figures {
  /** In the order of time. */
  add(sample: SeriesSample): void;
  /** Once, after the last. */
  end(): readonly SeriesBucket[];
}

export function createFigures(edges: readonly Instant[], hold: Duration, band: SeriesBand | null): Figures {
  const sums = edges.slice(1).map(() => emptySum());
  const placeOf = placesIn(edges);
  let last: SeriesSample | null = null;
  /** What the last sample says is known when the next one comes. */
  const settle = (sample: SeriesSample, nextAt: number): void => {
    const value = goodNumber(sample);
    if (value === null) return;
    const own = placeOf(sample.at);
    const sum = sums[own];
    if (sum !== undefined) addSample(sum, value);
    const until = Math.min(nextAt, sample.at + hold);
    // The time it held, cut at the edges that it crosses.
    for (let place = Math.max(0, own); place < sums.length; place++) {
      const [start, end] = [edges[place], edges[place + 1]] as [Instant, Instant];
      if (start >= until) break;
      const held = Math.min(end, until) - Math.max(start, sample.at);
      if (held > 0) addHeld(sums[place] as Sum, value, held, band);
    }
  };
  return {
    add(sample) {
      if (last !== null) settle(last, sample.at);
      last = sample;
    },
    end() {
      if (last !== null) settle(last, Number.POSITIVE_INFINITY);
      return sums.flatMap((sum, place) =>
        sum.count === 0 && sum.coveredMs === 0
          ? []
          : [{ from: edges[place] as Instant, to: edges[place + 1] as Instant, ...toFigures(sum) }],
      );
    },
  };
}

/** The bucket a moment falls in: −1 before the first edge, one past the end after the last. Asked in rising order. */
function placesIn(edges: readonly Instant[]): (at: Instant) => number {
  let place = -1;
  return (at) => {
    while (place + 1 < edges.length && (edges[place + 1] as Instant) <= at) place++;
    return place;
  };
}

/** A bucket in the making; sums of neighbouring buckets may be added up. */
export interface Sum {
  count: number;
  total: number;
  min: number;
  max: number;
  coveredMs: number;
  /** Value × milliseconds. */
  area: number;
  belowMs: number;
  aboveMs: number;
}

export const emptySum = (): Sum => ({
  count: 0,
  total: 0,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
  coveredMs: 0,
  area: 0,
  belowMs: 0,
  aboveMs: 0,
});

export function addSample(sum: Sum, value: number): void {
  sum.count++;
  sum.total += value;
  if (value < sum.min) sum.min = value;
  if (value > sum.max) sum.max = value;
}

export function addHeld(sum: Sum, value: number, heldMs: number, band: SeriesBand | null): void {
  sum.coveredMs += heldMs;
  sum.area += value * heldMs;
  if (band === null) return;
  if (band.low !== undefined && value < band.low) sum.belowMs += heldMs;
  if (band.high !== undefined && value > band.high) sum.aboveMs += heldMs;
}

/** Adds `other` to `sum`: an hour out of its minutes. */
export function addSum(sum: Sum, other: Readonly<Sum>): void {
  sum.count += other.count;
  sum.total += other.total;
  sum.min = Math.min(sum.min, other.min);
  sum.max = Math.max(sum.max, other.max);
  sum.coveredMs += other.coveredMs;
  sum.area += other.area;
  sum.belowMs += other.belowMs;
  sum.aboveMs += other.aboveMs;
}

export const toFigures = (sum: Readonly<Sum>): SeriesFigures => ({
  count: sum.count,
  mean: sum.count === 0 ? null : sum.total / sum.count,
  min: sum.count === 0 ? null : sum.min,
  max: sum.count === 0 ? null : sum.max,
  coveredS: sum.coveredMs / 1000,
  timeMean: sum.coveredMs === 0 ? null : sum.area / sum.coveredMs,
  belowS: sum.belowMs / 1000,
  aboveS: sum.aboveMs / 1000,
});

/** The moments of change of value or quality within the range, the one that held at `from` first at its own time (if `samples` has it). */
export function changesOf(samples: readonly SeriesSample[]): readonly SeriesSample[] {
  return samples.filter((sample, index) => {
    const before = samples[index - 1];
    return before === undefined || before.value !== sample.value || before.quality !== sample.quality;
  });
}

/** Quantiles of the good numbers, each counted once, linear between neighbours (type 7, as most libraries do); null without any. `share` 0 to 1. */
export function quantilesOf(samples: readonly SeriesSample[], shares: readonly number[]): readonly (number | null)[] {
  return quantilesOfNumbers(Float64Array.from(samples.flatMap((sample) => goodNumber(sample) ?? [])).sort(), shares);
}

/** The same of numbers that are sorted already. */
export function quantilesOfNumbers(sorted: Float64Array, shares: readonly number[]): readonly (number | null)[] {
  return shares.map((share) => {
    if (sorted.length === 0) return null;
    const place = Math.min(1, Math.max(0, share)) * (sorted.length - 1);
    const low = sorted[Math.floor(place)] as number;
    const high = sorted[Math.ceil(place)] as number;
    return low + (high - low) * (place - Math.floor(place));
  });
}
