import type { z } from 'zod';
import type { BusMessage } from '#core/ports.ts';

/** Bytes from the bus become a typed value once, here; what does not fit is named and goes no further. */
export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: 'too large' | 'not UTF-8' | 'not JSON' | 'wrong shape' };

/** Returns the value when it has the shape, else null. */
export type Shape<T> = (value: unknown) => T | null;

export const bySchema =
  <T>(schema: z.ZodType<T>): Shape<T> =>
  (value) => {
    const parsed = schema.safeParse(value);
    return parsed.success ? parsed.data : null;
  };

export const byGuard =
  <T>(guard: (value: unknown) => value is T): Shape<T> =>
  (value) =>
    guard(value) ? value : null;

/** What a message of this process says, as it is; what came from outside is decoded and its shape checked. */
export const decodeMessage = <T>(message: BusMessage, shape: Shape<T>, maxBytes: number): Decoded<T> =>
  message.value === undefined ? decodeJson(message.payload, shape, maxBytes) : { ok: true, value: message.value as T };

const utf8 = new TextDecoder('utf-8', { fatal: true });

export function decodeJson<T>(payload: Uint8Array, shape: Shape<T>, maxBytes: number): Decoded<T> {
  if (payload.byteLength > maxBytes) return { ok: false, reason: 'too large' };
  let text: string;
  try {
    text = utf8.decode(payload);
  } catch {
    return { ok: false, reason: 'not UTF-8' };
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { ok: false, reason: 'not JSON' };
  }
  const value = shape(parsed);
  return value === null ? { ok: false, reason: 'wrong shape' } : { ok: true, value };
}
