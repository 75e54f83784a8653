import { reactive } from 'vue';
import type { CommandBody, CommandResult } from '#core/command.ts';
import { ApiProblem, pressKey, sendCommand } from './api.ts';

/**
 * Every order that goes out from this page, in one place: sending → confirmed | refused | unsent | unsure. Only the service that
 * owns the state confirms. `unsent`: the server was not reached, as far as one can know; `unsure`: it was, and gave no answer in
 * time. Both keep their key, and the same order sent again uses it: so it cannot act twice, whichever it was.
 */
export type OrderState = 'sending' | 'confirmed' | 'refused' | 'unsent' | 'unsure';

export interface Order {
  readonly key: string;
  readonly body: CommandBody;
  /** Of what was looked at when it was pressed, where two may change the same. */
  readonly version?: string | undefined;
  /** When it was pressed first, by this device's clock. */
  readonly at: number;
  readonly state: OrderState;
  readonly result: CommandResult | null;
  /** Why not, or why nobody knows. */
  readonly problem: unknown;
}

/** By key, the newest last. */
export const orders = reactive(new Map<string, Order>());
const MOST = 50;

const isOpen = ({ state }: Order): boolean => state === 'unsent' || state === 'unsure';
const same = (a: CommandBody, b: CommandBody): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The same order that went out before and of which nobody knows what became. */
const openTwin = (body: CommandBody): Order | undefined =>
  [...orders.values()].find((order) => isOpen(order) && same(order.body, body));

/** Never throws: what came of it is said by its state. `waited`: one that did not get through goes again, nobody has pressed anew. */
export async function sendOrder(body: CommandBody, waited: Order | null = null, version?: string): Promise<Order> {
  const before = waited ?? openTwin(body);
  const sending: Order = {
    key: before?.key ?? pressKey(),
    body: waited?.body ?? body,
    version: before?.version ?? version,
    at: waited?.at ?? Date.now(),
    state: 'sending',
    result: null,
    problem: null,
  };
  keep(sending);
  try {
    return keep({ ...sending, state: 'confirmed', result: await sendCommand(body, sending.key, sending.version) });
  } catch (problem) {
    return keep({ ...sending, state: stateOf(problem), problem });
  }
}

function stateOf(problem: unknown): OrderState {
  if (!(problem instanceof ApiProblem)) return 'refused';
  if (problem.code === 'OFFLINE') return 'unsent';
  return problem.code === 'TIMED_OUT' ? 'unsure' : 'refused';
}

function keep(order: Order): Order {
  orders.delete(order.key);
  orders.set(order.key, order);
  for (const [key, one] of orders) {
    if (orders.size <= MOST) break;
    if (!isOpen(one) && one.state !== 'sending') orders.delete(key);
  }
  return order;
}
