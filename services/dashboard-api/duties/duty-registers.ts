import type { Duty } from '#core/config/duties.ts';
import type { Register } from '#core/config/register.ts';
import { type FollowedEntry, followedBy } from '#core/duties/occurrences.ts';
import { duesOf } from '#core/paperwork/register-due.ts';
import { applyChange, type EntryRecord, type KeptChange } from '#core/paperwork/register-entry.ts';
import { sameText } from '#core/text.ts';
import { fromIso, type Instant } from '#core/time.ts';
import type { Registers } from '../registers/register-book.ts';
import { ZHISHOU } from '../registers/register-who.ts';

/** The deadlines of registers that a duty hangs on: repairs to be re-inspected, users to be visited, supplies that run out. */
export function createFollowed(registers: Registers, zone: string): (duty: Duty) => readonly FollowedEntry[] {
  /** An entry of one revision has run through its deadlines as it has; a register has thousands. */
  const known = new Map<string, { readonly revision: number; readonly times: readonly FollowedEntry[] }>();
  const timesOf = (form: Register, deadline: string, entry: EntryRecord): readonly FollowedEntry[] => {
    const key = `${form.id}/${entry.id}/${deadline}`;
    const before = known.get(key);
    if (before?.revision === entry.revision) return before.times;
    const found = timesOfDeadline(form, deadline, entry.id, registers.history(form.id, entry.id), zone);
    const label = found.length === 0 ? null : (registers.item(form.id, entry.id)?.title ?? null);
    const path = `/registers/${form.id}/entries/${entry.id}`;
    const times = found.map((time) => ({ ...time, entry: entry.id, label: label ?? sameText(entry.id), path }));
    known.set(key, { revision: entry.revision, times });
    return times;
  };
  return (duty) => {
    const asked = followedBy(duty);
    const form = registers.declared().find(({ id }) => id === asked?.register);
    if (asked === null || form === undefined) return [];
    return registers.list(form.id, {}, ZHISHOU).flatMap((entry) => timesOf(form, asked.deadline, entry));
  };
}

type Time = Pick<FollowedEntry, 'part' | 'at' | 'left'>;

/**
 * Plays the entry's changes through again: each time that the deadline begins to run, or runs to another day, is a time of its own,
 * which ends by whatever change ended it. A photo or a correction of something else ends none.
 */
export function timesOfDeadline(
  form: Pick<Register, 'deadlines'>,
  deadline: string,
  id: string,
  changes: readonly KeptChange[],
  zone: string,
): readonly Time[] {
  const times: Time[] = [];
  let record: EntryRecord | null = null;
  for (const change of changes) {
    record = applyChange(record, id, change);
    const now = fromIso(change.at);
    if (now === null) continue;
    const at = dueOf(form, deadline, record, now, zone);
    const open = times.at(-1);
    if (open !== undefined && open.left === null && open.at !== at)
      times[times.length - 1] = { ...open, left: { at: now, by: change.by, byName: change.byName } };
    const last = times.at(-1);
    if (at !== null && (last === undefined || last.left !== null))
      times.push({ part: String(times.length + 1), at, left: null });
  }
  return times;
}

const dueOf = (
  form: Pick<Register, 'deadlines'>,
  deadline: string,
  record: EntryRecord,
  now: Instant,
  zone: string,
): Instant | null => duesOf(form, record, now, zone).find((due) => due.deadline.id === deadline)?.at ?? null;
