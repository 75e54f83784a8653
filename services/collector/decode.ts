import type { MqttPoint, SnmpPoint } from '#core/config/profile.ts';
import { pointOf } from '#core/config/profile-decode.ts';
import type { PointDefinition } from '#core/points.ts';
import type { Varbind } from '#core/ports.ts';
import type { Value } from '#core/reading.ts';
import { convert, roundOff } from '#core/units.ts';

/**
 * From what a device said to a point's value. Pure; never throws, whatever the device says.
 *
 * Order: sentinel → enumeration or bit → scale → offset → unit → plausible range → cap. Example: raw 65535 with
 * `sentinels: {"65535": "the counter's ceiling"}` is missing; raw 90 with `unit: min` is 5400 s.
 */
export type DecodeSpec = Pick<SnmpPoint & MqttPoint, 'point' | 'inverted' | 'sentinels'> &
  Partial<Pick<SnmpPoint & MqttPoint, 'scale' | 'offset' | 'unit' | 'map' | 'bit' | 'cap'>>;

export interface Decoded {
  readonly value: Value | null;
  readonly quality: 'good' | 'missing' | 'implausible';
  readonly reason?: string;
}

/** What may come: SNMP's values after `fromVarbind`, JSON's values as they are. */
export type Raw = number | bigint | string | boolean | null;

/** Texts longer than this are cut: a model's name, not a novel. */
const LONGEST_TEXT = 200;

export const decode = (raw: Raw | undefined, spec: DecodeSpec): Decoded => decoderOf(spec)(raw);

export type Decoder = (raw: Raw | undefined) => Decoded;

/** The same for one who decodes by one spec again and again: what depends on the spec alone is looked up once. */
export function decoderOf(spec: DecodeSpec): Decoder {
  const definition = pointOf(spec.point);
  if (definition === null) return () => implausible(null, 'not a point of the registry');
  const { map } = spec;
  const plain = map === undefined && definition.kind === 'number' && Object.keys(spec.sentinels).length === 0;
  return (raw) => {
    if (raw === null || raw === undefined) return { value: null, quality: 'missing', reason: 'no value' };
    // Most of what is read, several times a second: nothing of a number need be looked up by its text.
    if (plain && typeof raw === 'number') return judgeNumber(raw, raw, spec, definition);
    const text = typeof raw === 'string' ? raw.trim() : String(raw);
    const sentinel = Object.hasOwn(spec.sentinels, text) ? spec.sentinels[text] : undefined;
    if (sentinel !== undefined)
      return { value: null, quality: 'missing', reason: `${text} means no value: ${sentinel}` };
    if (map !== undefined) {
      const mapped = Object.hasOwn(map, text) ? map[text] : undefined;
      return mapped === undefined ? implausible(null, `${quote(text)} is not in the enumeration`) : good(mapped);
    }
    if (definition.kind === 'boolean') return decodeTruth(raw, text, spec);
    if (definition.kind === 'number') return decodeNumber(raw, text, spec, definition);
    return decodeWord(text, definition);
  };
}

function decodeTruth(raw: Raw, text: string, spec: DecodeSpec): Decoded {
  const truth = spec.bit === undefined ? truthOf(raw, text) : bitOf(raw, text, spec.bit);
  if (truth === null) return implausible(null, `${quote(text)} is not a truth`);
  return good(spec.inverted ? !truth : truth);
}

const TRUTHS: Readonly<Record<string, boolean>> = {
  true: true,
  false: false,
  '1': true,
  '0': false,
  on: true,
  off: false,
};

function truthOf(raw: Raw, text: string): boolean | null {
  if (typeof raw === 'boolean') return raw;
  const word = text.toLowerCase();
  return Object.hasOwn(TRUTHS, word) ? (TRUTHS[word] ?? null) : null;
}

function bitOf(raw: Raw, text: string, bit: number): boolean | null {
  if (typeof raw === 'boolean' || !/^\d{1,20}$/.test(text)) return null;
  return ((BigInt(text) >> BigInt(bit)) & 1n) === 1n;
}

