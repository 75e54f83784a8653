import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Quality, Value } from '#core/reading.ts';
import type { SeriesBand, SeriesSample, SeriesStep } from '#core/series.ts';
import {
  addSum,
  bucketEdges,
  changesOf,
  createFigures,
  emptySum,
  figuresByBucket,
  quantilesOf,
} from '#core/series-math.ts';
import { type Instant, instant, milliseconds } from '#core/time.ts';

/** The oracle of the stores' contract, proven by ways of its own: one millisecond after the other, one minute after the other. */

const sample = (at: number, value: Value | null, quality: Quality = 'good'): SeriesSample => ({
  at: instant(at),
  value,
  quality,
});

/** What holds at each single millisecond, asked anew each time. */
function integrate(samples: readonly SeriesSample[], edges: readonly Instant[], hold: number, band: SeriesBand | null) {
  return edges.slice(1).flatMap((to, index) => {
    const from = edges[index]!;
    const inside = samples.filter(
      ({ at, quality, value }) => at >= from && at < to && quality === 'good' && typeof value === 'number',
    );
    const numbers = inside.map(({ value }) => value as number);
    const held: number[] = [];
    for (let ms = from as number; ms < to; ms++) {
      const holding = samples.filter(({ at }) => at <= ms).at(-1);
      if (
        holding !== undefined &&
        holding.quality === 'good' &&
        typeof holding.value === 'number' &&
        ms - holding.at < hold
      )
        held.push(holding.value);
    }
    if (numbers.length === 0 && held.length === 0) return [];
    const mean = (list: readonly number[]) =>
      list.length === 0 ? null : list.reduce((a, b) => a + b, 0) / list.length;
    return [
      {
        from,
        to,
        count: numbers.length,
        mean: mean(numbers),
        min: numbers.length === 0 ? null : Math.min(...numbers),
        max: numbers.length === 0 ? null : Math.max(...numbers),
        coveredS: held.length / 1000,
        timeMean: mean(held),
        belowS: held.filter((value) => value < (band?.low ?? Number.NEGATIVE_INFINITY)).length / 1000,
        aboveS: held.filter((value) => value > (band?.high ?? Number.POSITIVE_INFINITY)).length / 1000,
      },
    ];
  });
}

const rows = fc.uniqueArray(
  fc.record({
    at: fc.integer({ min: -60, max: 260 }),
    // Eighths add up without rounding, so the two ways must agree to the last bit but for the division.
    value: fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: -80, max: 80 }).map((n) => n / 8) },
      { weight: 1, arbitrary: fc.constantFrom(true, 'on', null) },
    ),
    quality: fc.constantFrom<Quality>('good', 'good', 'good', 'good', 'stale', 'missing'),
  }),
  { selector: ({ at }) => at, maxLength: 40 },
);
const samplesOf = (list: readonly { at: number; value: Value | null; quality: Quality }[]) =>
  [...list].sort((a, b) => a.at - b.at).map(({ at, value, quality }) => sample(at, value, quality));

