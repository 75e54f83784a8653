import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUCKET_FIGURES } from '#core/bucket-table.ts';
import type { SeriesStore } from '#core/ports.ts';
import type { Quality, Value } from '#core/reading.ts';
import type { SeriesBand, SeriesKey, SeriesStep } from '#core/series.ts';
import { type Instant, instant, milliseconds, minutes } from '#core/time.ts';
import { createMemorySeriesStore } from '#platform/series/memory-series-store.ts';
import {
  CONTRACT_SERIES,
  CONTRACT_SETTINGS,
  expectNear,
  expectSameBuckets,
  reading,
  type StoreUnderTest,
} from './series-store-support.ts';

/** Moments around which something is odd: changes of the clocks, a month's end, nothing at all. */
const AROUND = [
  '2025-10-26T01:00Z',
  '2026-03-29T01:00Z',
  '2026-04-04T15:00Z',
  '2026-10-03T15:30Z',
  '2018-11-04T03:00Z',
  '2026-02-28T16:00Z',
  '2026-06-10T09:17:23.456Z',
].map((iso) => Temporal.Instant.from(iso).epochMilliseconds);

interface Sample {
  readonly at: Instant;
  readonly value: Value | null;
  readonly quality: Quality;
}

const value: fc.Arbitrary<Value | null> = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -50, max: 1000 }).map((n) => n / 10) },
  { weight: 3, arbitrary: fc.constantFrom(0, 18, 27, 80, 50) },
  { weight: 2, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(null, true, false, 'OL', 'OB', '', Number.NaN, -0, Number.POSITIVE_INFINITY),
  },
);
const words: fc.Arbitrary<Value | null> = fc.constantFrom('OL', 'OB', 'OB LB', true, false, null, 1, 0);
const quality: fc.Arbitrary<Quality> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Quality>('good') },
  { weight: 1, arbitrary: fc.constantFrom<Quality>('stale', 'frozen', 'implausible', 'missing') },
);
/** Milliseconds to the sample before: a poll with its jitter, a stutter, the same moment, a gap. */
const gapUpTo = (longest: number): fc.Arbitrary<number> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: -300, max: 300 }).map((jitter) => 10_000 + jitter) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(0, 1, 1000, 60_000, 300_000, 300_001, 7_200_000).filter((ms) => ms <= longest),
    },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: longest }) },
  );

/** Some cover minutes, some hours, some weeks; all of them the odd moment. */
const samplesOf = (values: fc.Arbitrary<Value | null>, start: number): fc.Arbitrary<readonly Sample[]> =>
  fc.constantFrom(60_000, 3_600_000, 86_400_000).chain((longest) =>
    fc.array(fc.record({ gap: gapUpTo(longest), value: values, quality }), { maxLength: 120 }).map((rows) => {
      let at = start - rows.reduce((sum, row) => sum + row.gap, 0) / 2;
      return rows.map((row) => {
        at += row.gap;
        return { at: instant(Math.round(at)), value: row.value, quality: row.quality };
      });
    }),
  );

interface Write {
  readonly key: SeriesKey;
  readonly sample: Sample;
}

/** In any order and any batches, some twice: `order` and `sizes` are taken round and round. */
function batchesOf(writes: readonly Write[], order: readonly number[], sizes: readonly number[]): Write[][] {
  const sorted = writes
    .map((write, index) => ({ write, place: index + (order[index % order.length] ?? 0) }))
    .sort((a, b) => a.place - b.place)
    .map(({ write }) => write);
  const batches: Write[][] = [];
  for (let from = 0, turn = 0; from < sorted.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    batches.push(sorted.slice(from, from + size));
    from += size;
  }
  return batches;
}

const ZONES = ['Europe/Berlin', 'Asia/Shanghai', 'Asia/Kolkata', 'Australia/Lord_Howe', 'America/Sao_Paulo', 'UTC'];
const step: fc.Arbitrary<SeriesStep> = fc.oneof(
  fc.constantFrom(1, 60, 300, 420, 900, 3600, 5400, 21_600, 86_400).map((s) => ({ every: milliseconds(s * 1000) })),
  fc.record({
    calendar: fc.constantFrom('hour' as const, 'day' as const, 'week' as const, 'month' as const, 'year' as const),
    timeZone: fc.constantFrom(...ZONES),
  }),
);
const band: fc.Arbitrary<SeriesBand | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.constantFrom({}, { low: 20 }, { high: 20 }, { low: 0, high: 50 }),
);

/** A place in time: a share of the span, on a sample or beside it, on a whole quarter of an hour. */
const place = fc.record({
  // Not fc.double, which draws most of its numbers near 0.
  share: fc.integer({ min: -100, max: 1100 }).map((n) => n / 1000),
  snap: fc.constantFrom('none', 'sample', 'after', 'quarter'),
});
const question = fc.record({
  from: place,
  to: place,
  series: fc.nat(),
  step,
  band,
  limit: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
  shares: fc.array(
    fc.integer({ min: 0, max: 1000 }).map((n) => n / 1000),
    { maxLength: 3 },
  ),
  figures: fc.subarray([...BUCKET_FIGURES]),
});

