import type { CommandBody } from '#core/command.ts';
import type { StepView } from '#core/incident.ts';
import type { Duration } from '#core/time.ts';

/** How a simulated person differs from one who does everything right and in time. */
export interface Habit {
  /** Leaves it undone, unanswered. */
  readonly never?: boolean;
  /** So much later than usual, whatever time the step gives. */
  readonly late?: Duration;
  /** Says the wrong thing first. */
  readonly wrong?: boolean;
  /** Says the right thing so long after the wrong one: an answer that is revised. */
  readonly corrects?: Duration;
}

export interface Habits {
  /** Of everybody. */
  readonly all?: Habit;
  /** By person, and by step: the step's counts first, then the person's. */
  readonly people?: Readonly<Record<string, Habit>>;
  readonly steps?: Readonly<Record<string, Habit>>;
  /** O-ORG-2: so long after the incident's beginning its lead hands it over. */
  readonly handOver?: { readonly after: Duration; readonly to: string };
}

/** The habit that counts for this person at this step. Example: `{steps: {call: {never: true}}}` leaves `call` to nobody. */
export const habitFor = (habits: Habits | undefined, step: string, person: string): Habit => ({
  ...habits?.all,
  ...habits?.people?.[person],
  ...habits?.steps?.[step],
});

/** Another answer than the right one: the next option that takes as little; null when there is only one. */
export function wrongAnswer(step: StepView, right: CommandBody): CommandBody | null {
  if (right.kind !== 'incident.answer') return null;
  const others = step.answers.filter((option) => option.id !== right.answer && (option.people ?? 1) < 2);
  const other =
    others.find((option) => option.takes === 'nothing') ?? others.find((option) => option.takes === 'duration');
  if (other === undefined) return null;
  const base = { kind: 'incident.answer', incident: right.incident, step: right.step, answer: other.id } as const;
  return other.takes === 'duration' ? { ...base, minutes: 10 } : base;
}
