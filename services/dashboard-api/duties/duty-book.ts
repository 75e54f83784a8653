import type { Duty } from '#core/config/duties.ts';
import {
  afterDone,
  type DutySite,
  type FollowedEntry,
  followedBy,
  type LastTime,
  type Occurrence,
  occurrences,
  ofEntry,
} from '#core/duties/occurrences.ts';
import { type Outcome, stateOf } from '#core/duties/state.ts';
import type { DutyState } from '#core/paperwork/duty-view.ts';
import { hours, type Instant, instant, latest, minus, plus } from '#core/time.ts';
import type { DutyOutline, DutyStore } from '#platform/duty-store.ts';

/** Every duty with what became of it: made out of the calendar, the registers, and what was written down. */
export interface DutyBook {
  readonly duties: readonly Duty[];
  /** Of those due from one time up to another, in order. */
  due(from: Instant, to: Instant): readonly Kept[];
  /** All that may be open or of which something may have to be told: what is due soon, and what was due since `since`. */
  current(now: Instant, since: Instant): readonly Kept[];
  find(id: string): Kept | null;
  state(kept: Kept, now: Instant): DutyState;
}

export interface Kept {
  readonly id: string;
  readonly duty: string;
  readonly from: Instant;
  readonly due: Instant;
  /** Null: the configuration makes it no more, and only what was written of it is known. */
  readonly occurrence: Occurrence | null;
  readonly record: DutyOutline | null;
}

interface BookDependencies {
  readonly duties: readonly Duty[];
  readonly site: DutySite;
  readonly store: DutyStore;
  readonly followed: (duty: Duty) => readonly FollowedEntry[];
  readonly now: () => Instant;
}

const DAY = hours(24);
/** What is longer ago is looked up in the store alone. */
const BEHIND_DAYS = 400;
const MOST_CACHED = 200;
/** What the bus did not take is said again for so long. */
const TOLD_FOR = hours(24 * 8);

export function createDutyBook(deps: BookDependencies): DutyBook {
  const { duties, store } = deps;
  const made = createMaker(deps);

  /** Of these duties, those due in the time, with what was written of each; and what was written of others. */
  const inTime = (from: Instant, to: Instant): readonly Kept[] => {
    const records = newestOf(store.due(from, to));
    const found = duties.flatMap((duty) => made(duty, from, to)).map((one) => kept(one, records.get(one.id) ?? null));
    const ids = new Set(found.map(({ id }) => id));
    return inOrder([...found, ...[...records.values()].filter(({ occurrence }) => !ids.has(occurrence)).map(bare)]);
  };

  return {
    duties,
    due: inTime,
    current(at, since) {
      const begin = Math.min(since, at);
      const found = duties.flatMap((duty) =>
        made(duty, instant(begin - duty.late_until - TOLD_FOR), plus(at, hours(24 * (duty.opens + 2)))),
      );
      const first = Math.min(at, ...found.map(({ due }) => due));
      const last = Math.max(at, ...found.map(({ due }) => due));
      const records = newestOf(store.due(instant(first), instant(last + 1)));
      return inOrder(found.map((one) => kept(one, records.get(one.id) ?? null)));
    },
    find(id) {
      const duty = duties.find((one) => id.startsWith(`${one.id}@`));
      const record = newestOf(store.of(id)).get(id) ?? null;
      const span = duty === undefined ? null : spanOf(duty, id);
      const found = duty === undefined || span === null ? [] : made(duty, ...span);
      const occurrence = found.find((one) => one.id === id) ?? null;
      if (occurrence !== null) return kept(occurrence, record);
      return record === null ? null : bare(record);
    },
    state({ occurrence, record, from, due }, at) {
      if (occurrence === null && record?.kind === 'missed') return 'missed';
      const outcome: Outcome | null =
        record === null || record.kind === 'missed' ? null : { kind: record.kind, at: record.at };
      // What was written down goes by the times of then.
      const window = occurrence ?? { missed: due, settled: null };
      return stateOf({ missed: window.missed, settled: window.settled, from, due }, outcome, at);
    },
  };
}

