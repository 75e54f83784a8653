import type { Config } from '#core/config/config.ts';
import type { Device } from '#core/config/device.ts';
import { type Plan, planSteps } from '#core/config/plan.ts';
import type { Condition, PointTest, Rule } from '#core/config/rule.ts';
import { selects } from '#core/config/selector.ts';
import type { DeviceContextResponse, HistoryMark } from '#core/history-view.ts';
import { ruleForDevice } from '#core/rule-override.ts';
import type { RulesView } from '#core/rules-view.ts';

/** Who watches a device, what plans would do with it, what happened to it. Pure. */
export function deviceContext(
  device: Device,
  { config, rules, marks }: { config: Config; rules: RulesView | null; marks: readonly HistoryMark[] },
): DeviceContextResponse {
  const running = rules?.rules ?? config.rules;
  const own = running.filter(({ on }) => selects(on, device));
  return {
    device: device.id,
    rules: own.map((rule) => ruleOn(rule, device, rules)),
    steps: config.plans.flatMap((plan) => stepsOn(plan, device)),
    marks: marks.toReversed(),
    opens: config.plans.flatMap((plan) => {
      const opening = own.filter(({ id }) => plan.triggers.alerts.includes(id)).map(({ id }) => id);
      return opening.length === 0 ? [] : [{ plan: plan.id, title: plan.title, rules: opening }];
    }),
  };
}

function ruleOn(rule: Rule, device: Device, rules: RulesView | null): DeviceContextResponse['rules'][number] {
  const changes = (rules?.overrides ?? []).filter(
    (one) => one.rule === rule.id && (one.device === null || one.device === device.id),
  );
  const now = ruleForDevice(rule, changes, device.id);
  const { id, title, safety } = rule;
  return {
    ...{ id, title, safety, severity: now?.severity ?? rule.severity },
    points: [...new Set(testsOf((now ?? rule).when).map(({ point }) => point))],
    off: now === null,
    changed: changes.length > 0,
  };
}

function testsOf(condition: Condition): readonly PointTest[] {
  if ('all' in condition) return condition.all.flatMap(testsOf);
  if ('any' in condition) return condition.any.flatMap(testsOf);
  if ('not' in condition) return testsOf(condition.not);
  return 'count' in condition ? testsOf(condition.count.when) : [condition];
}

/** As a plan is compiled: one instance for each matching device that declares the operation. */
function stepsOn(plan: Plan, device: Device): DeviceContextResponse['steps'] {
  return planSteps(plan).flatMap((step) => {
    if (!('act' in step)) return [];
    const { operation, on, rehearse_only: rehearsed } = step.act;
    const named = on.devices?.includes(device.id) === true || on.kinds?.includes(device.kind) === true;
    if (!named || device[operation] === undefined) return [];
    const { id, title, stage } = step;
    return [{ plan: plan.id, planTitle: plan.title, step: id, title, stage, operation, rehearsed }];
  });
}
