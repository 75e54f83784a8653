import type { AlertView } from '#core/alert.ts';
import type { Config } from '#core/config/config.ts';
import type { Rule } from '#core/config/rule.ts';
import type { NotificationRequest } from '#core/notification.ts';
import type { Cancel, Clock, Log, Metrics } from '#core/ports.ts';
import { type Instant, milliseconds, minutes, plus, toIso } from '#core/time.ts';
import type { RuleEffect } from '../rules/rule-step.ts';
import type { Rota } from '../seams.ts';
import type { UnitOfWork } from '../unit-of-work.ts';
import { type AlertRecord, isFiring } from './alert-record.ts';
import { type AlertStore, createAlertStore } from './alert-store.ts';
import type { AlertTexts } from './alert-texts.ts';
import { createHolding } from './holding.ts';
import { avoiding, createRinging } from './ringing.ts';
import { decideTelling } from './tell-decision.ts';

/** Why an order about an alert is not possible: there is none such, it has cleared, it is a safety alert. */
export type AlertRefusal = 'NOT_FOUND' | 'CONFLICT' | 'FORBIDDEN';

/** The life of alerts: what fires is told once, acknowledged, silenced, held back or escalated, and its recovery is told once. */
export interface AlertBook {
  /** Restores, publishes everything again, hands to the incidents what they have not seen, tells nothing twice. */
  start(): void;
  stop(): void;
  apply(rule: Rule, device: string, effects: readonly RuleEffect[]): void;
  /** Closes the alerts of rules that the configuration has no more. */
  retire(orphans: readonly { rule: string; device: string }[]): void;
  /** `via`: how, where it was not on the page. Again by anybody: somebody is still on it. */
  acknowledge(id: string, by: string, via?: string): AlertRefusal | null;
  /** A person did something about it: an acknowledged alert is not left alone. */
  caredFor(id: string): void;
  silence(id: string, by: string, forMinutes: number, reason: string): AlertRefusal | null;
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
  /** `told`: people know of it. What another alert explains is not told, and opens no incident of its own. */
  readonly hand: (view: AlertView, told: boolean) => void;
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
}

