import type { MeetingConfig } from '#core/config/meeting.ts';
import { ZhishouError } from '#core/errors.ts';
import { makeAgenda, type PlannedItem } from '#core/paperwork/meeting-agenda.ts';
import {
  emptyMeeting,
  type MeetingEvent,
  type MeetingRecord,
  mayFollow,
  nextRecord,
} from '#core/paperwork/meeting-events.ts';
import { currentTimes, type MeetingSite } from '#core/paperwork/meeting-schedule.ts';
import type { Who } from '#core/paperwork/register-rights.ts';
import type { Clock } from '#core/ports.ts';
import { localDate } from '#core/rota/local-days.ts';
import { fromIso, toIso } from '#core/time.ts';
import type { MeetingStore } from '#platform/meeting-store.ts';
import { gatherMatters, heldBefore, type MatterSources } from './gather-matters.ts';

/** Which meetings there are, by the calendar and by what was written of them; and the one way in which anything more is written. */
export interface BookDependencies extends MatterSources {
  readonly settings: MeetingConfig | undefined;
  readonly clock: Clock;
  readonly store: MeetingStore;
}

const MOST_LINES = 2000;

export function createMeetingBook(deps: BookDependencies) {
  const { config, settings, clock, store } = deps;
  const zone = config.site.time_zone;
  const site: MeetingSite | null =
    settings === undefined ? null : { meeting: settings, calendar: config.calendar, timeZone: zone };
  const title = settings?.title ?? { zh: '会议', en: 'Meeting' };
  const kept = new Map<string, MeetingRecord>();
  for (const line of store.lines())
    kept.set(
      line.meeting,
      nextRecord(kept.get(line.meeting) ?? emptyMeeting(line.meeting, toIso(line.at), title), line),
    );

  /** Looked up once for all the time between two meetings. */
  let known: ReturnType<typeof currentTimes> | null = null;
  function times(): ReturnType<typeof currentTimes> {
    if (site === null) return { last: null, next: null };
    const now = clock.now();
    if (known === null || (known.last?.at ?? now + 1) > now || (known.next?.at ?? now) <= now)
      known = currentTimes(site, now);
    return known;
  }

  function records(): readonly MeetingRecord[] {
    const found = new Map(kept);
    const { last, next } = times();
    for (const one of [last, next])
      if (one !== null && !found.has(one.id)) found.set(one.id, emptyMeeting(one.id, toIso(one.at), title));
    return [...found.values()].sort((a, b) => (a.at < b.at ? 1 : -1));
  }

  function find(id: string): MeetingRecord {
    const found = records().find((record) => record.id === id);
    if (found === undefined) throw new ZhishouError('NOT_FOUND', id, 'no such meeting');
    return found;
  }

  /** All or nothing, on the disk before it counts. */
  function write(
    record: MeetingRecord,
    events: readonly MeetingEvent[],
    who: Pick<Who, 'user' | 'name'>,
  ): MeetingRecord {
    const wrong = events.find((event) => !mayFollow(record, event));
    if (wrong !== undefined)
      throw new ZhishouError('CONFLICT', record.id, 'the minutes are closed; what comes later is an addendum');
    if (record.lines + events.length > MOST_LINES)
      throw new ZhishouError('TOO_MANY', record.id, 'too much was written of it');
    const begun: readonly MeetingEvent[] =
      record.lines === 0 ? [{ kind: 'planned', at: record.at, title: record.title }] : [];
    const lines = [...begun, ...events].map((event) => ({
      ...{ meeting: record.id, at: clock.now(), by: who.user, byName: who.name, event },
    }));
    store.append(lines);
    const next = lines.reduce(nextRecord, record);
    kept.set(record.id, next);
    return next;
  }

  const plannedFor = (record: MeetingRecord): PlannedItem[] => {
    if (record.agenda !== null) return [...record.agenda];
    const at = fromIso(record.at) ?? clock.now();
    const earlier = records().filter((one) => one.at < record.at);
    const matters = gatherMatters(deps, earlier, { at, before: heldBefore(earlier, at), now: clock.now() });
    return makeAgenda(matters, (iso) => localDate(fromIso(iso) ?? at, zone).toString());
  };

  const opening = (record: MeetingRecord): readonly MeetingEvent[] => {
    if (record.state !== 'planned') return [];
    const agenda = plannedFor(record);
    const report = agenda.find(({ kind }) => kind === 'report');
    return [{ kind: 'opened', agenda, report: report?.id.slice('report:'.length) ?? null }];
  };

  return { kept, site, times, records, find, write, plannedFor, opening };
}
