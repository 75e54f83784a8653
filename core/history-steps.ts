import { type Duration, milliseconds } from './time.ts';

/**
 * The lengths of a chart's buckets. Whole parts of a minute, an hour and a day, because history keeps figures of minutes,
 * quarters, hours and days ready: a year in buckets of 12 h is added up out of hours, in buckets of 8 h 47 min out of millions
 * of readings. And the same range asked again, a little moved, falls on the same buckets.
 */
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SIXTIETHS = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30];

export const HISTORY_STEPS: readonly Duration[] = [
  ...SIXTIETHS.map((n) => n * SECOND),
  ...SIXTIETHS.map((n) => n * MINUTE),
  ...[1, 2, 3, 4, 6, 8, 12].map((n) => n * HOUR),
  ...[1, 2, 3, 4, 5, 7, 10, 14, 21, 28].map((n) => n * DAY),
].map(milliseconds);

const COARSEST = milliseconds(28 * DAY);

/** The shortest with which a range is at most `points` buckets, one more than fits being needed when it begins inside one. */
export function historyStep(lengthMs: number, points: number): Duration {
  const least = lengthMs / Math.max(1, points - 1);
  return HISTORY_STEPS.find((step) => step >= least) ?? milliseconds(Math.ceil(least / COARSEST) * COARSEST);
}
