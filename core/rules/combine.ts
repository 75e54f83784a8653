import type { PointTest } from '../config/condition.ts';
import { takeOf } from '../take.ts';
import type { Instant } from '../time.ts';
import { roundOff } from '../units.ts';
import type { Look, Observation } from './observation.ts';
import type { Truth } from './truth.ts';

/**
 * One point of a class of devices as one value. A device that never told it is left out; one that tells it no more is not: what
 * it hides could be the highest of all. So with some of them unknown only that is said which no value of theirs could change.
 */
export interface Combined extends Observation {
  /** Every device that ever told it can be believed now. */
  readonly isComplete: boolean;
  /** At least half of them can. */
  readonly isEnough: boolean;
}

/** Null: none of them ever told it. */
export function combine({ of, take, point }: PointTest, look: Look, now: Instant): Combined | null {
  const values: number[] = [];
  let [known, goodAt, changedAt, staleAt] = [0, 0, 0, Number.POSITIVE_INFINITY];
  let simulated = false;
  for (const device of of?.devices ?? []) {
    const seen = look(point, device);
    if (seen === null || seen.goodAt === null) continue;
    known++;
    goodAt = Math.max(goodAt, seen.goodAt);
    changedAt = Math.max(changedAt, seen.changedAt);
    simulated ||= seen.simulated;
    if (seen.quality !== 'good' || typeof seen.value !== 'number' || now >= seen.staleAt) continue;
    staleAt = Math.min(staleAt, seen.staleAt);
    values.push(seen.value);
  }
  if (known === 0) return null;
  const isEnough = values.length * 2 >= known && values.length >= (take === 'spread' ? 2 : 1);
  return {
    value: values.length === 0 ? null : roundOff(takeOf(take ?? 'max', values)),
    quality: values.length === 0 ? 'missing' : 'good',
    goodAt: goodAt as Instant,
    changedAt: changedAt as Instant,
    // With nothing to go by it is as good as silent.
    staleAt: (values.length === 0 ? now : staleAt) as Instant,
    simulated,
    isComplete: values.length === known && isEnough,
    isEnough,
  };
}

/** What the known ones say, as far as it holds whatever the others hide. A mean of most of them may raise an alert, not end one. */
export function asCertain(test: PointTest, truth: Truth, { isComplete, isEnough }: Combined): Truth {
  if (isComplete || truth === 'unknown') return truth;
  if (test.take === 'mean') return truth && isEnough ? true : 'unknown';
  // The highest and the spread of all are at least those of the known ones, the lowest at most.
  const onlyGrows = test.take !== 'min';
  const isCertain = onlyGrows === (test.above !== undefined) ? truth : !truth;
  return isCertain ? truth : 'unknown';
}
