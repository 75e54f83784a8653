import type { Config } from '#core/config/config.ts';
import { answerLine, type DutyEnd, wrongAnswers } from '#core/duties/answers.ts';
import { linesOf, liveOf } from '#core/duties/checklist.ts';
import type { DutySite, Occurrence } from '#core/duties/occurrences.ts';
import { isOpen } from '#core/duties/state.ts';
import { personOf } from '#core/duties/who.ts';
import { ZhishouError } from '#core/errors.ts';
import type { DoneItem } from '#core/paperwork/duty-view.ts';
import type { Who } from '#core/paperwork/register-rights.ts';
import type { Clock } from '#core/ports.ts';
import { localDate } from '#core/rota/local-days.ts';
import { earliest, fromIso, hours, type Instant, instant, latest, minus, plus, toIso } from '#core/time.ts';
import type { DutyRecord, DutyStore } from '#platform/duty-store.ts';
import { ProblemError } from '../problem.ts';
import type { DutyBook, Kept } from './duty-book.ts';
import type { DutyRoom } from './duty-room.ts';

/** What people answer: judged, written down on the disk, and only then said to be done. */
export interface DutyAnswers {
  /** Throws NOT_FOUND, CONFLICT (not now, or done already), BAD_REQUEST with what is wrong of which item. */
  done(id: string, given: GivenDone, who: Who): DutyRecord;
  waive(id: string, reason: string, who: Who): DutyRecord;
}

export interface GivenDone {
  readonly items: readonly DoneItem[];
  readonly note: string | null;
  /** Proven already. */
  readonly signed: DutyEnd['signed'];
}

interface AnswerDependencies {
  readonly config: Config;
  readonly site: DutySite;
  readonly clock: Clock;
  readonly store: DutyStore;
  readonly book: DutyBook;
  readonly room: DutyRoom;
}

/** A patrol of a cellar without a connection is delivered the same day. */
const LATEST_DELIVERY = hours(24);

export function createDutyAnswers({ config, site, clock, store, book, room }: AnswerDependencies): DutyAnswers {
  const zone = config.site.time_zone;
  const find = (id: string): Kept & { readonly occurrence: Occurrence } => {
    const kept = book.find(id);
    if (kept === null) throw new ZhishouError('NOT_FOUND', id, 'no such duty');
    const { occurrence, record } = kept;
    if (record !== null && record.kind !== 'missed')
      throw new ZhishouError('CONFLICT', id, `it was ${record.kind} by ${record.byName} at ${toIso(record.at)}`);
    if (occurrence === null) throw new ZhishouError('CONFLICT', id, 'the configuration has this duty no more');
    return { ...kept, occurrence };
  };
  const mustBeOpen = (kept: Kept, at: Instant): void => {
    const state = book.state(kept, at);
    if (!isOpen(state)) throw new ZhishouError('CONFLICT', kept.id, `it is ${state}`);
  };
  const write = (kept: Kept, record: Omit<DutyRecord, 'occurrence' | 'duty' | 'from' | 'due'>): DutyRecord => {
    const whole = { occurrence: kept.id, duty: kept.duty, from: kept.from, due: kept.due, ...record };
    if (!store.end(whole)) throw new ZhishouError('CONFLICT', kept.id, 'somebody else was quicker');
    return whole;
  };
  const frame = ({ duty, about, device }: Occurrence, person: ReturnType<typeof personOf>, now: Instant) => ({
    ...{ title: duty.title, function: duty.function, obligations: duty.obligations, about, device },
    ...{ person: person === null ? null : { id: person.id, name: person.name } },
    ...{ arrivedAt: toIso(now), downSince: null },
  });

  return {
    done(id, { items, note, signed }, who) {
      const kept = find(id);
      const { occurrence } = kept;
      const now = clock.now();
      const at = answeredAt(items, occurrence, now);
      mustBeOpen(kept, at);
      if (occurrence.duty.done_by === 'register')
        throw new ZhishouError('CONFLICT', id, 'it is done by what is written in the register');
      if (signed === null && occurrence.duty.signature !== undefined)
        throw new ProblemError('BAD_REQUEST', 'signature', 'is asked for', {
          issues: [{ path: 'signature', message: 'is asked for' }],
        });
      const lines = linesOf(occurrence, site.devices, site.office);
      const last = lastMoment(plus(at, occurrence.duty.findings.fix_within), zone);
      const wrong = [...wrongAnswers(lines, items), ...wrongTasks(items, config, last)];
      if (wrong.length > 0)
        throw new ProblemError('BAD_REQUEST', id, wrong[0]?.message, { issues: wrong.slice(0, 50) });
      const given = new Map(items.map((one) => [one.item, one]));
      const by = room.fine();
      const answered = lines.flatMap((line) => {
        const one = given.get(line.id);
        return one === undefined ? [] : [answerLine(line, liveOf(line, room.readings, by, now), one)];
      });
      const findings = answered.filter(({ answer }) => answer.verdict === 'finding').length;
      const person = personOf(occurrence, room.rota(), at);
      const body: DutyEnd = { ...frame(occurrence, person, now), byPerson: who.person, items: answered, note, signed };
      return write(kept, { kind: 'done', at, by: who.user, byName: who.name, findings, body });
    },
    waive(id, reason, who) {
      const kept = find(id);
      const now = clock.now();
      mustBeOpen(kept, now);
      const person = personOf(kept.occurrence, room.rota(), now);
      const body: DutyEnd = {
        ...frame(kept.occurrence, person, now),
        byPerson: who.person,
        items: [],
        note: reason,
        signed: null,
      };
      return write(kept, { kind: 'waived', at: now, by: who.user, byName: who.name, findings: 0, body });
    },
  };
}

/** When the last item was answered, which without a connection is before it arrives; never before it could be done. */
function answeredAt(items: readonly DoneItem[], { from }: Occurrence, now: Instant): Instant {
  const said = items.flatMap(({ at }) => fromIso(at) ?? []);
  if (said.length === 0) return now;
  const last = earliest(now, instant(Math.max(...said)));
  // Before it may be done it is not done, whatever a telephone's clock says.
  return earliest(now, latest(from, minus(now, LATEST_DELIVERY), last));
}

/** The end of the site's day: who mends by the third day has all of it. */
export const lastMoment = (at: Instant, zone: string): Instant =>
  instant(localDate(at, zone).add({ days: 1 }).toZonedDateTime(zone).epochMilliseconds);

function wrongTasks(
  items: readonly DoneItem[],
  config: Config,
  last: Instant,
): { readonly path: string; readonly message: string }[] {
  return items.flatMap(({ owner, dueAt, verdict }, index) => {
    if (verdict !== 'finding') return [];
    const tooLate = dueAt !== null && (fromIso(dueAt) ?? 0) > last;
    const unknown = owner !== null && !config.people.people.some(({ id }) => id === owner);
    return [
      ...(tooLate ? [{ path: `items.${index}.dueAt`, message: `later than ${toIso(last)}` }] : []),
      ...(unknown ? [{ path: `items.${index}.owner`, message: `there is no person ${owner}` }] : []),
    ];
  });
}
