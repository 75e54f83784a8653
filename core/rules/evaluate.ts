import { type Condition, type PointTest, pointsIn } from '../config/condition.ts';
import { type Selector, selectsClass } from '../config/selector.ts';
import type { Value } from '../reading.ts';
import { takenName } from '../take.ts';
import { type Instant, milliseconds, plus } from '../time.ts';
import { observe, saysNow } from './compare.ts';
import type { Look, Observation } from './observation.ts';
import { needsTrack, nextSampleAt, type Track, takeSample } from './tracks.ts';
import { all, any, not, type Truth } from './truth.ts';

/**
 * Judges a condition of a rule over what is known of one device, and of those others that it names. Classes of devices are bound
 * before (`bind-rule.ts`): their `devices` are all that belong to them.
 *
 * A test of a point that the device does not have is left out of the composition (a sensor without `room.smoke` is not
 * "missing smoke"); a test of a point that it has and that cannot be trusted now is unknown.
 */

/** What a condition remembers between two judgements, by the test's place in it (`0.1`; in a class `0.th-1.0`). Persisted with the rule's state (L28). */
export interface Memory {
  /** Each test's last definite truth: where hysteresis begins, and the sign that the point has been good once. */
  readonly latched: Readonly<Record<string, boolean>>;
  /** Since when a good value is missing, for tests whose point never was good. */
  readonly missingSince: Readonly<Record<string, Instant>>;
  /** How values have moved, for tests that ask it. */
  readonly tracks?: Readonly<Record<string, Track>>;
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
  /** The next instant at which silence, or time alone, may make a test say something else. */
  readonly wakeAt: Instant | null;
  /** The next instant at which silence makes it doubtful. */
  readonly staleAt: Instant | null;
  /** The earliest of all these instants that no repeated reading puts off. */
  readonly fixedAt: Instant | null;
  /** The places of the tests of which it is not known what they say though nothing is overdue; of those of silence, where the device has no such point. */
  readonly unknown: readonly string[];
}

interface Work {
  readonly look: Look;
  readonly now: Instant;
  readonly before: Memory;
  /** The rule names the device itself: it must have the point, so a value that never came is missing. */
  named: boolean;
  /** Within a count: the member of the class that is judged. */
  device: string | undefined;
  readonly latched: Record<string, boolean>;
  readonly missingSince: Record<string, Instant>;
  tracks: Record<string, Track> | null;
  wakeAt: Instant | null;
  staleAt: Instant | null;
  fixedAt: Instant | null;
  simulated: boolean;
  unknown: readonly string[];
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
    device: undefined,
    latched: {},
    missingSince: {},
    tracks: null,
    wakeAt: null,
    staleAt: null,
    fixedAt: null,
    simulated: false,
    unknown: NONE,
  };
  const part = judge(condition, '0', work);
  const { latched, missingSince, tracks, simulated, wakeAt, staleAt, fixedAt, unknown } = work;
  const memory = tracks === null ? { latched, missingSince } : { latched, missingSince, tracks };
  return { ...part, simulated, memory, wakeAt, staleAt, fixedAt, unknown };
}

const NONE: readonly string[] = [];

/** A test and its place in the condition. */
export interface Leaf {
  readonly test: PointTest;
  readonly path: string;
  /** The member of a class that it is judged for. */
  readonly device?: string;
}

/** All the tests of a condition, those of a class once for each of its devices. */
export const testsOf = (condition: Condition): readonly Leaf[] => leavesOf(condition, '0');

function leavesOf(condition: Condition, path: string, device?: string): Leaf[] {
  if ('all' in condition) return condition.all.flatMap((child, i) => leavesOf(child, `${path}.${i}`, device));
  if ('any' in condition) return condition.any.flatMap((child, i) => leavesOf(child, `${path}.${i}`, device));
  if ('not' in condition) return leavesOf(condition.not, `${path}.0`, device);
  if ('count' in condition) {
    const { of, when } = condition.count;
    return (of.devices ?? []).flatMap((member) => leavesOf(when, `${path}.${member}`, member));
  }
  return [device === undefined ? { test: condition, path } : { test: condition, path, device }];
}

