import { type AlarmCollector, createAlarmCollector } from '#core/alarm-figures/alarms.ts';
import { figuresOf } from '#core/alarm-figures/figures.ts';
import type { AlarmFiguresView, AlarmWeek } from '#core/alarm-figures/view.ts';
import { type Week, weekById, weekOf, weeksLater } from '#core/alarm-figures/weeks.ts';
import type { Config } from '#core/config/config.ts';
import { messageOf } from '#core/errors.ts';
import { type DeliveryView, wentOut } from '#core/notification.ts';
import { type Cancel, type Clock, type Log, type StateStore, sleep } from '#core/ports.ts';
import { sameText, type Text } from '#core/text.ts';
import { fromIso, hours, type Instant, instant, milliseconds, minus, minutes, seconds, toIso } from '#core/time.ts';
import { alertLogEnd, alertLogEvent, alertLogNumberAt } from '../lifecycle/alert-log.ts';
import { createKeptFigures } from './kept-figures.ts';

/**
 * The weekly figures of alarm management: this week's, at most once a minute and only when something was added, and those of the
 * weeks before, computed once when a week ends. Beside the decision path: it reads the log in slices and lets others go between.
 */
export interface FiguresDesk {
  start(): void;
  stop(): void;
  publish(): void;
  /** A message that went out. */
  onAttempt(delivery: DeliveryView): void;
}

export interface FiguresDependencies {
  readonly config: Pick<Config, 'site' | 'devices'>;
  readonly clock: Clock;
  readonly state: StateStore;
  readonly log: Log;
  readonly ruleOf: (rule: string, device: string) => { readonly title: Text; readonly safety: boolean } | null;
  readonly publishView: (view: AlarmFiguresView) => void;
}

export const WEEKS_SHOWN = 8;
const EVERY = minutes(1);
/** Time goes on although nothing happens: an average sinks, an alarm becomes stale. */
const AT_LEAST_EVERY = hours(1);
const AFTER_START = seconds(5);
const SLICE = 200;
/** A flood may go on from one week to the next. */
const CARRIED = hours(1);

/** The week that is being gathered: lines up to, not with, `next` are in it. */
interface Gathering {
  readonly week: Week;
  readonly collector: AlarmCollector;
  next: number;
}

export function createFiguresDesk(deps: FiguresDependencies): FiguresDesk {
  const { clock, state, log, config } = deps;
  const zone = config.site.time_zone;
  const kept = createKeptFigures(state);
  let cancel: Cancel = () => {};
  let stopped = true;
  let gathering: Gathering | null = null;
  let view: AlarmFiguresView | null = null;
  let doneAt: Instant | null = null;
  let newPages = false;
  const rooms = new Map(config.devices.map(({ id, room }) => [id, room]));

  const next = (delay: typeof EVERY): void => {
    cancel = clock.after(delay, () => {
      look()
        .catch((error: unknown) => log.error({ error: messageOf(error) }, 'the alarm figures could not be computed'))
        .finally(() => {
          if (!stopped) next(EVERY);
        });
    });
  };

  async function look(): Promise<void> {
    const now = clock.now();
    const idle = gathering !== null && gathering.next === alertLogEnd(state) && now < gathering.week.to && !newPages;
    if (idle && doneAt !== null && now - doneAt < AT_LEAST_EVERY) return;
    newPages = false;
    gathering ??= begin(now);
    while (!stopped && gathering.week.to <= now) {
      await gather(gathering);
      if (!stopped) gathering = close(gathering);
    }
    await gather(gathering);
    if (stopped) return;
    doneAt = now;
    view = { at: toIso(now), timeZone: zone, weeks: [weekView(gathering, now), ...kept.weeks(WEEKS_SHOWN)] };
    deps.publishView(view);
  }

  /** With the week after the last that was closed; at first with the oldest of the last eight of which the log tells. */
  function begin(now: Instant): Gathering {
    const present = weekOf(now, zone);
    const carry = kept.carry();
    const collector = createAlarmCollector();
    for (const event of carry?.events ?? []) collector.add(event);
    if (carry !== null && carry.week <= present.id) return open(weekById(carry.week, zone), collector);
    const earliest = weeksLater(present, -WEEKS_SHOWN, zone);
    const first = alertLogEvent(state, alertLogNumberAt(state, toIso(earliest.from)));
    const since = first === undefined ? now : (fromIso(first.at) ?? now);
    return open(weekOf(instant(Math.min(since, now)), zone), collector);
  }

  const open = (week: Week, collector: AlarmCollector): Gathering => ({
    ...{ week, collector },
    next: alertLogNumberAt(state, toIso(week.from)),
  });

  async function gather(into: Gathering): Promise<void> {
    const to = toIso(into.week.to);
    const readSlice = (): boolean => {
      for (let left = SLICE; left > 0 && into.next < alertLogEnd(state); left--) {
        const event = alertLogEvent(state, into.next);
        if (event !== undefined && event.at >= to) return true;
        if (event !== undefined) into.collector.add(event);
        into.next++;
      }
      return into.next >= alertLogEnd(state);
    };
    for (let done = false; !done && !stopped; ) {
      const read = readSlice();
      done = into.collector.prepare(SLICE) && read;
      if (!done) await sleep(clock, milliseconds(1));
    }
  }

  function close(ended: Gathering): Gathering {
    const { week, collector } = ended;
    const following = weeksLater(week, 1, zone);
    const events = collector.carry(minus(week.to, CARRIED));
    kept.close(weekView(ended, week.to), { week: following.id, events });
    const fresh = createAlarmCollector();
    for (const event of events) fresh.add(event);
    return { week: following, collector: fresh, next: ended.next };
  }

  function weekView({ week, collector }: Gathering, now: Instant): AlarmWeek {
    const figures = figuresOf({
      ...{ alarms: collector.alarms(), pages: kept.pages(), span: week, now },
      roomOf: (device) => rooms.get(device) ?? null,
      isSafety: (rule) => deps.ruleOf(rule, '')?.safety ?? false,
      titleOf: (rule, device) => deps.ruleOf(rule, device)?.title ?? sameText(rule),
      simulation: config.site.simulation,
    });
    return { week: week.id, ended: now >= week.to, ...figures };
  }

  return {
    start() {
      stopped = false;
      next(AFTER_START);
    },
    stop() {
      stopped = true;
      cancel();
    },
    publish() {
      if (view !== null && !stopped) deps.publishView(view);
    },
    onAttempt(delivery) {
      if (!isPage(delivery, config.site.simulation)) return;
      newPages = kept.told(delivery.key, { at: toIso(clock.now()), person: delivery.person }) || newPages;
    },
  };
}

/** What takes a person from what they do: that something begins or still waits, not that it has ended; no drill, no test. */
function isPage({ state, phase, drill, simulated, test }: DeliveryView, simulation: boolean): boolean {
  const asks = phase === 'raised' || phase === 'reminder';
  return wentOut(state) && asks && !drill && test === undefined && (simulation || !simulated);
}
