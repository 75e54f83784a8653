import type { ReadingView } from '../api.ts';
import { type Condition, type PointTest, pointsIn, testsIn } from '../config/condition.ts';
import type { Device } from '../config/device.ts';
import type { Rule } from '../config/rule.ts';
import { selects } from '../config/selector.ts';
import { type RuleOverride, ruleForDevice } from '../rule-override.ts';
import { saysNow } from '../rules/compare.ts';
import { fromIso, type Instant, instant } from '../time.ts';

/**
 * Is a value as it should be? By the rules that watch it, and by nothing else: none of their tests of this point is true, and no alert
 * of a rule that reads it stands. A value that is not good is never fine: nobody knows.
 */
export interface FineBy {
  /** Tests of a device that alarm each by itself. */
  readonly tests: ReadonlyMap<string, readonly PointTest[]>;
  /** `device/point` of alerts that stand. */
  readonly alarmed: ReadonlySet<string>;
}

interface Standing {
  readonly rule: string;
  readonly device: string;
  readonly point: string;
  readonly state: string;
}

export function fineBy(
  devices: readonly Device[],
  rules: readonly Rule[],
  overrides: readonly RuleOverride[],
  alerts: readonly Standing[],
): FineBy {
  const readBy = new Map(rules.map((rule) => [rule.id, pointsIn(rule.when)]));
  const standing = alerts.filter(({ state }) => state === 'firing' || state === 'acknowledged');
  return {
    tests: new Map(
      devices.map((device) => [
        device.id,
        rules
          .filter(({ on }) => selects(on, device))
          .flatMap((rule) => {
            const own = ruleForDevice(rule, overrides, device.id);
            return own === null ? [] : alone(own.when).filter(isOwn);
          }),
      ]),
    ),
    alarmed: new Set(
      standing.flatMap(({ device, point, rule }) =>
        [point, ...(readBy.get(rule) ?? [])].map((one) => `${device}/${one}`),
      ),
    ),
  };
}

/** What another device or a class must not pass says nothing of this one's value. */
const isOwn = ({ device, of }: PointTest): boolean => device === undefined && of === undefined;

/** Where several must be true together none of them alone is a fault; what is negated alarms on its other side. */
function alone(condition: Condition): readonly PointTest[] {
  if ('any' in condition) return condition.any.flatMap(alone);
  if ('all' in condition) return testsIn(condition).length === 1 ? condition.all.flatMap(alone) : [];
  return 'point' in condition ? [condition] : [];
}

export function isFine(reading: ReadingView, { tests, alarmed }: FineBy, now: Instant): boolean {
  const { device, point, value, quality } = reading;
  if (quality !== 'good' || value === null || alarmed.has(`${device}/${point}`)) return false;
  const changedAt = fromIso(reading.changedAt) ?? now;
  const goodAt = fromIso(reading.receivedAt) ?? now;
  const staleAt = instant(Number.MAX_SAFE_INTEGER);
  const seen = { value, quality, goodAt, changedAt, staleAt, simulated: reading.simulated };
  const watching = (tests.get(device) ?? []).filter((test) => test.point === point && test.missing_for === undefined);
  return watching.every((test) => saysNow(test, seen, false, undefined, now) !== true);
}
