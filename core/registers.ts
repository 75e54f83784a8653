/**
 * Numbers and texts in 16-bit registers, as Modbus devices keep them. Pure; never throws on what a device says.
 *
 * The protocol itself knows only registers, high byte first. How several make a number is the maker's choice, named by the
 * bytes of 0xAABBCCDD in the order they come: ABCD high word first, CDAB low word first, BADC and DCBA the same with the bytes
 * of each register swapped. Example: 230.5 as f32 is 0x43668000: ABCD is [0x4366, 0x8000], CDAB is [0x8000, 0x4366].
 */
export const REGISTER_TYPES = ['u16', 's16', 'u32', 's32', 'u64', 's64', 'f32', 'f64', 'bcd', 'bits', 'ascii'] as const;
export type RegisterType = (typeof REGISTER_TYPES)[number];

export const WORD_ORDERS = ['ABCD', 'CDAB', 'BADC', 'DCBA'] as const;
export type WordOrder = (typeof WORD_ORDERS)[number];

const WIDTHS: Readonly<Record<RegisterType, number>> = {
  u16: 1,
  s16: 1,
  u32: 2,
  s32: 2,
  u64: 4,
  s64: 4,
  f32: 2,
  f64: 4,
  bcd: 1,
  bits: 1,
  ascii: 1,
};

/** So many registers, where the entry does not say it itself. */
export const widthOf = (type: RegisterType): number => WIDTHS[type];

/** bcd, bits and ascii are as long as the entry says. */
export const hasOwnLength = (type: RegisterType): boolean => type === 'bcd' || type === 'bits' || type === 'ascii';

/**
 * What the registers say. Whole numbers above 2^53 come as bigint; a malformed one (a letter in binary-coded decimal) as the text
 * of its registers, which no number is made of. `decodeRegisters([0xff9b], 's16', 'ABCD')` is −101.
 */
export function decodeRegisters(
  registers: readonly number[],
  type: RegisterType,
  order: WordOrder,
): number | bigint | string {
  const bytes = bytesOf(registers, order);
  const view = new DataView(bytes.buffer);
  switch (type) {
    case 'f32':
      // As short as it was meant: 21.4 and not 21.399999618530273.
      return Number(view.getFloat32(0).toPrecision(7));
    case 'f64':
      return view.getFloat64(0);
    case 'ascii':
      return textOf(bytes);
    case 'bcd':
      return decimalOf(bytes);
    case 's16':
    case 's32':
    case 's64':
      return narrow(BigInt.asIntN(8 * bytes.length, unsigned(bytes)));
    default:
      return narrow(unsigned(bytes));
  }
}

/** The same backwards, for simulated devices: a number that does not fit wraps around, a text is cut or filled with NUL. */
export function encodeRegisters(
  value: number | bigint | string,
  type: RegisterType,
  order: WordOrder,
  length = widthOf(type),
): number[] {
  const bytes = new Uint8Array(2 * length);
  const view = new DataView(bytes.buffer);
  if (type === 'ascii') bytes.set(new TextEncoder().encode(String(value)).subarray(0, bytes.length));
  else if (type === 'f32') view.setFloat32(0, Number(value));
  else if (type === 'f64') view.setFloat64(0, Number(value));
  else {
    const whole = type === 'bcd' ? BigInt(`0x${String(value)}`) : BigInt(value);
    let rest = BigInt.asUintN(8 * bytes.length, whole);
    for (let at = bytes.length - 1; at >= 0; at--) {
      bytes[at] = Number(rest & 0xffn);
      rest >>= 8n;
    }
  }
  return registersOf(bytes, order);
}

const lowWordFirst = (order: WordOrder): boolean => order === 'CDAB' || order === 'DCBA';
const bytesSwapped = (order: WordOrder): boolean => order === 'BADC' || order === 'DCBA';

function bytesOf(registers: readonly number[], order: WordOrder): Uint8Array<ArrayBuffer> {
  const words = lowWordFirst(order) ? registers.toReversed() : registers;
  const bytes = new Uint8Array(2 * words.length);
  for (const [i, word] of words.entries()) {
    bytes[2 * i + (bytesSwapped(order) ? 1 : 0)] = word >> 8;
    bytes[2 * i + (bytesSwapped(order) ? 0 : 1)] = word & 0xff;
  }
  return bytes;
}

function registersOf(bytes: Uint8Array, order: WordOrder): number[] {
  const words = Array.from({ length: bytes.length / 2 }, (_, i) => {
    const [first = 0, second = 0] = bytes.subarray(2 * i, 2 * i + 2);
    return bytesSwapped(order) ? (second << 8) | first : (first << 8) | second;
  });
  return lowWordFirst(order) ? words.toReversed() : words;
}

function unsigned(bytes: Uint8Array): bigint {
  let whole = 0n;
  for (const byte of bytes) whole = (whole << 8n) | BigInt(byte);
  return whole;
}

const narrow = (whole: bigint): number | bigint =>
  whole >= BigInt(Number.MIN_SAFE_INTEGER) && whole <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(whole) : whole;

/** Four decimal digits a register. */
function decimalOf(bytes: Uint8Array): number | bigint | string {
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return /^\d+$/.test(digits) ? narrow(BigInt(digits)) : `0x${digits}`;
}

/** Some right-align with NULs in front, most fill up behind; the rest of a text after a NUL is what was there before. */
function textOf(bytes: Uint8Array): string {
  const start = bytes.findIndex((byte) => byte !== 0);
  if (start < 0) return '';
  const end = bytes.indexOf(0, start);
  return new TextDecoder()
    .decode(bytes.subarray(start, end < 0 ? bytes.length : end))
    .replaceAll(/\p{Cc}/gu, '')
    .trim();
}
