import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tableOfBuckets } from '#core/bucket-table.ts';
import { reportsSchema } from '#core/config/reports.ts';
import { PERIODS } from '#core/paperwork/period-report.ts';
import { common, type Interval, lengthOf, merged, without } from '#core/period-report/intervals.ts';
import { estimateBeyond, foldBeyond, judgeBuckets, stretchesOf } from '#core/period-report/outside.ts';
import { periodAt, periodById, periodNamed, periodsLater } from '#core/period-report/periods.ts';
import { sayLength, sayPeriod, sayShare } from '#core/period-report/say.ts';
import { dueReports, madeAt } from '#core/period-report/schedule.ts';
import { availabilityOf, beginningsOf, timesOf } from '#core/period-report/states.ts';
import type { SeriesSample } from '#core/series.ts';
import { figuresByBucket } from '#core/series-math.ts';
import { instant, milliseconds, minutes } from '#core/time.ts';
import { naiveFigures } from './naive.ts';

/** The pure parts of a report's figures. */
const ZONES = ['Asia/Shanghai', 'Europe/Berlin', 'Australia/Lord_Howe', 'America/St_Johns', 'Asia/Kathmandu'] as const;
const moments = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2090, 0, 1) }).map(instant);

describe('periods', () => {
  test.each([
    ['2020-W53', 'Europe/Berlin', '2020-12-27T23:00:00.000Z', 'a year of 53 weeks'],
    ['2021-W01', 'Europe/Berlin', '2021-01-03T23:00:00.000Z', 'the week after it'],
    ['2026-W13', 'Europe/Berlin', '2026-03-22T23:00:00.000Z', 'an hour is missing at its end'],
    ['2026-W01', 'Asia/Shanghai', '2025-12-28T16:00:00.000Z', 'begins in the year before'],
  ])('week %s in %s begins at %s: %s', (name, zone, from) => {
    expect(new Date(periodNamed('weekly', name, zone)?.from ?? 0).toISOString()).toBe(from);
  });

  test.each(['2026-W54', '2021-W53', '2026-W00', '2026-13', '2026-Q5', '26', '2026-W1', 'x', '9999'])(
    '%s is none',
    (name) => {
      for (const period of PERIODS) expect(periodNamed(period, name, 'Asia/Shanghai')).toBeNull();
    },
  );

  test('each moment lies in one period of each kind, whose name leads back to it, and the next begins where it ends', () => {
    fc.assert(
      fc.property(moments, fc.constantFrom(...ZONES), fc.constantFrom(...PERIODS), (at, zone, period) => {
        const span = periodAt(period, at, zone);
        expect(span.from <= at && at < span.to).toBe(true);
        expect(periodById(span.id, zone)).toEqual(span);
        expect(periodsLater(span, 1, zone).from).toBe(span.to);
        expect(periodsLater(periodsLater(span, 1, zone), -1, zone)).toEqual(span);
      }),
    );
  });

  test('each week is due once: at its time and not before, for whoever asks at whatever moment', () => {
    const config = reportsSchema.parse({ weekly: { at: 'Mon 07:00' }, monthly: {} });
    fc.assert(
      fc.property(moments, fc.constantFrom(...ZONES), (now, zone) => {
        const { due, next } = dueReports(config, now, zone);
        expect(due.every(({ at }) => at <= now)).toBe(true);
        expect((next ?? 0) > now).toBe(true);
        expect(new Set(due.map(({ span }) => span.id)).size).toBe(due.length);
        const time = { days: 0, hour: 7, minute: 0 };
        for (const { span, at } of due) if (span.period === 'weekly') expect(madeAt(span, time, zone)).toBe(at);
      }),
    );
  });
});

describe('stretches of time', () => {
  const intervals = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 1, max: 30 })), { maxLength: 12 })
    .map((all) => merged(all.map(([from, length]): Interval => [from, from + length])));
  const has = (all: readonly Interval[], at: number): boolean => all.some(([from, to]) => at >= from && at < to);

  test('what is common and what is left say of each moment what the two lists say', () => {
    fc.assert(
      fc.property(intervals, intervals, (a, b) => {
        const [both, left] = [common(a, b), without(a, b)];
        for (let at = 0; at < 240; at++) {
          expect(has(both, at)).toBe(has(a, at) && has(b, at));
          expect(has(left, at)).toBe(has(a, at) && !has(b, at));
        }
        expect(lengthOf(both) + lengthOf(left)).toBe(lengthOf(a));
      }),
    );
  });

  test('O-WK-2 a host is down while it was looked at, not in maintenance and not while nobody looked', () => {
    const sample = (at: number, value: boolean): SeriesSample => ({ at: instant(at), value, quality: 'good' });
    const changes = [sample(-50, true), sample(100, false), sample(400, true), sample(800, false)];
    const told = timesOf(changes, [0, 1000], (value) => value === true);
    const found = availabilityOf(told, [[150, 200]], [[300, 350]]);
    expect(found.outages).toEqual([
      [100, 150],
      [200, 300],
      [350, 400],
      [800, 1000],
    ]);
    expect(found).toMatchObject({ downS: 0.4, maintenanceS: 0.05 });
    expect(found.share).toBeCloseTo(1 - 400 / 900, 12);
    expect(beginningsOf(changes, [0, 1000], (value) => value === false)).toBe(2);
  });
});

