import type { z } from 'zod';

/** Bytes from the bus become a typed value once, here; what does not fit is named and goes no further. */
export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: 'too large' | 'not UTF-8' | 'not JSON' | 'wrong shape' };

const utf8 = new TextDecoder('utf-8', { fatal: true });

export function decodeJson<T>(payload: Uint8Array, schema: z.ZodType<T>, maxBytes: number): Decoded<T> {
  if (payload.byteLength > maxBytes) return { ok: false, reason: 'too large' };
  let text: string;
  try {
    text = utf8.decode(payload);
  } catch {
    return { ok: false, reason: 'not UTF-8' };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, reason: 'not JSON' };
  }
  const parsed = schema.safeParse(value);
  return parsed.success ? { ok: true, value: parsed.data } : { ok: false, reason: 'wrong shape' };
}
