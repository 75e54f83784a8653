import { type Condition, pointsIn } from '../config/condition.ts';
import type { Device } from '../config/device.ts';
import type { Rule } from '../config/rule.ts';
import { type Selector, selects } from '../config/selector.ts';

/** A rule's classes of devices become the devices that belong to them, once, so that judging looks nothing up. */
export function bindRule(rule: Rule, devices: readonly Device[]): Rule {
  const when = bind(rule.when, devices);
  const overrides = rule.overrides.map((own) =>
    own.when === undefined ? own : { ...own, when: bind(own.when, devices) },
  );
  const isSame = when === rule.when && overrides.every((own, i) => own.when === rule.overrides[i]?.when);
  return isSame ? rule : { ...rule, when, overrides };
}

function bind(condition: Condition, devices: readonly Device[]): Condition {
  if ('all' in condition) return sameOr(condition, condition.all, devices, (all) => ({ all }));
  if ('any' in condition) return sameOr(condition, condition.any, devices, (any) => ({ any }));
  if ('not' in condition)
    return sameOr(condition, [condition.not], devices, ([one]) => ({ not: one ?? condition.not }));
  if ('count' in condition) {
    const { of, when, at_least } = condition.count;
    return { count: { of: bound(of, devices), when: bind(when, devices), at_least } };
  }
  return condition.of === undefined ? condition : { ...condition, of: bound(condition.of, devices) };
}

/** What has no class in it stays the same object: a site has thousands of such rules. */
function sameOr(
  condition: Condition,
  parts: readonly Condition[],
  devices: readonly Device[],
  make: (parts: Condition[]) => Condition,
): Condition {
  const next = parts.map((part) => bind(part, devices));
  return next.every((part, i) => part === parts[i]) ? condition : make(next);
}

const bound = (of: Selector, devices: readonly Device[]): Selector => ({
  ...of,
  devices: devices.filter((device) => selects(of, device)).map(({ id }) => id),
});

/** The points of other devices that a bound condition reads. */
export function readsElsewhere(condition: Condition): readonly { readonly device: string; readonly point: string }[] {
  if ('all' in condition) return condition.all.flatMap(readsElsewhere);
  if ('any' in condition) return condition.any.flatMap(readsElsewhere);
  if ('not' in condition) return readsElsewhere(condition.not);
  if ('count' in condition) {
    const { of, when } = condition.count;
    const own = [...new Set(pointsIn(when))];
    return [
      ...(of.devices ?? []).flatMap((device) => own.map((point) => ({ device, point }))),
      ...readsElsewhere(when),
    ];
  }
  const { device, of, point } = condition;
  return [...(device === undefined ? [] : [device]), ...(of?.devices ?? [])].map((one) => ({ device: one, point }));
}

/** The points that it reads of the device that it is judged for. */
export function readsOwn(condition: Condition): readonly string[] {
  if ('all' in condition) return condition.all.flatMap(readsOwn);
  if ('any' in condition) return condition.any.flatMap(readsOwn);
  if ('not' in condition) return readsOwn(condition.not);
  if ('count' in condition) return [];
  return condition.device === undefined && condition.of === undefined ? [condition.point] : [];
}