describe('out of range', () => {
  const QUARTER = 15 * 60_000;
  const FROM = instant(Date.UTC(2026, 0, 5));
  const TO = instant(FROM + 8 * QUARTER);
  const HOLD = minutes(20);
  const EDGES = Array.from({ length: 9 }, (_, index) => instant(FROM + index * QUARTER));
  const BAND = { low: 18, high: 27 };
  /** From one hold before the first bucket on. */
  const samples = fc.uniqueArray(fc.integer({ min: -HOLD, max: 8 * QUARTER - 1 }), { maxLength: 40 }).chain((times) =>
    fc
      .array(
        fc.tuple(fc.integer({ min: 150, max: 300 }), fc.constantFrom('good', 'good', 'good', 'missing' as const)),
        { minLength: times.length, maxLength: times.length },
      )
      .map((values) =>
        times
          .toSorted((a, b) => a - b)
          .map((at, index): SeriesSample => {
            const [tenths, quality] = values[index] ?? [200, 'good'];
            return { at: instant(FROM + at), value: tenths / 10, quality: quality as 'good' };
          }),
      ),
  );

  test('buckets that no limit goes through are told by their figures, the others by their samples: together as a naive loop has it', () => {
    fc.assert(
      fc.property(samples, (all) => {
        const table = tableOfBuckets(figuresByBucket(all, EDGES, HOLD, null));
        const told = judgeBuckets(table, BAND, HOLD);
        const places = [...new Set([...told.first, ...told.straddling])].sort((a, b) => a - b);
        for (const [from, to] of stretchesOf(table, places)) {
          const own = places.filter((place) => table.from(place) >= from && table.from(place) < to);
          const fold = foldBeyond([...own.map((place) => Number(table.from(place))), to], HOLD, BAND);
          for (const sample of all) if (sample.at >= from - HOLD && sample.at < to) fold.add(sample);
          for (const [index, sums] of fold.end().entries()) {
            told.outsideS[own[index] ?? -1] = sums.outsideS;
            told.beyondS[own[index] ?? -1] = sums.beyondS;
          }
        }
        const naive = naiveFigures(all, [FROM, TO], HOLD, BAND.low, BAND.high);
        const sum = (values: Float64Array): number => values.reduce((a, b) => a + b, 0);
        expect(sum(told.outsideS)).toBeCloseTo(naive.outsideS, 6);
        expect(sum(told.beyondS) / 3600).toBeCloseTo(naive.degreeHours, 6);
      }),
      { numRuns: 300 },
    );
  });

  test('an estimate without samples is never off by more than it says, and nearer when the seconds are known', () => {
    fc.assert(
      fc.property(samples, (all) => {
        const own = all.filter(({ at }) => at >= FROM && at < FROM + QUARTER);
        const [bucket] = figuresByBucket(own, EDGES.slice(0, 2), milliseconds(QUARTER), BAND);
        if (bucket?.timeMean == null || bucket.min === null || bucket.max === null) return;
        const naive = naiveFigures(own, [FROM, FROM + QUARTER], QUARTER, BAND.low, BAND.high);
        const { coveredS, timeMean: mean, min, max } = bucket;
        const bound = Math.max(0, max - BAND.high, BAND.low - min) * coveredS + 1e-6;
        for (const known of [null, { belowS: bucket.belowS, aboveS: bucket.aboveS }]) {
          const guess = estimateBeyond({ coveredS, mean, min, max }, BAND, known);
          expect(Math.abs(guess.beyondS - naive.degreeHours * 3600)).toBeLessThanOrEqual(bound);
          expect(guess.outsideS).toBeLessThanOrEqual(coveredS + 1e-9);
          if (known !== null) expect(guess.outsideS).toBeCloseTo(naive.outsideS, 6);
        }
      }),
    );
  });
});

describe('words', () => {
  test.each([
    [42, '42 秒', '42 s'],
    [300, '5 分钟', '5 min'],
    [3600, '1 小时', '1 h'],
    [12_000, '3 小时 20 分', '3 h 20 min'],
    [260_000, '72 小时', '72 h'],
  ])('%i seconds are %s', (seconds, zh, en) => {
    expect(sayLength(seconds)).toEqual({ zh, en });
  });
  test.each([
    [1, '100.0 %'],
    [0.99999, '99.99 %'],
    [0.9973, '99.73 %'],
    [0.5, '50.0 %'],
  ])('a share of %f is %s: what is not whole never reads as whole', (share, said) => {
    expect(sayShare(share)).toBe(said);
  });
  test.each([
    ['weekly', '2026-W06', '2026 年第 6 周', 'week 6 of 2026'],
    ['monthly', '2026-11', '2026 年 11 月', 'Nov 2026'],
    ['quarterly', '2026-Q4', '2026 年第 4 季度', 'quarter 4 of 2026'],
    ['yearly', '2026', '2026 年', '2026'],
  ])('%s %s is said %s', (period, name, zh, en) => {
    expect(sayPeriod({ period, name })).toEqual({ zh, en });
  });
});
