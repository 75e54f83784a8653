import type { IncidentView, StepView, TimelineEntry } from './incident.ts';
import { type DeliveryView, wentOut } from './notification.ts';
import type { Text } from './text.ts';

/**
 * What a drill was worth (O-DRL-1): who answered when, what was late, what the plan lacked, and one figure from 0 to 100. Pure; made
 * of nothing but what is published of an incident, so that the page shows what the command prints.
 *
 * Example: acknowledged after 40 s, all of 4 questions and 9 of 10 tasks in time, every act proven, one reminder in 14 →
 * 15/15 + 25/25 + 22.5/25 + 20/20 + 9.3/10 + 5/5 = 97.
 */
export interface DrillScore {
  /** 0–100; parts that had nothing to judge are left out and the others count for more. */
  readonly figure: number;
  readonly parts: readonly ScorePart[];
  readonly people: readonly PersonScore[];
  /** Questions and tasks that were not done in their time, oldest first. */
  readonly late: readonly LateStep[];
  /** What the plan, the people or the equipment lacked: to be mended. */
  readonly lacks: readonly Text[];
  /** From its opening to the first word of a person; null: nobody. */
  readonly acknowledgedS: number | null;
}

export interface ScorePart {
  readonly id: 'acknowledged' | 'answers' | 'tasks' | 'acts' | 'reminders' | 'messages';
  readonly title: Text;
  readonly points: number;
  readonly of: number;
  readonly detail: Text;
}

export interface PersonScore {
  readonly person: string;
  /** From the incident's opening to this person's first word; null: none. */
  readonly firstWordS: number | null;
  readonly answers: number;
  readonly tasks: number;
  readonly late: number;
  /** Messages that went to this person. */
  readonly messages: number;
}

export interface LateStep {
  readonly step: string;
  readonly title: Text;
  readonly role: string | null;
  readonly withinS: number | null;
  /** From its start until it was done; null: not yet, or only by its default. */
  readonly tookS: number | null;
  /** Who did it in the end; null: nobody. */
  readonly by: string | null;
}

const WEIGHTS: Readonly<Record<ScorePart['id'], number>> = {
  acknowledged: 15,
  answers: 25,
  tasks: 25,
  acts: 20,
  reminders: 10,
  messages: 5,
};

/** Somebody knows within two minutes: whole; after fifteen: nothing. */
const PROMPT_S = 120;
const TOO_LATE_S = 900;

export function scoreDrill(view: IncidentView, deliveries: readonly DeliveryView[]): DrillScore {
  const facts = factsOf(view, deliveries);
  const parts = [
    acknowledgedPart(facts),
    sharePart('answers', { zh: '按时答复', en: 'Answered in time' }, facts.asks, (step) => isInTime(facts, step)),
    sharePart('tasks', { zh: '按时完成任务', en: 'Tasks done in time' }, facts.tasks, (step) => isInTime(facts, step)),
    sharePart('acts', { zh: '动作均有证据', en: 'Acts proven' }, facts.acts, ({ state }) => state !== 'failed'),
    remindersPart(facts),
    messagesPart(facts),
  ].filter((part) => part !== null);
  const of = parts.reduce((sum, part) => sum + part.of, 0);
  const points = parts.reduce((sum, part) => sum + part.points, 0);
  return {
    figure: of === 0 ? 0 : Math.round((100 * points) / of),
    parts,
    people: peopleOf(facts),
    late: [...facts.asks, ...facts.tasks].filter((step) => !isInTime(facts, step)).map((step) => lateStep(facts, step)),
    lacks: lacksOf(facts),
    acknowledgedS: facts.acknowledgedS,
  };
}

interface Facts {
  readonly view: IncidentView;
  readonly deliveries: readonly DeliveryView[];
  readonly asks: readonly StepView[];
  readonly tasks: readonly StepView[];
  readonly acts: readonly StepView[];
  /** Steps that the record calls late. */
  readonly overdue: ReadonlySet<string>;
  /** Who ended a question or task, and when. */
  readonly endedBy: ReadonlyMap<string, TimelineEntry>;
  readonly acknowledgedS: number | null;
  /** Messages beyond the first of each question and task. */
  readonly reminders: number;
}

