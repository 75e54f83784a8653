import type { DutyState, DutySummary } from '#core/paperwork/duty-view.ts';
import { dateAt } from './rota-calendar.ts';
import { epochOf } from './time-format.ts';

/** Duties in the order in which a person wants them: mine that are due, the others' that are due, what comes this week. Pure. */

export interface DutyFilter {
  readonly person: string;
  readonly function: string;
  readonly duty: string;
}
export const NO_FILTER: DutyFilter = { person: '', function: '', duty: '' };

/** Something is still to be done about it. */
export const isDue = ({ state }: DutySummary): boolean => state === 'open' || state === 'overdue';
/** It is over, one way or another. */
export const isOver = ({ state }: DutySummary): boolean => !['planned', 'open', 'overdue'].includes(state);

/** Nothing chosen means everything. */
export const filterDuties = (duties: readonly DutySummary[], filter: DutyFilter): DutySummary[] =>
  duties.filter(
    (one) =>
      (filter.person === '' || one.person?.id === filter.person) &&
      (filter.function === '' || one.function === filter.function) &&
      (filter.duty === '' || one.duty === filter.duty),
  );

const due = (one: DutySummary): number => epochOf(one.dueAt) ?? 0;
const byDue = (a: DutySummary, b: DutySummary): number => due(a) - due(b) || a.id.localeCompare(b.id);

export interface DutySections {
  readonly mine: readonly DutySummary[];
  readonly others: readonly DutySummary[];
  /** Planned ones that begin within seven days. */
  readonly week: readonly DutySummary[];
}

const WEEK_MS = 7 * 86_400_000;

export interface Me {
  readonly person: string;
  readonly functions: readonly string[];
}
/** By name; what has no name on it is everybody's whose function it is. */
export const isMine = ({ person, function: role }: DutySummary, me: Me | null): boolean =>
  me !== null && (person === null ? me.functions.includes(role) : person.id === me.person);

export function dutySections(duties: readonly DutySummary[], me: Me | null, now: number): DutySections {
  const sorted = duties.toSorted(byDue);
  const open = sorted.filter(isDue);
  return {
    mine: open.filter((one) => isMine(one, me)),
    others: open.filter((one) => !isMine(one, me)),
    week: sorted.filter((one) => one.state === 'planned' && (epochOf(one.from) ?? 0) < now + WEEK_MS),
  };
}

/** The site's date on which it is due; midnight at the end of a day is that day's. */
export const dutyDate = (one: Pick<DutySummary, 'dueAt'>, timeZone: string): string =>
  dateAt(timeZone, (epochOf(one.dueAt) ?? 0) - 1);

/** Of each date what is due on it, what went wrong first. */
export function dutiesByDate(duties: readonly DutySummary[], timeZone: string): Map<string, DutySummary[]> {
  const rank: Readonly<Record<DutyState, number>> = {
    ...{ overdue: 0, missed: 1, open: 2, planned: 3, 'done-late': 4, done: 5, waived: 6 },
  };
  return Map.groupBy(
    duties.toSorted((a, b) => rank[a.state] - rank[b.state] || byDue(a, b)),
    (one) => dutyDate(one, timeZone),
  );
}
