import { parsePayload } from '../payload.ts';

/** One MQTT message as the families see it: parsed once, whoever looks. */
export interface MqttMessage {
  readonly topic: string;
  readonly levels: readonly string[];
  readonly bytes: Uint8Array;
  readonly retained: boolean;
  /** The payload as text without white space around it; null when it is not UTF-8 or too large. */
  readonly text: string | null;
  /** The payload as JSON; undefined when it is none. Bare numbers, truths and texts in quotes are JSON too. */
  readonly json: unknown;
  /** The payload as a JSON object, null when it is none. */
  readonly object: JsonObject | null;
  /** Why there is no JSON: `empty`, `not JSON`, `not UTF-8`, `too large`. */
  readonly problem: string | null;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function createMessage(topic: string, bytes: Uint8Array, retained: boolean): MqttMessage {
  const levels = topic.split('/');
  const parsed = parsePayload(bytes, false);
  const base = { topic, levels, bytes, retained };
  if (!('rejected' in parsed)) {
    const text = new TextDecoder().decode(bytes).trim();
    return { ...base, text, json: parsed.value, object: objectOf(parsed.value), problem: null };
  }
  const text = parsed.rejected === 'not JSON' || parsed.rejected === 'empty' ? decodeText(bytes) : null;
  return { ...base, text, json: undefined, object: null, problem: parsed.rejected };
}

const decodeText = (bytes: Uint8Array): string => new TextDecoder().decode(bytes).trim();

/** A JSON object, else null: arrays are none. */
export const objectOf = (value: unknown): JsonObject | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;

/** A key of the object itself, never of its prototype. */
export const field = (object: JsonObject | null, key: string): unknown =>
  object !== null && Object.hasOwn(object, key) ? object[key] : undefined;

export const objectAt = (object: JsonObject | null, key: string): JsonObject | null => objectOf(field(object, key));

export const textAt = (object: JsonObject | null, key: string): string | null => {
  const value = field(object, key);
  return typeof value === 'string' ? value : null;
};

export const numberAt = (object: JsonObject | null, key: string): number | null => {
  const value = field(object, key);
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
};

export const listAt = (object: JsonObject | null, key: string): readonly unknown[] => {
  const value = field(object, key);
  return Array.isArray(value) ? value.slice(0, MOST_ITEMS) : [];
};

/** Of any list or object in a message, so many items are looked at. */
export const MOST_ITEMS = 500;

export const entriesOf = (object: JsonObject | null): readonly (readonly [string, unknown])[] =>
  object === null ? [] : Object.entries(object).slice(0, MOST_ITEMS);
