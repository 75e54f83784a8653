import type { PointLimit } from '#core/api.ts';
import type { Condition, PointTest } from '#core/config/condition.ts';
import type { Device } from '#core/config/device.ts';
import type { Rule } from '#core/config/rule.ts';
import { selects } from '#core/config/selector.ts';
import { type RuleOverride, ruleForDevice } from '#core/rule-override.ts';

/**
 * The limits that the site's rules set for a device's points, so that a page shows each value against what alarms; with the
 * device's own ones where it has them. Pure.
 */
export const limitsOf = (
  device: Device,
  rules: readonly Rule[],
  overrides: readonly RuleOverride[] = [],
): PointLimit[] =>
  rules.flatMap((rule) => {
    const own = selects(rule.on, device) ? ruleForDevice(rule, overrides, device.id) : null;
    return own === null ? [] : testsOf(own.when).filter(isOwn).flatMap(limitOf(own));
  });

/** What another device or a class must not pass is no limit of this one's value. */
const isOwn = ({ device, of }: PointTest): boolean => device === undefined && of === undefined;

/** What is negated alarms on the other side: it is no limit of the value. */
function testsOf(condition: Condition): PointTest[] {
  if ('not' in condition || 'count' in condition) return [];
  if ('all' in condition) {
    const within = condition.all.flatMap(testsOf);
    // Where several must be passed together, none of them alone is a limit: a full battery is no fault.
    return within.filter(hasLimit).length > 1 ? [] : within;
  }
  return 'any' in condition ? condition.any.flatMap(testsOf) : [condition];
}

const hasLimit = ({ above, below }: PointTest): boolean => above !== undefined || below !== undefined;

const limitOf =
  (rule: Rule) =>
  (test: PointTest): PointLimit[] => {
    if (!hasLimit(test)) return [];
    const { point, above = null, below = null, clear = null } = test;
    return [{ point, rule: rule.id, above, below, clear, severity: rule.severity }];
  };
