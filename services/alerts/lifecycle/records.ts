import type { AlertView } from '#core/alert.ts';
import { type AlertEvent, changesOf } from '#core/alert-event.ts';
import type { StateStore } from '#core/ports.ts';
import { type Instant, toIso } from '#core/time.ts';
import { createAlertLog } from './alert-log.ts';
import type { AlertRecord } from './alert-record.ts';
import type { AlertStore } from './alert-store.ts';

/** Where a changed alert goes: kept with one line in the log for each change, and after the commit to page and incidents. */
export interface Records {
  /** `by`: who gave the order, where a person did. */
  put(record: AlertRecord, by?: string): void;
  /** The alerts put since this was asked last. */
  takeChanged(): readonly string[];
  emit(ids: readonly string[]): void;
  /** At start: what the incidents have not been given yet counts as changed. */
  recall(): void;
}

export interface RecordsDependencies {
  readonly store: AlertStore;
  readonly state: StateStore;
  readonly now: () => Instant;
  readonly publish: (view: AlertView) => void;
  readonly hand: (view: AlertView, mayOpen: boolean) => void;
  readonly opensIncident: (rule: string) => boolean;
  readonly onChange?: (event: AlertEvent) => void;
}

export function createRecords(dependencies: RecordsDependencies): Records {
  const { store, now } = dependencies;
  const log = createAlertLog(dependencies.state, now);
  const dirty = new Set<string>();

  /** An alert that opens an incident must not get lost between its own record and the incident's. */
  const mustArrive = ({ view, handed, retired }: AlertRecord): boolean =>
    !handed && !retired && view.state === 'firing' && dependencies.opensIncident(view.rule);
  const mayOpen = (record: AlertRecord): boolean => record.told !== null || record.opens === true;

  function emitOne(id: string): void {
    const record = store.get(id);
    if (record === null) return;
    dependencies.publish(record.view);
    if (record.view.firedAt === null) {
      if (record.view.state === 'cleared') store.forget(id);
      return;
    }
    if (record.retired) return;
    dependencies.hand(record.view, mayOpen(record));
    if (mustArrive(record) && mayOpen(record)) store.put({ ...(store.get(id) ?? record), handed: true });
  }

  return {
    put(record, by) {
      const { id, rule, device, severity, simulated } = record.view;
      const before = store.get(id)?.view ?? null;
      const { retired } = record;
      for (const change of changesOf(before, record.view, { retired, ...(by === undefined ? {} : { by }) })) {
        const event: AlertEvent = {
          ...{ at: toIso(now()), alert: id, rule, device, severity, ...change },
          ...(simulated ? { simulated } : {}),
        };
        log.append(event);
        dependencies.onChange?.(event);
      }
      store.put(record);
      dirty.add(id);
    },
    takeChanged() {
      const changed = [...dirty];
      dirty.clear();
      return changed;
    },
    emit: (ids) => ids.forEach(emitOne),
    recall() {
      for (const record of store.active()) if (mustArrive(record)) dirty.add(record.view.id);
    },
  };
}
