import type { FunctionName } from '../config/people.ts';
import type { Severity } from '../config/rule.ts';
import type { DutyState } from '../paperwork/duty-view.ts';
import { hours, type Instant, latest, minus, plus } from '../time.ts';
import type { Occurrence } from './occurrences.ts';

/**
 * What people are told of one duty now, given what they were told before. Pure. Of several steps that have passed meanwhile (the
 * service was down, the clock was set) one message goes to all whom they concern: nobody gets yesterday's reminder.
 */
export interface Step {
  /** `remind-1`, `overdue-1`, `missed`, `done`. */
  readonly key: string;
  readonly kind: 'reminder' | 'overdue' | 'missed' | 'recovered';
  readonly at: Instant;
  readonly functions: readonly FunctionName[];
  readonly severity: Severity;
}

export interface Telling {
  /** The one message; null: nothing is to be told. */
  readonly step: Step | null;
  /** These are told with it, or not worth telling any more. */
  readonly settles: readonly string[];
  /** After this nobody needs to hear it. */
  readonly until: Instant;
}

/** For how long after the end people still want to hear how it ended. */
const HEARD_AFTER = hours(7 * 24);

/** In the order in which they come. */
export function stepsOf({ duty, from, due, missed }: Occurrence): readonly Step[] {
  const own = [duty.function];
  const reminders = duty.remind.map(
    (before, index): Step => ({
      key: `remind-${index + 1}`,
      kind: 'reminder',
      at: latest(from, minus(due, before)),
      functions: own,
      severity: 'low',
    }),
  );
  const chain = duty.escalate.length > 0 ? duty.escalate : [{ after: 0, tell: own, severity: undefined }];
  const overdue = chain.map(
    (one, index): Step => ({
      key: `overdue-${index + 1}`,
      kind: 'overdue',
      at: plus(due, one.after as typeof duty.late_until),
      functions: one.tell,
      severity: one.severity ?? duty.severity,
    }),
  );
  const everybody = [...new Set([...own, ...overdue.flatMap(({ functions }) => functions)])];
  const last: Step = { key: 'missed', kind: 'missed', at: missed, functions: everybody, severity: duty.severity };
  return [...reminders, ...overdue.filter(({ at }) => at < missed), last].sort((a, b) => a.at - b.at);
}

export function tellNow(
  occurrence: Occurrence,
  state: DutyState,
  told: ReadonlySet<string>,
  now: Instant,
): Telling | null {
  const steps = stepsOf(occurrence);
  const toldOverdue = steps.filter(({ kind, key }) => kind === 'overdue' && told.has(key));
  const { due, missed } = occurrence;
  if (state === 'done' || state === 'done-late' || state === 'waived') {
    // Who was told that nobody has done it hears that somebody has.
    if (toldOverdue.length === 0 || told.has('done')) return null;
    const functions = together(toldOverdue);
    const step: Step = { key: 'done', kind: 'recovered', at: now, functions, severity: 'low' };
    return { step, settles: ['done'], until: plus(now, HEARD_AFTER) };
  }
  const passed = steps.filter(({ at, key }) => at <= now && !told.has(key));
  const kind = state === 'missed' ? 'missed' : state === 'overdue' ? 'overdue' : 'reminder';
  const fitting = passed.filter((step) => step.kind === kind);
  const newest = fitting.at(-1);
  if (newest === undefined) return null;
  const severity = fitting.reduce(
    (worst, one) => (RANK[one.severity] > RANK[worst] ? one.severity : worst),
    newest.severity,
  );
  return {
    step: { ...newest, functions: together(fitting), severity },
    settles: passed.map(({ key }) => key),
    until: kind === 'missed' ? plus(latest(now, missed), HEARD_AFTER) : kind === 'overdue' ? missed : due,
  };
}

const RANK: Readonly<Record<Severity, number>> = { low: 0, medium: 1, high: 2 };
const together = (steps: readonly Step[]): readonly FunctionName[] => [
  ...new Set(steps.flatMap(({ functions }) => functions)),
];
