import type { FunctionName } from '#core/config/people.ts';
import { type Duration, milliseconds, minutes, plus } from '#core/time.ts';
import { type AskDefinition, isGeneral, type TaskDefinition } from './definition.ts';
import { ring, type Whom } from './people-steps.ts';
import type { IncidentState, StepProgress } from './state.ts';
import { bothTexts, clockTime } from './texts.ts';
import type { Turn } from './turn.ts';

/**
 * Reminders. One person, one message: whoever is reminded of one thing reads there all that is still open for them, the most
 * urgent first; more than ten messages in ten minutes are a flood that nobody reads. After the third they come slower. First
 * requests, and what goes to the next person because it is late, are never held back for this.
 */
export type Asked = AskDefinition | TaskDefinition;

/** Bounded, so that a question that nobody answers for a week does not fill the outbox. */
export const MOST_REMINDERS = 200;
const AS_PLANNED = 3;
const SLOWER = 2;
const SLOWEST = 4;
const UNHURRIED = minutes(15);

export const functionOf = (step: Asked): FunctionName => (step.kind === 'ask' ? step.ask.function : step.task.function);

/**
 * The plan's interval for the first three, then twice, from the sixth on four times that. Where a clock runs and the product
 * acts by itself, one a quarter of an hour after the third: more nobody reads.
 */
export function reminderInterval(state: IncidentState, step: Asked, reminders: number): Duration {
  const every = (step.kind === 'ask' ? step.ask.remind_every : step.task.remind_every) ?? minutes(5);
  if (!isGeneral(state.definition) && reminders >= AS_PLANNED) return milliseconds(Math.max(every, UNHURRIED));
  return milliseconds(every * (reminders < AS_PLANNED ? 1 : reminders < 2 * AS_PLANNED ? SLOWER : SLOWEST));
}

/** `open`: what is awaited and has reminders. `whomOf`: who is reminded of a step, null: only who was asked. */
export function remindTogether(turn: Turn, open: readonly Asked[], whomOf: (step: Asked) => Whom | null): boolean {
  const due = (step: Asked): boolean => isDue(turn, step);
  let changed = false;
  for (const name of new Set(open.filter(due).map(functionOf))) {
    const group = open.filter((step) => functionOf(step) === name).sort((a, b) => byUrgency(turn, a, b));
    remind(turn, group, whomOf);
    remindedOf(turn, group);
    changed = true;
  }
  return changed;
}

/** They were reminded of it just now. */
export function remindedOf(turn: Turn, group: readonly Asked[]): void {
  for (const step of group) {
    if (turn.step(step.id).remindAt === null) continue;
    const progress = turn.edit(step.id);
    progress.reminders += 1;
    progress.remindAt =
      progress.reminders >= MOST_REMINDERS
        ? null
        : plus(turn.at, reminderInterval(turn.state, step, progress.reminders));
  }
}

function isDue(turn: Turn, step: Asked): boolean {
  const { remindAt } = turn.step(step.id);
  return remindAt !== null && turn.at >= remindAt;
}

function remind(turn: Turn, group: readonly Asked[], whomOf: (step: Asked) => Whom | null): void {
  const [first] = group;
  if (first === undefined) return;
  const whoms = group.flatMap((step) => whomOf(step) ?? []);
  const list = group.length === 1 ? undefined : listOf(turn, group);
  const all: Whom = {
    functions: [...new Set([functionOf(first), ...whoms.flatMap((whom) => whom.functions)])],
    people: [...new Set(whoms.flatMap((whom) => whom.people))],
  };
  const key = `reminder/${turn.at}`;
  if (whoms.length === 0) ring(turn, first, key, undefined, list);
  else ring(turn, first, key, all, list);
}

/** What is open, as a numbered list. */
export function listOf(turn: Turn, group: readonly Asked[]) {
  const lines = group.map((step, place) => {
    const progress = turn.step(step.id);
    const when = whenDue(turn, progress);
    return bothTexts(`${place + 1}. ${step.title.zh}${when.zh}`, `${place + 1}. ${step.title.en}${when.en}`);
  });
  return bothTexts(
    `还有 ${group.length} 项未完成：\n${lines.map((line) => line.zh).join('\n')}`,
    `${group.length} things are still open:\n${lines.map((line) => line.en).join('\n')}`,
  );
}

function whenDue({ state }: Turn, { lateAt, dueAt }: Readonly<StepProgress>) {
  if (lateAt !== null) return bothTexts('（已超时）', ' (late)');
  if (dueAt === null) return bothTexts('', '');
  const time = clockTime(state, dueAt);
  return bothTexts(`（${time.zh} 前）`, ` (by ${time.en})`);
}

/** What is late first, the longest; then what is due soonest. */
export function byUrgency(turn: Turn, a: Asked, b: Asked): number {
  const [one, other] = [turn.step(a.id), turn.step(b.id)];
  const rank = ({ lateAt, dueAt }: Readonly<StepProgress>): number => lateAt ?? dueAt ?? Number.MAX_SAFE_INTEGER;
  const late = Number(other.lateAt !== null) - Number(one.lateAt !== null);
  return late !== 0 ? late : rank(one) - rank(other);
}

/** A reminder due at this moment is not sent beside another message about the same: it comes with the next. */
export function putOff(turn: Turn, progress: StepProgress, step: Asked): void {
  if (progress.remindAt !== null && progress.remindAt <= turn.at)
    progress.remindAt = plus(turn.at, reminderInterval(turn.state, step, progress.reminders));
}