/**
 * Each of them says now what it said when it was judged last: so the whole does, and remembers the same. Of silence that is that
 * it has not lasted; one that has is always judged. `unknown`: the places of those of which it was not known.
 */
export function saySame(
  tests: readonly Leaf[],
  look: Look,
  { latched, tracks }: Memory,
  unknown: readonly string[],
  now: Instant,
): boolean {
  for (const { test, path, device } of tests) {
    const seen = observe(test, device, look, now);
    if (test.missing_for !== undefined) {
      // A point that the device does not have stays left out.
      if (seen === null && unknown.includes(path)) continue;
      if (seen === null || seen.goodAt === null || seen.quality !== 'good' || unknown.includes(path)) return false;
      if (now >= seen.goodAt + test.missing_for) return false;
      continue;
    }
    const was = latched[path];
    if (seen === null || seen.goodAt === null) {
      if (was !== undefined && !unknown.includes(path)) return false;
      continue;
    }
    const track = tracks?.[path];
    const truth = now >= seen.staleAt ? 'unknown' : saysNow(test, seen, was ?? false, track, now);
    if (truth === 'unknown') {
      // A movement of which too little is known grows with each good value.
      if (needsTrack(test) || !unknown.includes(path)) return false;
      continue;
    }
    if (truth !== was || unknown.includes(path)) return false;
    if (needsTrack(test) && wantsSample(test, track, now)) return false;
  }
  return true;
}

const wantsSample = (test: PointTest, track: Track | undefined, now: Instant): boolean => {
  const next = track === undefined ? null : nextSampleAt(test, track);
  return next === null || now >= next;
};

function judge(condition: Condition, path: string, work: Work): Part {
  if ('all' in condition) {
    const parts = condition.all.map((child, i) => judge(child, `${path}.${i}`, work));
    const truths = parts.map((part) => part.truth);
    if (truths.includes(null)) return { ...firstOf(parts), truth: null };
    return decided(parts, all(truths as Truth[]));
  }
  if ('any' in condition) {
    const parts = condition.any.map((child, i) => judge(child, `${path}.${i}`, work)).filter(isHad);
    if (parts.length === 0) return { truth: null, point: pointsIn(condition)[0] ?? '', value: null };
    return decided(parts, any(parts.map(({ truth }) => truth)));
  }
  if ('not' in condition) {
    const part = judge(condition.not, `${path}.0`, work);
    return { ...part, truth: part.truth === null ? null : not(part.truth) };
  }
  return 'count' in condition ? judgeCount(condition.count, path, work) : judgeTest(condition, path, work);
}

type Had = Part & { readonly truth: Truth };
const isHad = (part: Part): part is Had => part.truth !== null;

/** Of so many devices it is known; those of which it is not might make up the number, or not. */
function judgeCount(
  { of, when, at_least }: { of: Selector; when: Condition; at_least: number },
  path: string,
  work: Work,
): Part {
  const { named, device } = work;
  work.named = !selectsClass(of);
  const parts: Had[] = [];
  for (const member of of.devices ?? []) {
    work.device = member;
    const part = judge(when, `${path}.${member}`, work);
    if (isHad(part)) parts.push(part);
  }
  work.named = named;
  work.device = device;
  if (parts.length === 0) return { truth: null, point: pointsIn(when)[0] ?? '', value: null };
  const yes = parts.filter(({ truth }) => truth === true).length;
  const open = parts.filter(({ truth }) => truth === 'unknown').length;
  return decided(parts, yes >= at_least ? true : yes + open >= at_least ? 'unknown' : false);
}

/** The first part that has the whole's truth is the one that people are shown. */
function decided(parts: readonly Part[], truth: Truth): Part {
  return { ...firstOf(parts.filter((part) => part.truth === truth).concat(parts)), truth };
}

