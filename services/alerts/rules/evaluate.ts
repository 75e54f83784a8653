import type { Condition, PointTest } from '#core/config/rule.ts';
import { definePoint } from '#core/points.ts';
import { statusTokens, type Value } from '#core/reading.ts';
import { type Instant, milliseconds, plus } from '#core/time.ts';
import type { Look, Observation } from './observation.ts';
import { all, any, not, type Truth } from './truth.ts';

/**
 * Judges a condition of a rule over what is known of one device.
 *
 * A test of a point that the device does not have is left out of the composition (a sensor without `room.smoke` is not
 * "missing smoke"); a test of a point that it has and that cannot be trusted now is unknown.
 */

/** What a condition remembers between two judgements, by the test's place in it (`0.1`). Persisted with the rule's state (L28). */
export interface Memory {
  /** Each test's last definite truth: where hysteresis begins, and the sign that the point has been good once. */
  readonly latched: Readonly<Record<string, boolean>>;
  /** Since when a good value is missing, for tests whose point never was good. */
  readonly missingSince: Readonly<Record<string, Instant>>;
}

export const EMPTY_MEMORY: Memory = { latched: {}, missingSince: {} };

export interface Judgement {
  /** Null: the device has none of the points. */
  readonly truth: Truth | null;
  /** The point that decided, and its value. */
  readonly point: string;
  readonly value: Value | null;
  readonly simulated: boolean;
  readonly memory: Memory;
  /** The next instant at which silence alone makes a test true. */
  readonly wakeAt: Instant | null;
  /** The next instant at which silence makes it doubtful. */
  readonly staleAt: Instant | null;
  /** The earliest of all these instants that no repeated reading puts off. */
  readonly fixedAt: Instant | null;
}

interface Work {
  readonly look: Look;
  readonly now: Instant;
  readonly before: Memory;
  /** The rule names the device itself: it must have the point, so a value that never came is missing. */
  readonly named: boolean;
  readonly latched: Record<string, boolean>;
  readonly missingSince: Record<string, Instant>;
  wakeAt: Instant | null;
  staleAt: Instant | null;
  fixedAt: Instant | null;
  simulated: boolean;
}

interface Part {
  readonly truth: Truth | null;
  readonly point: string;
  readonly value: Value | null;
}

/** Example: `{point: 'ups.load', above: 90, clear: 85}` over a load of 88 is what it was before: true after 91, false after 80. */
export function evaluate(condition: Condition, look: Look, before: Memory, now: Instant, named: boolean): Judgement {
  const work: Work = {
    look,
    now,
    before,
    named,
    latched: {},
    missingSince: {},
    wakeAt: null,
    staleAt: null,
    fixedAt: null,
    simulated: false,
  };
  const part = judge(condition, '0', work);
  const memory = { latched: work.latched, missingSince: work.missingSince };
  return {
    ...part,
    simulated: work.simulated,
    memory,
    wakeAt: work.wakeAt,
    staleAt: work.staleAt,
    fixedAt: work.fixedAt,
  };
}

/** The points that a condition reads. */
export function pointsOf(condition: Condition): string[] {
  if ('all' in condition) return condition.all.flatMap(pointsOf);
  if ('any' in condition) return condition.any.flatMap(pointsOf);
  if ('not' in condition) return pointsOf(condition.not);
  return [condition.point];
}

/** A test and its place in the condition. */
export interface Leaf {
  readonly test: PointTest;
  readonly path: string;
}

/** All the tests of a condition. */
export const testsOf = (condition: Condition): readonly Leaf[] => leavesOf(condition, '0');

function leavesOf(condition: Condition, path: string): Leaf[] {
  if ('all' in condition) return condition.all.flatMap((child, i) => leavesOf(child, `${path}.${i}`));
  if ('any' in condition) return condition.any.flatMap((child, i) => leavesOf(child, `${path}.${i}`));
  if ('not' in condition) return leavesOf(condition.not, `${path}.0`);
  return [{ test: condition, path }];
}

/**
 * Each of them says now what it said when it was judged last: so the whole does, and remembers the same. Of silence that is that
 * it has not lasted; one that has is always judged.
 */
export function saySame(tests: readonly Leaf[], look: Look, { latched }: Memory, now: Instant): boolean {
  for (const { test, path } of tests) {
    const seen = look(test.point);
    if (test.missing_for !== undefined) {
      if (seen === null || seen.goodAt === null || seen.quality !== 'good') return false;
      if (now >= seen.goodAt + test.missing_for) return false;
      continue;
    }
    const was = latched[path];
    if (seen === null || seen.goodAt === null) {
      if (was !== undefined) return false;
    } else if (now >= seen.staleAt || saysNow(test, seen, was ?? false, now) !== was) return false;
  }
  return true;
}

