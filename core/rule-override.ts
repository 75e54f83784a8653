import type { Condition, PointTest, Rule, Severity } from './config/rule.ts';
import { ruleFor } from './config/rule-for.ts';
import type { Text } from './text.ts';
import { type Duration, milliseconds } from './time.ts';

/**
 * What people have changed of a rule on the page, laid over the files: numbers, length, severity, or off. Pure, and used alike by
 * the service that owns it, by whoever tries it on history, and by the page.
 */
export interface RuleOverride {
  readonly rule: string;
  /** Null: for every device that the rule concerns; one device's own change is laid over that. */
  readonly device: string | null;
  readonly values: OverrideValues;
  readonly by: string;
  /** ISO 8601 in UTC. */
  readonly at: string;
  readonly reason: string;
}

export interface OverrideValues {
  /** It is not judged at all. */
  readonly off?: true | undefined;
  readonly severity?: Severity | undefined;
  readonly forS?: number | undefined;
  readonly limits?: readonly LimitChange[] | undefined;
}

/** Of the test at this place in the condition: `0`, or `0.1` for the second of an `any`. A test keeps its side: above stays above. */
export interface LimitChange {
  readonly path: string;
  readonly limit: number;
  /** Where it ends; null: at the limit itself. */
  readonly clear: number | null;
}

/** A test with a number that people may change. */
export interface LimitTest {
  readonly path: string;
  readonly point: string;
  readonly side: 'above' | 'below';
  readonly limit: number;
  readonly clear: number | null;
}

const SEVERITY_ORDER: Readonly<Record<Severity, number>> = { low: 0, medium: 1, high: 2 };

/** The limits of a condition in order. */
export function limitTests(condition: Condition): readonly LimitTest[] {
  const found: LimitTest[] = [];
  mapTests(condition, '0', (test, path) => {
    const limit = test.above ?? test.below;
    if (limit !== undefined) {
      const side = test.above === undefined ? 'below' : 'above';
      found.push({ path, point: test.point, side, limit, clear: test.clear ?? null });
    }
    return test;
  });
  return found;
}

/** The rule as changed; null: off. What no longer fits the rule is left out: see `overrideFits`. */
export function withOverride(rule: Rule, { off, severity, forS, limits = [] }: OverrideValues): Rule | null {
  if (off === true) return null;
  const changes = new Map(limits.map((change) => [change.path, change]));
  const when =
    changes.size === 0 ? rule.when : mapTests(rule.when, '0', (test, path) => changed(test, changes.get(path)));
  return {
    ...rule,
    when,
    for: forS === undefined ? rule.for : lengthOf(forS),
    severity: severity ?? rule.severity,
  };
}

/** Every limit that it changes is still one. */
export function overrideFits(rule: Rule, { limits = [] }: OverrideValues): boolean {
  const known = new Set(limitTests(rule.when).map(({ path }) => path));
  return limits.every(({ path }) => known.has(path));
}

/** What was changed of it for all devices; null: off. */
export function ruleForAll(rule: Rule, overrides: readonly RuleOverride[]): Rule | null {
  const all = overrides.find((one) => one.rule === rule.id && one.device === null);
  return all === undefined ? rule : withOverride(rule, all.values);
}

/** As it counts for a device: changed for all, then by the files for this one, then on the page for this one; null: off. */
export function ruleForDevice(rule: Rule, overrides: readonly RuleOverride[], device: string): Rule | null {
  const all = ruleForAll(rule, overrides);
  const filed = all === null ? null : ruleFor(all, device);
  const own = overrides.find((one) => one.rule === rule.id && one.device === device);
  return filed === null || own === undefined ? filed : withOverride(filed, own.values);
}

/** Why it may not be: it does not fit the rule, or takes from a safety rule (L34). Null: it may. `rule` as it stands in the files. */
export function refuseOverride(rule: Rule, values: OverrideValues): Text | null {
  if (!overrideFits(rule, values)) return { zh: '规则里没有这个限值', en: 'the rule has no such limit' };
  const tests = new Map(limitTests(rule.when).map((test) => [test.path, test]));
  for (const { path, limit, clear } of values.limits ?? []) {
    const above = tests.get(path)?.side === 'above';
    if (clear !== null && (above ? clear > limit : clear < limit))
      return above
        ? { zh: '恢复值不能高于限值', en: 'it cannot clear above its limit' }
        : { zh: '恢复值不能低于限值', en: 'it cannot clear below its limit' };
  }
  if (!rule.safety) return null;
  if (values.off === true) return { zh: '安全规则不能停用', en: 'a safety rule cannot be switched off' };
  const later = values.forS !== undefined && lengthOf(values.forS) > rule.for;
  const milder = values.severity !== undefined && SEVERITY_ORDER[values.severity] < SEVERITY_ORDER[rule.severity];
  const wider = (values.limits ?? []).some(({ path, limit, clear }) => {
    const test = tests.get(path);
    if (test === undefined) return false;
    const sign = test.side === 'above' ? 1 : -1;
    return sign * limit > sign * test.limit || sign * (clear ?? limit) > sign * (test.clear ?? test.limit);
  });
  return later || milder || wider
    ? { zh: '安全规则只能收紧，不能放宽', en: 'a safety rule can be made stricter, never wider' }
    : null;
}

const lengthOf = (forS: number): Duration => milliseconds(Math.round(forS * 1000));

function changed(test: PointTest, change: LimitChange | undefined): PointTest {
  if (change === undefined || (test.above === undefined && test.below === undefined)) return test;
  const { clear: _clear, ...rest } = test;
  const ends = change.clear === null ? {} : { clear: change.clear };
  return test.above === undefined
    ? { ...rest, below: change.limit, ...ends }
    : { ...rest, above: change.limit, ...ends };
}

function mapTests(condition: Condition, path: string, map: (test: PointTest, path: string) => PointTest): Condition {
  if ('all' in condition) return { all: condition.all.map((child, i) => mapTests(child, `${path}.${i}`, map)) };
  if ('any' in condition) return { any: condition.any.map((child, i) => mapTests(child, `${path}.${i}`, map)) };
  if ('not' in condition) return { not: mapTests(condition.not, `${path}.0`, map) };
  // What is said of a whole class has no place of one device.
  if ('count' in condition) return condition;
  return map(condition, path);
}
