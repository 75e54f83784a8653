import { widthOf, type YdtCommand, type YdtField } from '#core/config/profile-ydt.ts';
import type { Raw } from './decode.ts';

/**
 * INFO by the fields of a command. Pure; never throws, whatever the device says.
 *
 * Example: fields `u8 cells`, `u16 × cells`, `i16` over 02 0D6F 0D70 FFFE are [2], [3439, 3440], [−2].
 */
export interface FieldValues {
  readonly field: YdtField;
  /** Where it begins in INFO. */
  readonly at: number;
  /** Null: 20H in all its bytes, the device has no such value. */
  readonly raws: readonly Raw[];
}

/** The standard fills what a device lacks with it. */
const BLANK = 0x20;

export function readFields(
  { fields, more }: Pick<YdtCommand, 'fields' | 'more'>,
  info: Uint8Array,
): readonly FieldValues[] | { readonly problem: string } {
  const read = readAs(fields, more, info, false);
  if (!('problem' in read)) return read;
  // 20H as a count is thirty-two of something, or none where the device has no such thing; the length says which.
  const without = readAs(fields, more, info, true);
  return 'problem' in without ? read : without;
}

function readAs(
  fields: readonly YdtField[],
  more: boolean,
  info: Uint8Array,
  blankIsNone: boolean,
): readonly FieldValues[] | { readonly problem: string } {
  const counts = new Map<string, number>();
  const values: FieldValues[] = [];
  let at = 0;
  for (const field of fields) {
    const width = widthOf(field);
    const times = timesOf(field, counts);
    if (at + width * times > info.length)
      return { problem: `INFO has ${info.length} bytes and ends before ${field.source}` };
    const begin = at;
    const raws: Raw[] = [];
    for (let i = 0; i < times; i++, at += width) raws.push(rawOf(field, info.subarray(at, at + width)));
    const [first] = raws;
    if (field.is !== undefined && !(typeof first === 'number' && field.is.includes(first)))
      return { problem: `${field.source} is ${String(first)}: another layout` };
    if (field.id !== undefined && field.times === undefined) {
      const byte = field.type === 'u8' ? info[begin] : typeof first === 'number' ? first : 0;
      counts.set(field.id, blankIsNone && byte === BLANK ? 0 : (byte ?? 0));
    }
    values.push({ field, at: begin, raws });
  }
  if (at < info.length && !more)
    return { problem: `INFO has ${info.length} bytes, ${at} were expected: another layout` };
  return values;
}

function timesOf({ times }: YdtField, counts: ReadonlyMap<string, number>): number {
  if (times === undefined) return 1;
  if (typeof times === 'number') return times;
  return Math.max(0, (counts.get(times.of) ?? 0) - times.less);
}

function rawOf({ type }: YdtField, bytes: Uint8Array): Raw {
  if (bytes.every((byte) => byte === BLANK)) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (type) {
    case 'u8':
      return view.getUint8(0);
    case 'i8':
      return view.getInt8(0);
    case 'u16':
      return view.getUint16(0);
    case 'i16':
      return view.getInt16(0);
    case 'u24':
      return (view.getUint8(0) << 16) | view.getUint16(1);
    case 'u32':
      return view.getUint32(0);
    case 'f32':
      return shortest(view.getFloat32(0, true));
    case 'f32be':
      return shortest(view.getFloat32(0));
    case 'version':
      return [...bytes].join('.');
    case 'text':
      return textOf(bytes);
    case 'skip':
      return null;
  }
}

/** What a single-precision number means: 220.1, not 220.10000610351562. */
const shortest = (value: number): number => (Number.isFinite(value) ? Number(value.toPrecision(7)) : value);

/** Display text: what is no printable ASCII ends it, fillers at its end are dropped. */
export function textOf(bytes: Uint8Array): string {
  const end = bytes.findIndex((byte) => byte < 0x20 || byte > 0x7e);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end))
    .toString('latin1')
    .replace(/[-*.\s]+$/, '');
}
