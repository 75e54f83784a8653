import type { Reading } from '#core/reading.ts';
import type { Segment } from './segment-file.ts';

/** The last frames as they were written: who reads at the end of the spool, as a store does that keeps up, need not read the disk again. */
export interface Tail {
  /** The frame of these readings, and of the new names before it, lies from `from` up to `end`. */
  keep(segment: Segment, from: number, end: number, readings: readonly Reading[]): void;
  /** The frame that begins there; null when it must be read. */
  at(segment: Segment, offset: number): { readonly readings: readonly Reading[]; readonly end: number } | null;
}

/** A store is woken with each frame; more would only keep readings alive past their youth. */
const MOST_FRAMES = 2;

interface Kept {
  readonly number: number;
  readonly level: number;
  readonly from: number;
  readonly end: number;
  readonly readings: readonly Reading[];
}

export function createTail(): Tail {
  const frames: Kept[] = [];
  return {
    keep({ number, level }, from, end, readings) {
      // Read again, such a reading is another one.
      if (!readings.every(isKeptAsItIs)) return;
      frames.push({ number, level, from, end, readings });
      if (frames.length > MOST_FRAMES) frames.shift();
    },
    at: ({ number, level }, offset) =>
      frames.find((one) => one.from === offset && one.number === number && one.level === level) ?? null,
  };
}

/** What the spool rounds, or has no place for, comes back otherwise. */
function isKeptAsItIs({ measuredAt, value }: Reading): boolean {
  if (!Number.isSafeInteger(measuredAt) || Math.abs(measuredAt) >= 2 ** 51) return false;
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value !== 'string' || value.isWellFormed();
}
