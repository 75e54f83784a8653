import type { Reading } from '#core/reading.ts';
import type { Duration } from '#core/time.ts';

/**
 * Gives up what is fine and keeps what matters: of each series' good numbers the first, the lowest and the highest of each
 * step, every change of quality, and of words and truths every change. Example, a minute of 10-second values 20.1 20.1 20.4
 * 20.2 20.0 20.1: 20.1 (first), 20.4, 20.0 remain.
 */
export class Thinner {
  readonly #step: number;
  readonly #series = new Map<string, Bucket>();
  #out: Reading[] = [];

  constructor(step: Duration) {
    this.#step = step;
  }

  push(reading: Reading): void {
    const key = `${reading.device}\n${reading.point}`;
    const bucket = this.#series.get(key);
    if (bucket === undefined || !continues(bucket.last, reading)) {
      if (bucket !== undefined) this.#close(bucket);
      this.#series.set(key, this.#begin(reading));
      return;
    }
    bucket.last = reading;
    if (!isGoodNumber(reading)) return;
    if (Math.floor(reading.measuredAt / this.#step) !== bucket.place) {
      this.#close(bucket);
      this.#series.set(key, this.#begin(reading));
      return;
    }
    if (numberOf(reading) < numberOf(bucket.lowest)) bucket.lowest = reading;
    if (numberOf(reading) > numberOf(bucket.highest)) bucket.highest = reading;
  }

  /** What is decided so far. */
  take(): readonly Reading[] {
    const out = this.#out;
    this.#out = [];
    return out;
  }

  /** Closes every step. */
  end(): void {
    for (const bucket of this.#series.values()) this.#close(bucket);
    this.#series.clear();
  }

  #begin(first: Reading): Bucket {
    this.#out.push(first);
    return { place: Math.floor(first.measuredAt / this.#step), first, lowest: first, highest: first, last: first };
  }

  #close({ first, lowest, highest }: Bucket): void {
    const [one, other] = lowest.measuredAt <= highest.measuredAt ? [lowest, highest] : [highest, lowest];
    if (one !== first) this.#out.push(one);
    if (other !== first && other !== one) this.#out.push(other);
  }
}

interface Bucket {
  readonly place: number;
  readonly first: Reading;
  lowest: Reading;
  highest: Reading;
  last: Reading;
}

const isGoodNumber = ({ value, quality }: Reading): boolean => quality === 'good' && typeof value === 'number';
const numberOf = ({ value }: Reading): number => (typeof value === 'number' ? value : Number.NaN);

/** Says nothing that the reading before did not, but perhaps another number. */
const continues = (before: Reading, now: Reading): boolean =>
  before.quality === now.quality &&
  (before.value === now.value || (isGoodNumber(before) && isGoodNumber(now))) &&
  before.simulated === now.simulated;
