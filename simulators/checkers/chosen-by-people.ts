import type { OperationName } from '#core/config/device.ts';
import { type PlanCondition, planSteps } from '#core/config/plan.ts';
import type { Evidence } from './evidence.ts';

/**
 * A plan may shut down, or start, because a person chose so in a question of its own: "water near the racks: shut down in order",
 * "everything has been looked at: start". Such an answer is a person's order, when it was really sent and an act of the plan
 * waits for exactly this answer.
 */
export const chosenByPeople = (evidence: Evidence, operations: readonly OperationName[], byMs: number): boolean =>
  (evidence.orders ?? []).some(
    ({ at, body }) =>
      at <= byMs &&
      body.kind === 'incident.answer' &&
      leadsTo(evidence, operations, body.incident, body.step, body.answer),
  );

function leadsTo(
  { config, incidents }: Evidence,
  operations: readonly OperationName[],
  incident: string,
  step: string,
  answer: string,
): boolean {
  const id = incidents.find((one) => one.id === incident)?.plan.id;
  const plan = config.plans.find((one) => one.id === id);
  return (plan === undefined ? [] : planSteps(plan)).some(
    (one) =>
      'act' in one &&
      operations.includes(one.act.operation) &&
      one.when !== undefined &&
      waitsFor(one.when, step, answer),
  );
}

/** Alone, or as one of several; never inside `not`. */
const waitsFor = ({ answered, all = [], any = [] }: PlanCondition, step: string, answer: string): boolean =>
  (answered?.step === step && answered.is.includes(answer)) ||
  [...all, ...any].some((one) => waitsFor(one, step, answer));
