import type { AlertView } from '#core/alert.ts';
import type { Config } from '#core/config/config.ts';
import { inhibitingRule, type Rule } from '#core/config/rule.ts';
import { type AlertRecord, isFiring } from './alert-record.ts';
import type { AlertStore } from './alert-store.ts';
import type { Now } from './ringing.ts';
import { silenceLeft } from './tell-decision.ts';
import { createExplains } from './what-explains.ts';

/** What holds an alert back from people: another alert that explains it, a plan that took its device down, a person who shelved it. */
export interface Holding {
  /** Its record as it is now, kept if that is another. */
  holdOrRelease(record: AlertRecord, rule: Rule, now: Now): AlertRecord;
}

export interface HoldingDependencies {
  readonly config: Pick<Config, 'devices'>;
  readonly store: Pick<AlertStore, 'active'>;
  readonly put: (record: AlertRecord) => void;
  /** The open incident whose plan took this device down, and so explains that it is down. */
  readonly takenDownBy: (device: string) => string | null;
}

export function createHolding({ config, store, put, takenDownBy }: HoldingDependencies): Holding {
  const explains = createExplains(config.devices);

  /** Exactly which one: the alert's id, or the incident's. */
  function holderOf({ inhibited_by }: Rule, device: string): string | null {
    if (inhibited_by.length === 0) return null;
    for (const inhibition of inhibited_by) {
      const rule = inhibitingRule(inhibition);
      const holder = explains(inhibition, device, store.active().flatMap(viewOf(rule)));
      if (holder !== null) return holder;
    }
    return takenDownBy(device);
  }

  return {
    holdOrRelease(record, rule, now) {
      const held = rule.safety ? null : holderOf(rule, record.view.device);
      const silenced = silenceLeft(record, now.wall) === null ? null : record.view.silenced;
      if (held === record.view.inhibitedBy && silenced === record.view.silenced) return record;
      const released = record.view.inhibitedBy !== null && held === null;
      const next: AlertRecord = {
        ...record,
        view: { ...record.view, inhibitedBy: held, silenced },
        heldUntil: released ? now.steady : record.heldUntil,
      };
      put(next);
      return next;
    },
  };
}

/** What comes and goes is kept firing through its gaps, and is no reason to keep silent about others in them. */
const viewOf =
  (rule: string) =>
  (record: AlertRecord): readonly AlertView[] =>
    record.view.rule === rule && isFiring(record) && record.view.chattering === undefined ? [record.view] : [];
