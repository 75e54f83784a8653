import type { PointLimit } from '#core/api.ts';
import type { Device } from '#core/config/device.ts';
import type { Condition, PointTest, Rule } from '#core/config/rule.ts';

/** The limits that the site's rules set for a device's points, so that a page shows each value against what alarms. Pure. */
export const limitsOf = (device: Device, rules: readonly Rule[]): PointLimit[] =>
  rules.filter((rule) => concerns(rule, device)).flatMap((rule) => testsOf(rule.when).flatMap(limitOf(rule)));

const concerns = ({ on }: Rule, device: Device): boolean =>
  on.devices?.includes(device.id) === true || on.kinds?.includes(device.kind) === true;

/** What is negated alarms on the other side: it is no limit of the value. */
function testsOf(condition: Condition): PointTest[] {
  if ('not' in condition) return [];
  if ('all' in condition) return condition.all.flatMap(testsOf);
  return 'any' in condition ? condition.any.flatMap(testsOf) : [condition];
}

const limitOf =
  (rule: Rule) =>
  ({ point, above, below, clear }: PointTest): PointLimit[] =>
    above === undefined && below === undefined
      ? []
      : [
          {
            point,
            rule: rule.id,
            above: above ?? null,
            below: below ?? null,
            clear: clear ?? null,
            severity: rule.severity,
          },
        ];
