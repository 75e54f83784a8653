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
  /** In the order in which they were made. */
  open(): IterableIterator<Delivery>;
  openCount(): number;
  /** Sent, and word of their arrival is waited for. */
  awaited(): IterableIterator<Delivery>;
  all(): Delivery[];
  nextId(at: Instant): string;
}

const DELIVERY = 'outbox/delivery/';
const REQUEST = 'outbox/request/';
const SEQUENCE = 'outbox/sequence';
/** Keys are remembered longer than any incident lasts. */
const MAX_KEYS = 10_000;
const MAX_FINISHED = 1000;
/** Given up and not yet seen by anybody: kept apart, so that what was sent since does not push them out. */
const MAX_DEAD = 500;

export function createOutboxStore(state: StateStore): OutboxStore {
  const open = new Map<string, Delivery>();
  const awaited = new Map<string, Delivery>();
  const finished = new Map<string, Delivery>();
  const dead = new Map<string, Delivery>();
  const keys = new Map<string, readonly string[]>();
  let sequence = 0;

  function place(delivery: Delivery): void {
    const { id, state: now } = delivery.view;
    const target = isOpen(delivery) ? open : now === 'dead' ? dead : finished;
    for (const map of [open, finished, dead]) if (map !== target) map.delete(id);
    target.set(id, delivery);
    if (now === 'sent' && typeof delivery.arriveBy === 'number') awaited.set(id, delivery);
    else awaited.delete(id);
  }

  function forgetOldest(map: Map<string, Delivery>, most: number): void {
    for (const id of map.keys()) {
      if (map.size <= most) break;
      map.delete(id);
      awaited.delete(id);
      state.delete(DELIVERY + id);
    }
  }

  return {
    restore() {
      sequence = Number(state.get(SEQUENCE) ?? 0);
      const deliveries = [...state.entries(DELIVERY)].map(([, value]) => value as Delivery);
      for (const delivery of deliveries.sort((a, b) => madeAs(a) - madeAs(b))) place(delivery);
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
      place(delivery);
      forgetOldest(finished, MAX_FINISHED);
      forgetOldest(dead, MAX_DEAD);
    },
    get: (id) => open.get(id) ?? finished.get(id) ?? dead.get(id) ?? null,
    open: () => open.values(),
    openCount: () => open.size,
    awaited: () => awaited.values(),
    all: () => [...open.values(), ...finished.values(), ...dead.values()],
    nextId(at) {
      sequence++;
      state.set(SEQUENCE, sequence);
      return `d${at.toString(36)}-${sequence}`;
    },
  };
}

/** Ids end in a number that grows; the store gives them back in order of their letters. */
const madeAs = ({ view }: Delivery): number => Number(view.id.slice(view.id.lastIndexOf('-') + 1));
