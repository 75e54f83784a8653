import type { SnmpPoint } from '#core/config/profile.ts';
import type { ScaleFrom, ValidFrom } from '#core/config/profile-snmp.ts';
import type { RawUnit } from '#core/units.ts';
import { type Decoded, type Decoder, decoderOf, type Raw } from './decode.ts';

/**
 * Values whose unit or scale the device itself tells, in columns of its own or in a setting. They are read with the value each
 * time: someone who turns the card from Celsius to Fahrenheit must not make a fire of it (L35).
 */
export interface ToldDecoding {
  /** The instances to read; null: the row has none. */
  readonly unit: string | null;
  readonly scale: string | null;
  /** The object that says whether there is a value at all. */
  readonly valid: string | null;
}

export const toldObjects = ({ unit, scale, valid }: ToldDecoding): readonly string[] =>
  [unit, scale, valid].filter((oid) => oid !== null);

/** Reads a value; `other` gives the objects that tell its unit and scale. */
export type ToldDecoder = (raw: Raw, other: (oid: string) => Raw) => Decoded;

/** Unit and scale hardly ever change: the decoder of those told last is kept. */
export function toldDecoderOf(spec: SnmpPoint, { unit, scale, valid }: ToldDecoding): ToldDecoder {
  let known: { readonly unit: RawUnit | undefined; readonly factor: number; readonly decode: Decoder } | null = null;
  const decoderFor = (told: RawUnit | undefined, factor: number): Decoder => {
    if (known === null || known.unit !== told || known.factor !== factor)
      known = { unit: told, factor, decode: decoderOf({ ...spec, unit: told, scale: (spec.scale ?? 1) * factor }) };
    return known.decode;
  };
  return (raw, other) => {
    const unitTold = spec.unit_from === undefined ? spec.unit : unitOf(spec.unit_from.map, unit, other);
    const factor = spec.scale_from === undefined ? 1 : factorOf(spec.scale_from, scale, other);
    const decoded = decoderFor(unitTold ?? undefined, factor ?? 1)(raw);
    // No value stays no value, whatever is said of its unit: that is told by the raw value alone.
    if (decoded.quality === 'missing') return decoded;
    if (spec.valid_from !== undefined && !isValid(spec.valid_from, valid, other))
      return {
        value: null,
        quality: 'missing',
        reason: `the device says that it has no value: ${shown(valid, other)}`,
      };
    if (unitTold === null) return implausible(`the device tells no known unit for it: ${shown(unit, other)}`);
    if (factor === null) return implausible(`the device tells no known scale for it: ${shown(scale, other)}`);
    return decoded;
  };
}

function isValid({ is, not }: ValidFrom, oid: string | null, other: (oid: string) => Raw): boolean {
  const raw = oid === null ? null : other(oid);
  const text = raw === null ? undefined : String(raw).trim();
  if (is !== undefined && (text === undefined || !is.includes(text))) return false;
  return not === undefined || text === undefined || !not.includes(text);
}

function unitOf(
  map: Readonly<Record<string, RawUnit>>,
  oid: string | null,
  other: (oid: string) => Raw,
): RawUnit | null {
  const text = oid === null ? '' : String(other(oid) ?? '').trim();
  return Object.hasOwn(map, text) ? (map[text] ?? null) : null;
}

const MOST_DIGITS = 15;

function factorOf({ as, map }: ScaleFrom, oid: string | null, other: (oid: string) => Raw): number | null {
  const raw = oid === null ? null : other(oid);
  if (raw === null) return null;
  const text = String(raw).trim();
  if (map !== undefined && Object.hasOwn(map, text)) return map[text] ?? null;
  const number = Number(text);
  if (as === undefined || text === '' || !Number.isFinite(number)) return null;
  if (as === 'factor') return number === 0 ? null : number;
  if (as === 'divisor') return number === 0 ? null : 1 / number;
  if (!Number.isInteger(number) || Math.abs(number) > MOST_DIGITS) return null;
  const exponent = as === 'digits' ? -number : number;
  // A quotient is nearer to the decimal number than a product with its inverse.
  return exponent < 0 ? 1 / 10 ** -exponent : 10 ** exponent;
}

const shown = (oid: string | null, other: (oid: string) => Raw): string =>
  oid === null ? 'none' : JSON.stringify(String(other(oid) ?? 'none').slice(0, 40));

const implausible = (reason: string): Decoded => ({ value: null, quality: 'implausible', reason });