/** Begun, so that somebody was to do it. */
const wasAsked = (step: StepView): boolean =>
  step.startedAt !== null && step.state !== 'skipped' && step.state !== 'pending';

function factsOf(view: IncidentView, all: readonly DeliveryView[]): Facts {
  const deliveries = all.filter((one) => one.incident === view.id);
  const asked = view.steps.filter(wasAsked);
  const opened = Date.parse(view.openedAt);
  const people = view.timeline.filter((entry) => entry.who !== 'zhishou' && entry.step !== null);
  const acknowledged = view.acknowledged !== null && view.acknowledged.by !== 'zhishou' ? view.acknowledged.at : null;
  return {
    view,
    deliveries,
    asks: asked.filter(({ kind }) => kind === 'ask'),
    tasks: asked.filter(({ kind }) => kind === 'task'),
    acts: asked.filter(({ kind }) => kind === 'act'),
    overdue: new Set(view.timeline.flatMap(({ step, figures }) => (step !== null && 'lateS' in figures ? [step] : []))),
    endedBy: new Map(people.map((entry) => [entry.step ?? '', entry])),
    acknowledgedS: acknowledged === null ? null : Math.round((Date.parse(acknowledged) - opened) / 1000),
    reminders: remindersIn(view, deliveries),
  };
}

/** Keys are `incident/step/what/when`: each different one beyond a step's first is one more time that somebody had to be rung. */
function remindersIn(view: IncidentView, deliveries: readonly DeliveryView[]): number {
  const keys = new Set(deliveries.map((one) => one.key));
  return [...keys].filter((key) => /^(reminder|overdue)/.test(key.slice(view.id.length + 1).split('/')[1] ?? ''))
    .length;
}

function isInTime({ overdue }: Facts, step: StepView): boolean {
  if (step.state === 'waiting' || overdue.has(step.id)) return false;
  return step.kind !== 'ask' || step.state === 'waived' || (step.answer !== null && step.answer.by !== 'zhishou');
}

const part = (id: ScorePart['id'], title: Text, share: number, detail: Text): ScorePart => ({
  id,
  title,
  of: WEIGHTS[id],
  points: Math.round(WEIGHTS[id] * Math.min(1, Math.max(0, share)) * 10) / 10,
  detail,
});

function acknowledgedPart({ acknowledgedS }: Facts): ScorePart {
  const title: Text = { zh: '有人知晓', en: 'Somebody knew' };
  if (acknowledgedS === null) return part('acknowledged', title, 0, { zh: '无人确认', en: 'nobody acknowledged it' });
  const share = 1 - (acknowledgedS - PROMPT_S) / (TOO_LATE_S - PROMPT_S);
  return part('acknowledged', title, share, { zh: `${acknowledgedS} 秒后确认`, en: `after ${acknowledgedS} s` });
}

function sharePart(
  id: ScorePart['id'],
  title: Text,
  steps: readonly StepView[],
  good: (step: StepView) => boolean,
): ScorePart | null {
  if (steps.length === 0) return null;
  const well = steps.filter(good).length;
  return part(id, title, well / steps.length, {
    zh: `${steps.length} 项中 ${well} 项`,
    en: `${well} of ${steps.length}`,
  });
}

function remindersPart({ asks, tasks, reminders }: Facts): ScorePart | null {
  const asked = asks.length + tasks.length;
  if (asked === 0) return null;
  const title: Text = { zh: '无需催促', en: 'Without being reminded' };
  return part('reminders', title, 1 - reminders / asked, {
    zh: `${asked} 项共催促 ${reminders} 次`,
    en: `${reminders} reminders for ${asked} questions and tasks`,
  });
}

