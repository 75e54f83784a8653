import { messageOf } from '#core/errors.ts';
import type { DeliveryView } from '#core/notification.ts';
import type { Cancel, Clock, Log, StateStore } from '#core/ports.ts';
import type { CaughtMessage } from '#core/simulator.ts';
import { milliseconds } from '#core/time.ts';

/**
 * What was told to whom, kept across a restart: messages on the bus that are not retained, and that the page and each report
 * need still. Written a moment after they come, together, so that an alarm on its way does not wait for it.
 */

const WRITE_AFTER = milliseconds(250);
const DELIVERY = 'delivery/';
const CAUGHT = 'caught/';

export interface KeptMessages {
  /** Oldest first. */
  restore(): { readonly deliveries: readonly DeliveryView[]; readonly caught: readonly CaughtMessage[] };
  delivery(view: DeliveryView): void;
  caught(message: CaughtMessage): void;
  stop(): void;
}

export interface KeptMessagesDependencies {
  readonly store: StateStore;
  /** Real time. */
  readonly wall: Clock;
  readonly log: Log;
  readonly mostDeliveries: number;
  readonly mostCaught: number;
}

export function createKeptMessages(deps: KeptMessagesDependencies): KeptMessages {
  const { store, wall, log } = deps;
  /** Ids that the store has, the oldest first. */
  const kept = new Set<string>();
  let waiting = new Map<string, unknown>();
  let caughtCount = 0;
  let cancel: Cancel | null = null;

  function write(): void {
    cancel = null;
    const rows = waiting;
    waiting = new Map();
    try {
      store.transaction(() => {
        for (const [key, value] of rows) store.set(key, value);
        for (const id of kept) {
          if (kept.size <= deps.mostDeliveries) break;
          kept.delete(id);
          store.delete(DELIVERY + id);
        }
      });
    } catch (error) {
      log.error({ error: messageOf(error), messages: rows.size }, 'who was told could not be kept');
    }
  }

  function keep(key: string, value: unknown): void {
    waiting.set(key, value);
    cancel ??= wall.after(WRITE_AFTER, write);
  }

  return {
    restore() {
      const deliveries = [...store.entries(DELIVERY)]
        .map(([, value]) => value as DeliveryView)
        .sort((a, b) => a.queuedAt.localeCompare(b.queuedAt) || a.id.localeCompare(b.id, 'en', { numeric: true }));
      for (const { id } of deliveries) kept.add(id);
      const caught = [...store.entries(CAUGHT)]
        .map(([, value]) => value as { readonly n: number; readonly message: CaughtMessage })
        .sort((a, b) => a.n - b.n);
      caughtCount = (caught.at(-1)?.n ?? -1) + 1;
      return { deliveries, caught: caught.map(({ message }) => message) };
    },
    delivery(view) {
      kept.add(view.id);
      keep(DELIVERY + view.id, view);
    },
    caught(message) {
      // A ring: the row of the message before the last so many is written over.
      keep(CAUGHT + (caughtCount % deps.mostCaught), { n: caughtCount, message });
      caughtCount += 1;
    },
    stop() {
      cancel?.();
      if (waiting.size > 0) write();
    },
  };
}
