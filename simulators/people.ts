import type { CommandBody } from '#core/command.ts';
import type { Plan } from '#core/config/plan.ts';
import { ZhishouError } from '#core/errors.ts';
import type { AnswerOption, IncidentView, StepView } from '#core/incident.ts';
import type { Cancel, Clock, Log } from '#core/ports.ts';
import type { Random } from '#core/random.ts';
import {
  type Duration,
  formatDuration,
  type Instant,
  instant,
  milliseconds,
  minutes,
  parseDuration,
  seconds,
  toIso,
} from '#core/time.ts';
import { type Habits, habitFor, wrongAnswer } from './people-habits.ts';

/** Simulated people for drills without a page: they acknowledge, call the power department, answer, and do their tasks. */

/** What the power department says when it is called. `none`: nobody is there at all. */
export type SimulatedAnswer =
  | { readonly kind: 'over' }
  | { readonly kind: 'within' }
  | { readonly kind: 'lasts'; readonly length: Duration }
  | { readonly kind: 'none' };

export interface PeopleOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly answer: SimulatedAnswer;
  /** The plans in force: they say what each answer means. */
  readonly plans: readonly Plan[];
  /** What is answered to a question that is not about mains, by step; without it the first plain answer. */
  readonly choices?: Readonly<Record<string, string>>;
  /** Who answers, by turns where a question takes more than one. Default: one person. */
  readonly people?: readonly string[];
  /** Who is late, wrong, revises, or never comes. */
  readonly habits?: Habits;
  /** From then on nobody is in danger any more: once nobody is at anything in a plan without a clock, they say so. */
  readonly safeAt?: Instant;
  /** Hands an order over as this person would; signing and publishing are the caller's. */
  readonly send: (body: CommandBody, by: 'duty' | 'operator', person: string) => void;
}

export interface People {
  /** Feed every published view of an incident. */
  onIncident(view: IncidentView): void;
  stop(): void;
}

const ACKNOWLEDGE_MS = [20_000, 60_000] as const;
const ANSWER_MS = [45_000, 120_000] as const;
const TASK_MS = [60_000, 180_000] as const;
/** They keep to the time that a step gives them, if it is shorter than theirs. */
const USES_OF_TIME = [0.25, 0.7] as const;
/** Nobody has been at anything for so long: the danger is over. */
const QUIET = minutes(3);
/** Who sees their order without effect tries again, and not for ever. */
const TRY_AGAIN = minutes(5);
const MOST_TRIES = 3;
const MOST_PENDING = 1000;

/** Reads `--answer`: `>90m`, `over`, `<90m`, `within`, a duration such as `45m`, or `none`. */
export function parseAnswer(text: string): SimulatedAnswer {
  const plain = text.trim().toLowerCase();
  if (plain === 'none') return { kind: 'none' };
  if (plain === 'over' || /^>/.test(plain)) return { kind: 'over' };
  if (plain === 'within' || /^<=?/.test(plain)) return { kind: 'within' };
  const length = parseDuration(plain);
  if (length !== null && length > 0) return { kind: 'lasts', length };
  throw new ZhishouError('BAD_REQUEST', `answer "${text}"`, 'write ">90m", "<90m", a duration such as 45m, or none');
}

