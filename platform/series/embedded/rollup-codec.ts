import type { Sum } from '#core/series-math.ts';
import { ByteReader, ByteWriter, DamagedError, type Effort, packBytes, unpackBytes } from './bytes.ts';
import { decimalsOf, readFloats, readInts, skipFloats, skipInts, writeFloats, writeInts } from './number-columns.ts';

/** Neighbouring buckets of one series as columns: `fields[f][i]` belongs to the bucket at `places[i]` of the row. Rising. */
export interface RollupColumns {
  readonly places: Float64Array;
  readonly fields: Readonly<Record<keyof Sum, Float64Array>>;
}

export const SUM_FIELDS = [
  'count',
  'total',
  'min',
  'max',
  'coveredMs',
  'area',
  'belowMs',
  'aboveMs',
] as const satisfies readonly (keyof Sum)[];

/** Sums of many buckets without an object for each: SUM_FIELDS.length numbers a bucket. */
export function emptySums(buckets: number): Float64Array {
  const sums = new Float64Array(buckets * SUM_FIELDS.length);
  for (let at = 0; at < sums.length; at += SUM_FIELDS.length) {
    sums[at + 2] = Number.POSITIVE_INFINITY;
    sums[at + 3] = Number.NEGATIVE_INFINITY;
  }
  return sums;
}

/** Adds one sum to the one that begins at `at`. */
export function addPacked(sums: Float64Array, at: number, sum: Readonly<Sum>): void {
  SUM_FIELDS.forEach((field, i) => {
    const before = sums[at + i] as number;
    const more = sum[field];
    sums[at + i] = field === 'min' ? Math.min(before, more) : field === 'max' ? Math.max(before, more) : before + more;
  });
}

export function rollupColumns(entries: readonly (readonly [place: number, sum: Readonly<Sum>])[]): RollupColumns {
  const column = (field: keyof Sum): Float64Array => Float64Array.from(entries, ([, sum]) => sum[field]);
  return {
    places: Float64Array.from(entries, ([place]) => place),
    fields: {
      count: column('count'),
      total: column('total'),
      min: column('min'),
      max: column('max'),
      coveredMs: column('coveredMs'),
      area: column('area'),
      belowMs: column('belowMs'),
      aboveMs: column('aboveMs'),
    },
  };
}

export function rollupEntries({ places, fields }: RollupColumns): (readonly [place: number, sum: Sum])[] {
  return Array.from(places, (place, i) => {
    const sum = {} as Sum;
    for (const field of SUM_FIELDS) sum[field] = fields[field][i] as number;
    return [place, sum] as const;
  });
}

const AS_FLOATS = 255;
/** Sums of decimals carry rounding noise; within this share the whole number is the truer one. */
const NOISE = 1e-11;
const MOST_WHOLE = 2 ** 50;

/** Where a row of the first layout has the number of its buckets, and none has nothing. */
const SQUEEZED_WHOLE = 0;
/** Seven columns of seven bytes and the rest: what a damaged length may ask for at most. */
const MOST_BYTES_OF_BUCKET = 100;

/**
 * The four sums that carry news are kept as what they differ from a guess: total from the middle of min and max, the area
 * from the total spread over the time covered. Counts and covered time hardly ever change and cost next to nothing.
 *
 * Squeezed in one piece: a call of zstd costs more than the bytes of a column do, and a year of hours is seven rows.
 */
export function encodeRollups(columns: RollupColumns, effort: Effort): Uint8Array {
  const inside = encodeColumns(columns);
  const out = new ByteWriter();
  out.u8(SQUEEZED_WHOLE);
  out.varint(inside.length);
  packBytes(out, inside, effort);
  return out.finish();
}

function encodeColumns(columns: RollupColumns): Uint8Array {
  const out = new ByteWriter();
  const { places, fields } = columns;
  out.varint(places.length);
  writeInts(out, places, 'plain');
  writeInts(out, fields.count, 'plain');
  for (const field of ['coveredMs', 'belowMs', 'aboveMs'] as const) writeFloats(out, fields[field], 'plain');
  const whole = asWhole(columns);
  if (whole === null) {
    out.u8(AS_FLOATS);
    for (const field of ['min', 'max', 'total', 'area'] as const) writeFloats(out, fields[field], 'plain');
  } else {
    out.u8(whole.decimals);
    for (const ints of [whole.min, whole.reach, whole.total, whole.area]) writeInts(out, ints, 'plain');
  }
  return out.finish();
}

/** Throws DamagedError; never makes more than `most` buckets. */
export const decodeRollups = (bytes: Uint8Array, most: number): RollupColumns =>
  decodeColumns(unpackRollups(bytes, most), most);

/** What decodeColumns reads: a twelfth of the memory of the columns. Throws DamagedError. */
export function unpackRollups(bytes: Uint8Array, most: number): Uint8Array {
  if (bytes[0] !== SQUEEZED_WHOLE) return bytes;
  const whole = new ByteReader(bytes);
  whole.u8();
  const length = whole.varint();
  if (length > MOST_BYTES_OF_BUCKET * most) throw new DamagedError('more bytes than a row has');
  const inside = unpackBytes(whole, length);
  whole.end();
  return inside;
}

/** Numbers a bucket that decodeColumns makes. */
export const COLUMNS = 1 + SUM_FIELDS.length;

const ALL: ReadonlySet<keyof Sum> = new Set(SUM_FIELDS);
const NOT_READ = new Float64Array(0);

/**
 * Into the memory given, or its own. Of the sums at least those that are needed; the others may be empty. Throws DamagedError.
 * What a sum is a difference to is read with it: the middle of min and max for the total, the total for the area.
 */
