import {
  type ByteReader,
  type ByteWriter,
  DamagedError,
  type Packing,
  packBytes,
  skipBytes,
  unpackBytes,
  unpackOrSame,
  unzigzag,
  zigzag,
} from './bytes.ts';

/**
 * Columns of numbers as few bytes: whole numbers as differences or as they are, whichever is smaller, cut into planes (all
 * lowest bytes, then all second bytes …) so that zstd sees like beside like. Decimals become whole numbers by a power of ten:
 * 22.5, 22.6, 22.6 → 225 +1 +0. What fits no power of ten is kept as the bits that differ from the one before.
 */

const AS_IS = 0;
const DIFFERENCES = 1;

/** Whole numbers with magnitudes below 2^51. */
export function writeInts(out: ByteWriter, ints: Float64Array, packing: Packing): void {
  const n = ints.length;
  if (n === 0) return;
  const differences = new Float64Array(n - 1);
  let plain = 0;
  let moved = 0;
  for (let i = 1; i < n; i++) {
    const value = ints[i] as number;
    const difference = value - (ints[i - 1] as number);
    differences[i - 1] = difference;
    plain += Math.abs(value);
    moved += Math.abs(difference);
  }
  if (moved < plain) {
    out.u8(DIFFERENCES);
    out.varint(zigzag(ints[0] as number));
    writePlanes(out, differences, packing);
  } else {
    out.u8(AS_IS);
    writePlanes(out, ints, packing);
  }
}

/** Reads exactly as many as `into` has places: no array beside it. */
export function readInts(from: ByteReader, into: Float64Array): Float64Array {
  if (into.length === 0) return into;
  const how = from.u8();
  if (how === AS_IS) return readPlanes(from, into);
  if (how !== DIFFERENCES) throw new DamagedError('numbers kept in an unknown way');
  let value = unzigzag(from.varint());
  into[0] = value;
  const steps = readPlanes(from, into.subarray(1));
  const step = steps[0] as number;
  // Places of hours, one after the other: no number waits for the one before.
  if (evenly(steps)) for (let i = 1; i < into.length; i++) into[i] = value + i * step;
  else
    for (let i = 1; i < into.length; i++) {
      value += into[i] as number;
      into[i] = value;
    }
  return into;
}

function evenly(steps: Float64Array): boolean {
  const step = steps[0];
  let i = 1;
  while (i < steps.length && steps[i] === step) i++;
  return i >= steps.length;
}

/** Past the column of so many. */
export function skipInts(from: ByteReader, n: number): void {
  if (n === 0) return;
  const how = from.u8();
  if (how !== AS_IS && how !== DIFFERENCES) throw new DamagedError('numbers kept in an unknown way');
  if (how === DIFFERENCES) from.varint();
  const length = how === AS_IS ? n : n - 1;
  for (let width = from.u8(); width > 0; width--) skipBytes(from, length);
}

/** Below this the folded value fits the bit operations, which are several times as quick. */
const SMALL = 2 ** 30;

function writePlanes(out: ByteWriter, ints: Float64Array, packing: Packing): void {
  const n = ints.length;
  let least = 0;
  let most = 0;
  for (let i = 0; i < n; i++) {
    const value = ints[i] as number;
    if (value > most) most = value;
    else if (value < least) least = value;
  }
  const largest = Math.max(zigzag(most), zigzag(least));
  let width = 0;
  for (let rest = largest; rest >= 1; rest /= 256) width++;
  out.u8(width);
  const small = largest < SMALL;
  const plane = new Uint8Array(n);
  for (let place = 0; place < width; place++) {
    const shift = 8 * place;
    const scale = 256 ** place;
    for (let i = 0; i < n; i++) {
      const value = ints[i] as number;
      if (small) plane[i] = ((value << 1) ^ (value >> 31)) >>> shift;
      else plane[i] = Math.floor(zigzag(value) / scale) % 256;
    }
    packBytes(out, plane, packing);
  }
}

/** unzigzag of what fits the bit operations. */
const unfold = (folded: number): number => (folded >>> 1) ^ -(folded & 1);

function readPlanes(from: ByteReader, into: Float64Array): Float64Array {
  const n = into.length;
  const width = from.u8();
  if (width > 7) throw new DamagedError('numbers too wide');
  if (width === 0) return into.fill(0);
  if (width <= 3)
    return fromPlanes(
      into,
      unpackOrSame(from, n),
      width > 1 ? unpackOrSame(from, n) : 0,
      width > 2 ? unpackOrSame(from, n) : 0,
    );
  into.fill(0);
  for (let place = 0; place < width; place++) {
    const plane = unpackBytes(from, n);
    const scale = 256 ** place;
    for (let i = 0; i < n; i++) into[i] = (into[i] as number) + (plane[i] as number) * scale;
  }
  for (let i = 0; i < n; i++) into[i] = unzigzag(into[i] as number);
  return into;
}