function decodeNumber(raw: Raw, text: string, spec: DecodeSpec, definition: PointDefinition): Decoded {
  const number = numberOf(raw, text);
  if (number === null) return implausible(null, `${quote(text)} is not a number`);
  return judgeNumber(number, raw, spec, definition);
}

/** `raw`: as the device said it, for people to read. */
function judgeNumber(number: number, raw: Raw, spec: DecodeSpec, definition: PointDefinition): Decoded {
  const text = (): string => quote(typeof raw === 'string' ? raw.trim() : String(raw));
  const scaled = roundOff(number * (spec.scale ?? 1) + (spec.offset ?? 0));
  const value =
    spec.unit === undefined || definition.unit === '' ? scaled : convert(scaled, spec.unit, definition.unit);
  if (!Number.isFinite(value)) return implausible(null, `${text()} is not a finite number`);
  const { range } = definition;
  if (spec.cap !== undefined && value > spec.cap) {
    return implausible(spec.cap, `${text()} is above ${spec.cap} ${definition.unit}: a ceiling of the firmware`);
  }
  if (range !== undefined && (value < range[0] || value > range[1])) {
    const [low, high] = range;
    return implausible(value, `${value} ${definition.unit} is outside ${low} to ${high}`.replace('  ', ' '));
  }
  return good(value);
}

/** A number, or a text that is one with at most a unit behind it: `230.1`, `21,5` and `23.5 C`; not `1.2.3` or `n/a`. */
function numberOf(raw: Raw, text: string): number | null {
  if (typeof raw === 'number') return raw;
  if (typeof raw === 'bigint') return Number(raw);
  if (typeof raw === 'boolean') return null;
  const match = /^([-+]?\d{1,20}(?:[.,]\d{1,20})?(?:[eE][-+]?\d{1,3})?)\s*[°%A-Za-zµ³/]{0,8}$/.exec(text);
  return match?.[1] === undefined ? null : Number(match[1].replace(',', '.'));
}

function decodeWord(text: string, definition: PointDefinition): Decoded {
  const word = text.slice(0, LONGEST_TEXT);
  if (word === '') return { value: null, quality: 'missing', reason: 'an empty text' };
  if (definition.words !== undefined && !definition.words.includes(word)) {
    return implausible(null, `${quote(word)} is not one of ${definition.words.join(', ')}`);
  }
  return good(word);
}

const good = (value: Value): Decoded => ({ value, quality: 'good' });
const implausible = (value: Value | null, reason: string): Decoded => ({ value, quality: 'implausible', reason });
const quote = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);

/** An SNMP value as a number or a text; null for the exceptions (noSuchObject and its kin). */
export function fromVarbind(varbind: Varbind | undefined): Raw {
  if (varbind === undefined) return null;
  const { type, value } = varbind;
  if (value === null || type === 'Null' || type.startsWith('NoSuch') || type === 'EndOfMibView') return null;
  if (!(value instanceof Uint8Array)) return value;
  if (type === 'Opaque') return opaqueFloat(value);
  return textOf(value);
}

/** Display text: UTF-8, controls and trailing NULs dropped. */
function textOf(bytes: Uint8Array): string {
  return new TextDecoder()
    .decode(bytes.subarray(0, 4 * LONGEST_TEXT))
    .replaceAll(/\p{Cc}/gu, '')
    .trim();
}

/** net-snmp's opaque float (0x9f 0x78, 4 bytes) and double (0x9f 0x79, 8 bytes): NET-SNMP-TC::Float, ::Double. */
function opaqueFloat(bytes: Uint8Array): number | null {
  if (bytes[0] !== 0x9f) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[1] === 0x78 && bytes[2] === 4 && bytes.length === 7)
    return roundOff(Number(view.getFloat32(3).toPrecision(7)));
  if (bytes[1] === 0x79 && bytes[2] === 8 && bytes.length === 11) return view.getFloat64(3);
  return null;
}
