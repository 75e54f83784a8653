import type { AlertView } from '#core/alert.ts';
import type { Rule } from '#core/config/rule.ts';
import type { Log, Metrics } from '#core/ports.ts';
import type { RuleEffect } from '#core/rules/rule-step.ts';
import { type Instant, toIso } from '#core/time.ts';
import { type AlertRecord, isFiring } from './alert-record.ts';
import type { AlertStore } from './alert-store.ts';

/** What a rule says of a device becomes the life of its alert: pending, firing, cleared. Silence of data clears nothing (L29). */
export interface Transitions {
  apply(rule: Rule, device: string, effect: RuleEffect): void;
  /** `retired`: its rule is gone; that is no event in the room. */
  close(record: AlertRecord, seen: Closing, retired: boolean): void;
}

export interface TransitionsDependencies {
  readonly store: AlertStore;
  readonly put: (record: AlertRecord) => void;
  readonly now: () => Instant;
  readonly simulation: boolean;
  readonly log: Log;
  readonly metrics: Metrics;
  /** People whom the open incident will tell of its end: for them the recovery of the alert is no message of its own. */
  readonly toldOfTheEnd: (rule: string) => ReadonlySet<string>;
}

export interface Closing {
  readonly at: string;
  readonly value: AlertView['value'];
  readonly point: string;
  readonly simulated: boolean;
}

export function createTransitions(dependencies: TransitionsDependencies): Transitions {
  const { store, put, now, log, metrics } = dependencies;

  function fire(rule: Rule, device: string, open: AlertRecord, seen: Closing): void {
    const { at, ...rest } = seen;
    put({ ...open, view: { ...open.view, ...rest, state: 'firing', firedAt: at, doubtful: false } });
    metrics.count('zhishou_alerts_fired_total', { rule: rule.id, severity: rule.severity });
    log.warn({ alert: open.view.id, rule: rule.id, device, value: seen.value }, 'alert fires');
  }

  function close({ putOff: _, owed: __, ...record }: AlertRecord, seen: Closing, retired: boolean): void {
    const { at, ...rest } = seen;
    const view: AlertView = { ...record.view, ...rest, state: 'cleared', clearedAt: at, doubtful: false };
    // L31: exactly one recovery, to those who were told; what nobody was told of recovers in silence.
    const later = retired ? new Set<string>() : dependencies.toldOfTheEnd(view.rule);
    const recovers = (record.told ?? []).filter((person) => !later.has(person));
    put({ ...record, view, retired, ...(recovers.length > 0 ? { recovers } : {}) });
    log.info({ alert: view.id, rule: view.rule, device: view.device, retired }, 'alert clears');
  }

  return {
    close,
    apply(rule, device, effect) {
      const record = store.activeFor(rule.id, device);
      const at = toIso(now());
      const { value, point } = effect;
      const seen: Closing = { at, value, point, simulated: effect.simulated || dependencies.simulation };
      switch (effect.kind) {
        case 'pending':
          if (record === null) put(store.open(rule, device, { ...seen, state: 'pending' }));
          return;
        case 'fired': {
          const open = record ?? store.open(rule, device, { ...seen, state: 'pending' });
          if (!isFiring(open)) fire(rule, device, open, seen);
          return;
        }
        case 'dismissed':
        case 'cleared':
          if (record !== null) close(record, seen, false);
          return;
        case 'chattering':
          if (record !== null)
            put({ ...record, view: { ...record.view, value, point, chattering: { times: effect.times ?? 0 } } });
          return;
        case 'doubtful':
        case 'certain':
          if (record !== null) put({ ...record, view: { ...record.view, doubtful: effect.kind === 'doubtful' } });
      }
    },
  };
}
