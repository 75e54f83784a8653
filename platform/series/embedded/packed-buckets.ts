import { BUCKET_NUMBERS } from '#core/bucket-table.ts';
import { type RollupColumns, SUM_FIELDS } from './rollup-codec.ts';
import type { Span } from './units.ts';

/** Buckets in the order of time, those without anything left out, as core/bucket-table.ts packs them: they cross to another thread without being copied. */
export interface PackedBuckets {
  /** Sums as emptySums makes them, one for each pair of neighbouring edges. */
  addSums(edges: Float64Array, sums: Float64Array): void;
  /** Those buckets of a rollup's row that lie within the span: the very ones asked for, so nothing is to be added up. */
  addRow(row: RollupColumns, start: number, size: number, within: Span): void;
  readonly length: number;
  /** Back to a length that it had. */
  rewind(length: number): void;
  finish(): Float64Array;
}

export function createPackedBuckets(most: number): PackedBuckets {
  const out = new Float64Array(most * BUCKET_NUMBERS);
  let end = 0;
  return {
    addSums(edges, sums) {
      for (let i = 0, o = 0; o < sums.length; i++, o += SUM_FIELDS.length) {
        const [count, coveredMs] = [sums[o] as number, sums[o + 4] as number];
        if (count === 0 && coveredMs === 0) continue;
        out[end] = edges[i] as number;
        out[end + 1] = edges[i + 1] as number;
        put(out, end, count, sums[o + 1] as number, sums[o + 2] as number, sums[o + 3] as number);
        putHeld(out, end, coveredMs, sums[o + 5] as number, sums[o + 6] as number, sums[o + 7] as number);
        end += BUCKET_NUMBERS;
      }
    },
    addRow(row, start, size, within) {
      end = packRow(out, end, row, start, size, within);
    },
    get length() {
      return end;
    },
    rewind(length) {
      end = length;
    },
    finish: () => (end === out.length ? out : out.slice(0, end)),
  };
}

/** Nothing by nothing is NaN: null. */
function put(out: Float64Array, at: number, count: number, total: number, min: number, max: number): void {
  out[at + 2] = count;
  out[at + 3] = total / count;
  out[at + 4] = count === 0 ? Number.NaN : min;
  out[at + 5] = count === 0 ? Number.NaN : max;
}

function putHeld(
  out: Float64Array,
  at: number,
  coveredMs: number,
  area: number,
  belowMs: number,
  aboveMs: number,
): void {
  out[at + 6] = coveredMs / 1000;
  out[at + 7] = area / coveredMs;
  out[at + 8] = belowMs / 1000;
  out[at + 9] = aboveMs / 1000;
}

/** From place `end` on; says where it ends then. */
function packRow(
  out: Float64Array,
  end: number,
  { places, fields }: RollupColumns,
  start: number,
  size: number,
  { from, to }: Span,
): number {
  const { count, total, min, max, coveredMs, area, belowMs, aboveMs } = fields;
  let next = end;
  for (let i = 0; i < places.length; i++) {
    const at = start + (places[i] as number) * size;
    const [times, held] = [count[i] as number, coveredMs[i] as number];
    if (at < from || (times === 0 && held === 0)) continue;
    if (at >= to) break;
    out[next] = at;
    out[next + 1] = at + size;
    put(out, next, times, total[i] as number, min[i] as number, max[i] as number);
    putHeld(out, next, held, area[i] as number, belowMs[i] as number, aboveMs[i] as number);
    next += BUCKET_NUMBERS;
  }
  return next;
}
