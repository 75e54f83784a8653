import type { Config } from '#core/config/config.ts';
import type { DutyEnd } from '#core/duties/answers.ts';
import { figuresOf } from '#core/duties/figures.ts';
import { dutySite, type Occurrence } from '#core/duties/occurrences.ts';
import { isOpen } from '#core/duties/state.ts';
import { personOf } from '#core/duties/who.ts';
import { ZhishouError } from '#core/errors.ts';
import type { DutyFigures, DutySummary, DutyView } from '#core/paperwork/duty-view.ts';
import type { Who } from '#core/paperwork/register-rights.ts';
import type { Bus, Clock, Log, Stop } from '#core/ports.ts';
import { atClock, localDate } from '#core/rota/local-days.ts';
import type { Language, Text } from '#core/text.ts';
import { type Instant, instant, toIso } from '#core/time.ts';
import type { WallResponse } from '#core/wall-view.ts';
import type { DutyStore } from '#platform/duty-store.ts';
import type { MarkSource } from '../history-marks.ts';
import type { Notices } from '../notices.ts';
import type { ReadModel } from '../read-model/model.ts';
import type { Registers } from '../registers/register-book.ts';
import type { TaskList } from '../tasks/task-list.ts';
import { type EndedTest, listenToTests } from './battery-test-ends.ts';
import { createDutyAnswers, type GivenDone } from './duty-answers.ts';
import { createDutyBook, type Kept } from './duty-book.ts';
import { createDutyDesk } from './duty-desk.ts';
import { createDutyFollow } from './duty-follow.ts';
import { createFollowed } from './duty-registers.ts';
import { createDutyRoom } from './duty-room.ts';
import { createDutyViews } from './duty-views.ts';

