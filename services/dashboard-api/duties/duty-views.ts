import { roleAtLeast } from '#core/command.ts';
import type { Config } from '#core/config/config.ts';
import type { DutyEnd } from '#core/duties/answers.ts';
import { countLines, type Line, linesOf, liveOf, suggested } from '#core/duties/checklist.ts';
import type { DutySite } from '#core/duties/occurrences.ts';
import { isOpen, isOver } from '#core/duties/state.ts';
import { personOf } from '#core/duties/who.ts';
import { momentOf } from '#core/duties/words.ts';
import type { ChecklistItem, DutySummary, DutyView } from '#core/paperwork/duty-view.ts';
import type { Who } from '#core/paperwork/register-rights.ts';
import { fillText, sameText } from '#core/text.ts';
import { fromIso, type Instant, minutes, plus, toIso } from '#core/time.ts';
import type { DutyRecord, DutyStore } from '#platform/duty-store.ts';
import { versionOf } from '../conditional/version-of.ts';
import { lastMoment } from './duty-answers.ts';
import type { DutyBook, Kept } from './duty-book.ts';
import type { DutyFollow } from './duty-follow.ts';
import type { DutyRoom } from './duty-room.ts';
import { HISTORY, toldText } from './duty-words.ts';

/** Duties as people are shown them. */
export interface DutyViews {
  summary(kept: Kept, now: Instant): DutySummary;
  view(kept: Kept, who: Who | null, now: Instant): DutyView;
  version(kept: Kept): string;
}

interface ViewDependencies {
  readonly config: Config;
  readonly site: DutySite;
  readonly store: DutyStore;
  readonly book: DutyBook;
  readonly room: DutyRoom;
  readonly follow: DutyFollow;
}

const LAST_TIMES = 10;
/** Later than so, it came in when there was a connection again. */
const ARRIVED_LATE = minutes(5);