export function decodeColumns(
  inside: Uint8Array,
  most: number,
  into?: Float64Array,
  needed: ReadonlySet<keyof Sum> = ALL,
): RollupColumns {
  const from = new ByteReader(inside);
  const n = from.varint();
  if (n > most) throw new DamagedError('more buckets than a row has');
  // One array for all: a year of 20 series is 1,260 of them else, and the collector of garbage counts each.
  const all = into ?? new Float64Array(n * COLUMNS);
  const column = (place: number): Float64Array => all.subarray(place * n, (place + 1) * n);
  const floats = (place: number, wanted: boolean): Float64Array => {
    if (wanted) return readFloats(from, column(place));
    skipFloats(from, n);
    return NOT_READ;
  };
  const [places, count] = [readInts(from, column(0)), readInts(from, column(1))];
  const areas = needed.has('area');
  const totals = areas || needed.has('total');
  const reaches = totals || needed.has('max');
  const coveredMs = floats(2, areas || needed.has('coveredMs'));
  const [belowMs, aboveMs] = [floats(3, needed.has('belowMs')), floats(4, needed.has('aboveMs'))];
  const decimals = from.u8();
  const whole = decimals !== AS_FLOATS;
  const sums = (place: number, wanted: boolean): Float64Array => {
    if (!whole) return floats(place, wanted);
    if (wanted) return readInts(from, column(place));
    skipInts(from, n);
    return NOT_READ;
  };
  const [min, max] = [sums(5, reaches || needed.has('min')), sums(6, reaches)];
  const [total, area] = [sums(7, totals), sums(8, areas)];
  from.end();
  if (whole) fromGuesses({ count, total, min, max, coveredMs, area }, 10 ** decimals);
  inOrder(places, most);
  return { places, fields: { count, total, min, max, coveredMs, area, belowMs, aboveMs } };
}

function inOrder(places: Float64Array, most: number): void {
  let before = -1;
  for (let i = 0; i < places.length; i++) {
    const place = places[i] as number;
    if (!(place > before)) throw new DamagedError('buckets out of order');
    before = place;
  }
  if (before >= most) throw new DamagedError('buckets out of order');
}

/** What asWhole took away is added again, in place, of those that were read. From the last to the first: each hangs on those before it. */
function fromGuesses(
  { count, total, min, max, coveredMs, area }: Omit<RollupColumns['fields'], 'belowMs' | 'aboveMs'>,
  scale: number,
): void {
  for (let i = 0; i < total.length; i++) {
    const [low, reach, times] = [min[i] as number, max[i] as number, count[i] as number];
    total[i] = (total[i] as number) + guessTotal(low, reach, times);
  }
  for (let i = 0; i < area.length; i++) {
    const guess = guessArea(total[i] as number, count[i] as number, coveredMs[i] as number);
    area[i] = ((area[i] as number) + guess) / scale;
  }
  for (let i = 0; i < total.length; i++) total[i] = (total[i] as number) / scale;
  for (let i = 0; i < max.length; i++)
    max[i] = count[i] === 0 ? Number.NEGATIVE_INFINITY : ((min[i] as number) + (max[i] as number)) / scale;
  for (let i = 0; i < min.length; i++) min[i] = count[i] === 0 ? Number.POSITIVE_INFINITY : (min[i] as number) / scale;
}

const guessTotal = (min: number, reach: number, count: number): number => Math.round((min + reach / 2) * count);
const guessArea = (total: number, count: number, coveredMs: number): number =>
  count === 0 ? 0 : Math.round((total / count) * coveredMs);

interface WholeSums {
  readonly decimals: number;
  readonly min: Float64Array;
  readonly reach: Float64Array;
  readonly total: Float64Array;
  readonly area: Float64Array;
}

/** Null when the values have no power of ten in common, or sums outgrow whole numbers. */
function asWhole({ fields }: RollupColumns): WholeSums | null {
  const { count, total, min, max, coveredMs, area } = fields;
  const known = (values: Float64Array): Float64Array => values.filter((_, i) => count[i] !== 0);
  const decimals = decimalsOf(Float64Array.of(...known(min), ...known(max)));
  if (decimals === null) return null;
  const scale = 10 ** decimals;
  const n = count.length;
  const whole = {
    decimals,
    min: new Float64Array(n),
    reach: new Float64Array(n),
    total: new Float64Array(n),
    area: new Float64Array(n),
  };
  for (let i = 0; i < n; i++) {
    const times = count[i] as number;
    const low = times === 0 ? 0 : Math.round((min[i] as number) * scale);
    const reach = times === 0 ? 0 : Math.round((max[i] as number) * scale) - low;
    const largest = times === 0 ? Math.abs(area[i] as number) : Math.max(Math.abs(low), Math.abs(low + reach));
    const sum = wholeWithin((total[i] as number) * scale, largest * times);
    const held = wholeWithin(
      (area[i] as number) * scale,
      times === 0 ? largest * scale : largest * (coveredMs[i] as number),
    );
    if (sum === null || held === null) return null;
    const guess = guessArea(sum, times, coveredMs[i] as number);
    if (Math.abs(guess) > MOST_WHOLE) return null;
    whole.min[i] = low;
    whole.reach[i] = reach;
    whole.total[i] = sum - guessTotal(low, reach, times);
    whole.area[i] = held - guess;
  }
  return whole;
}

function wholeWithin(value: number, weight: number): number | null {
  const whole = Math.round(value);
  return Math.abs(whole) < MOST_WHOLE && Math.abs(whole - value) <= NOISE * weight ? whole : null;
}