export function createPeople(options: PeopleOptions): People {
  const { clock, random, answer } = options;
  const tries = new Map<string, number>();
  const waiting = new Map<string, Cancel>();
  const latest = new Map<string, IncidentView>();
  const handed = new Set<string>();

  const later = (key: string, range: readonly [number, number], act: () => boolean, lateMs = 0): void => {
    if (waiting.has(key) || (tries.get(key) ?? 0) >= MOST_TRIES || waiting.size >= MOST_PENDING) return;
    const delay = tries.has(key) ? TRY_AGAIN : milliseconds(random.fork(key).integer(...range) + lateMs);
    tries.set(key, (tries.get(key) ?? 0) + 1);
    waiting.set(
      key,
      clock.after(delay, () => {
        waiting.delete(key);
        // Not needed any more: somebody else did it, or the plan went on.
        if (!act()) return;
        clock.after(TRY_AGAIN, () => again());
      }),
    );
  };
  const again = (): void => {
    for (const view of latest.values()) look(view);
  };
  const people = options.people ?? ['simulated'];
  const personAt = (index: number): string => people[index % people.length] ?? 'simulated';
  /** Whom the step names; where it takes more than one, the others in turn. */
  const speaker = ({ person }: StepView, voice: number): string => {
    if (person === null || !people.includes(person)) return personAt(voice);
    return voice === 0 ? person : (people.filter((one) => one !== person)[(voice - 1) % people.length] ?? person);
  };
  const look = (view: IncidentView): void => {
    if (view.phase === 'closed') return;
    const { id } = view;
    const current = (): IncidentView | undefined => latest.get(id);
    if (view.acknowledged === null)
      later(`${id}/acknowledge`, ACKNOWLEDGE_MS, () => {
        if (current()?.acknowledged !== null) return false;
        options.send({ kind: 'incident.acknowledge', incident: id }, 'duty', personAt(0));
        return true;
      });
    for (const step of view.steps) {
      if (step.state !== 'waiting' || (step.kind !== 'ask' && step.kind !== 'task')) continue;
      for (let voice = 0; voice < voicesOf(step, options.choices); voice++) takePart(view, step, voice);
    }
    handOver(view);
    watchForQuiet(view);
  };
  /** One person's part in one step, by that person's habits. */
  const takePart = (view: IncidentView, step: StepView, voice: number): void => {
    const person = speaker(step, voice);
    const habit = habitFor(options.habits, step.id, person);
    if (habit.never === true) return;
    const key = `${view.id}/${step.id}${voice === 0 ? '' : `/${voice}`}`;
    const say = (): boolean => {
      const incident = latest.get(view.id);
      const now = incident?.steps.find((one) => one.id === step.id);
      if (incident === undefined || now === undefined || now.state !== 'waiting') return false;
      const right = step.kind === 'task' ? taskDone(view, step) : answerTo(incident, now, options);
      if (right === null) return false;
      const wrong = habit.wrong === true ? wrongAnswer(now, right) : null;
      options.send(wrong ?? right, 'duty', person);
      if (wrong !== null && habit.corrects !== undefined)
        later(`${key}/corrected`, [habit.corrects, habit.corrects], () => {
          if (latest.get(view.id)?.phase === 'closed') return false;
          options.send(right, 'duty', person);
          return false;
        });
      return true;
    };
    later(key, timeFor(step), say, habit.late);
  };
  const handOver = (view: IncidentView): void => {
    const wanted = options.habits?.handOver;
    if (wanted === undefined || handed.has(view.id)) return;
    handed.add(view.id);
    later(`${view.id}/hand-over`, [wanted.after, wanted.after], () => {
      if (latest.get(view.id)?.phase === 'closed') return false;
      const note = '交班：情况见时间线 handed over, see the record';
      const body = { kind: 'incident.hand-over', incident: view.id, to: wanted.to, note } as const;
      options.send(body, 'duty', personAt(0));
      return false;
    });
  };
  /** The order "the danger is over", once nobody has been at anything for a while. */
  const watchForQuiet = (view: IncidentView): void => {
    const key = `${view.id}/quiet`;
    if (options.safeAt === undefined || !isQuiet(view)) {
      waiting.get(key)?.();
      waiting.delete(key);
      return;
    }
    if (waiting.has(key)) return;
    const delay = milliseconds(Math.max(QUIET, options.safeAt - clock.now()));
    waiting.set(
      key,
      clock.after(delay, () => {
        waiting.delete(key);
        const now = latest.get(view.id);
        if (now === undefined || !isQuiet(now)) return;
        const reason = '危险已解除 the danger is over';
        options.send({ kind: 'incident.stand-down', incident: view.id, reason }, 'operator', personAt(0));
      }),
    );
  };
  return {
    onIncident: (view) => {
      if (answer.kind === 'none') return;
      latest.set(view.id, view);
      look(view);
    },
    stop: () => {
      for (const cancel of waiting.values()) cancel();
      waiting.clear();
      latest.clear();
    },
  };
}

