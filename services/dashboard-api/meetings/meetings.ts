import { messageOf, ZhishouError } from '#core/errors.ts';
import type { PlannedItem } from '#core/paperwork/meeting-agenda.ts';
import { agendaOf, type MeetingEvent, type MeetingRecord } from '#core/paperwork/meeting-events.ts';
import { currentTimes, type MeetingTime } from '#core/paperwork/meeting-schedule.ts';
import type { MeetingPerson, MeetingSummary, MeetingView } from '#core/paperwork/meeting-view.ts';
import type { DecisionLine } from '#core/paperwork/period-report.ts';
import type { Who } from '#core/paperwork/register-rights.ts';
import { REPAIRS } from '#core/paperwork/well-known-registers.ts';
import type { Log } from '#core/ports.ts';
import { sameText } from '#core/text.ts';
import { fromIso, hours, type Instant, instant, minus, plus, toIso } from '#core/time.ts';
import type { Registers } from '../registers/register-book.ts';
import type { TaskList } from '../tasks/task-list.ts';
import { type BookDependencies, createMeetingBook } from './meeting-book.ts';
import { decisionLines, toSummary, toView, usualChair } from './meeting-views.ts';

/**
 * The weekly meeting (O-WK-1 to O-WK-3). Which there are follows from the calendar; what was said of each is lines of the store. Throws
 * NOT_FOUND, CONFLICT once the minutes are closed, BAD_REQUEST, and what the register says of a repair that is confirmed.
 */
export interface Meetings {
  list(): readonly MeetingSummary[];
  get(id: string, who: Who | null): MeetingView;
  /** For `If-Match`; null: there is no such meeting. */
  version(id: string): string | null;
  change(id: string, change: MeetingChange, who: Who): MeetingView;
  decide(id: string, decision: NewDecision, who: Who): MeetingView;
  close(id: string, who: Who): MeetingView;
  add(id: string, text: string, who: Who): MeetingView;
  /** Of meetings that were closed in the time, and what is still open of those before it; the oldest first. */
  decisionsSince(from: Instant, to: Instant): readonly DecisionLine[];
  /** The one that goes on or comes next; null: the office holds none. */
  next(): MeetingSummary | null;
  /** When the next one begins. */
  coming(): MeetingTime | null;
  /** As it is told of an hour before; null: it has begun. */
  plan(id: string): MeetingView | null;
  /** Tasks that a kill has left out. */
  mend(): void;
}

export interface MeetingChange {
  readonly open?: boolean | undefined;
  readonly present?: readonly string[] | undefined;
  readonly chair?: string | null | undefined;
  readonly items?:
    | readonly {
        readonly id: string;
        readonly discussed?: boolean | undefined;
        readonly note?: string | null | undefined;
        readonly confirm?: true | undefined;
      }[]
    | undefined;
  /** Items of the office's own. */
  readonly add?: readonly string[] | undefined;
}

export interface NewDecision {
  readonly item: string | null;
  readonly text: string;
  readonly owner: string | null;
  readonly dueAt: string | null;
}

export interface MeetingsDependencies extends BookDependencies {
  readonly log: Log;
  readonly tasks: Pick<TaskList, 'all' | 'get' | 'add'>;
  readonly registers: Pick<Registers, 'openOnes' | 'form' | 'item' | 'move'> | null;
}

const MOST_DECISIONS = 100;
const MOST_OWN = 50;

