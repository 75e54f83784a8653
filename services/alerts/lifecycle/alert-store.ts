import type { AlertView } from '#core/alert.ts';
import type { Rule } from '#core/config/rule.ts';
import type { Shelved } from '#core/maintenance.ts';
import type { StateStore } from '#core/ports.ts';
import { fromIso } from '#core/time.ts';
import { type AlertRecord, isActive } from './alert-record.ts';

/** Alerts in memory and in the state store: those that are active, the last 500 that have cleared, and silences by rule and device. */
export interface AlertStore {
  restore(): void;
  get(id: string): AlertRecord | null;
  activeFor(rule: string, device: string): AlertRecord | null;
  /** The same list while none of them changes. */
  active(): readonly AlertRecord[];
  cleared(): readonly AlertRecord[];
  /** A new record that nobody keeps yet; `put` it. */
  open(rule: Rule, device: string, seen: Seen): AlertRecord;
  put(record: AlertRecord): void;
  /** Cleared ones whose recovery is still to be told. */
  owing(): readonly AlertRecord[];
  /** Drops an alert that never fired. */
  forget(id: string): void;
  silence(rule: string, device: string, silenced: NonNullable<AlertView['silenced']>): void;
  /** Null: nothing was shelved there. */
  endSilence(rule: string, device: string): NonNullable<AlertView['silenced']> | null;
  /** What is shelved, firing or not; what is over is forgotten. */
  shelved(now: string): readonly Shelved[];
}

export interface Seen {
  readonly at: string;
  readonly state: AlertView['state'];
  readonly value: AlertView['value'];
  readonly point: string;
  readonly simulated: boolean;
}

export const MAX_CLEARED = 500;
const ACTIVE = 'alerts/active/';
const CLEARED = 'alerts/cleared/';
const SILENCE = 'alerts/silence/';

export function createAlertStore(state: StateStore, retract: (id: string) => void): AlertStore {
  const active = new Map<string, AlertRecord>();
  const cleared = new Map<string, AlertRecord>();
  let listed: readonly AlertRecord[] | null = null;
  const list = (): readonly AlertRecord[] => {
    listed ??= [...active.values()];
    return listed;
  };

  function putCleared(record: AlertRecord): void {
    const { id } = record.view;
    listed = null;
    if (active.delete(id)) state.delete(ACTIVE + id);
    cleared.set(id, record);
    state.set(CLEARED + id, record);
    for (const oldest of [...cleared.keys()].slice(0, Math.max(0, cleared.size - MAX_CLEARED))) {
      // Whoever was told is told of the end first (L31).
      if (cleared.get(oldest)?.recovers !== undefined) continue;
      cleared.delete(oldest);
      state.delete(CLEARED + oldest);
      retract(oldest);
    }
  }

  return {
    restore() {
      listed = null;
      for (const [, value] of state.entries(ACTIVE)) active.set((value as AlertRecord).view.id, value as AlertRecord);
      const ended = [...state.entries(CLEARED)].map(([, value]) => value as AlertRecord);
      ended.sort((a, b) => (a.view.clearedAt ?? '').localeCompare(b.view.clearedAt ?? ''));
      for (const record of ended) cleared.set(record.view.id, record);
    },
    get: (id) => active.get(id) ?? cleared.get(id) ?? null,
    activeFor: (rule, device) => list().find(({ view }) => view.rule === rule && view.device === device) ?? null,
    active: list,
    cleared: () => [...cleared.values()],
    owing: () => [...cleared.values()].filter(({ recovers }) => recovers !== undefined),
    open(rule, device, seen) {
      const first = newRecord(rule, device, seen, silenceFor(state, rule, device));
      let { view } = first;
      // What is told is told once per id: an alert of the same instant as one before (or of a clock set back) needs its own.
      for (let n = 2; active.has(view.id) || cleared.has(view.id); n++) view = { ...view, id: `${first.view.id}-${n}` };
      return { ...first, view };
    },
    put(record) {
      if (!isActive(record)) {
        putCleared(record);
        return;
      }
      listed = null;
      active.set(record.view.id, record);
      state.set(ACTIVE + record.view.id, record);
    },
    forget(id) {
      listed = null;
      active.delete(id);
      cleared.delete(id);
      state.delete(ACTIVE + id);
      state.delete(CLEARED + id);
      retract(id);
    },
    silence: (rule, device, silenced) => state.set(`${SILENCE}${rule}/${device}`, silenced),
    endSilence(rule, device) {
      const key = `${SILENCE}${rule}/${device}`;
      const kept = state.get(key) as NonNullable<AlertView['silenced']> | undefined;
      if (kept !== undefined) state.delete(key);
      return kept ?? null;
    },
    shelved(now) {
      const found: Shelved[] = [];
      for (const [key, value] of [...state.entries(SILENCE)]) {
        const [rule = '', device = ''] = key.slice(SILENCE.length).split('/');
        const silenced = value as NonNullable<AlertView['silenced']>;
        if (silenced.until <= now) state.delete(key);
        else found.push({ rule, device, ...silenced });
      }
      return found;
    },
  };
}

/** A silence holds for the rule and the device until its end, also when the alert comes back meanwhile. */
function silenceFor(state: StateStore, rule: Rule, device: string): AlertView['silenced'] {
  if (rule.safety) return null;
  return (state.get(`${SILENCE}${rule.id}/${device}`) as AlertView['silenced'] | undefined) ?? null;
}

function newRecord(rule: Rule, device: string, seen: Seen, silenced: AlertView['silenced']): AlertRecord {
  const since = fromIso(seen.at) ?? 0;
  return {
    view: {
      id: `${rule.id}.${device}.${since.toString(36)}`,
      rule: rule.id,
      device,
      title: rule.title,
      severity: rule.severity,
      safety: rule.safety,
      state: seen.state,
      value: seen.value,
      point: seen.point,
      consequence: rule.consequence,
      response: rule.response,
      respondWithinS: rule.respond_within / 1000,
      since: seen.at,
      firedAt: null,
      acknowledged: null,
      clearedAt: null,
      inhibitedBy: null,
      silenced: silenced !== null && silenced.until > seen.at ? silenced : null,
      doubtful: false,
      simulated: seen.simulated,
    },
    told: null,
    toldAt: null,
    rung: 0,
    heldUntil: null,
    handed: false,
    retired: false,
  };
}
