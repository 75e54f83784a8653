import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SeriesStore } from '#core/ports.ts';
import type { Quality, Reading, Value } from '#core/reading.ts';
import { hours, type Instant, instant, milliseconds, minutes, plus, seconds } from '#core/time.ts';

const START = instant(Date.UTC(2026, 0, 5));

function reading(at: Instant, value: Value | null, quality: Quality = 'good', point = 'ups.load'): Reading {
  return { device: 'ups-1', point, value, quality, measuredAt: at, receivedAt: at, changedAt: at, simulated: true };
}

/** What every SeriesStore keeps. */
export function seriesStoreContract(name: string, make: () => SeriesStore): void {
  describe(`series store contract: ${name}`, () => {
    let store: SeriesStore;
    beforeEach(() => {
      store = make();
    });
    afterEach(() => store.close());
    const load = { device: 'ups-1', point: 'ups.load' };

    it('gives back readings in time order, both ends included, values and qualities unchanged', () => {
      const values: (Value | null)[] = [41.5, 40, -0.25, true, false, 'OB DISCHRG', '', null, 1e15];
      store.write(values.map((value, i) => reading(plus(START, seconds(values.length - i)), value, 'good')).reverse());
      store.write([reading(plus(START, seconds(99)), 7, 'stale')]);
      const points = store.raw({ ...load, from: START, to: plus(START, seconds(99)) });
      expect(points.map((point) => point.value)).toEqual([...values.slice().reverse(), 7]);
      expect(points.at(-1)).toEqual({ at: plus(START, seconds(99)), value: 7, quality: 'stale' });
      expect(store.raw({ ...load, from: plus(START, seconds(98)), to: plus(START, seconds(98)) })).toEqual([]);
    });

    it('keeps one reading for a time: late and repeated messages change nothing twice', () => {
      store.write([reading(START, 1), reading(START, 2)]);
      store.write([reading(START, 3)]);
      expect(store.raw({ ...load, from: START, to: START })).toEqual([{ at: START, value: 3, quality: 'good' }]);
    });

    it('gives at most `limit`, the earliest', () => {
      store.write(Array.from({ length: 100 }, (_, i) => reading(plus(START, seconds(i)), i)));
      const some = store.raw({ ...load, from: START, to: plus(START, hours(1)), limit: 3 });
      expect(some.map((point) => point.value)).toEqual([0, 1, 2]);
    });

    it('sums numbers of good quality up in buckets, leaves the empty ones out, truths and words too', () => {
      const at = (s: number) => plus(START, seconds(s));
      store.write([
        reading(at(0), 10),
        reading(at(59), 20),
        reading(at(60), 5),
        reading(at(61), 9999, 'implausible'),
        reading(at(62), null, 'missing'),
        reading(at(63), true),
        reading(at(64), 'on'),
        reading(at(300), 7),
        reading(at(360), 8),
      ]);
      expect(store.buckets({ ...load, from: START, to: at(360), step: minutes(1) })).toEqual([
        { from: at(0), count: 2, mean: 15, min: 10, max: 20 },
        { from: at(60), count: 1, mean: 5, min: 5, max: 5 },
        { from: at(300), count: 1, mean: 7, min: 7, max: 7 },
      ]);
      expect(store.buckets({ device: 'none', point: 'ups.load', from: START, to: at(9), step: seconds(1) })).toEqual(
        [],
      );
      expect(store.buckets({ ...load, from: START, to: at(1), step: milliseconds(0) })).toHaveLength(1);
    });

    it('lists every series with its ends', () => {
      store.write([reading(plus(START, seconds(5)), 1), reading(START, 2), reading(START, true, 'good', 'room.smoke')]);
      expect(store.series()).toEqual([
        { device: 'ups-1', point: 'room.smoke', firstAt: START, lastAt: START },
        { device: 'ups-1', point: 'ups.load', firstAt: START, lastAt: plus(START, seconds(5)) },
      ]);
    });

    it('drops what is older, says how many, and a series without readings is gone', () => {
      store.write(Array.from({ length: 100 }, (_, i) => reading(plus(START, seconds(i)), i)));
      store.write([reading(START, 1, 'good', 'ups.realpower')]);
      expect(store.prune(plus(START, seconds(40)))).toBe(41);
      expect(store.prune(plus(START, seconds(40)))).toBe(0);
      expect(store.series()).toEqual([
        { ...load, firstAt: plus(START, seconds(40)), lastAt: plus(START, seconds(99)) },
      ]);
    });

    it('takes 100,000 readings at once without holding up the caller, and loses none', () => {
      const many = Array.from({ length: 100_000 }, (_, i) => reading(plus(START, milliseconds(i)), i));
      store.write(many);
      const [bucket] = store.buckets({ ...load, from: START, to: plus(START, hours(1)), step: hours(1) });
      expect(bucket?.count).toBe(100_000);
    });

    it('does not choke on a number that is none', () => {
      store.write([reading(START, Number.NaN), reading(plus(START, seconds(1)), Number.POSITIVE_INFINITY)]);
      expect(store.raw({ ...load, from: START, to: plus(START, seconds(1)) }).map((point) => point.value)).toEqual([
        null,
        null,
      ]);
    });
  });
}