export function createMeetings(deps: MeetingsDependencies): Meetings {
  const { config, settings, clock, tasks, registers, log } = deps;
  const { kept, site, times, records, find, write, plannedFor, opening } = createMeetingBook(deps);
  const view = (record: MeetingRecord, who: Who | null): MeetingView =>
    toView(record, agendaOf(record, plannedFor(record)), { config, settings, tasks, who, now: clock.now() });

  function personOf(id: string): MeetingPerson {
    const person = config.people.people.find((one) => one.id === id);
    if (person === undefined) throw new ZhishouError('BAD_REQUEST', id, 'no such person');
    return { id, name: person.name };
  }

  /** An entry of the repairs' register moves by the meeting's word; the register itself says who may give it. */
  function confirm(item: PlannedItem, who: Who): void {
    const [register = '', entry = ''] = item.id.slice('repair:'.length).split('/');
    if (!item.confirm || registers === null)
      throw new ZhishouError('CONFLICT', item.id, 'nothing of it is to be confirmed');
    const move = registers.form(register).moves.find(({ id }) => id === REPAIRS.confirm);
    // A kill between the register and the minutes: the register has it already.
    if (move !== undefined && registers.item(register, entry)?.state === move.to) return;
    registers.move(register, entry, { move: REPAIRS.confirm }, who);
  }

  function wants(record: MeetingRecord, change: MeetingChange, who: Who): MeetingEvent[] {
    const agenda = agendaOf(record, plannedFor(record));
    const events: MeetingEvent[] = [];
    if (change.present !== undefined || change.chair !== undefined) {
      const chair = change.chair === undefined ? record.chair : change.chair === null ? null : personOf(change.chair);
      const present = change.present === undefined ? record.present : [...new Set(change.present)].map(personOf);
      events.push({ kind: 'people', present, chair });
    }
    const added = change.add ?? [];
    if (record.own.length + added.length > MOST_OWN)
      throw new ZhishouError('TOO_MANY', record.id, `at most ${MOST_OWN} own items`);
    events.push(
      ...added.map(
        (text, index): MeetingEvent => ({ kind: 'own', id: `${record.own.length + index + 1}`, title: text }),
      ),
    );
    for (const { id, discussed, note, confirm: confirms } of change.items ?? []) {
      const item = agenda.find((one) => one.id === id);
      if (item === undefined) throw new ZhishouError('NOT_FOUND', id, 'it is not on the agenda');
      if (confirms === true && !record.confirmed.has(id)) {
        confirm(item, who);
        events.push({ kind: 'confirmed', item: id });
      }
      if (discussed !== undefined || note !== undefined)
        events.push({
          kind: 'item',
          item: id,
          ...(discussed === undefined ? {} : { discussed }),
          ...(note === undefined ? {} : { note }),
        });
    }
    return events;
  }

  /** The decision is on the disk first; its task is made once by its name, so a kill between the two is mended at the next start. */
  function makeTask(record: MeetingRecord, id: string, who: Pick<Who, 'user' | 'name'>): MeetingRecord {
    const decision = record.decisions.find((one) => one.id === id);
    if (decision === undefined || decision.dueAt === null || decision.task !== null) return record;
    const once = `meeting/${record.id}/${id}`;
    const about = { title: sameText(decision.text.slice(0, 500)), owner: decision.owner?.id ?? null };
    const task = tasks.add({ ...about, dueAt: decision.dueAt, incident: null, once }, who.user);
    return write(record, [{ kind: 'task', decision: id, task: task.id }], who);
  }

  return {
    // One that nobody held is no news the day after; its minutes can still be written for the rest of its week.
    list: () =>
      records()
        .filter(({ id, at }) => kept.has(id) || (fromIso(at) ?? clock.now()) > minus(clock.now(), hours(24)))
        .map((record) =>
          toSummary(record, agendaOf(record, record.state === 'closed' ? [] : plannedFor(record)), tasks),
        ),
    get: (id, who) => view(find(id), who),
    version(id) {
      const record = records().find((one) => one.id === id);
      return record === undefined ? null : `${id}-${record.lines}`;
    },
    change(id, change, who) {
      const record = find(id);
      const begins = change.open === true || (change.items ?? []).some(({ confirm: one }) => one === true);
      // Closed minutes are refused before anything else happens.
      if (record.state === 'closed') write(record, [{ kind: 'closed' }], who);
      const events = [...(begins ? opening(record) : []), ...wants(record, change, who)];
      return view(events.length === 0 ? record : write(record, events, who), who);
    },
    decide(id, { item, text, owner, dueAt }, who) {
      const record = find(id);
      if (record.decisions.length >= MOST_DECISIONS)
        throw new ZhishouError('TOO_MANY', id, `at most ${MOST_DECISIONS} decisions`);
      if (item !== null && !agendaOf(record, plannedFor(record)).some((one) => one.id === item))
        throw new ZhishouError('NOT_FOUND', item, 'it is not on the agenda');
      const person = owner === null ? null : personOf(owner);
      const due = dueAt ?? (person === null ? null : nextMeetingAfter(record));
      const decision = `${record.decisions.length + 1}`;
      const said: MeetingEvent[] = item === null ? [] : [{ kind: 'item', item, discussed: true }];
      const written = write(
        record,
        [...opening(record), ...said, { kind: 'decision', id: decision, item, text, owner: person, dueAt: due }],
        who,
      );
      return view(makeTask(written, decision, who), who);
    },
    close(id, who) {
      const record = find(id);
      if (record.state === 'closed') return view(record, who);
      // The minutes say who led it only where it is known who was there.
      const chair = record.present.length === 0 ? record.chair : (record.chair ?? usualChair(record, deps));
      const led: MeetingEvent[] = chair === record.chair ? [] : [{ kind: 'people', present: record.present, chair }];
      return view(write(record, [...opening(record), ...led, { kind: 'closed' }], who), who);
    },
    add(id, text, who) {
      const record = find(id);
      if (record.state !== 'closed')
        throw new ZhishouError('CONFLICT', id, 'the minutes are still open: write it into them');
      return view(write(record, [{ kind: 'addendum', text }], who), who);
    },
    decisionsSince: (from, to) => decisionLines(records(), tasks, { from, to }),
    next() {
      const { last, next } = times();
      const held = last === null ? undefined : (kept.get(last.id) ?? null);
      const late = last === null || clock.now() >= plus(last.at, hours(12));
      const goesOn = held !== undefined && held?.state !== 'closed' && (held?.state === 'open' || !late);
      const id = goesOn ? last?.id : next?.id;
      const record = id === undefined ? undefined : records().find((one) => one.id === id);
      return record === undefined ? null : toSummary(record, agendaOf(record, plannedFor(record)), tasks);
    },
    coming: () => times().next,
    plan(id) {
      const record = find(id);
      return record.state === 'planned' ? view(record, null) : null;
    },
    mend() {
      for (const record of [...kept.values()])
        for (const { id, dueAt, task } of record.decisions) {
          if (dueAt === null || task !== null) continue;
          try {
            makeTask(kept.get(record.id) ?? record, id, { user: 'zhishou', name: '值守' });
          } catch (error) {
            log.error({ meeting: record.id, decision: id, error: messageOf(error) }, 'a decision has no task yet');
          }
        }
    },
  };

  /** What is decided is looked at again next time. */
  function nextMeetingAfter(record: MeetingRecord): string {
    const at = fromIso(record.at) ?? clock.now();
    const next = site === null ? null : currentTimes(site, instant(Math.max(at, clock.now()))).next;
    return toIso(next?.at ?? plus(clock.now(), hours(7 * 24)));
  }
}
