import type { FunctionName } from '#core/config/people.ts';
import type { Figures } from '#core/incident.ts';
import { plus } from '#core/time.ts';
import type { AskDefinition, StepDefinition, TaskDefinition, TellDefinition } from './definition.ts';
import { dutyOf, type IncidentState } from './state.ts';
import { bothTexts, fillPlanText } from './texts.ts';
import type { Turn } from './turn.ts';

/** What people are told, asked and told to do, and that they did it. */

export function tell(turn: Turn, step: TellDefinition): void {
  const { functions, severity, subject, body } = step.tell;
  const fill = (text: TellDefinition['title']) => fillPlanText(turn.state, step, text);
  const key = `${step.id}/${turn.step(step.id).reminders}`;
  turn.notify(key, functions, severity, fill(subject), fill(body), step.id, askedInstead(turn, step));
  Object.assign(turn.edit(step.id), { state: 'done', startedAt: turn.at, endedAt: turn.at });
}

/** One person, one message: whoever is asked at the same moment reads there what is told here, unless the plan names both. */
function askedInstead(turn: Turn, step: TellDefinition): readonly string[] {
  const { definition } = turn.state;
  const duty = dutyOf(turn.state);
  if (duty === null || step.tell.functions.includes('duty')) return [];
  const asked = definition.steps.some(
    (other) =>
      other.kind === 'ask' &&
      other.stage === step.stage &&
      other.ask.function === 'duty' &&
      other.after.length === 0 &&
      other.when === null,
  );
  return asked && step.after.length === 0 ? [duty.id] : [];
}

const ON_TIME = { lateAt: null, escalateAt: null, escalations: 0 } as const;

export function startAsk(turn: Turn, step: AskDefinition): void {
  const progress = turn.edit(step.id);
  Object.assign(progress, {
    state: 'waiting',
    startedAt: turn.at,
    endedAt: null,
    dueAt: plus(turn.at, step.ask.within),
    remindAt: step.ask.remind_every === undefined ? null : plus(turn.at, step.ask.remind_every),
    ...ON_TIME,
    given: [],
  });
  ring(turn, step, `ask/${turn.at}`);
  turn.record('step', bothTexts(`询问：${step.title.zh}`, `Asked: ${step.title.en}`), { step: step.id });
}

export function startTask(turn: Turn, step: TaskDefinition): void {
  const progress = turn.edit(step.id);
  Object.assign(progress, {
    state: 'waiting',
    startedAt: turn.at,
    dueAt: step.task.within === undefined ? null : plus(turn.at, step.task.within),
    remindAt: step.task.remind_every === undefined ? null : plus(turn.at, step.task.remind_every),
    ...ON_TIME,
  });
  ring(turn, step, `task/${turn.at}`);
  turn.record('step', bothTexts(`任务：${step.title.zh}`, `Task: ${step.title.en}`), { step: step.id });
}

/** Rings whoever is to answer or to do it, or these people instead; `first` is said before all else. */
export function ring(
  turn: Turn,
  step: AskDefinition | TaskDefinition,
  key: string,
  whom?: Whom,
  first?: TaskDefinition['title'],
): void {
  const part = step.kind === 'ask' ? step.ask : step.task;
  const fill = (text: TaskDefinition['title']) => fillPlanText(turn.state, step, text);
  const lines = [...[whom?.why, first].flatMap((text) => text ?? []), askedText(turn.state, step)].reduce(joined);
  const subject = step.kind === 'ask' ? fill(step.ask.question) : step.title;
  const nobody = part.function === 'duty' && dutyOf(turn.state) === null;
  const functions = whom?.functions ?? (nobody ? (['duty', 'deputy', 'director'] as const) : [part.function]);
  turn.notify(`${step.id}/${key}`, functions, 'high', subject, lines, step.id, [], whom?.people);
}

/** What is asked or to be done, with its number and its words. */
export const askedText = (state: IncidentState, step: AskDefinition | TaskDefinition): TaskDefinition['title'] =>
  (step.kind === 'ask' ? askLines(step.ask) : [step.task.script])
    .map((text) => fillPlanText(state, step, text))
    .reduce(joined);

export interface Whom {
  readonly functions: readonly FunctionName[];
  readonly people: readonly string[];
  /** Why it is their turn. */
  readonly why?: TaskDefinition['title'];
}

/** Read at 03:00: first what is so and how much time there is, then what is asked, whom to call, and the words for it. */
const askLines = ({ brief, question, contact, script }: AskDefinition['ask']): TellDefinition['title'][] => [
  ...(brief === undefined ? [] : [brief]),
  question,
  ...(contact === undefined
    ? []
    : [
        bothTexts(
          '电话：{contact} {contact_phone}。问清后请在页面答复。',
          'Call {contact}, {contact_phone}, then answer on the page.',
        ),
      ]),
  ...(script === undefined ? [] : [script]),
];

const joined = (a: TellDefinition['title'], b: TellDefinition['title']) =>
  bothTexts(`${a.zh}\n${b.zh}`, `${a.en}\n${b.en}`);

/** Whoever answers or says "done" knows: that is an acknowledgement too (I5). */
export function acknowledge(turn: Turn, by: string, via?: string): void {
  if (turn.state.acknowledged !== null) return;
  turn.state.acknowledged = { by, at: turn.at, ...(via === undefined ? {} : { via }) };
  const figures = via === undefined ? {} : { via };
  turn.record('acknowledged', bothTexts('已确认知晓', 'Acknowledged'), { who: by, figures });
}

/** A person says that the effect is there, or that the step need not be done. */
export function endByPerson(
  turn: Turn,
  step: StepDefinition,
  state: 'done' | 'waived',
  by: string,
  why: string | null,
): void {
  Object.assign(turn.edit(step.id), {
    state,
    endedAt: turn.at,
    dueAt: null,
    remindAt: null,
    verify: null,
    held: false,
    escalateAt: null,
    detail: why === null ? null : bothTexts(why, why),
  });
  const [zh, en] = state === 'done' ? ['人工完成', 'Done by hand'] : ['免除', 'Waived'];
  turn.record('order', bothTexts(`${zh}：${step.title.zh}`, `${en}: ${step.title.en}`), {
    who: by,
    step: step.id,
    why: why === null ? null : bothTexts(why, why),
    figures: lateness(turn, step.id),
  });
  acknowledge(turn, by);
}

/** How late something was done, for the report; nothing when it was in time. */
export function lateness(turn: Turn, id: string): Figures {
  const { lateAt } = turn.step(id);
  return lateAt === null ? {} : { lateS: Math.round((turn.at - lateAt) / 1000) };
}
