import type { PointTest } from '../config/condition.ts';
import { definePoint } from '../points.ts';
import { statusTokens, type Value } from '../reading.ts';
import type { Instant } from '../time.ts';
import { asCertain, type Combined, combine } from './combine.ts';
import type { Look, Observation } from './observation.ts';
import { judgeTrack, needsTrack, type Track } from './tracks.ts';
import type { Truth } from './truth.ts';

/** What one test says of what is seen now. */

/** What a test looks at; `device`: the member of a class that it is judged for. */
export const observe = (test: PointTest, device: string | undefined, look: Look, now: Instant): Observation | null =>
  test.of === undefined ? look(test.point, test.device ?? device) : combine(test, look, now);

/** Of a point that was good once and is not overdue; nothing of it is about silence. */
export function saysNow(
  test: PointTest,
  seen: Observation,
  was: boolean,
  track: Track | undefined,
  now: Instant,
): Truth {
  if (test.frozen_for !== undefined)
    return seen.quality === 'good' || seen.quality === 'frozen' ? now >= seen.changedAt + test.frozen_for : 'unknown';
  const { value } = seen;
  if (seen.quality !== 'good' || value === null) return 'unknown';
  if (needsTrack(test)) return typeof value === 'number' ? judgeTrack(test, track, value, was) : 'unknown';
  const truth = compare(test, value, was);
  return test.of === undefined ? truth : asCertain(test, truth, seen as Combined);
}

function compare(test: PointTest, value: Value, was: boolean): Truth {
  if (test.above !== undefined) {
    return typeof value === 'number'
      ? value > (was ? Math.min(test.clear ?? test.above, test.above) : test.above)
      : 'unknown';
  }
  if (test.below !== undefined) {
    return typeof value === 'number'
      ? value < (was ? Math.max(test.clear ?? test.below, test.below) : test.below)
      : 'unknown';
  }
  if (test.lacks !== undefined) return typeof value === 'string' ? !statusTokens(value).has(test.lacks) : 'unknown';
  if (test.between !== undefined) return typeof value === 'string' ? isBetween(value, test.between) : 'unknown';
  if (typeof test.is !== typeof value) return 'unknown';
  if (typeof test.is === 'string' && definePoint(test.point)?.kind === 'set') return statusTokens(value).has(test.is);
  return value === test.is;
}

/** Times of day as texts: `06:30` comes before `22:00`. */
const isBetween = (time: string, [from, to]: readonly [string, string]): boolean =>
  from <= to ? from <= time && time < to : from <= time || time < to;
