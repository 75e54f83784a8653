import type { AlertView } from '#core/alert.ts';
import type { AlertEvent } from '#core/alert-event.ts';
import type { Config } from '#core/config/config.ts';
import type { Rule } from '#core/config/rule.ts';
import type { Shelved } from '#core/maintenance.ts';
import type { NotificationRequest } from '#core/notification.ts';
import type { Cancel, Clock, Log, Metrics } from '#core/ports.ts';
import type { EndedByRules } from '#core/rules/rule-set.ts';
import type { RuleEffect } from '#core/rules/rule-step.ts';
import { fromIso, type Instant, milliseconds, plus, toIso } from '#core/time.ts';
import type { Rota } from '../seams.ts';
import type { UnitOfWork } from '../unit-of-work.ts';
import type { AlertRecord } from './alert-record.ts';
import { type AlertStore, createAlertStore } from './alert-store.ts';
import type { AlertTexts } from './alert-texts.ts';
import { createHolding } from './holding.ts';
import type { MaintenanceDesk } from './maintenance.ts';
import { createOrders } from './orders.ts';
import { createRecords } from './records.ts';
import { createRinging, type Now } from './ringing.ts';
import { createTelling } from './telling.ts';
import { type Closing, createTransitions } from './transitions.ts';
import { withWordsOf } from './words-of-rule.ts';

/** Why an order about an alert is not possible: there is none such, it has cleared, it is a safety alert. */
export type AlertRefusal = 'NOT_FOUND' | 'CONFLICT' | 'FORBIDDEN';

/** The life of alerts: what fires is told once, acknowledged, silenced, held back or escalated, and its recovery is told once. */
export interface AlertBook {
  /** Restores, publishes everything again, hands to the incidents what they have not seen, tells nothing twice. */
  start(): void;
  stop(): void;
  apply(rule: Rule, device: string, effects: readonly RuleEffect[]): void;
  /** Closes the alerts of rules that the configuration has no more. */
  retire(orphans: readonly EndedByRules[]): void;
  /** Other rules count from now on: what ended by them is closed, what goes on has their words. No event of the room (L8). */
  follow(ended: readonly EndedByRules[]): void;
  /** `via`: how, where it was not on the page. Again by anybody: somebody is still on it. */
  acknowledge(id: string, by: string, via?: string): AlertRefusal | null;
  /** A person did something about it: an acknowledged alert is not left alone. */
  caredFor(id: string): void;
  /** Shelves it: told to nobody until then, recorded and shown all the same. */
  silence(id: string, by: string, forMinutes: number, reason: string): AlertRefusal | null;
  /** Takes the rule on this device off the shelf before its time; what still fires is told. */
  unshelve(rule: string, device: string, by: string): AlertRefusal | null;
  /** What is shelved, firing or not. */
  shelved(): readonly Shelved[];
  /** Judges again what was held back; called when incidents change. */
  review(): void;
  active(): readonly AlertView[];
  /** Publishes every alert kept again, for a broker that has forgotten. */
  republish(): void;
}

export interface AlertBookDependencies {
  readonly config: Config;
  /** Rules of the product itself, beside the configuration's. */
  readonly ownRules: readonly Rule[];
  /** A rule as it counts for a device now. Default: as the configuration has it. */
  readonly findRule?: (rule: string, device: string) => Rule | null;
  readonly clock: Clock;
  readonly steady: () => Instant;
  readonly rota: Rota;
  readonly work: UnitOfWork;
  readonly texts: AlertTexts;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Durable within the unit of work; returns the people it goes to. */
  readonly tell: (request: NotificationRequest) => readonly string[];
  readonly publish: (view: AlertView) => void;
  readonly retract: (id: string) => void;
  /** `mayOpen`: people know of it, or will in a moment. What another alert explains opens no incident of its own. */
  readonly hand: (view: AlertView, mayOpen: boolean) => void;
  /** The open incident whose plan took this device down, and so explains that it is down. */
  readonly takenDownBy: (device: string) => string | null;
  /** A plan of the configuration is triggered by this rule. */
  readonly opensIncident: (rule: string) => boolean;
  /** An open incident answers for alerts of this rule: it escalates by itself. */
  readonly answeredFor: (rule: string) => boolean;
  /** Somebody did something, or a step ended, in the incident that answers for it, since then. */
  readonly progressedSince?: (rule: string, since: Instant) => boolean;
  /** People whom that incident will tell of its end: for them the recovery of the alert is no message of its own. */
  readonly toldOfTheEnd: (rule: string) => ReadonlySet<string>;
  /** The open incident that an alert belongs to. */
  readonly incidentOf: (rule: string, device: string) => string | null;
  /** Its plan follows a battery: it judges the outage whatever people keep silent about. */
  readonly opensAnyway: (rule: string) => boolean;
  /** The battery test that explains it. */
  readonly testedBy?: (rule: string, device: string) => string | null;
  readonly windowFor?: MaintenanceDesk['windowFor'];
  readonly nextChange?: MaintenanceDesk['nextChange'];
  /** What is shelved has changed. */
  readonly onShelves?: () => void;
  /** Each change of an alert once, within the unit of work that records it. */
  readonly onChange?: (event: AlertEvent) => void;
}

