import type { AlertView } from '#core/alert.ts';
import type { Rule } from '#core/config/rule.ts';
import type { Clock } from '#core/ports.ts';
import { type Instant, minutes, plus, toIso } from '#core/time.ts';
import type { AlertBook } from './alert-book.ts';
import type { AlertStore } from './alert-store.ts';
import type { Records } from './records.ts';

/** What people order of single alerts: acknowledge, shelve, take off the shelf. */
export type AlertOrders = Pick<AlertBook, 'acknowledge' | 'caredFor' | 'silence' | 'unshelve' | 'shelved'>;

export interface AlertOrdersDependencies {
  readonly store: AlertStore;
  readonly put: Records['put'];
  readonly change: (make: () => void) => void;
  readonly clock: Clock;
  readonly steady: () => Instant;
  readonly onShelves: () => void;
  readonly ruleOf: (rule: string, device: string) => Rule | null;
}

export function createOrders({
  store,
  put,
  change,
  clock,
  steady,
  onShelves,
  ruleOf,
}: AlertOrdersDependencies): AlertOrders {
  const now = (): string => toIso(clock.now());
  return {
    acknowledge(id, by, via) {
      const record = store.get(id);
      if (record === null) return 'NOT_FOUND';
      if (record.view.state === 'acknowledged') change(() => put({ ...record, caredAt: steady() }));
      if (record.view.state !== 'firing') return record.view.state === 'acknowledged' ? null : 'CONFLICT';
      const acknowledged = { by, at: now(), ...(via === undefined ? {} : { via }) };
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
      onShelves();
      return null;
    },
    unshelve(rule, device, by) {
      const record = store.activeFor(rule, device);
      let found = false;
      change(() => {
        found = store.endSilence(rule, device) !== null || (record?.view.silenced ?? null) !== null;
        if (record === null || record.view.silenced === null) return;
        // Whoever was told before hears that it is still there.
        const owed = record.told !== null && record.view.state === 'firing' ? { owed: true } : {};
        put({ ...record, view: { ...record.view, silenced: null }, ...owed }, by);
      });
      if (found) onShelves();
      return found ? null : 'NOT_FOUND';
    },
    shelved: () =>
      store.shelved(now()).map((one) => {
        const title = ruleOf(one.rule, one.device)?.title;
        return title === undefined ? one : { ...one, title };
      }),
  };
}
