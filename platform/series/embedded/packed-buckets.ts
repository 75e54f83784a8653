import type { BucketColumns, BucketFigure } from '#core/bucket-table.ts';
import type { Sum } from '#core/series-math.ts';
import { placeOf } from './columns.ts';
import { type RollupColumns, SUM_FIELDS } from './rollup-codec.ts';
import type { Span } from './units.ts';

/** Buckets in the order of time, those without anything left out, as columns of the figures that are asked for. */
export interface PackedBuckets {
  /** The sums that its figures are made of. */
  readonly needed: ReadonlySet<keyof Sum>;
  /** Sums as emptySums makes them, one for each pair of neighbouring edges. */
  addSums(edges: Float64Array, sums: Float64Array): void;
  /** Those buckets of a rollup's row that lie within the span: the very ones asked for, so nothing is to be added up. */
  addRow(row: RollupColumns, start: number, size: number, within: Span): void;
  readonly length: number;
  /** Back to a length that it had. */
  rewind(length: number): void;
  /** Parts of one piece of memory, which crosses to another thread without being copied. */
  finish(): BucketColumns;
}

const NEEDED: Readonly<Record<BucketFigure, readonly (keyof Sum)[]>> = {
  to: [],
  count: ['count'],
  mean: ['count', 'total'],
  min: ['count', 'min'],
  max: ['count', 'max'],
  coveredS: ['coveredMs'],
  timeMean: ['coveredMs', 'area'],
  belowS: ['belowMs'],
  aboveS: ['aboveMs'],
};

export function createPackedBuckets(most: number, names: readonly BucketFigure[]): PackedBuckets {
  const memory = new Float64Array(most * (1 + names.length));
  const column = (place: number): Float64Array => memory.subarray(place * most, (place + 1) * most);
  const starts = column(0);
  const figures = names.map((name, i) => ({ name, into: column(i + 1) }));
  let end = 0;
  return {
    needed: new Set(names.flatMap((name) => NEEDED[name])),
    addSums(edges, sums) {
      for (let i = 0, o = 0; o < sums.length; i++, o += SUM_FIELDS.length) {
        if (sums[o] === 0 && sums[o + 4] === 0) continue;
        starts[end] = edges[i] as number;
        for (const { name, into } of figures) into[end] = figureOf(name, edges[i + 1] as number, sums, o);
        end++;
      }
    },
    addRow(row, start, size, within) {
      const [first, last] = [
        placeOf(row.places, (within.from - start) / size),
        placeOf(row.places, (within.to - start) / size),
      ];
      moments(starts, end, row.places, first, last, start, size);
      for (const { name, into } of figures) addFigure(name, into, end, row, first, last, start, size);
      end += last - first;
    },
    get length() {
      return end;
    },
    rewind(length) {
      end = length;
    },
    finish() {
      // Sent whole, whatever of it is used: a long range with little in it is made short first.
      const fits = end * 2 >= most;
      const used = (values: Float64Array): Float64Array => (fits ? values.subarray(0, end) : values.slice(0, end));
      return { from: used(starts), figures: Object.fromEntries(figures.map(({ name, into }) => [name, used(into)])) };
    },
  };
}

/** The memory of all columns, each piece once. */
export const buffersOfColumns = ({ from, figures }: BucketColumns): ArrayBuffer[] => [
  ...new Set([from, ...Object.values(figures)].map(({ buffer }) => buffer as ArrayBuffer)),
];

/** Nothing by nothing is NaN: null. */
function figureOf(name: BucketFigure, to: number, sums: Float64Array, o: number): number {
  const count = sums[o] as number;
  switch (name) {
    case 'to':
      return to;
    case 'count':
      return count;
    case 'mean':
      return (sums[o + 1] as number) / count;
    case 'min':
      return count === 0 ? Number.NaN : (sums[o + 2] as number);
    case 'max':
      return count === 0 ? Number.NaN : (sums[o + 3] as number);
    case 'coveredS':
      return (sums[o + 4] as number) / 1000;
    case 'timeMean':
      return (sums[o + 5] as number) / (sums[o + 4] as number);
    case 'belowS':
      return (sums[o + 6] as number) / 1000;
    case 'aboveS':
      return (sums[o + 7] as number) / 1000;
  }
}

/** The figure of the row's buckets from `first` up to `last`, from place `end` on. */
function addFigure(
  name: BucketFigure,
  into: Float64Array,
  end: number,
  { places, fields }: RollupColumns,
  first: number,
  last: number,
  start: number,
  size: number,
): void {
  const { count, total, min, max, coveredMs, area, belowMs, aboveMs } = fields;
  if (name === 'to') moments(into, end, places, first, last, start + size, size);
  else if (name === 'count') into.set(count.subarray(first, last), end);
  else if (name === 'mean') quotients(into, end, total, count, first, last);
  else if (name === 'min') measured(into, end, min, count, first, last);
  else if (name === 'max') measured(into, end, max, count, first, last);
  else if (name === 'coveredS') inSeconds(into, end, coveredMs, first, last);
  else if (name === 'timeMean') quotients(into, end, area, coveredMs, first, last);
  else if (name === 'belowS') inSeconds(into, end, belowMs, first, last);
  else inSeconds(into, end, aboveMs, first, last);
}

function moments(
  into: Float64Array,
  end: number,
  places: Float64Array,
  first: number,
  last: number,
  start: number,
  size: number,
): void {
  for (let i = first, o = end; i < last; i++, o++) into[o] = start + (places[i] as number) * size;
}

function quotients(
  into: Float64Array,
  end: number,
  sum: Float64Array,
  by: Float64Array,
  first: number,
  last: number,
): void {
  for (let i = first, o = end; i < last; i++, o++) into[o] = (sum[i] as number) / (by[i] as number);
}

function measured(
  into: Float64Array,
  end: number,
  values: Float64Array,
  count: Float64Array,
  first: number,
  last: number,
): void {
  for (let i = first, o = end; i < last; i++, o++) into[o] = count[i] === 0 ? Number.NaN : (values[i] as number);
}

function inSeconds(into: Float64Array, end: number, values: Float64Array, first: number, last: number): void {
  for (let i = first, o = end; i < last; i++, o++) into[o] = (values[i] as number) / 1000;
}
