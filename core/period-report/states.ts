import type { Value } from '../reading.ts';
import type { SeriesSample } from '../series.ts';
import { common, type Interval, lengthOf, merged, without } from './intervals.ts';

/** Times in which a word or a truth held, out of the moments of change (`SeriesStore.changes`). */

/** Within [from, to); what is not good is neither. */
export function timesOf(
  changes: readonly SeriesSample[],
  [from, to]: Interval,
  holds: (value: Value) => boolean,
): { readonly known: readonly Interval[]; readonly held: readonly Interval[] } {
  const known: Interval[] = [];
  const held: Interval[] = [];
  for (const [index, { at, value, quality }] of changes.entries()) {
    if (value === null || quality !== 'good') continue;
    const time: Interval = [Math.max(from, at), Math.min(to, changes[index + 1]?.at ?? to)];
    if (time[0] >= time[1]) continue;
    known.push(time);
    if (holds(value)) held.push(time);
  }
  return { known: merged(known), held: merged(held) };
}

/** How often it began to hold within the range; that it held before is no beginning. */
export function beginningsOf(
  changes: readonly SeriesSample[],
  [from, to]: Interval,
  holds: (value: Value) => boolean,
): number {
  let count = 0;
  let held: boolean | null = null;
  for (const { at, value, quality } of changes) {
    if (value === null || quality !== 'good') continue;
    const now = holds(value);
    if (now && held === false && at >= from && at < to) count++;
    held = now;
  }
  return count;
}

export interface Availability {
  /** 0 to 1; null: not looked at. */
  readonly share: number | null;
  readonly downS: number;
  readonly maintenanceS: number;
  readonly outages: readonly Interval[];
}

/**
 * `up` out of `known`, but for the time in which nothing at all was recorded (`unseen`: the monitor itself was away) and for planned
 * maintenance: that is neither up nor down.
 */
export function availabilityOf(
  { known, held }: { readonly known: readonly Interval[]; readonly held: readonly Interval[] },
  unseen: readonly Interval[],
  maintenance: readonly Interval[],
): Availability {
  const seen = without(known, unseen);
  const watched = without(seen, maintenance);
  const outages = without(watched, held);
  const watchedS = lengthOf(watched) / 1000;
  const downS = lengthOf(outages) / 1000;
  return {
    share: watchedS === 0 ? null : 1 - downS / watchedS,
    downS,
    maintenanceS: lengthOf(common(seen, maintenance)) / 1000,
    outages,
  };
}
