import type { Plan, PlanStep } from '#core/config/plan.ts';
import { type Text, templateNames } from '#core/text.ts';
import { mendWord } from '../nearest.ts';
import type { Located, Parts } from '../parts.ts';
import { checkPoint } from './device-checks.ts';
import { checkFunction } from './people-checks.ts';
import { checkCycles, checkKnown, type Teller } from './references.ts';

/** What plan texts may use (core/config/plan.ts). */
const TEMPLATE_NAMES = [
  'site',
  'address',
  'floor',
  'device',
  'elapsed',
  'charge',
  'load',
  'exhaustion',
  'battery_left',
  'latest_start',
  'automatic_start',
  'duty_told',
  'outlook',
  'need',
  'duty',
  'duty_phone',
  'contact',
  'contact_phone',
  'director',
  'incident',
];

/** Plans: alerts, UPSes, steps, devices, people and the names in their texts. */
export function checkPlans(parts: Parts, tell: Teller): void {
  for (const at of parts.plans.items) {
    const plan = at.value;
    for (const [i, alert] of plan.triggers.alerts.entries()) {
      checkKnown(tell, at, ['triggers', 'alerts', i], alert, parts.rules.ids, 'rule');
    }
    checkPowerPart(at, parts, tell);
    checkStepIds(at, tell);
    for (const [i, step] of plan.steps.entries()) {
      checkStep({ ...at, value: step, path: [...at.path, 'steps', i] }, plan, parts, tell);
    }
    const steps = plan.steps.map((value, i) => ({ ...at, value, path: [...at.path, 'steps', i] }));
    checkCycles(tell, steps, (step) => step.after, 'after', 'steps wait for each other');
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

function checkStepIds(at: Located<Plan>, tell: Teller): void {
  const seen = new Set<string>();
  for (const [i, { id }] of at.value.steps.entries()) {
    if (seen.has(id)) tell(at, ['steps', i, 'id'], `the step ${id} is given twice`, 'give one of them another id');
    seen.add(id);
  }
}

function checkStep(at: Located<PlanStep>, plan: Plan, parts: Parts, tell: Teller): void {
  const step = at.value;
  const ids = new Set(plan.steps.map((one) => one.id));
  for (const [i, other] of step.after.entries()) checkKnown(tell, at, ['after', i], other, ids, 'step');
  const unanswered = step.when?.unanswered;
  if (unanswered !== undefined) {
    const answerable = new Set(plan.steps.filter((one) => 'ask' in one || 'task' in one).map((one) => one.id));
    checkKnown(tell, at, ['when', 'unanswered'], unanswered, answerable, 'ask or task step');
  }
  checkAnswered(at, plan, tell);
  if ('tell' in step) {
    for (const [i, name] of step.tell.functions.entries())
      checkFunction(at, ['tell', 'functions', i], name, parts, tell);
  }
  if ('ask' in step) checkAsk(at, step.ask, parts, tell);
  if ('task' in step) checkAsked(at, 'task', step.task, parts, tell);
  if ('act' in step) checkAct(at, step.act, parts, tell);
  if ('wait' in step && 'until' in step.wait)
    checkPoint(at, ['wait', 'until', 'point'], step.wait.until.point, parts, tell);
  for (const [path, text] of textsOf(step)) checkText(at, path, text, tell);
}

function checkAnswered(at: Located<PlanStep>, plan: Plan, tell: Teller): void {
  const answered = at.value.when?.answered;
  if (answered === undefined) return;
  const asks = plan.steps.flatMap((one) => ('ask' in one ? [one] : []));
  if (
    !checkKnown(tell, at, ['when', 'answered', 'step'], answered.step, new Set(asks.map((one) => one.id)), 'ask step')
  )
    return;
  const answers = asks.find((one) => one.id === answered.step)?.ask.answers ?? [];
  const known = new Set(answers.map((answer) => answer.id));
  for (const [i, id] of answered.is.entries()) checkKnown(tell, at, ['when', 'answered', 'is', i], id, known, 'answer');
}

type Ask = Extract<PlanStep, { ask: unknown }>['ask'];
type Act = Extract<PlanStep, { act: unknown }>['act'];

function checkAsk(at: Located<PlanStep>, ask: Ask, parts: Parts, tell: Teller): void {
  checkAsked(at, 'ask', ask, parts, tell);
  const answers = ask.answers.map((answer) => answer.id);
  checkKnown(tell, at, ['ask', 'default'], ask.default, new Set(answers), 'answer');
  for (const [i, id] of answers.entries()) {
    if (answers.indexOf(id) < i)
      tell(at, ['ask', 'answers', i, 'id'], `the answer ${id} is given twice`, 'give one of them another id');
  }
}

function checkAsked(
  at: Located<PlanStep>,
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

function checkAct(at: Located<PlanStep>, act: Act, parts: Parts, tell: Teller): void {
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

function textsOf(step: PlanStep): [PropertyKey[], Text][] {
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

function checkText(at: Located<PlanStep>, path: PropertyKey[], text: Text, tell: Teller): void {
  for (const name of templateNames(text)) {
    if (!TEMPLATE_NAMES.includes(name)) {
      tell(
        at,
        path,
        `the text uses {${name}}, which nothing fills in`,
        mendWord(name, TEMPLATE_NAMES, 'name').replace(/write (\S+)$/, 'write {$1}'),
      );
    }
  }
}
