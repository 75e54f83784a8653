import { PLAN_TEXT_NAMES, type Plan, type PlanLine, type PlanStep, planLines } from '#core/config/plan.ts';
import { STANDBY_TEXT_NAMES } from '#core/config/standby.ts';
import { type Text, templateNames } from '#core/text.ts';
import { mendWord } from '../nearest.ts';
import type { Located, Parts } from '../parts.ts';
import { checkConditions } from './condition-checks.ts';
import { checkPoint } from './device-checks.ts';
import { checkFunction } from './people-checks.ts';
import { checkCycles, checkKnown, type Teller } from './references.ts';

const TEXT_NAMES = Object.keys(PLAN_TEXT_NAMES);

/** Plans: alerts, UPSes, steps, devices, people and the names in their texts. */
export function checkPlans(parts: Parts, tell: Teller): void {
  for (const at of parts.plans.items) {
    const plan = at.value;
    for (const [i, alert] of plan.triggers.alerts.entries()) {
      checkKnown(tell, at, ['triggers', 'alerts', i], alert, parts.rules.ids, 'rule');
    }
    checkPowerPart(at, parts, tell);
    checkStepIds(at, tell);
    checkConditions(at, parts, tell);
    checkHeat(at, parts, tell);
    const lines = planLines(plan);
    const ids = new Set(lines.map((line) => line.step.id));
    const steps = lines.map((line) => ({ ...at, value: line.step, path: [...at.path, 'steps', ...line.path] }));
    for (const [i, line] of lines.entries()) {
      const step = steps[i];
      if (step === undefined) continue;
      checkGrouped(step, line, plan, tell);
      checkStep(step, ids, parts, tell);
    }
    checkCycles(tell, steps, (step) => waitsFor(step, lines), 'after', 'steps wait for each other');
  }
}

function checkPowerPart(at: Located<Plan>, parts: Parts, tell: Teller): void {
  const power = at.value.power;
  if (power === undefined) return;
  for (const [i, id] of power.ups.entries()) {
    const path = ['power', 'ups', i];
    if (!checkKnown(tell, at, path, id, parts.devices.ids, 'device')) continue;
    const device = parts.devices.items.find((one) => one.value.id === id)?.value;
    if (device !== undefined && device.kind !== 'ups')
      tell(at, path, `${id} is a ${device.kind}, not a UPS`, 'name a device of kind ups');
  }
  const temperature = power.recovery.temperature;
  if (temperature !== undefined)
    checkPoint(at, ['power', 'recovery', 'temperature', 'point'], temperature.point, parts, tell);
}

function checkHeat(at: Located<Plan>, parts: Parts, tell: Teller): void {
  for (const [i, point] of (at.value.heat?.points ?? []).entries())
    checkPoint(at, ['heat', 'points', i], point, parts, tell);
}

function checkStepIds(at: Located<Plan>, tell: Teller): void {
  const seen = new Set<string>();
  for (const { step, path } of planLines(at.value)) {
    if (seen.has(step.id))
      tell(at, ['steps', ...path, 'id'], `the step ${step.id} is given twice`, 'give one of them another id');
    seen.add(step.id);
  }
}

/** What a step waits for by what stands in the file: its own `after`, that of the whole it is in, and of a whole all its parts. */
function waitsFor(step: PlanLine['step'], lines: readonly PlanLine[]): readonly string[] {
  const own = lines.find((line) => line.step.id === step.id);
  const whole = lines.find((line) => line.step.id === own?.group)?.step;
  const parts = step.after.flatMap((id) => lines.filter((line) => line.group === id).map((line) => line.step.id));
  return [...step.after, ...parts, ...(whole?.after ?? [])];
}

function checkGrouped(at: Located<PlanLine['step']>, { step, group }: PlanLine, plan: Plan, tell: Teller): void {
  if (group === null) return;
  const whole = plan.steps.find((one) => one.id === group);
  if (step.after.includes(group))
    tell(at, ['after'], `${step.id} waits for ${group}, which it is part of`, `take ${group} out`);
  if (whole !== undefined && step.stage !== whole.stage)
    tell(at, ['stage'], `${step.id} has another stage than ${group}, which it is part of`, 'leave the stage out here');
}

function checkStep(at: Located<PlanLine['step']>, ids: ReadonlySet<string>, parts: Parts, tell: Teller): void {
  const step = at.value;
  for (const [i, other] of step.after.entries()) checkKnown(tell, at, ['after', i], other, ids, 'step');
  for (const [path, text] of textsOf(step)) checkText(at, path, text, tell);
  if ('choose' in step) {
    checkBranches(at, step.choose, tell);
    return;
  }
  if ('together' in step) return;
  if ('tell' in step) {
    for (const [i, name] of step.tell.functions.entries())
      checkFunction(at, ['tell', 'functions', i], name, parts, tell);
  }
  if ('ask' in step) checkAsk(at, step.ask, parts, tell);
  if ('task' in step) {
    checkAsked(at, 'task', step.task, parts, tell);
    checkStandby(at, step.task, parts, tell);
  }
  if ('act' in step) checkAct(at, step.act, parts, tell);
  if ('wait' in step && 'until' in step.wait)
    checkPoint(at, ['wait', 'until', 'point'], step.wait.until.point, parts, tell);
}