export function createAlertBook(dependencies: AlertBookDependencies): AlertBook {
  const { config, clock, steady, work, texts, log, metrics } = dependencies;
  const rules = new Map([...config.rules, ...dependencies.ownRules].map((rule) => [rule.id, rule]));
  const store: AlertStore = createAlertStore(work.store, dependencies.retract);
  const ringing = createRinging({ ...dependencies, plan: config.rota.escalation, put });
  const holding = createHolding({ ...dependencies, store, put });
  const dirty = new Set<string>();
  let timer: { at: Instant; cancel: Cancel } | null = null;
  let stopped = false;

  /** Every change goes through here: the change, what it means for the others, durable, then published and handed on. */
  function change(make: () => void): void {
    work.run(() => {
      make();
      reviewAll();
      const changed = [...dirty];
      dirty.clear();
      work.afterCommit(() => emit(changed));
    });
  }

  function put(record: AlertRecord): void {
    store.put(record);
    dirty.add(record.view.id);
  }

  function emit(ids: readonly string[]): void {
    for (const id of ids) {
      const record = store.get(id);
      if (record === null) continue;
      dependencies.publish(record.view);
      if (record.view.firedAt === null) {
        if (record.view.state === 'cleared') store.forget(id);
        continue;
      }
      if (record.retired) continue;
      dependencies.hand(record.view, record.told !== null);
      if (mustArrive(record) && record.told !== null) store.put({ ...(store.get(id) ?? record), handed: true });
    }
  }

  /** An alert that opens an incident must not get lost between its own record and the incident's. */
  function mustArrive({ view, handed, retired }: AlertRecord): boolean {
    return !handed && !retired && view.state === 'firing' && dependencies.opensIncident(view.rule);
  }

  function applyEffect(rule: Rule, device: string, effect: RuleEffect): void {
    const record = store.activeFor(rule.id, device);
    const at = toIso(clock.now());
    const seen = { value: effect.value, point: effect.point, simulated: effect.simulated || config.site.simulation };
    switch (effect.kind) {
      case 'pending':
        if (record === null) put(store.open(rule, device, { ...seen, at, state: 'pending' }));
        return;
      case 'fired': {
        const open = record ?? store.open(rule, device, { ...seen, at, state: 'pending' });
        if (isFiring(open)) return;
        put({ ...open, view: { ...open.view, ...seen, state: 'firing', firedAt: at, doubtful: false } });
        metrics.count('zhishou_alerts_fired_total', { rule: rule.id, severity: rule.severity });
        log.warn({ alert: open.view.id, rule: rule.id, device, value: effect.value }, 'alert fires');
        return;
      }
      case 'dismissed':
      case 'cleared':
        if (record !== null) close(record, { ...seen, at }, false);
        return;
      case 'chattering':
        if (record !== null) {
          const chattering = { times: effect.times ?? 0 };
          put({ ...record, view: { ...record.view, value: effect.value, point: effect.point, chattering } });
        }
        return;
      case 'doubtful':
      case 'certain':
        if (record !== null) put({ ...record, view: { ...record.view, doubtful: effect.kind === 'doubtful' } });
    }
  }

  function close(
    record: AlertRecord,
    seen: { at: string; value: AlertView['value']; point: string; simulated: boolean },
    retired: boolean,
  ): void {
    const { at, ...rest } = seen;
    const view: AlertView = { ...record.view, ...rest, state: 'cleared', clearedAt: at, doubtful: false };
    put({ ...record, view, retired });
    log.info({ alert: view.id, rule: view.rule, device: view.device, retired }, 'alert clears');
    // L31: exactly one recovery, to those who were told; what nobody was told of recovers in silence.
    const later = retired ? new Set<string>() : dependencies.toldOfTheEnd(view.rule);
    const people = (record.told ?? []).filter((person) => !later.has(person));
    if (people.length === 0) return;
    dependencies.tell({
      key: `alert/${view.id}/cleared`,
      about: { alert: view.id },
      functions: [],
      people,
      phase: 'recovered',
      severity: view.severity === 'low' ? 'low' : 'medium',
      ...texts.cleared(view),
      drill: false,
      simulated: view.simulated,
    });
  }

  function reviewAll(): void {
    const now = { steady: steady(), wall: clock.now() };
    let again: Instant | null = null;
    const sooner = (at: Instant | null): void => {
      if (at !== null && (again === null || at < again)) again = at;
    };
    for (const record of store.active()) {
      const rule = rules.get(record.view.rule);
      if (rule === undefined || record.view.state === 'pending') continue;
      const current = holding.holdOrRelease(record, rule, now);
      sooner(tellIfDue(current, rule, now));
      sooner(ringing.ringIfDue(store.get(record.view.id) ?? current, rule, now));
    }
    wake(again, now.steady);
  }

  function tellIfDue(record: AlertRecord, rule: Rule, now: { steady: Instant; wall: Instant }): Instant | null {
    const decision = decideTelling(record, rule, record.view.inhibitedBy, now);
    if (!decision.tell) return decision.again;
    const first = ringing.first(rule, now);
    const told = dependencies.tell({
      key: `alert/${record.view.id}/fired`,
      phase: 'raised',
      about: { alert: record.view.id },
      ...first.whom,
      severity: rule.severity,
      ...texts.fired(record.view),
      drill: false,
      simulated: record.view.simulated,
      ...avoiding(record),
    });
    put({ ...record, told, toldAt: now.steady, step: first.step });
    return null;
  }

  function wake(at: Instant | null, now: Instant): void {
    if (timer !== null && timer.at === at) return;
    timer?.cancel();
    timer = null;
    if (at === null || stopped) return;
    const cancel = clock.after(milliseconds(Math.max(1, at - now)), () => {
      timer = null;
      if (!stopped) change(() => {});
    });
    timer = { at, cancel };
  }

  return {
    start() {
      store.restore();
      for (const { view } of [...store.cleared(), ...store.active()]) dependencies.publish(view);
      change(() => {
        for (const record of store.active()) if (mustArrive(record)) dirty.add(record.view.id);
      });
    },
    stop() {
      stopped = true;
      timer?.cancel();
    },
    apply(rule, device, effects) {
      if (effects.length > 0) {
        change(() => {
          for (const effect of effects) applyEffect(rule, device, effect);
        });
      }
    },
    retire(orphans) {
      const known = new Set([...rules.keys()]);
      const lost = store
        .active()
        .filter(
          ({ view }) => !known.has(view.rule) || orphans.some((o) => o.rule === view.rule && o.device === view.device),
        );
      if (lost.length === 0) return;
      change(() => {
        for (const record of lost) {
          const { value, point, simulated } = record.view;
          close(record, { at: toIso(clock.now()), value, point, simulated }, true);
        }
      });
    },
    acknowledge(id, by, via) {
      const record = store.get(id);
      if (record === null) return 'NOT_FOUND';
      if (record.view.state === 'acknowledged') change(() => put({ ...record, caredAt: steady() }));
      if (record.view.state !== 'firing') return record.view.state === 'acknowledged' ? null : 'CONFLICT';
      const acknowledged = { by, at: toIso(clock.now()), ...(via === undefined ? {} : { via }) };
      const view: AlertView = { ...record.view, state: 'acknowledged', acknowledged };
      change(() => put({ ...record, view, caredAt: steady() }));
      return null;
    },
    caredFor(id) {
      const record = store.get(id);
      if (record?.view.state === 'acknowledged') change(() => put({ ...record, caredAt: steady() }));
    },
    silence(id, by, forMinutes, reason) {
      const record = store.get(id);
      if (record === null) return 'NOT_FOUND';
      if (record.view.state === 'cleared') return 'CONFLICT';
      if (record.view.safety) return 'FORBIDDEN';
      const silenced = { by, until: toIso(plus(clock.now(), minutes(forMinutes))), reason };
      change(() => {
        store.silence(record.view.rule, record.view.device, silenced);
        put({ ...record, view: { ...record.view, silenced } });
      });
      return null;
    },
    review: () => change(() => {}),
    active: () => store.active().map(({ view }) => view),
    republish() {
      for (const { view } of [...store.cleared(), ...store.active()]) dependencies.publish(view);
    },
  };
}
