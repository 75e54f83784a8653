import { type Rotation, WEEKDAYS } from '../config/rota.ts';
import type { Instant } from '../time.ts';
import { atClock, daysBetween, localDate } from './local-days.ts';

/**
 * The turns of one rotation: whole days between two hand-overs at the site's own clock time, one person each. Turns are counted
 * in calendar days, so that a change to or from summer time moves nobody's turn.
 *
 * Who takes them: one after the other in order, without those who are not there for the whole turn (`from`, `until` of a member).
 * With order [a, b, {c from March}] it goes a b a b … until March, then a b c a b c.
 */
export interface Turn {
  /** `duty@2026-11-23`: the role and the local date of its hand-over; the same for as long as hand-over and length are. */
  readonly id: string;
  readonly from: Instant;
  readonly until: Instant;
  /** Null: nobody of the order is there for all of it. */
  readonly person: string | null;
}

export interface Turns {
  /** The turn that covers the instant, or when the first one begins. */
  at(at: Instant): Turn | { readonly begins: Instant };
  /** By its id; null when the rotation has none such. */
  byId(id: string): Turn | null;
}

export function createTurns(role: string, rotation: Rotation, zone: string): Turns {
  const time = Temporal.PlainTime.from(rotation.handover.at);
  const days = Number.parseInt(rotation.every, 10) * (rotation.every.endsWith('w') ? 7 : 1);
  const first = firstHandover(rotation);
  const begins = (index: number): Instant => atClock(first.add({ days: index * days }), time, zone);
  const ownerOf = createOwners(rotation, first, days);
  /** Asked several times for every event of an incident, and the same for a week. */
  let last: Turn | null = null;

  const turn = (index: number): Turn => ({
    id: `${role}@${first.add({ days: index * days }).toString()}`,
    from: begins(index),
    until: begins(index + 1),
    person: ownerOf(index),
  });

  return {
    at(at) {
      if (last !== null && last.from <= at && at < last.until) return last;
      let index = Math.floor(daysBetween(first, localDate(at, zone)) / days);
      if (at < begins(index)) index -= 1;
      // Clocks that are set back over midnight show yesterday's date again, after today's hand-over.
      else if (at >= begins(index + 1)) index += 1;
      if (index < 0) return { begins: begins(0) };
      last = turn(index);
      return last;
    },
    byId(id) {
      const [of, date = ''] = id.split('@');
      if (of !== role || !/^\d{4}-\d\d-\d\d$/.test(date)) return null;
      const index = daysBetween(first, Temporal.PlainDate.from(date)) / days;
      return index >= 0 && Number.isInteger(index) ? turn(index) : null;
    },
  };
}

function firstHandover({ starts, handover, every }: Rotation): Temporal.PlainDate {
  const date = Temporal.PlainDate.from(starts);
  if (handover.day === undefined || every.endsWith('d')) return date;
  return date.subtract({ days: (date.dayOfWeek - (WEEKDAYS.indexOf(handover.day) + 1) + 7) % 7 });
}

function createOwners(rotation: Rotation, first: Temporal.PlainDate, days: number): (index: number) => string | null {
  const members = rotation.order.map((one) => (typeof one === 'string' ? { person: one } : one));
  const plain = members.every((one) => !('from' in one || 'until' in one));
  if (plain) return (index) => members[index % members.length]?.person ?? null;

  /** Who comes next hangs on who came before: worked out once from the first turn on. */
  const owners: (string | null)[] = [];
  let next = 0;
  const isThere = (member: { from?: string | undefined; until?: string | undefined }, index: number): boolean => {
    const begins = first.add({ days: index * days });
    const lastDay = begins.add({ days: days - 1 });
    return (
      (member.from === undefined || member.from <= begins.toString()) &&
      (member.until === undefined || lastDay.toString() <= member.until)
    );
  };
  return (index) => {
    for (let n = owners.length; n <= index; n++) {
      const tried = members.map((_, i) => (next + i) % members.length);
      const found = tried.find((i) => isThere(members[i] ?? {}, n));
      owners.push(found === undefined ? null : (members[found]?.person ?? null));
      if (found !== undefined) next = (found + 1) % members.length;
    }
    return owners[index] ?? null;
  };
}