/** A byte stands for a plane of nothing else. A loop for each kind: they are the most of a long question. */
function fromPlanes(
  into: Float64Array,
  low: Uint8Array | number,
  middle: Uint8Array | number,
  high: Uint8Array | number,
): Float64Array {
  const n = into.length;
  if (typeof low === 'number') {
    if (typeof middle === 'number' && typeof high === 'number')
      return into.fill(unfold(low | (middle << 8) | (high << 16)));
    return fromPlanes(into, new Uint8Array(n).fill(low), middle, high);
  }
  if (typeof high === 'number') {
    if (typeof middle === 'number') {
      const above = (middle << 8) | (high << 16);
      for (let i = 0; i < n; i++) into[i] = unfold((low[i] as number) | above);
    } else
      for (let i = 0; i < n; i++) into[i] = unfold((low[i] as number) | ((middle[i] as number) << 8) | (high << 16));
    return into;
  }
  if (typeof middle === 'number') return fromPlanes(into, low, new Uint8Array(n).fill(middle), high);
  for (let i = 0; i < n; i++)
    into[i] = unfold((low[i] as number) | ((middle[i] as number) << 8) | ((high[i] as number) << 16));
  return into;
}

/** More decimals than any meter shows are rounding noise. */
const MOST_DECIMALS = 6;
const AS_BITS = 255;
const MOST_WHOLE = 2 ** 51;

/** Any numbers, NaN aside, −0 too. */
export function writeFloats(out: ByteWriter, values: Float64Array, packing: Packing): void {
  if (values.length === 0) return;
  const whole = wholeNumbers(values);
  if (whole === null) {
    out.u8(AS_BITS);
    writeBits(out, values, packing);
  } else {
    out.u8(whole.decimals);
    writeInts(out, whole.ints, packing);
  }
}

export function readFloats(from: ByteReader, into: Float64Array): Float64Array {
  if (into.length === 0) return into;
  const decimals = from.u8();
  if (decimals === AS_BITS) return readBits(from, into);
  if (decimals > MOST_DECIMALS) throw new DamagedError('an unknown number of decimals');
  readInts(from, into);
  const scale = 10 ** decimals;
  if (decimals > 0) for (let i = 0; i < into.length; i++) into[i] = (into[i] as number) / scale;
  return into;
}

/** Past the column of so many. */
export function skipFloats(from: ByteReader, n: number): void {
  if (n === 0) return;
  if (from.u8() === AS_BITS) for (let place = 0; place < 8; place++) skipBytes(from, n);
  else skipInts(from, n);
}

/** The fewest decimals that give every value back bit by bit; null when there are none such. */
export function decimalsOf(values: Float64Array): number | null {
  let decimals = 0;
  let scale = 1;
  let since = 0;
  for (let i = 0; i < values.length; i++) {
    while (!fits(values[i] as number, scale)) {
      if (++decimals > MOST_DECIMALS) return null;
      scale *= 10;
      since = i;
    }
  }
  // The first ones were tried with fewer decimals.
  for (let i = 0; i < since; i++) if (!fits(values[i] as number, scale)) return null;
  return decimals;
}

function fits(value: number, scale: number): boolean {
  const whole = Math.round(value * scale);
  return whole / scale === value && Math.abs(whole) < MOST_WHOLE && (whole !== 0 || !Object.is(value, -0));
}

function wholeNumbers(values: Float64Array): { decimals: number; ints: Float64Array } | null {
  const decimals = decimalsOf(values);
  if (decimals === null) return null;
  const scale = 10 ** decimals;
  const ints = new Float64Array(values.length);
  for (let i = 0; i < ints.length; i++) ints[i] = Math.round((values[i] as number) * scale);
  return { decimals, ints };
}

function writeBits(out: ByteWriter, values: Float64Array, packing: Packing): void {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const plane = new Uint8Array(values.length);
  for (let place = 0; place < 8; place++) {
    for (let i = 0; i < plane.length; i++) {
      plane[i] = (bytes[i * 8 + place] as number) ^ (i === 0 ? 0 : (bytes[i * 8 - 8 + place] as number));
    }
    packBytes(out, plane, packing);
  }
}

function readBits(from: ByteReader, into: Float64Array): Float64Array {
  const n = into.length;
  const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
  for (let place = 0; place < 8; place++) {
    const plane = unpackBytes(from, n);
    let before = 0;
    for (let i = 0; i < n; i++) {
      before ^= plane[i] as number;
      bytes[i * 8 + place] = before;
    }
  }
  return into;
}

/** Small whole numbers that seldom change: each with how often it comes in a row. */
export function writeRuns(out: ByteWriter, values: Float64Array, packing: Packing): void {
  const runs: [value: number, length: number][] = [];
  for (const value of values) {
    const last = runs.at(-1);
    if (last !== undefined && last[0] === value) last[1]++;
    else runs.push([value, 1]);
  }
  out.varint(runs.length);
  writeInts(
    out,
    Float64Array.from(runs, ([value]) => value),
    packing,
  );
  writeInts(
    out,
    Float64Array.from(runs, ([, length]) => length),
    packing,
  );
}

export function readRuns(from: ByteReader, n: number): Float64Array {
  const count = from.varint();
  if (count > n) throw new DamagedError('more runs than values');
  const [runs, lengths] = [readInts(from, new Float64Array(count)), readInts(from, new Float64Array(count))];
  const values = new Float64Array(n);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const length = lengths[i] as number;
    if (!(length > 0 && at + length <= n)) throw new DamagedError('runs longer than the values');
    values.fill(runs[i] as number, at, at + length);
    at += length;
  }
  if (at !== n) throw new DamagedError('runs shorter than the values');
  return values;
}