describe('figures by bucket', () => {
  test('are those of a clock that looks at each millisecond', () => {
    fc.assert(
      fc.property(
        rows,
        fc.integer({ min: 1, max: 90 }),
        fc.integer({ min: 0, max: 120 }),
        fc.constantFrom(null, {}, { low: 2 }, { high: -1 }, { low: -3, high: 3 }),
        (list, every, hold, band) => {
          const edges = bucketEdges(instant(3), instant(200), { every: milliseconds(every) });
          const samples = samplesOf(list);
          expect(figuresByBucket(samples, edges, milliseconds(hold), band)).toEqual(
            integrate(samples, edges, hold, band),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  test('uneven edges too, and one sample after the other gives the same', () => {
    fc.assert(
      fc.property(
        rows,
        fc.uniqueArray(fc.integer({ min: 0, max: 220 }), { minLength: 1, maxLength: 8 }),
        (list, at) => {
          const edges = at.sort((a, b) => a - b).map(instant);
          const samples = samplesOf(list);
          const expected = integrate(samples, edges, 50, null);
          expect(figuresByBucket(samples, edges, milliseconds(50), null)).toEqual(expected);
          const figures = createFigures(edges, milliseconds(50), null);
          for (const one of samples) figures.add(one);
          expect(figures.end()).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('sums of neighbouring buckets added up are those of the whole', () => {
    const sums = [emptySum(), emptySum(), emptySum()];
    Object.assign(sums[0]!, { count: 2, total: 3, min: 1, max: 2, coveredMs: 10, area: 15, belowMs: 1, aboveMs: 2 });
    Object.assign(sums[1]!, { count: 1, total: -4, min: -4, max: -4, coveredMs: 5, area: -20, belowMs: 5, aboveMs: 0 });
    const whole = emptySum();
    for (const sum of sums) addSum(whole, sum);
    expect(whole).toEqual({ count: 3, total: -1, min: -4, max: 2, coveredMs: 15, area: -5, belowMs: 6, aboveMs: 2 });
  });
});

describe('edges', () => {
  const EVEN: readonly [why: string, from: number, to: number, every: number, expected: readonly number[]][] = [
    ['on an edge to on an edge', 10, 30, 10, [10, 20, 30]],
    ['from within, to within: whole buckets around', 11, 29, 10, [10, 20, 30]],
    ['an empty range on an edge has no bucket', 10, 10, 10, [10]],
    ['nor within one', 15, 15, 10, [10]],
    ['nor a turned one', 25, 15, 10, [20]],
    ['before 1970', -15, -5, 10, [-20, -10, 0]],
    ['steps of nothing are a millisecond', 0, 2, 0, [0, 1, 2]],
    ['a fraction of a millisecond is rounded', 0, 4, 1.6, [0, 2, 4]],
  ];
  test.each(EVEN)('even: %s', (_why, from, to, every, expected) => {
    expect(bucketEdges(instant(from), instant(to), { every: milliseconds(every) })).toEqual(expected);
  });

  test('more than anybody reads is refused, by even steps and by local hours', () => {
    const ages = [instant(0), instant(Date.UTC(2199, 0))] as const;
    expect(() => bucketEdges(...ages, { every: milliseconds(1000) })).toThrow(/600000 steps/);
    expect(() => bucketEdges(...ages, { calendar: 'hour', timeZone: 'Europe/Berlin' })).toThrow(/600000 steps/);
    // 1972 to 2196 without 2100.
    const LEAP_DAYS = 56;
    expect(bucketEdges(...ages, { calendar: 'day', timeZone: 'UTC' })).toHaveLength(229 * 365 + LEAP_DAYS + 1);
  });

  /** Where the local clock, read by Intl each minute, begins another day, hour … */
  function byClock(from: number, to: number, part: 'hour' | 'day' | 'month', timeZone: string): number[] {
    const format = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      ...(part === 'month' ? {} : { day: '2-digit' }),
      ...(part === 'hour' ? { hour: '2-digit', hourCycle: 'h23', timeZoneName: 'longOffset' } : {}),
    });
    const found: number[] = [];
    for (let at = from; at <= to; at += 60_000) if (format.format(at) !== format.format(at - 60_000)) found.push(at);
    return found;
  }

  const CLOCKS: readonly [zone: string, from: string, to: string][] = [
    ['Europe/Berlin', '2026-03-28T00:00Z', '2026-03-30T00:00Z'],
    ['Europe/Berlin', '2025-10-25T00:00Z', '2025-10-27T00:00Z'],
    ['Asia/Kolkata', '2026-01-30T00:00Z', '2026-02-02T00:00Z'],
    ['Australia/Lord_Howe', '2026-04-04T00:00Z', '2026-04-06T00:00Z'],
    ['Australia/Lord_Howe', '2026-10-03T00:00Z', '2026-10-05T00:00Z'],
    ['America/Sao_Paulo', '2018-11-03T00:00Z', '2018-11-05T00:00Z'],
    ['America/Sao_Paulo', '2018-02-17T00:00Z', '2018-02-19T00:00Z'],
    ['Asia/Shanghai', '2026-02-27T00:00Z', '2026-03-02T00:00Z'],
    ['Pacific/Apia', '2011-12-29T00:00Z', '2012-01-02T00:00Z'],
    ['Asia/Kathmandu', '2026-05-01T00:00Z', '2026-05-02T00:00Z'],
    ['America/Havana', '2025-11-01T00:00Z', '2025-11-03T00:00Z'],
  ];
  for (const [timeZone, start, end] of CLOCKS) {
    test(`local days and hours of ${timeZone} around ${start.slice(0, 10)} are those at which its clock strikes`, () => {
      const [from, to] = [Date.parse(start), Date.parse(end)];
      for (const calendar of ['hour', 'day'] as const) {
        const edges = bucketEdges(instant(from), instant(to), { calendar, timeZone });
        expect(edges.slice(1, -1)).toEqual(byClock(edges[0]! + 60_000, edges.at(-1)! - 60_000, calendar, timeZone));
      }
    });
  }

  test('are the same moments wherever the question begins: neighbouring pages fit together', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...CLOCKS),
        fc.constantFrom('hour' as const, 'day' as const, 'week' as const, 'month' as const, 'year' as const),
        fc.array(fc.integer({ min: 0, max: 3 * 86_400_000 }), { minLength: 2, maxLength: 2 }),
        ([timeZone, start], calendar, within) => {
          const step: SeriesStep = { calendar, timeZone };
          const [from, to] = within.map((ms) => instant(Date.parse(start) + ms)).sort((a, b) => a - b) as [
            Instant,
            Instant,
          ];
          if (from === to) return;
          const whole = bucketEdges(instant(Date.parse(start) - 5 * 86_400_000), to, step);
          const part = bucketEdges(from, to, step);
          expect(part[0]).toBeLessThanOrEqual(from);
          expect(part[1]).toBeGreaterThan(from);
          expect(part.at(-1)).toBeGreaterThanOrEqual(to);
          expect(whole.filter((edge) => edge >= part[0]!)).toEqual(part);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('changes', () => {
  it.each<[why: string, samples: SeriesSample[], expected: number[]]>([
    ['nothing', [], []],
    ['the first is one', [sample(1, 5)], [1]],
    ['the same again is none', [sample(1, 5), sample(2, 5), sample(3, 6), sample(4, 6)], [1, 3]],
    ['another quality is one', [sample(1, 5), sample(2, 5, 'stale'), sample(3, 5)], [1, 2, 3]],
    [
      'false is not 0, 1 not true, empty not null',
      [sample(1, 0), sample(2, false), sample(3, ''), sample(4, null)],
      [1, 2, 3, 4],
    ],
  ])('%s', (_why, samples, expected) => {
    expect(changesOf(samples).map(({ at }) => at)).toEqual(expected);
  });
});

describe('quantiles', () => {
  /** R: `quantile(c(2, 4, 4, 5, 9), probs)`, type 7, by hand: place = share × 4. */
  it.each<[share: number, expected: number]>([
    [0, 2],
    [0.1, 2.8],
    [0.25, 4],
    [0.5, 4],
    [0.75, 5],
    [0.9, 7.4],
    [1, 9],
  ])('share %d of 2 4 4 5 9 is %d', (share, expected) => {
    const samples = [9, 4, 2, 5, 4].map((value, index) => sample(index, value));
    expect(quantilesOf(samples, [share])[0]).toBeCloseTo(expected, 12);
  });

  test('never leave the range of the numbers and never fall while the share grows', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 30 }),
        (values) => {
          const shares = Array.from({ length: 21 }, (_, i) => i / 20);
          const found = quantilesOf(
            values.map((value, index) => sample(index, value)),
            shares,
          ) as number[];
          expect(found[0]).toBe(Math.min(...values) + 0);
          expect(found.at(-1)).toBe(Math.max(...values) + 0);
          // Rounding of the interpolation may be off by the last bits.
          for (let i = 1; i < found.length; i++) expect(found[i]!).toBeGreaterThanOrEqual(found[i - 1]! - 1e-6);
        },
      ),
    );
  });
});
