import type { AlertView } from '#core/alert.ts';
import type { Config } from '#core/config/config.ts';
import { type Inhibition, inhibitingRule, type Rule } from '#core/config/rule.ts';
import { type MaintenanceWindow, windowEnd } from '#core/maintenance.ts';
import type { Instant } from '#core/time.ts';
import { type AlertRecord, isFiring } from './alert-record.ts';
import type { AlertStore } from './alert-store.ts';
import type { Now } from './ringing.ts';
import { silenceLeft } from './tell-decision.ts';
import { createExplains } from './what-explains.ts';

/**
 * What holds an alert back from people: another alert that explains it, a plan that took its device down, a person who shelved
 * it, work on its equipment.
 */
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
  /** The battery test that explains that this UPS has no mains: `battery-test/<id>`. */
  readonly testedBy?: (rule: string, device: string) => string | null;
  /** The open incident that an alert belongs to. */
  readonly incidentOf?: (rule: string, device: string) => string | null;
  /** The window of work that the rule's alert on this device is in. */
  readonly windowFor?: (rule: string, device: string, wall: Instant) => MaintenanceWindow | null;
}

export function createHolding({
  config,
  store,
  put,
  takenDownBy,
  testedBy,
  incidentOf,
  windowFor,
}: HoldingDependencies): Holding {
  const explains = createKnownExplanations(config.devices, store);

  /** Exactly which one: the alert's id, or the incident's. */
  function holderOf({ inhibited_by }: Rule, device: string): string | null {
    if (inhibited_by.length === 0) return null;
    for (const inhibition of inhibited_by) {
      const holder = explains(inhibition, device);
      if (holder !== null) return holder;
    }
    return takenDownBy(device);
  }

  function maintenanceOf({ view }: AlertRecord, wall: Instant): NonNullable<AlertView['maintenance']> | null {
    const window = windowFor?.(view.rule, view.device, wall) ?? null;
    if (window === null) return null;
    const { id, by, reason } = window;
    return { id, by, until: windowEnd(window), reason };
  }

  return {
    holdOrRelease(record, rule, now) {
      const { view } = record;
      const held = rule.safety ? null : (testedBy?.(rule.id, view.device) ?? holderOf(rule, view.device));
      const silenced = rule.safety || silenceLeft(record, now.wall) === null ? null : view.silenced;
      const before = view.maintenance ?? null;
      const maintenance = rule.safety ? null : maintenanceOf(record, now.wall);
      const incident = incidentOf?.(rule.id, view.device) ?? view.incident;
      const sameHold = held === view.inhibitedBy && silenced === view.silenced && incident === view.incident;
      if (sameHold && maintenance?.id === before?.id && maintenance?.until === before?.until) return record;
      // What a battery test explained until now is an outage from now on: no grace.
      const released = view.inhibitedBy !== null && held === null && !view.inhibitedBy.startsWith(BY_TEST);
      const back = (view.silenced !== null && silenced === null) || (before !== null && maintenance === null);
      const { maintenance: _, ...rest } = view;
      const next: AlertRecord = {
        ...record,
        view: {
          ...rest,
          inhibitedBy: held,
          silenced,
          ...(incident === undefined ? {} : { incident }),
          ...(maintenance === null ? {} : { maintenance }),
        },
        heldUntil: released ? now.steady : record.heldUntil,
        // Whoever was told before hears that it is still there; who acknowledged it knows.
        ...(back && record.told !== null && view.state === 'firing' ? { owed: true } : {}),
      };
      put(next);
      return next;
    },
  };
}

const BY_TEST = 'battery-test/';

/** Each change of any alert asks of every other one what explains it: the answers stand while the same alerts of that rule fire. */
function createKnownExplanations(devices: Config['devices'], store: HoldingDependencies['store']) {
  const explains = createExplains(devices);
  const known = new Map<string, Known>();

  function firingOf(rule: string): Known {
    const active = store.active();
    const before = known.get(rule);
    if (before?.active === active) return before;
    const views = active.flatMap(viewOf(rule));
    const same = before !== undefined && isSame(views, before.views);
    const now: Known = same ? { ...before, active } : { active, views, holders: new Map() };
    known.set(rule, now);
    return now;
  }

  return (inhibition: Inhibition, device: string): string | null => {
    const { views, holders } = firingOf(inhibitingRule(inhibition));
    if (views.length === 0) return null;
    const key = `${typeof inhibition === 'string' ? '' : inhibition.scope} ${device}`;
    const found = holders.get(key);
    if (found !== undefined) return found;
    const holder = explains(inhibition, device, views);
    holders.set(key, holder);
    return holder;
  };
}

interface Known {
  readonly active: readonly AlertRecord[];
  /** The alerts of one rule that fire. */
  readonly views: readonly AlertView[];
  /** By scope and device, what explains that the device does not do what it should. */
  readonly holders: Map<string, string | null>;
}

const isSame = (a: readonly AlertView[], b: readonly AlertView[]): boolean =>
  a.length === b.length && a.every((view, place) => view === b[place]);

/** What comes and goes is kept firing through its gaps, and is no reason to keep silent about others in them. */
const viewOf =
  (rule: string) =>
  (record: AlertRecord): readonly AlertView[] =>
    record.view.rule === rule && isFiring(record) && record.view.chattering === undefined ? [record.view] : [];