function saysNow(test: PointTest, seen: Observation, was: boolean, now: Instant): Truth {
  if (test.frozen_for === undefined) return compare(test, seen, was);
  return seen.quality === 'good' || seen.quality === 'frozen' ? now >= seen.changedAt + test.frozen_for : 'unknown';
}

function judge(condition: Condition, path: string, work: Work): Part {
  if ('all' in condition) {
    const parts = condition.all.map((child, i) => judge(child, `${path}.${i}`, work));
    const truths = parts.map((part) => part.truth);
    if (truths.includes(null)) return { ...firstOf(parts), truth: null };
    return decided(parts, all(truths as Truth[]));
  }
  if ('any' in condition) {
    const parts = condition.any
      .map((child, i) => judge(child, `${path}.${i}`, work))
      .filter((part) => part.truth !== null);
    if (parts.length === 0) return { truth: null, point: pointsOf(condition)[0] ?? '', value: null };
    return decided(parts, any(parts.map((part) => part.truth as Truth)));
  }
  if ('not' in condition) {
    const part = judge(condition.not, `${path}.0`, work);
    return { ...part, truth: part.truth === null ? null : not(part.truth) };
  }
  return judgeTest(condition, path, work);
}

/** The first part that has the whole's truth is the one that people are shown. */
function decided(parts: readonly Part[], truth: Truth): Part {
  return { ...firstOf(parts.filter((part) => part.truth === truth).concat(parts)), truth };
}

const firstOf = (parts: readonly Part[]): Part => parts[0] ?? { truth: null, point: '', value: null };

function judgeTest(test: PointTest, path: string, work: Work): Part {
  const seen = work.look(test.point);
  if (seen?.simulated === true) work.simulated = true;
  const truth = test.missing_for !== undefined ? missing(test, path, seen, work) : present(test, path, seen, work);
  return { truth, point: test.point, value: seen?.value ?? null };
}

/** Whether a good value has been absent for too long: the one test that silence makes true. */
function missing(test: PointTest, path: string, seen: Observation | null, work: Work): Truth | null {
  if (seen === null && !work.named) return null;
  const since = seen?.goodAt ?? work.before.missingSince[path] ?? work.now;
  if (seen?.goodAt == null || seen.quality !== 'good') work.missingSince[path] = since;
  const due = plus(since, test.missing_for ?? milliseconds(0));
  if (work.now >= due) return true;
  work.wakeAt = sooner(work.wakeAt, due);
  if (seen?.follows !== true || seen.quality !== 'good') work.fixedAt = sooner(work.fixedAt, due);
  return false;
}

function present(test: PointTest, path: string, seen: Observation | null, work: Work): Truth | null {
  const was = work.before.latched[path];
  if (was !== undefined) work.latched[path] = was;
  if (seen === null || seen.goodAt === null) return was === undefined ? null : 'unknown';
  if (work.now >= seen.staleAt) return 'unknown';
  work.staleAt = sooner(work.staleAt, seen.staleAt);
  if (seen.follows !== true) work.fixedAt = sooner(work.fixedAt, seen.staleAt);
  const truth = test.frozen_for !== undefined ? frozen(test, seen, work) : compare(test, seen, was ?? false);
  if (truth !== 'unknown') work.latched[path] = truth;
  return truth;
}

/** A value that should move and has not, though it keeps arriving (L9). */
function frozen(test: PointTest, seen: Observation, work: Work): Truth {
  if (seen.quality !== 'good' && seen.quality !== 'frozen') return 'unknown';
  const due = plus(seen.changedAt, test.frozen_for ?? milliseconds(0));
  if (work.now >= due) return true;
  work.wakeAt = sooner(work.wakeAt, due);
  work.fixedAt = sooner(work.fixedAt, due);
  return false;
}

function compare(test: PointTest, seen: Observation, was: boolean): Truth {
  const { value } = seen;
  if (seen.quality !== 'good' || value === null) return 'unknown';
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
  if (typeof test.is !== typeof value) return 'unknown';
  if (typeof test.is === 'string' && definePoint(test.point)?.kind === 'set') return statusTokens(value).has(test.is);
  return value === test.is;
}

/** The earlier of two instants, null being never. */
export const sooner = (a: Instant | null, b: Instant | null): Instant | null =>
  a === null || (b !== null && b < a) ? b : a;