/** The duties of the site: what is to be done, what became of it, and who is told. */
export interface Duties {
  /** Of those due from one time up to another, in order. */
  occurrences(from: Instant, to: Instant): readonly DutySummary[];
  /** Open or overdue now, whenever they are due. */
  open(): readonly DutySummary[];
  /** Throws NOT_FOUND. */
  get(id: string, who: Who | null): DutyView;
  /** For `If-Match`; null: there is no such duty. */
  version(id: string): string | null;
  done(id: string, given: GivenDone, who: Who): DutyView;
  waive(id: string, reason: string, who: Who): DutyView;
  figures(from: Instant, to: Instant): DutyFigures;
  /** Due in the time and not done: those that are overdue, and those that nobody did. */
  missed(from: Instant, to: Instant): readonly DutySummary[];
  wall(): WallResponse['duties'];
  /** For calendars: what is planned, with who will do it. */
  planned(from: Instant, to: Instant): readonly PlannedDuty[];
  readonly marks: MarkSource;
  /** Looks at once; also each minute by itself. */
  look(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface PlannedDuty {
  readonly occurrence: Occurrence;
  readonly person: { readonly id: string; readonly name: Text } | null;
  readonly state: DutySummary['state'];
}

export interface DutiesDependencies {
  readonly config: Config;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly log: Log;
  readonly store: DutyStore;
  readonly model: ReadModel;
  readonly tasks: TaskList;
  readonly notices: Notices;
  readonly registers: Registers | null;
  /** Something is otherwise than it was: pages and walls ask anew. */
  readonly changed: (at: Instant) => void;
}

export function openDuties(deps: DutiesDependencies): Duties {
  const { config, clock, log, store, model, tasks, notices, registers } = deps;
  const duties = config.duties ?? [];
  const zone = config.site.time_zone;
  const site = dutySite(config);
  const room = createDutyRoom(config, model);
  const changed = (): void => deps.changed(clock.now());
  const book = createDutyBook({
    ...{ duties, site, store, now: clock.now },
    followed: registers === null ? () => [] : createFollowed(registers, zone),
  });
  const follow = createDutyFollow({ config, duties, store, tasks, registers, rota: room.rota, log, clock });
  const views = createDutyViews({ config, site, store, book, room, follow });
  const answers = createDutyAnswers({ config, site, clock, store, book, room });
  const desk = createDutyDesk({
    ...{ config, clock, log, book, store, notices, changed },
    rota: room.rota,
    follow: follow.now,
  });
  const stateful = (from: Instant, to: Instant) =>
    book.due(from, to).map((kept) => ({ kept, duty: kept.duty, state: book.state(kept, clock.now()) }));
  const current = (): readonly Kept[] => book.current(clock.now(), clock.now());
  const summary = (kept: Kept): DutySummary => views.summary(kept, clock.now());
  const find = (id: string): Kept => {
    const kept = book.find(id);
    if (kept === null) throw new ZhishouError('NOT_FOUND', id, 'no such duty');
    return kept;
  };
  const after = (id: string, who: Who): DutyView => {
    follow.now();
    changed();
    desk.stir();
    void desk.look();
    return views.view(find(id), who, clock.now());
  };
  /** The duty of that UPS, which may be done now, is done by it. */
  const testEnded = ({ id, ups, by, at, health }: EndedTest): void => {
    const kept = current().find(
      (one) => one.occurrence?.device === ups && one.occurrence.duty.done_by === 'battery-test' && at >= one.from,
    );
    if (kept?.occurrence == null || !isDue(kept)) return;
    const { duty, about, device } = kept.occurrence;
    const body: DutyEnd = {
      ...{ title: duty.title, function: duty.function, obligations: duty.obligations, about, device, person: null },
      ...{ byPerson: null, items: [], signed: null, arrivedAt: toIso(clock.now()), downSince: null },
      note: health === null ? null : `${Math.round(health * 100)} %`,
    };
    const name = config.people.people.find((one) => one.id === by)?.name[config.site.language] ?? by;
    const record = { occurrence: kept.id, duty: kept.duty, from: kept.from, due: kept.due, findings: 0, body };
    if (!store.end({ ...record, kind: 'done', at, by, byName: name })) return;
    store.follow(kept.id, 'test', clock.now(), { link: { label: TEST, path: `/battery-tests/${id}` } });
    changed();
    desk.stir();
    void desk.look();
  };
  const stops: Stop[] = [];
  const isDue = (kept: Kept): boolean => isOpen(book.state(kept, clock.now()));

  return {
    occurrences: (from, to) => book.due(from, to).map(summary),
    open: () => current().filter(isDue).map(summary),
    get: (id, who) => views.view(find(id), who, clock.now()),
    version(id) {
      const kept = book.find(id);
      return kept === null ? null : views.version(kept);
    },
    done(id, given, who) {
      answers.done(id, given, who);
      return after(id, who);
    },
    waive(id, reason, who) {
      answers.waive(id, reason, who);
      return after(id, who);
    },
    figures: (from, to) => figuresOf(duties, stateful(from, to), from, to),
    missed: (from, to) =>
      stateful(from, to)
        .filter(({ state }) => state === 'missed' || state === 'overdue')
        .map(({ kept }) => summary(kept)),
    wall() {
      if (duties.length === 0) return null;
      const open = current().filter(isDue).map(summary);
      const today = localDate(clock.now(), zone);
      const midnight = (days: number): Instant => atClock(today.add({ days }), Temporal.PlainTime.from('00:00'), zone);
      const ofToday = stateful(midnight(0), midnight(1)).filter(({ state }) => state !== 'waived');
      return {
        open: open.filter(({ state }) => state === 'open').length,
        overdue: open.filter(({ state }) => state === 'overdue').length,
        doneToday: ofToday.filter(({ state }) => state === 'done' || state === 'done-late').length,
        today: ofToday.length,
        first: open.slice(0, FIRST).map(({ title, person, dueAt, state }) => ({
          ...{ title, person: person?.name ?? null, dueAt, overdue: state === 'overdue' },
        })),
      };
    },
    planned: (from, to) =>
      stateful(from, to).flatMap(({ kept: { occurrence }, state }) => {
        if (occurrence === null) return [];
        const person = personOf(occurrence, room.rota(), clock.now());
        return [{ occurrence, state, person: person === null ? null : { id: person.id, name: person.name } }];
      }),
    marks: dutyMarks(store, config.site.language),
    look: desk.look,
    async start() {
      const cancel = registers?.onChange(desk.stir);
      if (cancel !== undefined) stops.push(async () => cancel());
      if (duties.some(({ done_by: by }) => by === 'battery-test'))
        stops.push(await listenToTests(deps.bus, config.site.id, testEnded));
      desk.start();
    },
    async stop() {
      for (const stop of stops.splice(0)) await stop();
      await desk.stop();
    },
  };
}
const FIRST = 5;
const TEST: Text = { zh: '蓄电池测试记录', en: 'Record of the battery test' };

/** Duties done that are about a device, and what they found, beside its curves. */
const dutyMarks =
  (store: DutyStore, language: Language): MarkSource =>
  ({ from, to, devices }) => {
    const ids = new Set(devices.map(({ id }) => id));
    return store.written(instant(Date.parse(from)), instant(Date.parse(to) + 1)).flatMap((record) => {
      const end = record.body as DutyEnd;
      const found = end.items.filter(({ answer }) => answer.verdict === 'finding');
      const named = found.flatMap(({ answer }) => answer.live.map(({ device }) => device));
      const about = [...new Set([...(end.device === null ? [] : [end.device]), ...named])];
      if (record.kind !== 'done' || (ids.size > 0 && !about.some((id) => ids.has(id)))) return [];
      const mark = {
        id: `duties/${record.occurrence}`,
        kind: 'record' as const,
        at: toIso(record.at),
        to: null,
        open: false,
      };
      const note = found.map(({ label, answer }) => `${label[language]}: ${answer.note ?? ''}`).join('; ');
      return [{ ...mark, title: end.title, note: note === '' ? null : note, devices: about, severity: null }];
    });
  };
