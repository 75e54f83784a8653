/**
 * How fast a value moves, by a few samples of it, some of which may be wild: Theil–Sen, the median of the slopes between pairs.
 * Heat's clock, the battery's and the forecasts of rules share it.
 */

/** From more samples than this are drawn so many, evenly: the pairs of all would be too many. */
export const MOST_PAIRS_FROM = 24;

/** Filled anew by each call: no list is made for the pairs. */
const SLOPES = new Float64Array((MOST_PAIRS_FROM * (MOST_PAIRS_FROM - 1)) / 2);

/** Of pairs at least a quarter of the time apart, those closer are mostly noise; in units of the value per millisecond. Null: no pair. */
export function medianSlope(samples: readonly (readonly [ms: number, value: number])[]): number | null {
  const points = thin(samples, MOST_PAIRS_FROM);
  const span = (points.at(-1)?.[0] ?? 0) - (points[0]?.[0] ?? 0);
  let count = 0;
  for (let i = 0; i < points.length; i++) {
    const [from, low] = points[i] ?? NOWHERE;
    for (let j = i + 1; j < points.length; j++) {
      const [to, high] = points[j] ?? NOWHERE;
      if (to > from && (to - from) * 4 >= span) SLOPES[count++] = (high - low) / (to - from);
    }
  }
  return medianOf(SLOPES, count);
}
const NOWHERE = [0, 0] as const;

/** At most `limit` samples, evenly, first and last kept. */
export function thin<T>(samples: readonly T[], limit: number): readonly T[] {
  if (samples.length <= limit) return samples;
  const step = (samples.length - 1) / (limit - 1);
  const kept: T[] = [];
  for (let i = 0; i < limit; i++) kept.push(samples[Math.round(i * step)] as T);
  return kept;
}

export const median = (values: readonly number[]): number | null => medianOf(new Float64Array(values), values.length);

/** Of the first `length` values, whose order it changes. */
export function medianOf(parted: Float64Array, length: number): number | null {
  if (length === 0) return null;
  const middle = length >> 1;
  part(parted, length, middle);
  const upper = parted[middle] ?? 0;
  if (length % 2 === 1) return upper;
  let lower = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < middle; i++) lower = Math.max(lower, parted[i] ?? lower);
  return (lower + upper) / 2;
}

/** Brings the value of this rank to its place, nothing larger before it and nothing smaller behind (Hoare). */
function part(values: Float64Array, length: number, rank: number): void {
  let from = 0;
  let to = length - 1;
  while (from < to) {
    const pivot = values[(from + to) >> 1] ?? 0;
    let i = from;
    let j = to;
    while (i <= j) {
      while ((values[i] ?? pivot) < pivot) i++;
      while ((values[j] ?? pivot) > pivot) j--;
      if (i > j) break;
      const swapped = values[i] ?? 0;
      values[i++] = values[j] ?? 0;
      values[j--] = swapped;
    }
    if (rank <= j) to = j;
    else if (rank >= i) from = i;
    else return;
  }
}