/** Before this program was written no clock was right. */
export const EARLIEST_CLOCK = instant(Date.UTC(2025, 0, 1));
const FOREVER = instant(8.64e15);

/** Where to look for one by its name: around its date, farther than holidays move it; null: nowhere. */
function spanOf(duty: Duty, id: string): readonly [Instant, Instant] | null {
  const { when } = duty;
  if (typeof when === 'object' && ('deadline' in when || 'after_done' in when)) return [instant(0), FOREVER];
  const date = /@(\d{4}-\d\d-\d\d)(\.|$)/.exec(id)?.[1];
  const near = Date.parse(`${date ?? ''}T00:00:00Z`);
  return Number.isNaN(near) ? null : [instant(near - 40 * DAY), instant(near + 40 * DAY)];
}

const kept = (occurrence: Occurrence, record: DutyOutline | null): Kept => {
  const { id, duty, from, due } = occurrence;
  return { id, duty: duty.id, from: record?.from ?? from, due: record?.due ?? due, occurrence, record };
};
const bare = (record: DutyOutline): Kept => {
  const { occurrence: id, duty, from, due } = record;
  return { id, duty, from, due, occurrence: null, record };
};
const inOrder = (found: readonly Kept[]): readonly Kept[] =>
  [...found].sort((a, b) => a.due - b.due || (a.id < b.id ? -1 : 1));

/** A later word wins over `missed`: what was done without a connection and came late. */
function newestOf(records: readonly DutyOutline[]): Map<string, DutyOutline> {
  const by = new Map<string, DutyOutline>();
  for (const record of records)
    if (record.kind !== 'missed' || !by.has(record.occurrence)) by.set(record.occurrence, record);
  return by;
}

/** What a duty makes due in a time, whatever became of it. What the calendar says is reckoned once. */
function createMaker({ site, store, followed, now }: BookDependencies) {
  const known = new Map<string, Instant>();
  const cached = new Map<string, readonly Occurrence[]>();
  const knownSince = (duty: Duty): Instant => {
    // A machine whose clock was not set yet has known nothing since 1970.
    if (now() < EARLIEST_CLOCK) return now();
    const since = known.get(duty.id) ?? store.knownSince(duty.id, now());
    known.set(duty.id, since);
    return since;
  };
  const ofCalendar = (duty: Duty, from: Instant, to: Instant): readonly Occurrence[] => {
    const [first, last] = [Math.floor(from / DAY) * DAY, Math.ceil(to / DAY) * DAY];
    const key = `${duty.id} ${first} ${last}`;
    const found = cached.get(key) ?? occurrences(duty, site, instant(first), instant(last));
    if (cached.size >= MOST_CACHED) cached.clear();
    cached.set(key, found);
    return found;
  };
  return (duty: Duty, from: Instant, to: Instant): readonly Occurrence[] => {
    const since = knownSince(duty);
    const within = ({ due }: Occurrence): boolean => from <= due && due < to;
    if (followedBy(duty) !== null)
      return followed(duty)
        .flatMap((entry) => ofEntry(duty, site, entry) ?? [])
        .filter((one) => within(one) && one.missed > since);
    if (typeof duty.when === 'object' && 'after_done' in duty.when) {
      const [last] = store.last(duty.id, FOREVER, 1);
      return afterDone(duty, site, last === undefined ? null : lastTimeOf(last), to).filter(
        (one) => within(one) && one.missed > since,
      );
    }
    // What was due before anybody knew of the duty is nobody's omission.
    const begins = latest(from, since, minus(now(), hours(24 * BEHIND_DAYS)));
    return begins < to ? ofCalendar(duty, begins, to).filter((one) => within(one) && one.due > since) : [];
  };
}

/** What was given up counts from when it was due; what was missed is asked for again at once. */
const lastTimeOf = ({ kind, at, due }: DutyOutline): LastTime => ({
  at: kind === 'waived' ? due : at,
  isMissed: kind === 'missed',
});
