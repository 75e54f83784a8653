import type { MadeSample, Span } from './room-year.ts';

/**
 * The figures of a week straight from the samples that were made up, by loops that know nothing of the product: each good number holds
 * until the next sample of any kind, at most `hold`.
 */
export interface Naive {
  readonly mean: number | null;
  readonly min: number | null;
  readonly minAt: number | null;
  readonly max: number | null;
  readonly maxAt: number | null;
  readonly coveredS: number;
  readonly outsideS: number;
  readonly degreeHours: number;
  /** Seconds outside by quarter of an hour. */
  readonly quarters: ReadonlyMap<number, number>;
  readonly beyondQuarters: ReadonlyMap<number, number>;
  readonly area: number;
}

const QUARTER = 15 * 60_000;

export function naiveFigures(
  samples: readonly MadeSample[],
  [from, to]: Span,
  hold: number,
  low: number,
  high: number,
): Naive {
  let [area, covered, outside, beyond] = [0, 0, 0, 0];
  let min: number | null = null;
  let max: number | null = null;
  let minAt: number | null = null;
  let maxAt: number | null = null;
  const quarters = new Map<number, number>();
  const beyondQuarters = new Map<number, number>();
  for (let i = firstAfter(samples, from - hold); i < samples.length; i++) {
    const sample = samples[i] as MadeSample;
    if (sample.at >= to) break;
    const { value, quality } = sample;
    if (quality !== 'good' || typeof value !== 'number') continue;
    if (sample.at >= from) {
      if (min === null || value < min) [min, minAt] = [value, sample.at];
      if (max === null || value > max) [max, maxAt] = [value, sample.at];
    }
    const next = samples[i + 1]?.at ?? Number.POSITIVE_INFINITY;
    const start = Math.max(from, sample.at);
    const end = Math.min(to, next, sample.at + hold);
    if (end <= start) continue;
    area += value * (end - start);
    covered += end - start;
    const over = Math.max(value - high, low - value, 0);
    if (over === 0) continue;
    outside += end - start;
    beyond += over * (end - start);
    for (let at = start; at < end; ) {
      const quarter = Math.floor(at / QUARTER) * QUARTER;
      const stop = Math.min(end, quarter + QUARTER);
      quarters.set(quarter, (quarters.get(quarter) ?? 0) + (stop - at) / 1000);
      beyondQuarters.set(quarter, (beyondQuarters.get(quarter) ?? 0) + (over * (stop - at)) / 1000);
      at = stop;
    }
  }
  return {
    ...{ mean: covered === 0 ? null : area / covered, min, minAt },
    ...{ max, maxAt, coveredS: covered / 1000, outsideS: outside / 1000 },
    ...{ degreeHours: beyond / 3_600_000, quarters, beyondQuarters, area: area / 1000 },
  };
}

/** The place of the first sample after a time. */
function firstAfter(samples: readonly MadeSample[], at: number): number {
  let [low, high] = [0, samples.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((samples[middle] as MadeSample).at <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Of several sensors: in each quarter of an hour the one that was outside longest. */
export function worstOf(all: readonly ReadonlyMap<number, number>[]): number {
  const keys = new Set(all.flatMap((one) => [...one.keys()]));
  let sum = 0;
  for (const key of keys) sum += Math.max(...all.map((one) => one.get(key) ?? 0));
  return sum;
}

/** How many seconds of a week a state held (each sample until the next, however late that came), of the quarters of an hour that count. */
export function secondsOf(
  samples: readonly MadeSample[],
  [from, to]: Span,
  holds: (value: MadeSample['value']) => boolean,
  counts: (at: number) => boolean,
): number {
  let held = 0;
  for (let place = Math.max(0, firstAfter(samples, from) - 1); place < samples.length; place++) {
    const sample = samples[place] as MadeSample;
    if (sample.at >= to) break;
    if (!holds(sample.value)) continue;
    const end = Math.min(to, samples[place + 1]?.at ?? to);
    for (let at = Math.max(from, sample.at); at < end; ) {
      const stop = Math.min(end, (Math.floor(at / QUARTER) + 1) * QUARTER);
      if (counts(at)) held += stop - at;
      at = stop;
    }
  }
  return held / 1000;
}