/** A plan without a clock, in which nobody is at anything and nothing runs. */
const isQuiet = (view: IncidentView): boolean =>
  view.clocks === null &&
  view.phase === 'responding' &&
  view.steps.every(({ state }) => state !== 'waiting' && state !== 'running' && state !== 'verifying');

/** How many people give the answer that is to be given. */
function voicesOf(step: StepView, choices: PeopleOptions['choices']): number {
  const chosen = step.answers.find((option) => option.id === choices?.[step.id]);
  return Math.max(1, chosen?.people ?? 1);
}

function timeFor({ kind, withinS }: StepView): readonly [number, number] {
  const [least, most] = kind === 'ask' ? ANSWER_MS : TASK_MS;
  const within = withinS == null ? Number.POSITIVE_INFINITY : withinS * 1000;
  const [from, to] = USES_OF_TIME;
  return [Math.round(Math.min(least, from * within)), Math.round(Math.min(most, to * within))];
}

const taskDone = (view: IncidentView, step: StepView): CommandBody => ({
  kind: 'incident.task-done',
  incident: view.id,
  step: step.id,
  note: 'done by a simulated person',
});

/** The order that answers an ask; null when no answer of it fits. */
export function answerTo(
  view: IncidentView,
  step: StepView,
  { answer, plans, clock, choices }: Pick<PeopleOptions, 'answer' | 'plans' | 'clock' | 'choices'>,
): CommandBody | null {
  const base = { kind: 'incident.answer', incident: view.id, step: step.id } as const;
  const chosen = step.answers.find((option) => option.id === choices?.[step.id]);
  if (chosen !== undefined)
    return { ...base, answer: chosen.id, ...(chosen.takes === 'duration' ? { minutes: 30 } : {}) };
  const meanings = meaningsOf(view, step, plans);
  const asksOutlook = [...meanings.values()].some((meaning) => meaning !== null);
  if (!asksOutlook) {
    // One person alone never gives what two must give.
    const plain = step.answers.find((option) => option.takes === 'nothing' && (option.people ?? 1) < 2);
    return plain === undefined ? null : { ...base, answer: plain.id };
  }
  const of = (meaning: string): AnswerOption | undefined =>
    step.answers.find((one) => meanings.get(one.id) === meaning);
  if (answer.kind === 'lasts') {
    const given = of('given');
    if (given?.takes === 'duration') return { ...base, answer: given.id, minutes: answer.length / 60_000 };
    if (given?.takes === 'time')
      return { ...base, answer: given.id, until: toIso(instant(clock.now() + answer.length)) };
  }
  const limitMs = (view.clocks?.limitS ?? 5400) * 1000;
  const over = answer.kind === 'over' || (answer.kind === 'lasts' && answer.length > limitMs);
  const option = of(over ? 'over' : 'within');
  if (option !== undefined) return { ...base, answer: option.id };
  // A plan that knows durations only is told one that means the same.
  const given = of('given');
  if (given?.takes !== 'duration') return null;
  const length = over ? limitMs * 2 : limitMs / 3;
  return { ...base, answer: given.id, minutes: length / 60_000 };
}

/** What each answer says of mains: from the plan, else guessed from its id. */
function meaningsOf(view: IncidentView, step: StepView, plans: readonly Plan[]): ReadonlyMap<string, string | null> {
  const planned = plans.find((plan) => plan.id === view.plan.id)?.steps.find((one) => one.id === step.id);
  if (planned !== undefined && 'ask' in planned)
    return new Map(planned.ask.answers.map((option) => [option.id, option.outlook ?? null]));
  const guess = (option: AnswerOption): string | null => {
    if (option.takes !== 'nothing') return 'given';
    if (/over|more|longer/.test(option.id)) return 'over';
    if (/within|less|under/.test(option.id)) return 'within';
    return /unknown/.test(option.id) ? 'unknown' : null;
  };
  return new Map(step.answers.map((option) => [option.id, guess(option)]));
}

/** For logs: `more than the limit`, `45m`. */
export const describeAnswer = (answer: SimulatedAnswer): string =>
  answer.kind === 'lasts' ? formatDuration(answer.length) : answer.kind;

/** The longest that people take before they act, for drills that must know when all is quiet. */
export const SLOWEST_PERSON = seconds(TASK_MS[1] / 1000);
