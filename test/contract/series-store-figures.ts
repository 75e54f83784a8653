import { describe, expect, it } from 'vitest';
import type { Quality, Value } from '#core/reading.ts';
import type { SeriesBucket, SeriesKey, SeriesStep } from '#core/series.ts';
import { hours, type Instant, instant, milliseconds, minutes, plus, seconds } from '#core/time.ts';
import { expectSameBuckets, reading, type StoreUnderTest } from './series-store-support.ts';

const START = instant(Date.UTC(2026, 0, 5));
const at = (s: number): Instant => plus(START, seconds(s));
type Row = readonly [s: number, value: Value | null, quality?: Quality];

/** A bucket by hand; what is not named is what an untouched bucket has. */
const bucket = (from: number, to: number, figures: Partial<SeriesBucket>): SeriesBucket => ({
  from: at(from),
  to: at(to),
  count: 0,
  mean: null,
  min: null,
  max: null,
  coveredS: 0,
  timeMean: null,
  belowS: 0,
  aboveS: 0,
  ...figures,
});

/** Computed by hand. `ambient.temperature` holds 300 s with a band of 18 to 27, `ups.load` holds 30 s with at most 80. */
const CASES: readonly {
  why: string;
  point: string;
  rows: readonly Row[];
  from: number;
  to: number;
  step: SeriesStep;
  expected: readonly SeriesBucket[];
}[] = [
  {
    why: 'the mean counts each reading once, the time-weighted mean by how long it held',
    point: 'ambient.temperature',
    rows: [
      [0, 20],
      [10, 26],
      [60, 26],
    ],
    from: 0,
    to: 60,
    step: { every: minutes(1) },
    expected: [
      bucket(0, 60, { count: 2, mean: 23, min: 20, max: 26, coveredS: 60, timeMean: (20 * 10 + 26 * 50) / 60 }),
    ],
  },
  {
    why: 'a value holds at most `hold`: a gap is covered no longer, and what begins after it counts anew',
    point: 'ups.load',
    rows: [
      [0, 50],
      [300, 70],
    ],
    from: 0,
    to: 360,
    step: { every: minutes(6) },
    expected: [bucket(0, 360, { count: 2, mean: 60, min: 50, max: 70, coveredS: 60, timeMean: 60 })],
  },
  {
    why: 'a bucket without a reading in which an earlier one still holds is covered; one beyond the hold is left out',
    point: 'ups.load',
    rows: [[50, 90]],
    from: 0,
    to: 180,
    step: { every: minutes(1) },
    expected: [
      bucket(0, 60, { count: 1, mean: 90, min: 90, max: 90, coveredS: 10, timeMean: 90, aboveS: 10 }),
      bucket(60, 120, { coveredS: 20, timeMean: 90, aboveS: 20 }),
    ],
  },
  {
    why: 'the value that held before the range counts in it',
    point: 'ambient.temperature',
    rows: [
      [-200, 10],
      [60, 20],
    ],
    from: 0,
    to: 120,
    step: { every: minutes(2) },
    expected: [
      bucket(0, 120, {
        count: 1,
        mean: 20,
        min: 20,
        max: 20,
        coveredS: 120,
        timeMean: 15,
        belowS: 60,
      }),
    ],
  },
  {
    why: 'a reading of any quality ends what held before it; only good ones count',
    point: 'ambient.temperature',
    rows: [
      [0, 20],
      [10, 20, 'stale'],
      [20, 9999, 'implausible'],
      [30, null, 'missing'],
      [40, 30, 'frozen'],
      [50, 28],
      [55, null],
    ],
    from: 0,
    to: 60,
    step: { every: minutes(1) },
    expected: [
      bucket(0, 60, {
        count: 2,
        mean: 24,
        min: 20,
        max: 28,
        coveredS: 15,
        timeMean: (20 * 10 + 28 * 5) / 15,
        aboveS: 5,
      }),
    ],
  },
  {
    why: 'a value on the limit is inside the band',
    point: 'ambient.temperature',
    rows: [
      [0, 18],
      [10, 27],
      [20, 17.9],
      [30, 27.1],
      [40, 20],
      [60, null, 'missing'],
    ],
    from: 0,
    to: 60,
    step: { every: minutes(1) },
    expected: [
      bucket(0, 60, {
        count: 5,
        mean: (18 + 27 + 17.9 + 27.1 + 20) / 5,
        min: 17.9,
        max: 27.1,
        coveredS: 60,
        timeMean: (180 + 270 + 179 + 271 + 400) / 60,
        belowS: 10,
        aboveS: 10,
      }),
    ],
  },
  {
    why: 'truths and words have no mean, and end what held before them; 0 and 1 are numbers',
    point: 'ups.load',
    rows: [
      [0, true],
      [10, 'on'],
      [20, 1],
      [25, false],
      [30, 0],
      [40, ''],
    ],
    from: 0,
    to: 60,
    step: { every: minutes(1) },
    expected: [bucket(0, 60, { count: 2, mean: 0.5, min: 0, max: 1, coveredS: 15, timeMean: 5 / 15 })],
  },
  {
    why: 'a reading on an edge belongs to the bucket that begins there, and whole buckets are given around a range within them',
    point: 'ups.load',
    rows: [
      [0, 1],
      [60, 2],
      [119.999, 3],
      [120, 4],
    ],
    from: 70,
    to: 80,
    step: { every: minutes(1) },
    expected: [
      bucket(60, 120, {
        count: 2,
        mean: 2.5,
        min: 2,
        max: 3,
        coveredS: 30.001,
        timeMean: (2 * 30 + 3 * 0.001) / 30.001,
      }),
    ],
  },
  {
    why: 'a number far from the others is not lost in the sum of an hour',
    point: 'ups.load',
    rows: [
      [0, 1e15],
      [10, 1],
      [3600, 1],
    ],
    from: 0,
    to: 3600,
    step: { every: hours(1) },
    expected: [
      bucket(0, 3600, {
        count: 2,
        mean: (1e15 + 1) / 2,
        min: 1,
        max: 1e15,
        coveredS: 40,
        timeMean: (1e15 * 10 + 30) / 40,
        aboveS: 10,
      }),
    ],
  },
];

