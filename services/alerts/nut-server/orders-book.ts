import type { StateStore } from '#core/ports.ts';
import type { Instant } from '#core/time.ts';

/** Who has been told to shut down, on which of our UPSes. Durable before a client can hear of it; it stands until taken back. */
export interface ShutdownOrder {
  readonly ups: string;
  readonly at: Instant;
  /** The action's run that said it, and its incident when it told. */
  readonly run: string;
  readonly incident: string | null;
  /** Addresses of clients that were given the order; at most 100. */
  readonly heardBy: readonly string[];
}

export interface OrdersBook {
  order(ups: string): ShutdownOrder | null;
  all(): readonly ShutdownOrder[];
  /** The order that stands now: an earlier one for the same UPS keeps its time and who heard it. */
  say(order: Omit<ShutdownOrder, 'heardBy'>): ShutdownOrder;
  /** False: it was known already. */
  heard(ups: string, address: string): boolean;
  takeBack(ups: string): ShutdownOrder | null;
}

const PREFIX = 'nut/fsd/';
const MOST_ADDRESSES = 100;

export function createOrdersBook(state: StateStore, upses: readonly string[]): OrdersBook {
  const standing = new Map<string, ShutdownOrder>();
  for (const ups of upses) {
    const kept = state.get(`${PREFIX}${ups}`);
    if (isOrder(kept)) standing.set(ups, { ...kept, ups });
  }

  function keep(order: ShutdownOrder): void {
    standing.set(order.ups, order);
    state.set(`${PREFIX}${order.ups}`, order);
  }

  return {
    order: (ups) => standing.get(ups) ?? null,
    all: () => [...standing.values()],
    say(order) {
      const before = standing.get(order.ups);
      const next =
        before === undefined ? { ...order, heardBy: [] } : { ...before, incident: order.incident ?? before.incident };
      keep(next);
      return next;
    },
    heard(ups, address) {
      const order = standing.get(ups);
      if (order === undefined || order.heardBy.includes(address) || order.heardBy.length >= MOST_ADDRESSES)
        return false;
      keep({ ...order, heardBy: [...order.heardBy, address] });
      return true;
    },
    takeBack(ups) {
      const order = standing.get(ups) ?? null;
      standing.delete(ups);
      state.delete(`${PREFIX}${ups}`);
      return order;
    },
  };
}

function isOrder(kept: unknown): kept is Omit<ShutdownOrder, 'ups'> {
  return (
    typeof kept === 'object' &&
    kept !== null &&
    'at' in kept &&
    typeof kept.at === 'number' &&
    'run' in kept &&
    typeof kept.run === 'string' &&
    'incident' in kept &&
    'heardBy' in kept &&
    Array.isArray(kept.heardBy)
  );
}
