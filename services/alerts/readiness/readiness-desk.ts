import type { Config } from '#core/config/config.ts';
import type { Device } from '#core/config/device.ts';
import { type DeliveryView, wentOut } from '#core/notification.ts';
import type { Cancel, Clock, Journal, Log, StateStore } from '#core/ports.ts';
import type { ReadinessItem, ReadinessView } from '#core/readiness.ts';
import { sameText, type Text } from '#core/text.ts';
import { type Duration, type Instant, instant, milliseconds, minutes, plus, seconds, toIso } from '#core/time.ts';
import { measuredModel } from '../battery-test/kept-tests.ts';
import { recordedP95 } from '../plans/durations.ts';
import type { ActionRunner, Rota } from '../seams.ts';
import { type BatteryNow, batteryFits } from './battery-fit.ts';
import type { ContactTests } from './contact-tests.ts';
import {
  armedItem,
  batteryItem,
  drillItem,
  monitorItem,
  neededPeople,
  peopleItems,
  type TestRecord,
  targetItem,
} from './items.ts';
import { type Target, targetsOf } from './targets.ts';
import { readinessView } from './view.ts';

/**
 * Could the contract be honoured now? Once a day, at the start of a service that has not tested for a day, and when a person
 * asks, each target's connection and credentials are tried without side effects; the rest is judged from what is known. The
 * figure is published whenever it changed and at least each ten minutes, because load and charge move.
 */
export interface ReadinessDesk {
  start(): void;
  stop(): void;
  /** Tests everything now; false while a test is under way. */
  testNow(by: string, contacts?: boolean): boolean;
  /** A message that a channel took proves the way to its person. */
  onAttempt(delivery: DeliveryView): void;
  publish(): void;
}

export interface ReadinessDependencies {
  readonly config: Config;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly state: StateStore;
  readonly log: Log;
  readonly rota: Rota;
  readonly actions: ActionRunner;
  readonly armed: () => boolean;
  readonly battery: (ups: string) => BatteryNow;
  /** When each plan was practised last. */
  readonly lastDrills: () => ReadonlyMap<string, Instant>;
  readonly contacts: Pick<ContactTests, 'begin' | 'outcome'>;
  readonly publishView: (view: ReadinessView) => void;
  /** Told with each view: the self-check raises or clears its alert. */
  readonly onView: (view: ReadinessView) => void;
}

const PREFIX = 'readiness/';
const TEST_LIMIT = seconds(20);
/** Side by side: enough for forty targets in a minute or two, gentle on the room. */
const AT_ONCE = 4;
const EVERY = minutes(10);
const AFTER_START = minutes(1);
const DAY = milliseconds(86_400_000);

export function createReadinessDesk(deps: ReadinessDependencies): ReadinessDesk {
  return new Desk(deps);
}

class Desk implements ReadinessDesk {
  readonly #deps: ReadinessDependencies;
  readonly #targets: readonly Target[];
  #testing = false;
  #stopped = true;
  #lastTestAt: Instant | null = null;
  #nextTestAt: Instant | null = null;
  #journalFault: string | null = null;
  #cancels: Cancel[] = [];

  constructor(deps: ReadinessDependencies) {
    this.#deps = deps;
    this.#targets = targetsOf(deps.config);
  }

