import { type PointTest, testsIn } from '../config/condition.ts';
import type { Config } from '../config/config.ts';
import type { Rule } from '../config/rule.ts';
import { ruleFor } from '../config/rule-for.ts';
import { definePoint } from '../points.ts';
import type { SeriesStore } from '../ports.ts';
import type { Quality, Value } from '../reading.ts';
import type { SeriesKey } from '../series.ts';
import { type Duration, hours, type Instant, instant } from '../time.ts';
import { bindRule } from './bind-rule.ts';
import { saysNow } from './compare.ts';
import { flapWindow } from './flapping.ts';
import { isOfRegister } from './register-look.ts';
import { indexRules } from './rule-index.ts';

/**
 * Which hours of the past a back-test must look at, by what the store has summed up already. In an hour whose lowest and highest
 * value lie on the calm side of every limit (of where an alert would end, which is the stricter one) nothing begins and nothing
 * is going on; so an engine that slept through it knows no less. Only rules that test limits and words of their own device can be
 * read so; for all others each reading counts.
 */
export interface LoudSeries extends SeriesKey {
  /** In order, apart from each other. */
  readonly ranges: readonly Range[];
}

export interface Range {
  readonly from: Instant;
  readonly to: Instant;
}

type Summed = Pick<SeriesStore, 'table' | 'changes' | 'raw'>;

const HOUR = hours(1);
const MOST_CHANGES = 10_000;
/** Fewer, longer questions when nearly all of it is wanted. */
const NEARLY_ALL = 0.7;

/** Throws STORE_DOWN as the store does. */
export async function loudTimes(
  store: Summed,
  keys: readonly SeriesKey[],
  { rules, devices }: Pick<Config, 'rules' | 'devices'>,
  range: Range,
): Promise<readonly LoudSeries[]> {
  const found: LoudSeries[] = [];
  for (const group of groupsOf(keys, rules, devices)) {
    const ranges = group.tests === null ? [range] : await rangesOf(store, group.keys, group.tests, group.after, range);
    found.push(...group.keys.map((key) => ({ ...key, ranges })));
  }
  return found;
}

/** Series of a device that some rule reads together. */
interface Group {
  readonly keys: readonly SeriesKey[];
  /** Null: each reading counts. */
  readonly tests: readonly PointTest[] | null;
  /** For so long after the last sign something may still be going on. */
  readonly after: Duration;
}

function groupsOf(keys: readonly SeriesKey[], rules: readonly Rule[], devices: Config['devices']): readonly Group[] {
  const index = indexRules(
    rules.map((rule) => bindRule(rule, devices)),
    devices,
  );
  const groups: Group[] = [];
  for (const [device, own] of Map.groupBy(keys, (key) => key.device)) {
    const left = new Map(own.map((key) => [key.point, key]));
    for (const first of own) {
      if (!left.delete(first.point)) continue;
      const together = [first];
      const reading = new Map<string, { readonly rule: Rule; readonly device: string }>();
      for (const { point } of together) {
        for (const concern of index.reading(device, point)) {
          reading.set(`${concern.rule.id} ${concern.device}`, concern);
          for (const { point: other } of testsIn(concern.rule.when)) {
            const key = left.get(other);
            if (key === undefined) continue;
            left.delete(other);
            together.push(key);
          }
        }
      }
      groups.push(groupOf(together, device, [...reading.values()]));
    }
  }
  return groups;
}

function groupOf(
  keys: readonly SeriesKey[],
  device: string,
  reading: readonly { readonly rule: Rule; readonly device: string }[],
): Group {
  const own = reading.map((one) => (one.device === device ? ruleFor(one.rule, device) : undefined));
  const tests = own.flatMap((rule) => (rule == null ? [] : testsIn(rule.when)));
  // What is judged for another device, or is no plain sum of limits, may begin in any hour.
  const plain = own.every((rule) => rule === null || (rule !== undefined && isPlain(rule)));
  const after = Math.max(HOUR, ...own.map((rule) => (rule == null ? 0 : flapWindow(rule))));
  return { keys, tests: plain ? tests : null, after: after as Duration };
}

