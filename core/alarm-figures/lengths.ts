import type { Lengths } from './view.ts';

/** Nearest-rank: the smallest of the values that at least this share of them does not exceed. */
function rankOf(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

export const medianOf = (values: readonly number[]): number | null => rankOf(values, 0.5);

/** `values` in milliseconds. */
export function lengthsOf(values: readonly number[]): Lengths {
  const inSeconds = (value: number | null): number | null => (value === null ? null : value / 1000);
  return { count: values.length, medianS: inSeconds(medianOf(values)), p90S: inSeconds(rankOf(values, 0.9)) };
}