function placed(
  { share, snap }: { share: number; snap: string },
  samples: readonly Sample[],
  span: readonly [number, number],
): Instant {
  const at = Math.round(span[0] + share * (span[1] - span[0]));
  if (snap === 'quarter') return instant(Math.round(at / minutes(15)) * minutes(15));
  if (snap === 'none' || samples.length === 0) return instant(at);
  const sample = samples[Math.min(samples.length - 1, Math.max(0, Math.floor(share * samples.length)))] as Sample;
  return instant(sample.at + (snap === 'after' ? 1 : 0));
}

/** Even steps of a second over days would be all that is measured. */
const bounded = (from: Instant, to: Instant, one: SeriesStep): Instant =>
  instant('every' in one ? Math.min(to, from + 3000 * one.every) : to);

type Question = typeof question extends fc.Arbitrary<infer T> ? T : never;

async function ask(
  stores: readonly [SeriesStore, SeriesStore],
  key: SeriesKey,
  range: [Instant, Instant],
  q: Question,
) {
  const [from, to] = range;
  const [store, model] = stores;
  const limited = { ...key, from, to, ...(q.limit === undefined ? {} : { limit: q.limit }) };
  expect(await store.raw(limited)).toEqual(await model.raw(limited));
  expect(await store.changes(limited)).toEqual(await model.changes(limited));
  const bucketed = {
    ...key,
    from,
    to: bounded(from, to, q.step),
    step: q.step,
    ...(q.band === undefined ? {} : { band: q.band }),
  };
  const found = await store.buckets(bucketed);
  expectSameBuckets(found, await model.buckets(bucketed));
  // The same figures under another roof: a few buckets show it, and thousands of them take long to compare.
  if (found.length <= 60) {
    const table = await store.table({ ...bucketed, figures: q.figures });
    const rows = Array.from(found, (_, place) => [
      table.from(place),
      ...q.figures.map((name) => table.figure(place, name)),
    ]);
    expect(table.length).toBe(found.length);
    expect(rows).toEqual(found.map((one) => [one.from, ...q.figures.map((name) => one[name] ?? Number.NaN)]));
  }
  const shared = { ...key, from, to, shares: [0, 0.5, 0.95, 1, ...q.shares] };
  const [actual, expected] = [await store.quantiles(shared), await model.quantiles(shared)];
  const scale = Math.max(...expected.map((one) => Math.abs(one ?? 0)));
  expect(actual).toHaveLength(expected.length);
  for (const [index, one] of actual.entries()) expectNear(one, expected[index] ?? null, scale);
}

/** Any readings, in any order and batches, whatever befalls the store between them: it answers as the memory does. */
export function modelContract(test: StoreUnderTest): void {
  describe('against the model in memory', () => {
    it(
      'answers any question about any readings as the model does',
      () => answersAsTheModel(test, test.slow === true ? 25 : 100),
      120_000,
    );
  });
}

/** Rejects with the smallest case in which the store under test answers otherwise. */
export async function answersAsTheModel(test: StoreUnderTest, numRuns: number): Promise<void> {
  const scene = fc.constantFrom(...AROUND).chain((start) =>
    fc.record({
      series: fc.array(fc.oneof(samplesOf(value, start), samplesOf(words, start)), { minLength: 1, maxLength: 3 }),
      points: fc.shuffledSubarray(Object.keys(CONTRACT_SERIES), { minLength: 3 }),
      order: fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 30 }),
      sizes: fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 }),
      disturb: fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }),
      questions: fc.array(question, { minLength: 1, maxLength: 6 }),
    }),
  );
  type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never;
  const play = async ({ series, points, order, sizes, disturb, questions }: Scene): Promise<void> => {
    const device = test.device();
    const keys = series.map((_, index) => ({ device, point: points[index] as string }));
    const writes = series.flatMap((samples, index) =>
      samples.map((sample) => ({ key: keys[index] as SeriesKey, sample })),
    );
    const model = createMemorySeriesStore(CONTRACT_SETTINGS);
    for (const [index, batch] of batchesOf(writes, order, sizes).entries()) {
      const readings = batch.map(({ key, sample }) => reading(key, sample.at, sample.value, sample.quality));
      expect(await test.store().write(readings)).toEqual(await model.write(readings));
      if (disturb[index % disturb.length] === true) await test.disturbed();
    }
    const own = (await test.store().series()).filter((entry) => entry.device === device);
    expect(own).toEqual(await model.series());
    if (writes.length === 0) return;
    const times = writes.map(({ sample }) => sample.at);
    const span = [Math.min(...times), Math.max(...times)] as const;
    for (const one of questions) {
      const chosen = one.series % series.length;
      const [a, b] = [placed(one.from, series[chosen]!, span), placed(one.to, series[chosen]!, span)];
      await ask([test.store(), model], keys[chosen]!, a <= b ? [a, b] : [b, a], one);
    }
  };
  await fc.assert(fc.asyncProperty(scene, play), { numRuns });
}
