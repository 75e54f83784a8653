import { z } from 'zod';

/** What sirens behind zigbee2mqtt are told: `{"alarm": true}`, `{"state": "ON"}` or `{"warning": {"mode": "fire"}}`. */
const orderSchema = z.union([
  z.object({ alarm: z.boolean() }),
  z.object({ state: z.enum(['ON', 'OFF', 'on', 'off']) }),
  z.object({ warning: z.object({ mode: z.string() }) }),
]);

/** Sound or be quiet; null when the message says neither. */
export function readSirenOrder(payload: string): boolean | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(payload);
  } catch {
    return null;
  }
  const read = orderSchema.safeParse(parsed);
  if (!read.success) return null;
  const order = read.data;
  if ('alarm' in order) return order.alarm;
  return 'state' in order ? order.state.toLowerCase() === 'on' : order.warning.mode !== 'stop';
}
