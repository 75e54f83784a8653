import type { BusMessage } from '#core/ports.ts';

const MOST_BYTES = 1024 * 1024;

/** What a message of our own services says: the value as it was handed over, or read from its JSON; null when it is none. */
export function valueOfMessage<T extends object>(message: BusMessage): T | null {
  if (message.value !== undefined) return message.value as T;
  if (message.payload.length === 0 || message.payload.length > MOST_BYTES) return null;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(message.payload).toString('utf8'));
    return typeof parsed === 'object' && parsed !== null ? (parsed as T) : null;
  } catch {
    return null;
  }
}
