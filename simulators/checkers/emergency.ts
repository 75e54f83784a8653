import { type Plan, type PlanCondition, planSteps } from '#core/config/plan.ts';
import type { Evidence } from './evidence.ts';

/**
 * Was a supply to be cut at once, whatever ran behind it (O-FIR-2, O-SHK-1)? When a plan has such a step and, by the world's
 * truth, what that step waits for had come about: so many detectors had really smoke or fire before them, or so many different
 * people had given the answer that it asks for.
 */
export function emergencyOff(evidence: Evidence, _device: string, atMs: number): boolean {
  const { config } = evidence;
  if (!config.devices.some((one) => one.emergency_off !== undefined)) return false;
  return config.plans.some((plan) =>
    planSteps(plan).some(
      (step) =>
        'act' in step &&
        step.act.operation === 'emergency_off' &&
        step.when !== undefined &&
        holds(evidence, plan, step.when, atMs),
    ),
  );
}

function holds(evidence: Evidence, plan: Plan, when: PlanCondition, atMs: number): boolean {
  if (when.any !== undefined && !when.any.some((one) => holds(evidence, plan, one, atMs))) return false;
  if (when.all !== undefined && !when.all.every((one) => holds(evidence, plan, one, atMs))) return false;
  if (when.alerts !== undefined && detectors(evidence, atMs) < when.alerts.devices) return false;
  if (when.answered === undefined) return true;
  const { step, is } = when.answered;
  return is.some((answer) => given(evidence, plan, step, answer, atMs));
}

/** How many detectors had something before them; a burning or smoky room is before all. */
function detectors({ truth }: Evidence, atMs: number): number {
  const alarmed = new Set<string>();
  for (const event of truth.room) {
    if (event.at > atMs) break;
    if (event.what !== 'smoke' && event.what !== 'fire') continue;
    if (event.device === null || event.what === 'fire') return Number.POSITIVE_INFINITY;
    alarmed.add(event.device);
  }
  return alarmed.size;
}

/** As many different people as the answer needs have given it. */
function given({ orders = [] }: Evidence, plan: Plan, step: string, answer: string, atMs: number): boolean {
  const asked = planSteps(plan).find((one) => one.id === step);
  const needed =
    asked !== undefined && 'ask' in asked ? (asked.ask.answers.find((one) => one.id === answer)?.people ?? 1) : 1;
  const people = new Set(
    orders.flatMap(({ at, by, body }) =>
      at <= atMs && body.kind === 'incident.answer' && body.step === step && body.answer === answer ? [by] : [],
    ),
  );
  return people.size >= needed;
}
