import { type Duration, milliseconds, minutes, seconds } from '#core/time.ts';

/** Wrong passwords in a row that cost nothing but the guess. */
export const FREE_FAILURES = 4;
/** Wrong passwords for one name from all addresses together before it pauses everywhere. */
export const MOST_FAILURES_ANYWHERE = 100;

const FIRST = seconds(30);
const LONGEST = minutes(15);

/**
 * How long an account pauses after its `count`-th wrong password in a row: nothing for the first four, then 30 s, doubling up to
 * 15 min. It never locks for good: the person who is called at 03:00 must get in again by waiting.
 * Example: `lockLength(4)` is 0, `lockLength(5)` is 30 s, `lockLength(7)` is 2 min.
 */
export function lockLength(count: number, free: number = FREE_FAILURES): Duration {
  if (count <= free) return milliseconds(0);
  return milliseconds(Math.min(LONGEST, FIRST * 2 ** Math.min(20, count - free - 1)));
}