const firstOf = (parts: readonly Part[]): Part => parts[0] ?? { truth: null, point: '', value: null };

function judgeTest(test: PointTest, path: string, work: Work): Part {
  const seen = observe(test, work.device, work.look, work.now);
  if (seen?.simulated === true) work.simulated = true;
  const truth = test.missing_for !== undefined ? missing(test, path, seen, work) : present(test, path, seen, work);
  // What is stale waits for no further instant; what was only doubtful and becomes so is another matter than before.
  const isStale = seen !== null && seen.goodAt !== null && work.now >= seen.staleAt;
  const isOpen = truth === 'unknown' ? !isStale : truth === null && test.missing_for !== undefined;
  if (isOpen) work.unknown = [...work.unknown, path];
  return {
    truth,
    point: test.take === undefined ? test.point : takenName(test.point, test.take),
    value: seen?.value ?? null,
  };
}

/** Its times go on with the polls of the rule's own device. Of others nobody tells, so their times are looked at. */
const followsOwn = (test: PointTest, seen: Observation, { device }: Work): boolean =>
  seen.follows === true && test.device === undefined && test.of === undefined && device === undefined;

function wake(work: Work, at: Instant | null): void {
  work.wakeAt = sooner(work.wakeAt, at);
  work.fixedAt = sooner(work.fixedAt, at);
}

/** Whether a good value has been absent for too long: the one test that silence makes true. */
function missing(test: PointTest, path: string, seen: Observation | null, work: Work): Truth | null {
  if (seen === null && !work.named && test.device === undefined) return null;
  const since = seen?.goodAt ?? work.before.missingSince[path] ?? work.now;
  if (seen?.goodAt == null || seen.quality !== 'good') work.missingSince[path] = since;
  const due = plus(since, test.missing_for ?? milliseconds(0));
  if (work.now >= due) return true;
  work.wakeAt = sooner(work.wakeAt, due);
  if (seen === null || !followsOwn(test, seen, work) || seen.quality !== 'good')
    work.fixedAt = sooner(work.fixedAt, due);
  return false;
}

function present(test: PointTest, path: string, seen: Observation | null, work: Work): Truth | null {
  const was = work.before.latched[path];
  if (was !== undefined) work.latched[path] = was;
  const track = keepTrack(test, path, seen, work);
  if (seen === null || seen.goodAt === null) return was === undefined ? null : 'unknown';
  if (work.now >= seen.staleAt) return 'unknown';
  if (seen.until !== undefined) wake(work, seen.until);
  else {
    work.staleAt = sooner(work.staleAt, seen.staleAt);
    if (!followsOwn(test, seen, work)) work.fixedAt = sooner(work.fixedAt, seen.staleAt);
  }
  const truth = saysNow(test, seen, was ?? false, track, work.now);
  // A value that should move and has not, though it keeps arriving (L9).
  if (test.frozen_for !== undefined && truth === false) wake(work, plus(seen.changedAt, test.frozen_for));
  if (truth !== 'unknown') work.latched[path] = truth;
  return truth;
}

/** The track goes on with each good value and waits through all others. */
function keepTrack(test: PointTest, path: string, seen: Observation | null, work: Work): Track | undefined {
  if (!needsTrack(test)) return undefined;
  const before = work.before.tracks?.[path];
  const isGood = seen?.quality === 'good' && seen.goodAt !== null && work.now < seen.staleAt;
  const track = isGood && typeof seen.value === 'number' ? takeSample(test, before, seen.value, work.now) : before;
  if (track === undefined) return undefined;
  work.tracks ??= {};
  work.tracks[path] = track;
  if (isGood) wake(work, nextSampleAt(test, track));
  return track;
}

/** The earlier of two instants, null being never. */
export const sooner = (a: Instant | null, b: Instant | null): Instant | null =>
  a === null || (b !== null && b < a) ? b : a;
