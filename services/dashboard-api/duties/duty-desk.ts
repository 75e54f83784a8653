import type { Config } from '#core/config/config.ts';
import type { DutyEnd } from '#core/duties/answers.ts';
import { isOver } from '#core/duties/state.ts';
import { stepsOf, type Telling, tellNow } from '#core/duties/telling.ts';
import { personOf } from '#core/duties/who.ts';
import { momentOf, noticeOf } from '#core/duties/words.ts';
import { messageOf } from '#core/errors.ts';
import type { Notice } from '#core/notice.ts';
import type { Cancel, Clock, Log } from '#core/ports.ts';
import type { Rota } from '#core/rota/rota.ts';
import type { Text } from '#core/text.ts';
import { earliest, hours, type Instant, minutes, plus, seconds, toIso } from '#core/time.ts';
import type { DutyStore } from '#platform/duty-store.ts';
import type { Notices } from '../notices.ts';
import { type DutyBook, EARLIEST_CLOCK, type Kept } from './duty-book.ts';
import { caughtUp } from './duty-words.ts';

/**
 * Looks at the duties each minute: writes down what is missed, tells what is to be told. All that it goes by is on the disk or in the
 * configuration, so that a restart, a kill or a clock that is set changes nothing but the hour at which it happens.
 */
export interface DutyDesk {
  start(): void;
  /** Once, now; never throws. */
  look(): Promise<void>;
  /** Something was done, or a register says otherwise: the next look looks at everything. */
  stir(): void;
  stop(): Promise<void>;
}

interface DeskDependencies {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly book: DutyBook;
  readonly store: DutyStore;
  readonly notices: Notices;
  readonly rota: () => Rota;
  /** What may still have to follow what was done. False: not all of it could. */
  readonly follow: () => boolean;
  readonly changed: () => void;
}

const EVERY = minutes(1);
const SOON = seconds(5);
/** A look that comes later than this: the service was not running, or the clock was set. */
const DOWN_AFTER = minutes(5);
/** When it looked last is a write to the disk each time. */
const KEPT_EVERY = minutes(2);
/** So many missed at once are told in one message. */
const MOST_SINGLY = 3;
const MOST_LISTED = 30;
/** Between two moments at which something may happen there is nothing to see; but nobody trusts that for longer. */
const LONGEST_QUIET = hours(6);

interface Due {
  readonly kept: Kept;
  readonly telling: Telling;
  readonly downSince: Instant | null;
}