export function createDutyViews({ config, site, store, book, room, follow }: ViewDependencies): DutyViews {
  const zone = config.site.time_zone;
  const recordOf = (kept: Kept): DutyRecord | null => {
    if (kept.record === null) return null;
    return store.of(kept.id).find(({ kind }) => kind === kept.record?.kind) ?? null;
  };

  function summary(kept: Kept, now: Instant, record = recordOf(kept)): DutySummary {
    const { id, duty, occurrence } = kept;
    const end = record === null ? null : (record.body as DutyEnd);
    const person = occurrence === null ? null : personOf(occurrence, room.rota(), now);
    const done = record?.kind === 'done' ? record : null;
    const byItself = done === null ? (occurrence?.settled ?? null) : null;
    const items =
      end !== null && end.items.length > 0
        ? end.items.length
        : occurrence === null
          ? 0
          : countLines(occurrence.duty, occurrence, site.devices, site.office);
    return {
      ...{ id, duty, items, state: book.state(kept, now) },
      title: end?.title ?? occurrence?.duty.title ?? sameText(duty),
      obligations: end?.obligations ?? occurrence?.duty.obligations ?? [],
      ...{ from: toIso(kept.from), dueAt: toIso(kept.due) },
      function: end?.function ?? occurrence?.duty.function ?? 'duty',
      // Whose it was is written down with how it ended.
      person: end === null ? (person === null ? null : { id: person.id, name: person.name }) : end.person,
      doneAt: done === null ? (byItself === null ? null : toIso(byItself.at)) : toIso(done.at),
      doneBy:
        done === null
          ? byItself === null
            ? null
            : { id: byItself.by, name: byItself.byName }
          : { id: done.by, name: done.byName },
      findings: record?.findings ?? 0,
      about: end?.about ?? occurrence?.about ?? null,
    };
  }

  /** What was answered the last time that it was done: by line. */
  function lastAnswers(before: readonly DutyRecord[]): ReadonlyMap<string, ChecklistItem['last']> {
    const found = new Map<string, ChecklistItem['last']>();
    for (const record of before) {
      if (record.kind !== 'done') continue;
      for (const { id, answer, at } of (record.body as DutyEnd).items) {
        const { verdict, value, note } = answer;
        if (!found.has(id)) found.set(id, { at, by: record.byName, verdict, value, note });
      }
    }
    return found;
  }

  function checklist(
    kept: Kept,
    record: DutyRecord | null,
    before: readonly DutyRecord[],
    now: Instant,
  ): ChecklistItem[] {
    const last = lastAnswers(before);
    const end = record === null ? null : (record.body as DutyEnd);
    if (end !== null && record?.kind === 'done')
      return end.items.map(({ id, label, group, kind, unit, min, max, suggested: says, answer }) => ({
        ...{ id, label, group, kind, unit, min, max, suggested: says, answer, live: answer.live },
        last: last.get(id) ?? null,
      }));
    if (kept.occurrence === null) return [];
    const by = room.fine();
    // What the devices say now is nothing of one that is over.
    const isPast = isOver(book.state(kept, now));
    return linesOf(kept.occurrence, site.devices, site.office).map((line: Line): ChecklistItem => {
      const live = isPast ? [] : liveOf(line, room.readings, by, now);
      const { id, label, group, kind, unit, min, max } = line;
      return {
        ...{ id, label, group, kind, unit, min, max, live, suggested: suggested(live), answer: null },
        last: last.get(id) ?? null,
      };
    });
  }

  function history(kept: Kept, records: readonly DutyRecord[]): DutyView['history'] {
    const told = store.told(kept.id).map(({ key, at }) => ({ at: toIso(at), by: 'zhishou', what: toldText(key) }));
    const ended = records.flatMap((record) => {
      const end = record.body as DutyEnd;
      const arrived = fromIso(end.arrivedAt) ?? record.at;
      const at = toIso(record.at);
      if (record.kind === 'waived')
        return [{ at, by: record.byName, what: fillText(HISTORY.waived, { note: end.note ?? '' }) }];
      if (record.kind === 'missed') {
        const from = end.downSince === null ? null : fromIso(end.downSince);
        const what =
          from === null ? HISTORY.missed : fillText(HISTORY['missed-while-down'], { from: momentOf(from, zone) });
        return [{ at, by: 'zhishou', what }];
      }
      const done = { at, by: record.byName, what: record.at <= record.due ? HISTORY.done : HISTORY['done-late'] };
      if (arrived - record.at < ARRIVED_LATE) return [done];
      const what = fillText(HISTORY['arrived-late'], { at: momentOf(arrived, zone) });
      return [done, { at: end.arrivedAt, by: record.byName, what }];
    });
    return [...told, ...ended].sort((a, b) => a.at.localeCompare(b.at));
  }

  return {
    summary: (kept, now) => summary(kept, now),
    version: ({ id, record }) => versionOf([id, record?.kind ?? null, record?.at ?? null]),
    view(kept, who, now) {
      const record = recordOf(kept);
      const before = store.last(kept.duty, kept.due, LAST_TIMES).filter(({ occurrence }) => occurrence !== kept.id);
      const { occurrence } = kept;
      const end = record === null ? null : (record.body as DutyEnd);
      const mayNow = occurrence !== null && isOpen(book.state(kept, now)) && record?.kind !== 'done';
      const mine = summary(kept, now, record);
      return {
        ...mine,
        version: versionOf([kept.id, kept.record?.kind ?? null, kept.record?.at ?? null]),
        instructions: occurrence?.duty.instructions ?? null,
        checklist: checklist(kept, record, before, now),
        signature: occurrence?.duty.signature ?? null,
        history: history(kept, store.of(kept.id)),
        before: before.map((one) => summary(outlineOf(one), now, one)),
        mayDo: mayNow && occurrence.duty.done_by !== 'register' && who !== null && roleAtLeast(who.role, 'duty'),
        mayWaive: mayNow && who !== null && roleAtLeast(who.role, 'operator'),
        mendBy: mayNow ? toIso(lastMoment(plus(now, occurrence.duty.findings.fix_within), zone)) : null,
        tasks: follow.tasks(kept.id),
        note: end?.note ?? null,
        links: follow.links(kept.id),
      };
    },
  };
}

const outlineOf = (record: DutyRecord): Kept => ({
  ...{ id: record.occurrence, duty: record.duty, from: record.from, due: record.due, occurrence: null, record },
});
