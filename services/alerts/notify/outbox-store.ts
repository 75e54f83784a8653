import type { StateStore } from '#core/ports.ts';
import type { Instant } from '#core/time.ts';
import { type Delivery, isOpen } from './delivery.ts';

/** The outbox's rows: deliveries, and the keys of requests that were taken (so that a repeated one is told once). */
export interface OutboxStore {
  restore(): void;
  /** People that a request with this key went to; null when it is new. */
  taken(key: string): readonly string[] | null;
  take(key: string, people: readonly string[], at: Instant): void;
  put(delivery: Delivery): void;
  get(id: string): Delivery | null;
  open(): IterableIterator<Delivery>;
  openCount(): number;
  nextId(at: Instant): string;
}

const DELIVERY = 'outbox/delivery/';
const REQUEST = 'outbox/request/';
const SEQUENCE = 'outbox/sequence';
/** Keys are remembered longer than any incident lasts. */
const MAX_KEYS = 10_000;
const MAX_FINISHED = 1000;

export function createOutboxStore(state: StateStore): OutboxStore {
  const open = new Map<string, Delivery>();
  const finished = new Map<string, Delivery>();
  const keys = new Map<string, readonly string[]>();
  let sequence = 0;

  function finish(delivery: Delivery): void {
    open.delete(delivery.view.id);
    finished.set(delivery.view.id, delivery);
    for (const id of finished.keys()) {
      if (finished.size <= MAX_FINISHED) break;
      finished.delete(id);
      state.delete(DELIVERY + id);
    }
  }

  return {
    restore() {
      sequence = Number(state.get(SEQUENCE) ?? 0);
      for (const [, value] of state.entries(DELIVERY)) {
        const delivery = value as Delivery;
        (isOpen(delivery) ? open : finished).set(delivery.view.id, delivery);
      }
      const requests = [...state.entries(REQUEST)].map(
        ([key, value]) => [key.slice(REQUEST.length), value as { people: string[]; at: number }] as const,
      );
      requests.sort(([, a], [, b]) => a.at - b.at);
      for (const [key, { people }] of requests) keys.set(key, people);
    },
    taken: (key) => keys.get(key) ?? null,
    take(key, people, at) {
      keys.set(key, people);
      state.set(REQUEST + key, { people, at });
      for (const oldest of keys.keys()) {
        if (keys.size <= MAX_KEYS) break;
        keys.delete(oldest);
        state.delete(REQUEST + oldest);
      }
    },
    put(delivery) {
      state.set(DELIVERY + delivery.view.id, delivery);
      if (isOpen(delivery)) open.set(delivery.view.id, delivery);
      else finish(delivery);
    },
    get: (id) => open.get(id) ?? finished.get(id) ?? null,
    open: () => open.values(),
    openCount: () => open.size,
    nextId(at) {
      sequence++;
      state.set(SEQUENCE, sequence);
      return `d${at.toString(36)}-${sequence}`;
    },
  };
}
