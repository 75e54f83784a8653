import type { Instant } from '#core/time.ts';
import { instant, minutes, plus } from '#core/time.ts';
import type { AskDefinition, StepDefinition, TaskDefinition, TellDefinition } from './definition.ts';
import type { Outlook } from './state.ts';
import { bothTexts, clockLength, fillPlanText } from './texts.ts';
import type { Turn } from './turn.ts';

/** What people are told, asked and told to do; and what their answers mean. */

/** Bounded, so that a question that nobody answers for a week does not fill the outbox. */
const MOST_REMINDERS = 200;

export function tell(turn: Turn, step: TellDefinition): void {
  const { functions, severity, subject, body } = step.tell;
  const fill = (text: TellDefinition['title']) => fillPlanText(turn.state, step, text);
  const key = `${step.id}/${turn.step(step.id).reminders}`;
  turn.notify(key, functions, severity, fill(subject), fill(body), step.id, askedInstead(turn, step));
  Object.assign(turn.edit(step.id), { state: 'done', startedAt: turn.at, endedAt: turn.at });
}

/** One person, one message: whoever is asked at the same moment reads there what is told here, unless the plan names both. */
function askedInstead(turn: Turn, step: TellDefinition): readonly string[] {
  const { duty, definition } = turn.state;
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

export function startAsk(turn: Turn, step: AskDefinition): void {
  const progress = turn.edit(step.id);
  Object.assign(progress, {
    state: 'waiting',
    startedAt: turn.at,
    endedAt: null,
    dueAt: plus(turn.at, step.ask.within),
    remindAt: step.ask.remind_every === undefined ? null : plus(turn.at, step.ask.remind_every),
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
  });
  ring(turn, step, `task/${turn.at}`);
  turn.record('step', bothTexts(`任务：${step.title.zh}`, `Task: ${step.title.en}`), { step: step.id });
}

function ring(turn: Turn, step: AskDefinition | TaskDefinition, key: string): void {
  const part = step.kind === 'ask' ? step.ask : step.task;
  const fill = (text: TaskDefinition['title']) => fillPlanText(turn.state, step, text);
  const parts = step.kind === 'ask' ? askLines(step.ask) : [step.task.script];
  const lines = parts.map(fill).reduce(joined);
  const subject = step.kind === 'ask' ? fill(step.ask.question) : step.title;
  const functions =
    part.function === 'duty' && turn.state.duty === null ? (['duty', 'deputy', 'director'] as const) : [part.function];
  turn.notify(`${step.id}/${key}`, functions, 'high', subject, lines, step.id);
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

/** Reminders, and what happens when the time for an answer runs out. */
export function peopleTimers(turn: Turn): boolean {
  let changed = false;
  for (const step of turn.state.definition.steps) {
    if (step.kind !== 'ask' && step.kind !== 'task') continue;
    const progress = turn.step(step.id);
    const stillOpen = progress.state === 'waiting' || (step.kind === 'ask' && progress.answer?.by === 'zhishou');
    // Past the point of no return no answer changes anything: nobody is rung for one any more.
    const matters = step.kind === 'task' || turn.state.pointOfNoReturn === null;
    if (stillOpen && matters && progress.remindAt !== null && turn.at >= progress.remindAt) {
      remind(turn, step);
      changed = true;
    }
    if (progress.state !== 'waiting' || progress.dueAt === null || turn.at < progress.dueAt) continue;
    changed = true;
    if (step.kind === 'ask') {
      takeAnswer(turn, step, { answer: step.ask.default, by: 'zhishou', minutes: null, until: null });
    } else {
      turn.edit(step.id).dueAt = null;
      const words = bothTexts(`任务超时未完成：${step.title.zh}`, `Task overdue: ${step.title.en}`);
      turn.record('decision', words, {
        step: step.id,
        why: bothTexts(
          `限时 ${clockLength(step.task.within ?? 0).zh}`,
          `due within ${clockLength(step.task.within ?? 0).en}`,
        ),
      });
      turn.notify(
        `${step.id}/overdue/${turn.at}`,
        ['duty', 'deputy'],
        'high',
        words,
        fillPlanText(turn.state, step, step.task.script),
        step.id,
      );
    }
  }
  return changed;
}

function remind(turn: Turn, step: AskDefinition | TaskDefinition): void {
  const progress = turn.edit(step.id);
  const every = (step.kind === 'ask' ? step.ask.remind_every : step.task.remind_every) ?? minutes(5);
  progress.reminders += 1;
  progress.remindAt = progress.reminders >= MOST_REMINDERS ? null : plus(turn.at, every);
  ring(turn, step, `reminder/${turn.at}`);
}

export interface GivenAnswer {
  readonly answer: string;
  readonly by: string;
  readonly minutes: number | null;
  readonly until: Instant | null;
}

/** Records an answer; a later one replaces it and everything is judged anew. */
export function takeAnswer(turn: Turn, step: AskDefinition, given: GivenAnswer): void {
  const option = step.ask.answers.find((answer) => answer.id === given.answer);
  if (option === undefined) return;
  const { state } = turn;
  const progress = turn.edit(step.id);
  const revised = progress.answer !== null && progress.answer.by !== 'zhishou';
  const byPerson = given.by !== 'zhishou';
  Object.assign(progress, {
    state: 'done',
    endedAt: turn.at,
    dueAt: null,
    remindAt: byPerson ? null : progress.remindAt,
    answer: { id: option.id, by: given.by, at: turn.at },
  });
  if (option.outlook !== undefined) state.outlook = outlookOf(turn, option.outlook, given);
  const label = option.label;
  const until = state.outlook.kind === 'until' && option.outlook === 'given' ? state.outlook.until : null;
  turn.record(
    'answer',
    revised
      ? bothTexts(`更改答复：${label.zh}`, `Answer revised: ${label.en}`)
      : bothTexts(`答复：${label.zh}`, `Answer: ${label.en}`),
    {
      who: given.by,
      step: step.id,
      why: byPerson ? null : bothTexts('无人答复，时间已到，采用默认', 'nobody answered in time: the default is taken'),
      figures: {
        answer: option.id,
        minutes: given.minutes,
        untilInS: until === null ? null : Math.round((until - turn.at) / 1000),
      },
    },
  );
  if (byPerson) acknowledge(turn, given.by);
}

function outlookOf(turn: Turn, says: 'within' | 'over' | 'unknown' | 'given', given: GivenAnswer): Outlook {
  const base = { by: given.by, at: turn.at };
  if (says !== 'given') return { kind: says, until: null, ...base };
  const until = given.until ?? (given.minutes === null ? null : plus(turn.at, minutes(given.minutes)));
  return until === null ? { kind: 'unknown', until: null, ...base } : { kind: 'until', until: instant(until), ...base };
}

/** Whoever answers or says "done" knows: that is an acknowledgement too (I5). */
export function acknowledge(turn: Turn, by: string): void {
  if (turn.state.acknowledged !== null) return;
  turn.state.acknowledged = { by, at: turn.at };
  turn.record('acknowledged', bothTexts('已确认知晓', 'Acknowledged'), { who: by });
}

/** L27, I5: until somebody acknowledges, the list is gone down, and its end keeps ringing. */
export function escalate(turn: Turn): boolean {
  const { state } = turn;
  const due = escalationDue(turn.state);
  if (due === null || turn.at < due) return false;
  const { order } = state.definition.escalation;
  state.escalated += 1;
  const functions = order.slice(0, state.escalated + 1);
  const title = state.definition.plan.title;
  turn.notify(
    `escalation/${state.escalated}`,
    functions,
    'high',
    bothTexts(`无人确认：${title.zh}`, `Nobody has acknowledged: ${title.en}`),
    fillPlanText(
      state,
      null,
      bothTexts(
        `${state.cause.zh}。已 {elapsed}，电量 {charge}，预计 {exhaustion} 耗尽，最迟 {latest_start} 开始关机。请在页面上确认。`,
        `${state.cause.en}. For {elapsed}; charge {charge}, empty at {exhaustion}, latest safe start {latest_start}. Please acknowledge on the page.`,
      ),
    ),
  );
  return true;
}

/** When the next round is due; null when nobody need be rung. */
export function escalationDue(state: Turn['state']): Instant | null {
  if (state.acknowledged !== null || state.phase === 'closed' || state.definition.plan.level === 'ordinary')
    return null;
  return instant(state.openedAt + (state.escalated + 1) * state.definition.escalation.everyMs);
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
    detail: why === null ? null : bothTexts(why, why),
  });
  const [zh, en] = state === 'done' ? ['人工完成', 'Done by hand'] : ['免除', 'Waived'];
  turn.record('order', bothTexts(`${zh}：${step.title.zh}`, `${en}: ${step.title.en}`), {
    who: by,
    step: step.id,
    why: why === null ? null : bothTexts(why, why),
  });
  acknowledge(turn, by);
}
