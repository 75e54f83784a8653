import { computed, watch } from 'vue';
import type { CommandBody, CommandKind } from '#core/command.ts';
import { keepUnder, keptUnder } from './keep.ts';
import { type Order, orders, sendOrder } from './orders.ts';
import { isResumed, loadSession } from './session.ts';
import { live } from './store.ts';

/**
 * Orders that did not get through wait here, over a closed page too, and go out with the connection. Nothing is done until the
 * service has confirmed it. What was pressed long ago, or must not come late, goes out only when its person says so again.
 */

/** What it would mean later is what it meant when it was pressed. */
const MAY_FOLLOW: ReadonlySet<CommandKind> = new Set<CommandKind>([
  'incident.answer',
  'incident.task-done',
  'incident.acknowledge',
  'incident.note',
  'alert.acknowledge',
]);
const FOLLOWS_WITHIN_MS = 10 * 60_000;

/** Not confirmed, the oldest first. */
export const waiting = computed(() =>
  [...orders.values()].filter(({ state }) => state === 'unsent' || state === 'unsure').sort((a, b) => a.at - b.at),
);

/** It goes out by itself with the connection. */
export const follows = ({ body, at }: Pick<Order, 'body' | 'at'>, now: number): boolean =>
  MAY_FOLLOW.has(body.kind) && now - at <= FOLLOWS_WITHIN_MS;

/** "Thirty minutes from now" was said then: what is left of them. */
export function asMeantThen(body: CommandBody, lateMs: number): CommandBody {
  if (body.kind !== 'incident.answer' || body.minutes === undefined) return body;
  return { ...body, minutes: Math.max(0, body.minutes - Math.floor(lateMs / 60_000)) };
}

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
      if (!follows(order, Date.now())) continue;
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
