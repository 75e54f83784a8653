import type { DutyState } from '../paperwork/duty-view.ts';
import type { Instant } from '../time.ts';
import type { Occurrence } from './occurrences.ts';

/** How it ended, as it was written down. */
export interface Outcome {
  readonly kind: 'done' | 'waived';
  /** When it was done; of what was written down without a connection when it was answered. */
  readonly at: Instant;
}

/** Never goes back: what was done stays done, what is missed can only have been done before. */
export function stateOf(
  { from, due, missed, settled }: Pick<Occurrence, 'from' | 'due' | 'missed' | 'settled'>,
  outcome: Outcome | null,
  now: Instant,
): DutyState {
  if (outcome?.kind === 'waived') return 'waived';
  const doneAt = outcome?.at ?? settled?.at ?? null;
  if (doneAt !== null) return doneAt <= due ? 'done' : 'done-late';
  if (now < from) return 'planned';
  if (now < due) return 'open';
  return now < missed ? 'overdue' : 'missed';
}

export const isOpen = (state: DutyState): boolean => state === 'open' || state === 'overdue';
export const isOver = (state: DutyState): boolean => !isOpen(state) && state !== 'planned';
