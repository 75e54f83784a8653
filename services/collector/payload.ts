import type { MqttPoint } from '#core/config/profile.ts';
import { fromIso, type Instant, instant } from '#core/time.ts';
import { type Decoded, type Decoder, decoderOf, type Raw } from './decode.ts';

/** What an MQTT message says. Pure; hostile payloads end as a named rejection, never as an exception. */

/** A sensor's message has some hundred bytes; gateways with many values some ten thousand. */
export const MOST_PAYLOAD_BYTES = 256 * 1024;

export type Parsed = { readonly value: unknown } | { readonly rejected: string };

/** JSON, or a bare text or number as older devices send. `bare` allows what is not JSON. */
export function parsePayload(payload: Uint8Array, bare: boolean): Parsed {
  if (payload.length === 0) return { rejected: 'empty' };
  if (payload.length > MOST_PAYLOAD_BYTES) return { rejected: 'too large' };
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(payload);
  } catch {
    return { rejected: 'not UTF-8' };
  }
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return bare && text.length <= 64 ? { value: text.trim() } : { rejected: 'not JSON' };
  }
}

/** `update.state` of `{"update": {"state": "idle"}}`; undefined when there is none. `.` is the whole. */
export function valueAt(payload: unknown, path: string): unknown {
  if (path === '.') return payload;
  if (!path.includes('.')) return ownValue(payload, path);
  let at: unknown = payload;
  for (const key of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[key];
  }
  return at;
}

function ownValue(payload: unknown, key: string): unknown {
  if (typeof payload !== 'object' || payload === null) return undefined;
  // What every object has of its own kind is not the message's; most keys are simply absent or plain.
  const value = (payload as Readonly<Record<string, unknown>>)[key];
  return value === undefined || Object.hasOwn(payload, key) ? value : undefined;
}

export interface MqttValue {
  readonly point: string;
  readonly decoded: Decoded;
  readonly path: string;
  readonly expected: boolean;
}

/** The points of a profile that the payload tells. A key with null tells nothing. The first source of a point wins. */
export const readPoints = (payload: unknown, points: readonly MqttPoint[]): readonly MqttValue[] =>
  createPointReader()(payload, points);

/** The same for one device's messages: what is said as the last time is not decoded again but the very same object. */
export function createPointReader(): (payload: unknown, points: readonly MqttPoint[]) => readonly MqttValue[] {
  let of: readonly MqttPoint[] | null = null;
  let readers: readonly Reader[] = [];
  let raws: unknown[] = [];
  let made: MqttValue[] = [];
  return (payload, points) => {
    if (of !== points) {
      of = points;
      readers = readersOf(points);
      raws = [];
      made = [];
    }
    const values: MqttValue[] = [];
    for (let i = 0; i < readers.length; i++) {
      const reader = readers[i];
      const raw = reader === undefined ? undefined : rawOf(payload, reader);
      if (reader === undefined || !isTold(raw)) continue;
      let value = made[i];
      if (value === undefined || raws[i] !== raw || typeof raw === 'object') {
        value = readingOf(reader, raw);
        made[i] = value;
        raws[i] = raw;
      }
      add(values, value, reader.again);
    }
    return values;
  };
}

function rawOf(payload: unknown, { spec: { path, requires, excludes }, key }: Reader): unknown {
  if (key !== null) return ownValue(payload, key);
  if (requires !== undefined && !isTold(valueAt(payload, requires))) return undefined;
  if (excludes !== undefined && isTold(valueAt(payload, excludes))) return undefined;
  return valueAt(payload, path);
}

function readingOf({ spec, decode }: Reader, raw: unknown): MqttValue {
  const decoded: Decoded =
    typeof raw === 'object'
      ? { value: null, quality: 'implausible', reason: `${spec.path} is a structure, not a value` }
      : decode(raw as Raw);
  return { point: spec.point, decoded, path: spec.path, expected: spec.expected };
}

function add(values: MqttValue[], value: MqttValue, again: boolean): void {
  const place = again ? placeOf(values, value.point) : -1;
  const known = place < 0 ? undefined : values[place];
  if (known === undefined) values.push(value);
  else if (known.decoded.quality !== 'good' && value.decoded.quality === 'good') values[place] = value;
}

/** A dozen at most: nothing is made to look for it. */
function placeOf(values: readonly MqttValue[], point: string): number {
  for (let place = 0; place < values.length; place++) if (values[place]?.point === point) return place;
  return -1;
}

interface Reader {
  readonly spec: MqttPoint;
  readonly decode: Decoder;
  /** An earlier source of the list gives the same point. */
  readonly again: boolean;
  /** Its path, where that is one key and nothing else is asked; else null. */
  readonly key: string | null;
}

/** By a profile's list of points, which stays the same. */
const readers = new WeakMap<readonly MqttPoint[], readonly Reader[]>();

function readersOf(points: readonly MqttPoint[]): readonly Reader[] {
  const known = readers.get(points);
  if (known !== undefined) return known;
  const made = points.map((spec, place) => ({
    spec,
    decode: decoderOf(spec),
    again: points.slice(0, place).some(({ point }) => point === spec.point),
    key: spec.requires === undefined && spec.excludes === undefined && !spec.path.includes('.') ? spec.path : null,
  }));
  readers.set(points, made);
  return made;
}

const isTold = (value: unknown): boolean => value !== undefined && value !== null;

/** ISO 8601 text, or milliseconds since 1970; null when the payload tells no time that can be one. */
export function measuredAt(payload: unknown, path: string | undefined): Instant | null {
  if (path === undefined) return null;
  const value = valueAt(payload, path);
  if (typeof value === 'string') return fromIso(value);
  // Between 2001 and 2286: anything else is not milliseconds.
  return typeof value === 'number' && value > 1e12 && value < 1e13 ? instant(Math.round(value)) : null;
}