/** Figures of buckets and quantiles, by hand. */
export function figuresContract(test: StoreUnderTest): void {
  const filled = async (point: string, rows: readonly Row[]): Promise<SeriesKey> => {
    const key = { device: test.device(), point };
    await test.store().write(rows.map(([s, value, quality]) => reading(key, at(s), value, quality)));
    await test.disturbed();
    return key;
  };

  describe('buckets', () => {
    for (const { why, point, rows, from, to, step, expected } of CASES) {
      it(why, async () => {
        const key = await filled(point, rows);
        expectSameBuckets(await test.store().buckets({ ...key, from: at(from), to: at(to), step }), expected);
      });
    }

    it('a band in the question goes before the series’ own, also an open one', async () => {
      const key = await filled('ambient.temperature', [
        [0, 10],
        [10, 20],
        [20, 30],
        [30, null, 'missing'],
      ]);
      const range = { ...key, from: at(0), to: at(60), step: { every: minutes(1) } };
      const outside = async (band?: { low?: number; high?: number }) =>
        (await test.store().buckets({ ...range, ...(band === undefined ? {} : { band }) })).map((one) => [
          one.belowS,
          one.aboveS,
        ]);
      expect(await outside()).toEqual([[10, 10]]);
      expect(await outside({ low: 25 })).toEqual([[20, 0]]);
      expect(await outside({ low: 15, high: 15 })).toEqual([[10, 20]]);
      expect(await outside({})).toEqual([[0, 0]]);
    });

    it('an empty range, a turned one, a series of words and an unknown series have none', async () => {
      const key = await filled('ups.load', [[0, 1]]);
      const step = { every: minutes(1) };
      const words = await filled('ups.status', [[0, 'OL']]);
      for (const range of [
        { ...key, from: at(0), to: at(0) },
        { ...key, from: at(30), to: at(30) },
        { ...key, from: at(60), to: at(0) },
        { ...words, from: at(0), to: at(60) },
        { device: test.device(), point: 'ups.load', from: at(0), to: at(60) },
        { ...key, from: at(-600), to: at(-60) },
        { ...key, from: at(6000), to: at(9000) },
      ])
        expect(await test.store().buckets({ ...range, step })).toEqual([]);
    });

    it('a step of nothing is a millisecond; a question for more buckets than anybody reads is refused', async () => {
      const key = await filled('ups.load', [[0, 1]]);
      const ask = (to: Instant) => test.store().buckets({ ...key, from: at(0), to, step: { every: milliseconds(0) } });
      expect(await ask(instant(START + 3))).toHaveLength(3);
      await expect(ask(at(3600))).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    });

    it('a late reading mends the buckets that it touches: its own, and those in which the one before held until then', async () => {
      const key = await filled('ambient.temperature', [
        [0, 20],
        [200, 26],
        [400, null, 'missing'],
      ]);
      const ask = () => test.store().buckets({ ...key, from: at(0), to: at(480), step: { every: minutes(2) } });
      await ask();
      await test.store().write([reading(key, at(100), 30), reading(key, at(390), 17)]);
      await test.disturbed();
      expectSameBuckets(await ask(), [
        bucket(0, 120, { count: 2, mean: 25, min: 20, max: 30, coveredS: 120, timeMean: 2600 / 120, aboveS: 20 }),
        bucket(120, 240, {
          count: 1,
          mean: 26,
          min: 26,
          max: 26,
          coveredS: 120,
          timeMean: (30 * 80 + 26 * 40) / 120,
          aboveS: 80,
        }),
        bucket(240, 360, { coveredS: 120, timeMean: 26 }),
        bucket(360, 480, {
          count: 1,
          mean: 17,
          min: 17,
          max: 17,
          coveredS: 40,
          timeMean: (26 * 30 + 17 * 10) / 40,
          belowS: 10,
        }),
      ]);
      // A reading that is taken back (the same time, nothing measured) is taken out of them again.
      await test.store().write([reading(key, at(100), null, 'missing')]);
      const [first] = await ask();
      expectSameBuckets(first === undefined ? [] : [first], [
        bucket(0, 120, { count: 1, mean: 20, min: 20, max: 20, coveredS: 100, timeMean: 20 }),
      ]);
    });
  });

  describe('quantiles', () => {
    it('are linear between neighbours (type 7), of good numbers of the range, each counted once', async () => {
      const key = await filled('ups.load', [
        [0, 40],
        [10, 10],
        [11, 30],
        [20, 20],
        [21, 9999, 'implausible'],
        [22, true],
        [50, -1000],
      ]);
      const ask = (from: number, to: number, shares: readonly number[]) =>
        test.store().quantiles({ ...key, from: at(from), to: at(to), shares });
      expect(await ask(0, 50, [0, 0.25, 0.5, 0.9, 1])).toEqual([10, 17.5, 25, expect.closeTo(37, 9), 40]);
      expect(await ask(0, 50, [-1, 2])).toEqual([10, 40]);
      expect(await ask(10, 11, [0.5])).toEqual([10]);
      expect(await ask(0, 50, [])).toEqual([]);
      expect(await ask(21, 50, [0, 0.5])).toEqual([null, null]);
      expect(await ask(50, 50, [0.5])).toEqual([null]);
    });
  });
}
