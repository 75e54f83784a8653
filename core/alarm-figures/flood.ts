import { type Instant, minutes, plus } from '../time.ts';

/** EEMUA 191 and ISA-18.2: a flood begins with more than ten alarms in ten minutes and ends with fewer than five. */
export const FLOOD_WINDOW = minutes(10);
export const FLOOD_ABOVE = 10;
export const FLOOD_ENDS_BELOW = 5;

export interface Interval {
  readonly from: Instant;
  readonly to: Instant;
}

/**
 * `times`: of the alarms, ascending, from a while before the span on. At each instant those of the ten minutes before it count; an
 * alarm leaves the count exactly ten minutes after it came.
 */
export function floodsOf(times: readonly Instant[], until: Instant): Interval[] {
  const floods: Interval[] = [];
  let begun: Instant | null = null;
  let oldest = 0;
  const expire = (upTo: Instant, came: number): void => {
    for (let at = leaves(oldest); oldest < came && at <= upTo; at = leaves(++oldest)) {
      if (begun === null || came - oldest - 1 >= FLOOD_ENDS_BELOW) continue;
      floods.push({ from: begun, to: at });
      begun = null;
    }
  };
  const leaves = (index: number): Instant => plus(times[index] ?? until, FLOOD_WINDOW);
  times.forEach((at, index) => {
    expire(at, index);
    if (index + 1 - oldest > FLOOD_ABOVE) begun ??= at;
  });
  expire(until, times.length);
  if (begun !== null) floods.push({ from: begun, to: until });
  return floods;
}

/** The most alarms in any ten minutes, and when these began; the earliest of equals. */
export function worstTenMinutes(times: readonly Instant[]): { readonly alarms: number; readonly from: Instant | null } {
  let worst: { alarms: number; from: Instant | null } = { alarms: 0, from: null };
  let first = 0;
  times.forEach((at, index) => {
    while (at - (times[first] ?? at) >= FLOOD_WINDOW) first++;
    const alarms = index + 1 - first;
    if (alarms > worst.alarms) worst = { alarms, from: times[first] ?? null };
  });
  return worst;
}