  start(): void {
    this.#stopped = false;
    const { state, clock } = this.#deps;
    this.#lastTestAt = (state.get(`${PREFIX}last-test`) as Instant | undefined) ?? null;
    const now = clock.now();
    const stale = this.#lastTestAt === null || now - this.#lastTestAt > DAY;
    this.#schedule(stale ? plus(now, AFTER_START) : nextDaily(this.#deps.config, now));
    this.#tick();
  }

  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#cancels.splice(0)) cancel();
  }

  testNow(by: string, contacts = false): boolean {
    if (this.#testing || this.#stopped) return false;
    if (contacts) this.#testContacts(by);
    this.#deps.log.info({ by, targets: this.#targets.length }, 'testing every target');
    void this.#testAll();
    return true;
  }

  /** O-ORG-1: a quiet message to everybody whom a plan names; what a channel takes proves the way, who confirms it proves the person. */
  #testContacts(by: string): void {
    const { config, rota, clock, contacts } = this.#deps;
    const people = neededPeople(config, rota, clock.now());
    contacts.begin(by, people, { confirm: true });
  }

  onAttempt(delivery: DeliveryView): void {
    if (!wentOut(delivery.state) || delivery.sentAt === null) return;
    this.#deps.state.set(`${PREFIX}route/${delivery.person}`, this.#deps.clock.now());
  }

  publish(): void {
    if (this.#stopped) return;
    const view = this.#view();
    this.#deps.publishView(view);
    this.#deps.onView(view);
  }

  #tick(): void {
    this.publish();
    this.#cancels = [...this.#cancels.slice(-1), this.#deps.clock.after(EVERY, () => this.#tick())];
  }

  #schedule(at: Instant): void {
    this.#nextTestAt = at;
    const delay = milliseconds(Math.max(0, at - this.#deps.clock.now()));
    this.#cancels.push(
      this.#deps.clock.after(delay, () => {
        this.testNow('zhishou');
        this.#schedule(nextDaily(this.#deps.config, plus(this.#deps.clock.now(), minutes(1))));
      }),
    );
  }

  async #testAll(): Promise<void> {
    this.#testing = true;
    this.publish();
    const waiting = [...this.#targets];
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await this.#test(next);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    if (this.#stopped) return;
    const fault = this.#deps.journal.verify();
    this.#journalFault = fault === null ? null : `#${fault.seq} ${fault.reason}`;
    this.#testing = false;
    this.#lastTestAt = this.#deps.clock.now();
    this.#deps.state.set(`${PREFIX}last-test`, this.#lastTestAt);
    this.publish();
  }

  async #test(target: Target): Promise<void> {
    const { clock, actions, state } = this.#deps;
    const outcome = await actions.test(target.action, {
      run: `readiness/${target.id}`,
      limit: TEST_LIMIT,
      values: { device: target.device.id, run: 'readiness', incident: 'readiness' },
    });
    if (this.#stopped) return;
    const record: TestRecord = { at: clock.now(), result: outcome.result, detail: outcome.detail };
    state.set(`${PREFIX}target/${target.id}`, record);
  }

  #view(): ReadinessView {
    const { config, clock, state, rota, armed, lastDrills } = this.#deps;
    const now = clock.now();
    const drills = lastDrills();
    const recorded = (id: string): TestRecord | null =>
      (state.get(`${PREFIX}target/${id}`) as TestRecord | undefined) ?? null;
    const titles = new Map(config.plans.map((plan) => [plan.id, plan.title]));
    const battery = config.plans.flatMap((plan) => batteryFits(plan, this.#compileContext(), this.#deps.battery));
    const nameOf = (id: string): Text => config.devices.find((device) => device.id === id)?.name ?? sameText(id);
    const items: ReadinessItem[] = [
      ...this.#targets.map((target) => targetItem(target, recorded(target.id), now)),
      ...battery.map((fit) => batteryItem(fit, titles.get(fit.plan) ?? sameText(fit.plan), nameOf)),
      ...peopleItems(
        config,
        rota,
        now,
        (person) => (state.get(`${PREFIX}route/${person}`) as Instant | undefined) ?? null,
        this.#deps.contacts.outcome(),
      ),
      ...config.plans.map((plan) => drillItem(plan, drills.get(plan.id) ?? null, now)),
      monitorItem(this.#journalFault, now),
      armedItem(armed(), config.site.simulation),
    ];
    return readinessView({
      at: toIso(now),
      items,
      battery,
      testing: this.#testing,
      lastTestAt: this.#lastTestAt === null ? null : toIso(this.#lastTestAt),
      nextTestAt: this.#nextTestAt === null ? null : toIso(this.#nextTestAt),
    });
  }

  #compileContext() {
    const { config, state, actions } = this.#deps;
    return {
      config,
      recordedP95: (device: string, operation: string): Duration | null => recordedP95(state, device, operation),
      describe: actions.describe,
      measured: (ups: Device) => measuredModel(state, ups),
    };
  }
}

/** The next time of day in the site's own zone. */
export function nextDaily(config: Pick<Config, 'site'>, now: Instant): Instant {
  const zoned = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(config.site.time_zone);
  const time = Temporal.PlainTime.from(config.site.readiness.at);
  const today = zoned.toPlainDate().toZonedDateTime({ timeZone: config.site.time_zone, plainTime: time });
  const next = today.epochMilliseconds > now ? today : today.add({ days: 1 });
  return instant(next.epochMilliseconds);
}
