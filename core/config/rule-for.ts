import { type Condition, mistakeOf, type Override, type PointTest } from './condition.ts';
import type { Rule } from './rule.ts';

/** A rule as it counts for one device, with the other limits that it has there. */

/** Null: it is switched off there; a safety rule never is. */
export function ruleFor(rule: Rule, device: string): Rule | null {
  const own = overrideOf(rule, device);
  if (own === undefined) return rule;
  if (own.off !== undefined && !rule.safety) return null;
  return {
    ...rule,
    when: own.when ?? withLimits(rule.when, own),
    for: own.for ?? rule.for,
    severity: own.severity ?? rule.severity,
  };
}

/** The rule's condition, and those that single devices have instead. */
export const conditionsOf = ({ when, overrides }: Pick<Rule, 'when' | 'overrides'>): readonly Condition[] => [
  when,
  ...overrides.flatMap((own) => own.when ?? []),
];

/** The last one that names the device: it was written with the earlier ones in view. */
export const overrideOf = ({ overrides }: Pick<Rule, 'overrides'>, device: string): Override | undefined =>
  overrides.findLast(({ devices }) => devices.includes(device));

export const LIMITS = [
  'above',
  'below',
  'rises_by',
  'falls_by',
  'changes_by',
  'missing_for',
  'frozen_for',
] as const satisfies readonly (keyof Override & keyof PointTest)[];

/** The tests that an override's numbers are for. `clear` alone is for those that have a number. */
export function isMeant(test: PointTest, own: Override): boolean {
  if (own.point !== undefined && own.point !== test.point) return false;
  const asked = LIMITS.filter((limit) => own[limit] !== undefined);
  if (asked.length > 0) return asked.some((limit) => test[limit] !== undefined);
  return own.clear !== undefined && mistakeOf({ ...test, clear: own.clear }) === null;
}

function withLimits(condition: Condition, own: Override): Condition {
  if ('all' in condition) return { all: condition.all.map((one) => withLimits(one, own)) };
  if ('any' in condition) return { any: condition.any.map((one) => withLimits(one, own)) };
  if ('not' in condition) return { not: withLimits(condition.not, own) };
  // What is said of a whole class is no device's own.
  if ('count' in condition || condition.of !== undefined || !isMeant(condition, own)) return condition;
  const changed: PointTest = { ...condition };
  for (const limit of LIMITS)
    if (condition[limit] !== undefined && own[limit] !== undefined) Object.assign(changed, { [limit]: own[limit] });
  if (own.clear !== undefined) changed.clear = own.clear;
  // A limit that moved past where it ended would never end: then it ends at the limit itself.
  else if (changed.clear !== undefined && !endsOnItsSide(changed)) delete changed.clear;
  return changed;
}

/** Where a test ends lies on the side from which it is entered. */
export function endsOnItsSide({ above, below, rises_by, falls_by, changes_by, clear }: PointTest): boolean {
  if (clear === undefined) return true;
  if (above !== undefined) return clear <= above;
  if (below !== undefined) return clear >= below;
  const by = rises_by ?? falls_by ?? changes_by;
  return by === undefined || (clear >= 0 && clear <= by);
}