export function createAlertBook(dependencies: AlertBookDependencies): AlertBook {
  const { config, clock, steady, work } = dependencies;
  const ruleOf = createFindRule(dependencies);
  const store: AlertStore = createAlertStore(work.store, dependencies.retract);
  const records = createRecords({ ...dependencies, store, state: work.store, now: () => clock.now() });
  const { put } = records;
  const parts = { ...dependencies, store, put };
  const ringing = createRinging({ ...parts, plan: config.rota.escalation });
  const holding = createHolding(parts);
  const telling = createTelling({ ...parts, ringing, state: work.store, request: dependencies.tell });
  const transitions = createTransitions({ ...parts, now: () => clock.now(), simulation: config.site.simulation });
  const alarm = createAlarm(clock, () => change(() => {}));

  /** Every change goes through here: the change, what it means for the others, durable, then published and handed on. */
  function change(make: () => void): void {
    work.run(() => {
      make();
      reviewAll();
      const changed = records.takeChanged();
      work.afterCommit(() => records.emit(changed));
    });
  }

  function reviewAll(): void {
    const now = { steady: steady(), wall: clock.now() };
    const judged: (readonly [id: string, rule: Rule])[] = [];
    let again = laterBy(dependencies.nextChange?.(now.wall) ?? null, now);
    const sooner = (at: Instant | null): void => {
      if (at !== null && (again === null || at < again)) again = at;
    };
    for (const record of store.active()) {
      const rule = ruleOf(record.view.rule, record.view.device);
      if (rule === null || record.view.state === 'pending') continue;
      const current = holding.holdOrRelease(record, rule, now);
      sooner(laterBy(fromIso(current.view.silenced?.until ?? ''), now));
      sooner(telling.consider(current, rule, now));
      judged.push([record.view.id, rule]);
    }
    sooner(telling.tell(now));
    for (const [id, rule] of judged) {
      const record = store.get(id);
      if (record !== null) sooner(ringing.ringIfDue(record, rule, now));
    }
    alarm.set(again, now.steady);
  }

  return {
    start() {
      store.restore();
      telling.restore();
      for (const { view } of [...store.cleared(), ...store.active()]) dependencies.publish(view);
      change(records.recall);
    },
    stop: () => alarm.stop(),
    apply(rule, device, effects) {
      if (effects.length > 0) {
        change(() => {
          for (const effect of effects) transitions.apply(rule, device, effect);
        });
      }
    },
    retire: (orphans) => retireAll(endedOf(orphans)),
    follow(ended) {
      const lost = endedOf(ended);
      const going = store.active().filter((record) => !lost.includes(record));
      const renewed = going.flatMap((one) => withWordsOf(one, ruleOf(one.view.rule, one.view.device)) ?? []);
      if (renewed.length > 0) {
        change(() => {
          for (const record of renewed) put(record);
        });
      }
      retireAll(lost);
    },
    ...createOrders({
      store,
      put,
      change,
      clock,
      steady,
      onShelves: dependencies.onShelves ?? (() => {}),
      ruleOf,
    }),
    review: () => change(() => {}),
    active: () => store.active().map(({ view }) => view),
    republish() {
      for (const { view } of [...store.cleared(), ...store.active()]) dependencies.publish(view);
    },
  };

  /** Of rules that are gone, or that say otherwise by their own change. */
  function endedOf(ended: readonly EndedByRules[]): readonly AlertRecord[] {
    const isEnded = ({ view }: AlertRecord): boolean =>
      ruleOf(view.rule, view.device) === null ||
      ended.some(({ rule, device }) => rule === view.rule && device === view.device);
    return store.active().filter(isEnded);
  }

  function retireAll(lost: readonly AlertRecord[]): void {
    if (lost.length === 0) return;
    change(() => {
      for (const record of lost) transitions.close(record, closingNow(record), true);
    });
  }

  function closingNow({ view: { value, point, simulated } }: AlertRecord): Closing {
    return { at: toIso(clock.now()), value, point, simulated };
  }
}

/** The product's own rules, and those that run now. */
function createFindRule({ config, ownRules, findRule }: AlertBookDependencies) {
  const own = new Map(ownRules.map((rule) => [rule.id, rule]));
  const configured = new Map(config.rules.map((rule) => [rule.id, rule]));
  const find = findRule ?? ((rule: string) => configured.get(rule) ?? null);
  return (rule: string, device: string): Rule | null => own.get(rule) ?? find(rule, device);
}

/** An instant on the wall, on the clock that only goes on; null when it is over. */
const laterBy = (wall: Instant | null, now: Now): Instant | null =>
  wall === null || wall <= now.wall ? null : plus(now.steady, milliseconds(wall - now.wall));

/** One timer for whatever is due next. */
function createAlarm(clock: Clock, ring: () => void) {
  let timer: { at: Instant; cancel: Cancel } | null = null;
  let stopped = false;
  return {
    set(at: Instant | null, now: Instant): void {
      if (timer !== null && timer.at === at) return;
      timer?.cancel();
      timer = null;
      if (at === null || stopped) return;
      const cancel = clock.after(milliseconds(Math.max(1, at - now)), () => {
        timer = null;
        if (!stopped) ring();
      });
      timer = { at, cancel };
    },
    stop(): void {
      stopped = true;
      timer?.cancel();
    },
  };
}