function messagesPart({ deliveries }: Facts): ScorePart | null {
  // What another way or a later message has told did not have to go.
  const needed = deliveries.filter(({ state }) => state !== 'spared' && state !== 'merged');
  if (needed.length === 0) return null;
  const sent = needed.filter(({ state }) => wentOut(state)).length;
  return part('messages', { zh: '消息送达', en: 'Messages taken' }, sent / needed.length, {
    zh: `${needed.length} 条中送达 ${sent} 条`,
    en: `${sent} of ${needed.length}`,
  });
}

function peopleOf(facts: Facts): PersonScore[] {
  const { view, deliveries, endedBy, overdue, asks, tasks } = facts;
  const opened = Date.parse(view.openedAt);
  const spoken = view.timeline.filter((entry) => entry.who !== 'zhishou');
  const names = new Set([...deliveries.map((one) => one.person), ...spoken.map((entry) => entry.who)]);
  return [...names].toSorted().map((person) => {
    const first = spoken.find((entry) => entry.who === person);
    const ended = (steps: readonly StepView[]): StepView[] =>
      steps.filter((step) => endedBy.get(step.id)?.who === person);
    const [answers, done] = [ended(asks), ended(tasks)];
    return {
      person,
      firstWordS: first === undefined ? null : Math.round((Date.parse(first.at) - opened) / 1000),
      answers: answers.length,
      tasks: done.length,
      late: [...answers, ...done].filter((step) => overdue.has(step.id)).length,
      messages: deliveries.filter((one) => one.person === person).length,
    };
  });
}

function lateStep({ endedBy }: Facts, step: StepView): LateStep {
  const { id, title, role, withinS, startedAt } = step;
  const end = endedBy.get(id) ?? null;
  const tookS =
    end === null || startedAt === null ? null : Math.round((Date.parse(end.at) - Date.parse(startedAt)) / 1000);
  return { step: id, title, role, withinS, tookS, by: end?.who ?? null };
}

function lacksOf(facts: Facts): Text[] {
  const { view, acts, asks, tasks, deliveries } = facts;
  const lacks: Text[] = [];
  const add = (steps: readonly StepView[], words: (title: Text) => Text): void => {
    for (const step of steps) lacks.push(words(step.title));
  };
  add(
    acts.filter(({ state }) => state === 'failed'),
    ({ zh, en }) => ({ zh: `动作未成功：${zh}`, en: `Not achieved: ${en}` }),
  );
  add(
    acts.filter(({ state }) => state === 'cut'),
    ({ zh, en }) => ({ zh: `时间不够，已放弃：${zh}`, en: `Given up for lack of time: ${en}` }),
  );
  const people = [...asks, ...tasks];
  add(
    people.filter(({ role, person }) => role !== null && person === null),
    ({ zh, en }) => ({ zh: `没有可派的人：${zh}`, en: `Nobody to give it to: ${en}` }),
  );
  add(
    asks.filter(({ answer }) => answer?.by === 'zhishou'),
    ({ zh, en }) => ({ zh: `无人答复，采用默认：${zh}`, en: `Nobody answered, the default was taken: ${en}` }),
  );
  add(
    tasks.filter((step) => !isInTime(facts, step)),
    ({ zh, en }) => ({
      zh: `任务超时：时限太短，或人手不够：${zh}`,
      en: `Task late: too little time or too few people: ${en}`,
    }),
  );
  for (const step of people.filter(({ state }) => state === 'waived')) {
    const why = step.detail ?? { zh: '', en: '' };
    const { zh, en } = step.title;
    lacks.push({ zh: `被免除（${why.zh}）：${zh}`, en: `Waived (${why.en}): ${en}` });
  }
  const dead = new Set(deliveries.filter(({ state }) => state === 'dead').map(({ person }) => person));
  for (const person of dead) lacks.push({ zh: `消息送不到：${person}`, en: `Messages do not reach ${person}` });
  if (view.phase !== 'closed') lacks.push({ zh: '演练结束时事件未关闭', en: 'Not closed when the drill ended' });
  return lacks;
}
