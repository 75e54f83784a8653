import type { CommandBody } from '#core/command.ts';
import type { Plan } from '#core/config/plan.ts';
import { ZhishouError } from '#core/errors.ts';
import type { AnswerOption, IncidentView, StepView } from '#core/incident.ts';
import type { Cancel, Clock, Log } from '#core/ports.ts';
import type { Random } from '#core/random.ts';
import {
  type Duration,
  formatDuration,
  instant,
  milliseconds,
  minutes,
  parseDuration,
  seconds,
  toIso,
} from '#core/time.ts';

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
  /** Hands an order over as this person would; signing and publishing are the caller's. */
  readonly send: (body: CommandBody, by: 'duty' | 'operator') => void;
}

export interface People {
  /** Feed every published view of an incident. */
  onIncident(view: IncidentView): void;
  stop(): void;
}

const ACKNOWLEDGE_MS = [20_000, 60_000] as const;
const ANSWER_MS = [45_000, 120_000] as const;
const TASK_MS = [60_000, 180_000] as const;
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

  const later = (key: string, range: readonly [number, number], act: () => boolean): void => {
    if (waiting.has(key) || (tries.get(key) ?? 0) >= MOST_TRIES || waiting.size >= MOST_PENDING) return;
    const delay = tries.has(key) ? TRY_AGAIN : milliseconds(random.fork(key).integer(...range));
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
  const look = (view: IncidentView): void => {
    if (view.phase === 'closed') return;
    const { id } = view;
    const current = (): IncidentView | undefined => latest.get(id);
    if (view.acknowledged === null)
      later(`${id}/acknowledge`, ACKNOWLEDGE_MS, () => {
        if (current()?.acknowledged !== null) return false;
        options.send({ kind: 'incident.acknowledge', incident: id }, 'duty');
        return true;
      });
    for (const step of view.steps) {
      if (step.state !== 'waiting' || (step.kind !== 'ask' && step.kind !== 'task')) continue;
      later(`${id}/${step.id}`, step.kind === 'ask' ? ANSWER_MS : TASK_MS, () => {
        const now = current()?.steps.find((one) => one.id === step.id);
        if (now === undefined || now.state !== 'waiting') return false;
        const body = step.kind === 'task' ? taskDone(view, step) : answerTo(current() ?? view, now, options);
        if (body === null) return false;
        options.send(body, 'duty');
        return true;
      });
    }
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
  { answer, plans, clock }: Pick<PeopleOptions, 'answer' | 'plans' | 'clock'>,
): CommandBody | null {
  const base = { kind: 'incident.answer', incident: view.id, step: step.id } as const;
  const meanings = meaningsOf(view, step, plans);
  const asksOutlook = [...meanings.values()].some((meaning) => meaning !== null);
  if (!asksOutlook) {
    const plain = step.answers.find((option) => option.takes === 'nothing');
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
