import type { SeriesBand } from '#core/series.ts';
import { addHeld, addSample, type Sum } from '#core/series-math.ts';
import { type Columns, GOOD_NUMBER } from './columns.ts';

/** figuresByBucket of series-math.ts on columns that come piece by piece; a test holds the two together. */
export interface Fold {
  /** The next samples in the order of time. */
  add(columns: Columns): void;
  /** After the last: what still held. */
  finish(): void;
}

/**
 * Adds into `sums[i]` what lies between `edges[i]` and `edges[i + 1]`. Samples must come from one hold before the first edge
 * on; those after the last edge do no harm.
 */
export function createFold(
  edges: ArrayLike<number>,
  sums: readonly Sum[],
  hold: number,
  band: SeriesBand | null,
): Fold {
  const start = edges[0] ?? 0;
  const end = edges[sums.length] ?? start;
  /** Where the last sample lies; −1 before the first edge. */
  let place = -1;
  let holding = false;
  let heldSince = 0;
  let value = 0;

  const settle = (next: number): void => {
    const until = Math.min(next, heldSince + hold, end);
    for (let at = Math.max(0, place); at < sums.length; at++) {
      const from = Math.max(edges[at] as number, heldSince);
      const to = Math.min(edges[at + 1] as number, until);
      if (to > from) addHeld(sums[at] as Sum, value, to - from, band);
      if (until <= (edges[at + 1] as number)) return;
    }
  };
  return {
    add({ at, num, tag }) {
      for (let i = 0; i < at.length; i++) {
        const time = at[i] as number;
        if (holding) settle(time);
        if (time >= end) {
          holding = false;
          return;
        }
        if (tag[i] !== GOOD_NUMBER) {
          holding = false;
          continue;
        }
        value = num[i] as number;
        heldSince = time;
        holding = true;
        while (place + 1 < sums.length && (edges[place + 1] as number) <= time) place++;
        if (time >= start) addSample(sums[place] as Sum, value);
      }
    },
    finish() {
      if (holding) settle(Number.POSITIVE_INFINITY);
      holding = false;
    },
  };
}
