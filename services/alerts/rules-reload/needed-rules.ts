import type { ConfigProblem } from '#core/config/config.ts';
import { type Plan, type PlanCondition, planLines } from '#core/config/plan.ts';
import type { Rule } from '#core/config/rule.ts';

/** Rules that a running plan asks of: without them it would never start, or never see what it waits for. */

export const opensPlan = (rule: string, plans: readonly Plan[]): boolean =>
  plans.some(({ triggers }) => triggers.alerts.includes(rule));

/** Why these rules cannot be taken over: a plan names one that is there no more. */
export function missedByPlans(
  rules: readonly Rule[],
  plans: readonly Plan[],
  before: readonly Rule[],
): ConfigProblem[] {
  const known = new Set(rules.map(({ id }) => id));
  const was = new Set(before.map(({ id }) => id));
  return plans.flatMap((plan) =>
    [...new Set(namedBy(plan))]
      .filter((id) => was.has(id) && !known.has(id))
      .map((id) => ({
        ...{ file: 'rules', line: 1, column: 1 },
        message: `the rule ${id} is gone, and the plan ${plan.id} is triggered by it or asks for it`,
        mend: `put ${id} back; to do without it take it out of plans/ first and start again`,
      })),
  );
}

const namedBy = (plan: Plan): readonly string[] => [
  ...plan.triggers.alerts,
  ...plan.rises.flatMap(({ when }) => rulesIn(when)),
  ...planLines(plan).flatMap(({ step }) => [
    ...rulesIn(step.when),
    ...('choose' in step ? step.choose.flatMap(({ when }) => rulesIn(when)) : []),
  ]),
];

const rulesIn = (condition: PlanCondition | undefined): readonly string[] =>
  condition === undefined
    ? []
    : [
        ...(condition.alerts?.rules ?? []),
        ...[...(condition.any ?? []), ...(condition.all ?? [])].flatMap(rulesIn),
        ...rulesIn(condition.not),
      ];
