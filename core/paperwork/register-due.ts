import type { Register, RegisterDeadline } from '../config/register.ts';
import { localDate } from '../rota/local-days.ts';
import { fromIso, type Instant, instant, minus, plus } from '../time.ts';
import type { EntryRecord } from './register-entry.ts';

/** When something falls due by an entry: an answer to a request, the re-inspection of a repair, the next visit, an expiry date. */
export interface Due {
  readonly deadline: RegisterDeadline;
  readonly at: Instant;
  /** From when on people are told. */
  readonly remindAt: Instant;
  readonly overdue: boolean;
}

/** What runs for the entry in its state, the earliest first. */
export function duesOf(register: Pick<Register, 'deadlines'>, entry: EntryRecord, now: Instant, zone: string): Due[] {
  return register.deadlines
    .filter((deadline) => deadline.in.includes(entry.state))
    .flatMap((deadline): Due[] => {
      const from = beginOf(deadline, entry, zone);
      if (from === null) return [];
      const at = plus(from, deadline.within);
      const remindAt = deadline.remind === undefined ? at : minus(at, deadline.remind);
      return [{ deadline, at, remindAt, overdue: now > at }];
    })
    .sort((a, b) => a.at - b.at || (a.deadline.id < b.deadline.id ? -1 : 1));
}

function beginOf({ after }: RegisterDeadline, entry: EntryRecord, zone: string): Instant | null {
  if (after === undefined) return fromIso(entry.stateSince);
  if ('state' in after) return fromIso(entry.reached[after.state] ?? '');
  const value = entry.values[after.field];
  if (typeof value !== 'string') return null;
  return /^\d{4}-\d\d-\d\d$/.test(value) ? endOfDay(value, zone) : fromIso(value);
}

/** A date is good until its day is over. */
const endOfDay = (date: string, zone: string): Instant =>
  instant(Temporal.PlainDate.from(date).add({ days: 1 }).toZonedDateTime({ timeZone: zone }).epochMilliseconds - 1);

/** The day in the site's zone, for reminders of which there is one a day. */
export const dayOf = (at: Instant, zone: string): string => localDate(at, zone).toString();