/** Calm tests make a calm whole, and the values of one moment are all that a test asks. */
function isPlain({ when }: Rule): boolean {
  const isCalmSum = (condition: Rule['when']): boolean => {
    if ('all' in condition) return condition.all.every(isCalmSum);
    if ('any' in condition) return condition.any.every(isCalmSum);
    return 'point' in condition;
  };
  return isCalmSum(when) && testsIn(when).every(asksNow);
}

const asksNow = (test: PointTest): boolean =>
  (test.above ?? test.below ?? test.is ?? test.lacks) !== undefined &&
  test.of === undefined &&
  test.device === undefined &&
  !test.point.startsWith('calendar.') &&
  !isOfRegister(test.point);

async function rangesOf(
  store: Summed,
  keys: readonly SeriesKey[],
  tests: readonly PointTest[],
  after: Duration,
  range: Range,
): Promise<readonly Range[]> {
  const loud = new Set<number>();
  for (const key of keys) {
    const own = tests.filter(({ point }) => point === key.point);
    const isNumber = definePoint(key.point)?.kind === 'number';
    const complete = isNumber
      ? await addByBuckets(store, key, own, range, loud)
      : await addByChanges(store, key, own, range, loud);
    if (!complete) return [range];
  }
  const all = Math.ceil((range.to - range.from) / HOUR);
  if (loud.size > all * NEARLY_ALL) return [range];
  return merge(await Promise.all(runsOf(loud).map((run) => lengthen(store, keys, run, after, range))));
}

async function addByBuckets(
  store: Summed,
  key: SeriesKey,
  tests: readonly PointTest[],
  range: Range,
  loud: Set<number>,
): Promise<boolean> {
  const isLoud = (value: number): boolean => !Number.isNaN(value) && tests.some((test) => mayHold(test, value, 'good'));
  const hours = await store.table({ ...key, ...range, step: { every: HOUR }, figures: ['min', 'max'] });
  for (let place = 0; place < hours.length; place++)
    if (isLoud(hours.figure(place, 'min')) || isLoud(hours.figure(place, 'max')))
      loud.add(Math.floor(hours.from(place) / HOUR));
  return true;
}

/** False: more than can be looked through. */
async function addByChanges(
  store: Summed,
  key: SeriesKey,
  tests: readonly PointTest[],
  range: Range,
  loud: Set<number>,
): Promise<boolean> {
  const changes = await store.changes({ ...key, ...range, limit: MOST_CHANGES });
  if (changes.length >= MOST_CHANGES) return false;
  for (const [i, { at, value, quality }] of changes.entries()) {
    if (value === null || !tests.some((test) => mayHold(test, value, quality))) continue;
    const until = changes[i + 1]?.at ?? range.to;
    for (let hour = Math.floor(Math.max(at, range.from) / HOUR); hour * HOUR <= until; hour++) loud.add(hour);
  }
  return true;
}

/** Even one that holds already would go on with this value. */
function mayHold(test: PointTest, value: Value, quality: Quality): boolean {
  const at = instant(0);
  const seen = { value, quality, goodAt: at, changedAt: at, staleAt: at, simulated: false };
  return saysNow(test, seen, true, undefined, at) === true;
}

/** Hours that follow each other. */
function runsOf(loud: ReadonlySet<number>): readonly Range[] {
  const runs: { from: number; to: number }[] = [];
  for (const hour of [...loud].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last?.to === hour * HOUR) last.to += HOUR;
    else runs.push({ from: hour * HOUR, to: (hour + 1) * HOUR });
  }
  return runs as unknown as readonly Range[];
}

/** Until it is seen to be over: what falls silent while it fires ends with the first word after. */
async function lengthen(
  store: Summed,
  keys: readonly SeriesKey[],
  { from, to }: Range,
  after: Duration,
  range: Range,
): Promise<Range> {
  let end: number = to;
  for (const key of keys) {
    const [next] = to < range.to ? await store.raw({ ...key, from: to, to: range.to, limit: 1 }) : [];
    if (next !== undefined) end = Math.max(end, next.at);
  }
  return { from: instant(Math.max(from, range.from)), to: instant(Math.min(end + after + HOUR, range.to)) };
}

function merge(ranges: readonly Range[]): readonly Range[] {
  const merged: { from: Instant; to: Instant }[] = [];
  for (const { from, to } of ranges) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last.to) last.to = instant(Math.max(last.to, to));
    else merged.push({ from, to });
  }
  return merged;
}