/** A branch without a condition takes all that is left: after it no other is ever reached. */
function checkBranches(
  at: Located<PlanLine['step']>,
  branches: Extract<PlanLine['step'], { choose: unknown }>['choose'],
  tell: Teller,
): void {
  const rest = branches.findIndex((branch) => branch.when === undefined);
  if (rest >= 0 && rest < branches.length - 1)
    tell(at, ['choose', rest + 1], 'this branch is never reached', 'put the branch without `when` last');
}

type Ask = Extract<PlanStep, { ask: unknown }>['ask'];
type Act = Extract<PlanStep, { act: unknown }>['act'];
type Task = Extract<PlanStep, { task: unknown }>['task'];

function checkAsk(at: Located<PlanLine['step']>, ask: Ask, parts: Parts, tell: Teller): void {
  checkAsked(at, 'ask', ask, parts, tell);
  const answers = ask.answers.map((answer) => answer.id);
  checkKnown(tell, at, ['ask', 'default'], ask.default, new Set(answers), 'answer');
  if (ask.if_unsure !== undefined)
    checkKnown(tell, at, ['ask', 'if_unsure'], ask.if_unsure, new Set(answers), 'answer');
  if ((ask.answers.find((answer) => answer.id === ask.default)?.people ?? 1) > 1)
    tell(at, ['ask', 'default'], `${ask.default} needs several people: silence cannot give it`, 'name another default');
  for (const [i, id] of answers.entries()) {
    if (answers.indexOf(id) < i)
      tell(at, ['ask', 'answers', i, 'id'], `the answer ${id} is given twice`, 'give one of them another id');
  }
}

function checkAsked(
  at: Located<PlanLine['step']>,
  kind: 'ask' | 'task',
  asked: Pick<Ask, 'function' | 'contact'>,
  parts: Parts,
  tell: Teller,
): void {
  checkFunction(at, [kind, 'function'], asked.function, parts, tell);
  if (asked.contact === undefined || parts.peopleFile === null) return;
  const contacts = new Set(Object.keys(parts.peopleFile.value.contacts));
  checkKnown(tell, at, [kind, 'contact'], asked.contact, contacts, 'contact in people.yaml');
}

/** A step for what is on no list is not there in the emergency. */
function checkStandby(at: Located<PlanLine['step']>, { for_each: each }: Task, parts: Parts, tell: Teller): void {
  if (each === undefined || parts.site === null) return;
  const listed = parts.site.value.standby.flatMap(({ stands_for: kinds }) => kinds);
  if (!each.standby.some((kind) => listed.includes(kind))) {
    const message = `nothing on the standby list of site.yaml stands in for: ${each.standby.join(', ')}`;
    tell(
      at,
      ['task', 'for_each', 'standby'],
      message,
      'add what there is to standby: in site.yaml, or take the step out',
    );
  }
}

function checkAct(at: Located<PlanLine['step']>, act: Act, parts: Parts, tell: Teller): void {
  const { devices = [], kinds = [] } = act.on;
  if (devices.length === 0 && kinds.length === 0) {
    tell(at, ['act', 'on'], 'the step acts on nothing', 'name kinds or devices', 'on');
  }
  for (const [i, id] of devices.entries()) {
    const path = ['act', 'on', 'devices', i];
    if (!checkKnown(tell, at, path, id, parts.devices.ids, 'device')) continue;
    const device = parts.devices.items.find((one) => one.value.id === id)?.value;
    if (device !== undefined && device[act.operation] === undefined) {
      tell(
        at,
        path,
        `${id} declares no ${act.operation}`,
        `add ${act.operation} to ${id} in devices.yaml, or take it out here`,
      );
    }
  }
}

function textsOf(step: PlanLine['step']): [PropertyKey[], Text][] {
  const texts: [PropertyKey[], Text | undefined][] = [[['title'], step.title]];
  if ('tell' in step) texts.push([['tell', 'subject'], step.tell.subject], [['tell', 'body'], step.tell.body]);
  if ('ask' in step) {
    texts.push(
      [['ask', 'question'], step.ask.question],
      [['ask', 'brief'], step.ask.brief],
      [['ask', 'script'], step.ask.script],
    );
    for (const [i, answer] of step.ask.answers.entries()) texts.push([['ask', 'answers', i, 'label'], answer.label]);
  }
  if ('task' in step) texts.push([['task', 'script'], step.task.script]);
  return texts.flatMap(([path, text]): [PropertyKey[], Text][] => (text === undefined ? [] : [[path, text]]));
}

function checkText(at: Located<PlanLine['step']>, path: PropertyKey[], text: Text, tell: Teller): void {
  const step = at.value;
  const isForEach = 'task' in step && step.task.for_each !== undefined;
  const known = isForEach ? [...TEXT_NAMES, ...STANDBY_TEXT_NAMES] : TEXT_NAMES;
  for (const name of templateNames(text)) {
    if (!known.includes(name)) {
      tell(
        at,
        path,
        `the text uses {${name}}, which nothing fills in`,
        mendWord(name, known, 'name').replace(/write (\S+)$/, 'write {$1}'),
      );
    }
  }
}
