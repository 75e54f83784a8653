import type { Duty } from '#core/config/duties.ts';
import type { Register } from '#core/config/register.ts';
import { type FollowedEntry, followedBy } from '#core/duties/occurrences.ts';
import type { EntryRecord } from '#core/paperwork/register-entry.ts';
import { atClock } from '#core/rota/local-days.ts';
import { sameText } from '#core/text.ts';
import { fromIso, type Instant } from '#core/time.ts';
import type { Registers } from '../registers/register-book.ts';
import { ZHISHOU } from '../registers/register-who.ts';

/** The entries of registers that a duty hangs on: repairs to be re-inspected, users to be visited, supplies that run out. */
export function followedEntries(registers: Registers, duty: Duty, zone: string): readonly FollowedEntry[] {
  const asked = followedBy(duty);
  const form = registers.declared().find(({ id }) => id === asked?.register);
  if (asked === null || form === undefined) return [];
  return registers.list(form.id, {}, ZHISHOU).flatMap((entry) => {
    const item = registers.item(form.id, entry.id);
    const label = item?.title ?? sameText(entry.id);
    const path = `/registers/${form.id}/entries/${entry.id}`;
    const times =
      asked.state === null ? byField(form, entry, asked.field ?? '', zone) : byState(form, entry, asked.state);
    return times.map((time) => ({ ...time, entry: entry.id, label, path }));
  });
}

type Time = Pick<FollowedEntry, 'part' | 'since' | 'left'>;

/** Each time that it came into the state; a move from the state into the same counts anew. */
function byState(form: Register, entry: EntryRecord, state: string): Time[] {
  const initial = form.initial ?? form.states[0]?.id ?? '';
  const steps = [
    { state: initial, at: entry.createdAt, by: entry.createdBy, byName: entry.createdByName },
    ...entry.steps,
  ];
  return steps
    .flatMap((step, index): Omit<Time, 'part'>[] => {
      const since = fromIso(step.at);
      if (step.state !== state || since === null) return [];
      const next = steps[index + 1];
      return [{ since, left: next === undefined ? null : leftBy(next) }];
    })
    .map((time, index) => ({ ...time, part: String(index + 1) }));
}

/** By the date that it has now; one that was corrected makes another duty. */
function byField(form: Register, entry: EntryRecord, field: string, zone: string): Time[] {
  const value = entry.values[field];
  const since = typeof value === 'string' ? noonOf(value, zone) : null;
  if (since === null) return [];
  const isFinal = form.states.find(({ id }) => id === entry.state)?.final === true;
  const last = entry.steps.at(-1);
  return [{ part: String(value).slice(0, 10), since, left: isFinal && last !== undefined ? leftBy(last) : null }];
}

const leftBy = ({ at, by, byName }: { at: string; by: string; byName: string }): FollowedEntry['left'] => {
  const instant = fromIso(at);
  return instant === null ? null : { at: instant, by, byName };
};

/** Of a date its noon, so that no zone makes another day of it. */
function noonOf(value: string, zone: string): Instant | null {
  if (!/^\d{4}-\d\d-\d\d$/.test(value)) return fromIso(value);
  try {
    return atClock(Temporal.PlainDate.from(value), Temporal.PlainTime.from('12:00'), zone);
  } catch {
    return null;
  }
}
