import { type Plan, type PlanCondition, planLines, planSteps } from '#core/config/plan.ts';
import type { Located, Parts } from '../parts.ts';
import { checkPoint } from './device-checks.ts';
import { checkKnown, type Teller } from './references.ts';

/** The conditions of a plan: what they name exists, and nothing cuts the room's power on one detector or one person alone. */
export function checkConditions(at: Located<Plan>, parts: Parts, tell: Teller): void {
  for (const { path, condition } of conditionsOf(at.value)) {
    checkCondition({ ...at, value: condition, path: [...at.path, ...path] }, at.value, parts, tell);
  }
  checkEmergencyOff(at, tell);
}

interface PlacedCondition {
  readonly path: readonly (string | number)[];
  readonly condition: PlanCondition;
}

/** Every condition of a plan with where it stands; what is inside `any`, `all` and `not` is found by walking it. */
function conditionsOf(plan: Plan): PlacedCondition[] {
  const found: PlacedCondition[] = [];
  const add = (path: PlacedCondition['path'], condition: PlanCondition | undefined): void => {
    if (condition !== undefined) found.push({ path, condition });
  };
  for (const [i, { when }] of plan.rises.entries()) add(['rises', i, 'when'], when);
  for (const { step, path } of planLines(plan)) {
    add(['steps', ...path, 'when'], step.when);
    if (!('choose' in step)) continue;
    for (const [n, branch] of step.choose.entries()) add(['steps', ...path, 'choose', n, 'when'], branch.when);
  }
  return found;
}

function checkCondition(at: Located<PlanCondition>, plan: Plan, parts: Parts, tell: Teller): void {
  const condition = at.value;
  const { unanswered, answered, alerts, point } = condition;
  const steps = planSteps(plan);
  if (unanswered !== undefined) {
    const answerable = new Set(steps.filter((one) => 'ask' in one || 'task' in one).map((one) => one.id));
    checkKnown(tell, at, ['unanswered'], unanswered, answerable, 'ask or task step');
  }
  if (answered !== undefined) {
    const asks = steps.flatMap((one) => ('ask' in one ? [one] : []));
    if (checkKnown(tell, at, ['answered', 'step'], answered.step, new Set(asks.map((one) => one.id)), 'ask step')) {
      const options = asks.find((one) => one.id === answered.step)?.ask.answers ?? [];
      const known = new Set(options.map((option) => option.id));
      for (const [i, id] of answered.is.entries()) checkKnown(tell, at, ['answered', 'is', i], id, known, 'answer');
    }
  }
  for (const [i, rule] of (alerts?.rules ?? []).entries())
    checkKnown(tell, at, ['alerts', 'rules', i], rule, parts.rules.ids, 'rule');
  if (point !== undefined) checkPoint(at, ['point', 'point'], point.point, parts, tell);
  const inside = (path: (string | number)[], value: PlanCondition): void =>
    checkCondition({ ...at, value, path: [...at.path, ...path] }, plan, parts, tell);
  for (const kind of ['any', 'all'] as const)
    for (const [i, one] of (condition[kind] ?? []).entries()) inside([kind, i], one);
  if (condition.not !== undefined) inside(['not'], condition.not);
}

/** O-FIR-2: the room's power is cut at once only on two independent detectors or on two people's word. */
function checkEmergencyOff(at: Located<Plan>, tell: Teller): void {
  const plan = at.value;
  const lines = planLines(plan);
  for (const { step, group, branch, path } of lines) {
    if (!('act' in step) || step.act.operation !== 'emergency_off') continue;
    const whole = lines.find((line) => line.step.id === group)?.step;
    const chosen = whole !== undefined && 'choose' in whole && branch !== null ? whole.choose[branch]?.when : undefined;
    if ([step.when, whole?.when, chosen].some((when) => when !== undefined && demandsTwo(when, plan))) continue;
    tell(
      at,
      ['steps', ...path, 'act', 'operation'],
      `${step.id} cuts the room's power, and its \`when\` does not demand two witnesses (O-FIR-2)`,
      'write when: { any: [{ alerts: { rules: [...], devices: 2 } }, { answered: { step: ..., is: [...] } }] } with an answer of people: 2',
    );
  }
}

/** Whenever it holds, two detectors or two people stand behind it. */
function demandsTwo(condition: PlanCondition, plan: Plan): boolean {
  const { alerts, answered, all, any } = condition;
  if (alerts !== undefined && alerts.devices >= 2) return true;
  if (answered !== undefined) {
    const ask = planSteps(plan).find((step) => step.id === answered.step);
    const options = ask !== undefined && 'ask' in ask ? ask.ask.answers : [];
    const enough = (id: string): boolean => (options.find((option) => option.id === id)?.people ?? 0) >= 2;
    if (answered.is.every(enough)) return true;
  }
  if (all?.some((one) => demandsTwo(one, plan)) === true) return true;
  return any?.every((one) => demandsTwo(one, plan)) === true;
}