export function createDutyDesk(deps: DeskDependencies): DutyDesk {
  const { clock, log, book, store, notices } = deps;
  const zone = deps.config.site.time_zone;
  const finished = new Set<string>();
  let states = '';
  let cancel: Cancel = () => {};
  let looking: Promise<void> | null = null;
  let again = false;
  /** From when to when nothing can happen by itself. */
  let stirred = 0;
  let quiet: { readonly from: Instant; readonly until: Instant } | null = null;

  async function lookOnce(): Promise<void> {
    const now = clock.now();
    if (now < EARLIEST_CLOCK) return;
    const looked = store.looked();
    if (quiet !== null && looked !== null && quiet.from <= now && now < quiet.until && now - looked <= DOWN_AFTER) {
      if (now - looked >= KEPT_EVERY) store.look(now);
      return;
    }
    const downSince = looked !== null && now - looked > DOWN_AFTER ? looked : null;
    const before = stirred;
    const current = book.current(now, looked ?? now).filter(({ id }) => !finished.has(id));
    const due = current.flatMap((kept): Due[] => {
      const telling = judge(kept, now, downSince);
      return telling === null ? [] : [{ kept, telling, downSince }];
    });
    const followed = deps.follow();
    const missed = due.filter(({ telling }) => telling.step?.kind === 'missed');
    const together = downSince !== null && missed.length > MOST_SINGLY ? missed : [];
    let all = true;
    if (downSince !== null && together.length > 0) all = await tellTogether(together, downSince, now);
    for (const one of due) if (!together.includes(one)) all = (await tellOne(one, now)) && all;
    quiet = all && followed && stirred === before ? { from: now, until: nextMoment(current, now) } : null;
    const seen = current.map((kept) => `${kept.id} ${book.state(kept, now)}`).join('\n');
    if (seen !== states) deps.changed();
    states = seen;
    store.look(now);
  }

  /** What is to be told of it now; and what is missed is written down first. */
  function judge(kept: Kept, now: Instant, downSince: Instant | null): Telling | null {
    const { occurrence, record } = kept;
    if (occurrence === null) return null;
    const state = book.state(kept, now);
    if (state === 'planned') return null;
    const { settled } = occurrence;
    if (record === null && (state === 'missed' || settled !== null)) endByItself(kept, state, now, downSince);
    const told = new Set(store.told(kept.id).map(({ key }) => key));
    const telling = tellNow(occurrence, state, told, now);
    if (telling === null && isOver(state) && record !== null) finished.add(kept.id);
    return telling;
  }

  function endByItself(kept: Kept, state: string, now: Instant, downSince: Instant | null): void {
    const { occurrence } = kept;
    if (occurrence === null) return;
    const { duty, about, device, settled, missed } = occurrence;
    const person = personOf(occurrence, deps.rota(), now);
    const body: DutyEnd = {
      ...{ title: duty.title, function: duty.function, obligations: duty.obligations, about, device, byPerson: null },
      ...{ person: person === null ? null : { id: person.id, name: person.name }, items: [], note: null },
      signed: null,
      arrivedAt: toIso(now),
      downSince: state === 'missed' && downSince !== null && downSince < missed ? toIso(downSince) : null,
    };
    store.end({
      ...{ occurrence: kept.id, duty: duty.id, from: kept.from, due: kept.due, findings: 0, body },
      ...(settled === null
        ? { kind: 'missed', at: missed, by: 'zhishou', byName: '值守' }
        : { kind: 'done', at: settled.at, by: settled.by, byName: settled.byName }),
    });
  }

  async function tellOne({ kept, telling, downSince }: Due, now: Instant): Promise<boolean> {
    const { occurrence, record } = kept;
    if (occurrence === null) return true;
    const person = personOf(occurrence, deps.rota(), now)?.name ?? null;
    const ended = record === null ? null : endedText(record.byName, record.at, zone);
    const notice = noticeOf(occurrence, telling, { zone, person, ended, downSince, now });
    return notice === null || (await hand(notice, [{ kept, telling, downSince }], now));
  }

  async function tellTogether(missed: readonly Due[], downSince: Instant, now: Instant): Promise<boolean> {
    const list = missed.slice(0, MOST_LISTED).flatMap(({ kept }) => kept.occurrence ?? []);
    const more = missed.length - list.length;
    const lines = (language: keyof Text): string =>
      [
        ...list.map(({ duty, due }) => `${momentOf(due, zone)} ${duty.title[language]}`),
        ...(more > 0 ? [`… +${more}`] : []),
      ].join('\n');
    const words = caughtUp({
      n: String(missed.length),
      from: momentOf(downSince, zone),
      to: momentOf(now, zone),
      list: { zh: lines('zh'), en: lines('en') },
    });
    const notice: Notice = {
      key: `duty/missed-while-down/${toIso(downSince)}`,
      functions: [...new Set(missed.flatMap(({ telling }) => telling.step?.functions ?? []))],
      people: [],
      severity: missed.some(({ telling }) => telling.step?.severity !== 'low') ? 'medium' : 'low',
      ...{ subject: words.subject, body: cut(words.body), phase: 'raised', conversation: 'duty/missed-while-down' },
      path: '/duties',
      until: toIso(plus(now, hours(7 * 24))),
    };
    return hand(notice, missed, now);
  }

  /** Written as told only when the bus has it; told once by its key, however often it is said. */
  async function hand(notice: Notice, due: readonly Due[], now: Instant): Promise<boolean> {
    if (!(await notices.tell(notice))) return false;
    for (const { kept, telling } of due) store.tell(kept.id, telling.settles, now);
    return true;
  }

  const look = async (): Promise<void> => {
    if (looking !== null) {
      again = true;
      return looking;
    }
    looking = (async () => {
      try {
        do {
          again = false;
          await lookOnce();
        } while (again);
      } catch (error) {
        log.error({ error: messageOf(error) }, 'the duties could not be looked at: it is tried again in a minute');
      } finally {
        looking = null;
      }
    })();
    return looking;
  };
  const later = (delay: typeof EVERY): void => {
    cancel = clock.after(delay, () => {
      later(EVERY);
      void look();
    });
  };

  return {
    start() {
      if (book.duties.length > 0) later(SOON);
    },
    look,
    stir: () => {
      stirred += 1;
      quiet = null;
    },
    async stop() {
      cancel();
      await looking;
    },
  };
}

/** When the next of them begins, is due, is missed, or has somebody to be told. */
function nextMoment(current: readonly Kept[], now: Instant): Instant {
  const moments = current.flatMap(({ occurrence, record }) => {
    if (occurrence === null || (record !== null && record.kind !== 'missed')) return [];
    const { from, due, missed } = occurrence;
    return [from, due, missed, ...stepsOf(occurrence).map(({ at }) => at)].filter((at) => at > now);
  });
  return earliest(plus(now, LONGEST_QUIET), ...moments);
}

const cut = ({ zh, en }: Text): Text => ({ zh: zh.slice(0, 4000), en: en.slice(0, 4000) });
const endedText = (by: string, at: Instant, zone: string): Text => ({
  zh: `${by} 于 ${momentOf(at, zone)} 完成`,
  en: `done by ${by} at ${momentOf(at, zone)}`,
});
