import { computed, watch } from 'vue';
import { asMeantThen, follows } from '../model/late-orders.ts';
import { keepUnder, keptUnder } from './keep.ts';
import { type Order, orders, sendOrder } from './orders.ts';
import { isResumed, loadSession } from './session.ts';
import { live } from './store.ts';

/**
 * Orders that did not get through wait here, over a closed page too, and go out with the connection. Nothing is done until the
 * service has confirmed it. What was pressed long ago, or must not come late, goes out only when its person says so again.
 */

/** Not confirmed, the oldest first. */
export const waiting = computed(() =>
  [...orders.values()].filter(({ state }) => state === 'unsent' || state === 'unsure').sort((a, b) => a.at - b.at),
);

export const discard = (order: Order): void => void orders.delete(order.key);
export const sendNow = (order: Order): Promise<Order> =>
  sendOrder(asMeantThen(order.body, Date.now() - order.at), order);

let sending = false;

async function sendThoseThatFollow(): Promise<void> {
  if (sending || live.connection !== 'live') return;
  sending = true;
  try {
    if (isResumed()) await loadSession();
    for (const order of waiting.value) {
      if (!follows(order.body, Date.now() - order.at)) continue;
      if ((await sendNow(order)).state === 'unsent') return;
    }
  } catch {
    // Still no connection: the next one begins again.
  } finally {
    sending = false;
  }
}

let started = false;

export async function startQueue(): Promise<void> {
  if (started) return;
  started = true;
  for (const order of await read()) if (!orders.has(order.key)) orders.set(order.key, order);
  watch(waiting, (list) => void keepUnder('orders', JSON.stringify(list)), { deep: true });
  watch(() => live.connection, sendThoseThatFollow, { immediate: true });
}

async function read(): Promise<Order[]> {
  try {
    return JSON.parse((await keptUnder<string>('orders')) ?? '[]') as Order[];
  } catch {
    return [];
  }
}
