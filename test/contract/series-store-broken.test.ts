import { expect, test } from 'vitest';
import type { SeriesStore } from '#core/ports.ts';
import type { Reading } from '#core/reading.ts';
import { bucketEdges, changesOf, figuresByBucket } from '#core/series-math.ts';
import { hours, instant, minus, plus } from '#core/time.ts';
import { createMemorySeriesStore } from '#platform/series/memory-series-store.ts';
import { answersAsTheModel } from './series-store-model.ts';
import { CONTRACT_SETTINGS } from './series-store-support.ts';

/** Stores that are wrong in one thing each: the comparison with the model must catch every one, or it proves nothing. */

const EVER = { from: instant(0), to: instant(Date.UTC(2100, 0, 1)), limit: 1e6 };
const good = (): SeriesStore => createMemorySeriesStore(CONTRACT_SETTINGS);

/** Writes each reading as `change` makes it; what it makes nothing of is lost. */
function writing(change: (reading: Reading) => Reading | null): SeriesStore {
  const store = good();
  return {
    ...store,
    async write(readings) {
      await store.write(readings.flatMap((one) => change(one) ?? []));
      return { written: readings.length, rejected: [] };
    },
  };
}

function withPart(part: (store: SeriesStore) => Partial<SeriesStore>): SeriesStore {
  const store = good();
  return { ...store, ...part(store) };
}

const BROKEN: readonly [fault: string, make: () => SeriesStore][] = [
  [
    'the end of a range is inside',
    () => withPart((s) => ({ raw: (q) => s.raw({ ...q, to: plus(q.to, 1 as never) }) })),
  ],
  [
    'a page has the newest',
    () => withPart((s) => ({ raw: async (q) => (await s.raw({ ...q, limit: 1e6 })).slice(-(q.limit ?? 1e4)) })),
  ],
  ['what was not measured is not kept', () => writing((one) => (one.value === null ? null : one))],
  ['qualities are lost', () => writing((one) => ({ ...one, quality: 'good' }))],
  [
    'numbers of four bytes',
    () => writing((one) => (typeof one.value === 'number' ? { ...one, value: Math.fround(one.value) } : one)),
  ],
  [
    'truths are numbers',
    () => writing((one) => (typeof one.value === 'boolean' ? { ...one, value: Number(one.value) } : one)),
  ],
  [
    'whole seconds',
    () => writing((one) => ({ ...one, measuredAt: instant(Math.round(one.measuredAt / 1000) * 1000) })),
  ],
  [
    'the first write of a time stays',
    () => {
      const seen = new Set<string>();
      return writing((one) => {
        const name = `${one.device} ${one.point} ${one.measuredAt}`;
        if (seen.has(name)) return null;
        seen.add(name);
        return one;
      });
    },
  ],
  [
    'what comes late is lost',
    () => {
      const last = new Map<string, number>();
      return writing((one) => {
        const name = `${one.device} ${one.point}`;
        if (one.measuredAt < (last.get(name) ?? 0)) return null;
        last.set(name, one.measuredAt);
        return one;
      });
    },
  ],
  [
    'no state is carried in',
    () => withPart((s) => ({ changes: async (q) => (await s.changes(q)).filter(({ at }) => at >= q.from) })),
  ],
  [
    'the state that is carried in begins with the range',
    () =>
      withPart((s) => ({
        changes: async (q) => (await s.changes(q)).map((one) => ({ ...one, at: one.at < q.from ? q.from : one.at })),
      })),
  ],
  [
    'changes of quality are none',
    () =>
      withPart((s) => ({
        changes: async (q) =>
          changesOf((await s.raw({ ...q, ...EVER })).map((one) => ({ ...one, quality: 'good' as const }))).filter(
            ({ at }) => at >= q.from && at < q.to,
          ),
      })),
  ],
  [
    'a value holds until the next, however long',
    () =>
      withPart((s) => ({
        buckets: async (q) =>
          figuresByBucket(
            await s.raw({ ...q, ...EVER }),
            bucketEdges(q.from, q.to, q.step),
            hours(1e6),
            q.band ?? CONTRACT_SETTINGS.band(q),
          ),
      })),
  ],
  [
    'only a good reading ends what held',
    () =>
      withPart((s) => ({
        buckets: async (q) =>
          figuresByBucket(
            (await s.raw({ ...q, ...EVER })).filter(({ quality }) => quality === 'good'),
            bucketEdges(q.from, q.to, q.step),
            CONTRACT_SETTINGS.hold(q),
            q.band ?? CONTRACT_SETTINGS.band(q),
          ),
      })),
  ],
  [
    'what held before the range is unknown in it',
    () =>
      withPart((s) => ({
        buckets: async (q) => {
          const edges = bucketEdges(q.from, q.to, q.step);
          const samples = await s.raw({ ...q, ...EVER, from: edges[0]! });
          return figuresByBucket(samples, edges, CONTRACT_SETTINGS.hold(q), q.band ?? CONTRACT_SETTINGS.band(q));
        },
      })),
  ],
  [
    'the first bucket is cut at the range',
    () =>
      withPart((s) => ({
        buckets: async (q) => {
          const hold = CONTRACT_SETTINGS.hold(q);
          const samples = (await s.raw({ ...q, ...EVER })).filter(({ at }) => at >= minus(q.from, hold) && at < q.to);
          return figuresByBucket(samples, bucketEdges(q.from, q.to, q.step), hold, q.band ?? CONTRACT_SETTINGS.band(q));
        },
      })),
  ],
  [
    'days of UTC',
    () =>
      withPart((s) => ({
        buckets: (q) => s.buckets({ ...q, step: 'every' in q.step ? q.step : { ...q.step, timeZone: 'UTC' } }),
      })),
  ],
  [
    'empty buckets are given',
    () => withPart((s) => ({ buckets: async (q) => (await s.buckets(q)).filter(({ count }) => count > 0) })),
  ],
  ['the question’s band is not heard', () => withPart((s) => ({ buckets: ({ band: _, ...q }) => s.buckets(q) }))],
  [
    'a value on the limit is outside',
    () =>
      withPart((s) => ({
        buckets: (q) => {
          const band = q.band ?? CONTRACT_SETTINGS.band(q) ?? {};
          return s.buckets({
            ...q,
            band: {
              ...(band.low === undefined ? {} : { low: band.low + 1e-9 }),
              ...(band.high === undefined ? {} : { high: band.high - 1e-9 }),
            },
          });
        },
      })),
  ],
  [
    'quantiles in steps of a tenth',
    () =>
      withPart((s) => ({
        quantiles: (q) => s.quantiles({ ...q, shares: q.shares.map((one) => Math.round(one * 10) / 10) }),
      })),
  ],
  [
    'the list of series forgets late readings',
    () => withPart((s) => ({ series: async () => (await s.series()).map((one) => ({ ...one, firstAt: one.lastAt })) })),
  ],
];

test.each(BROKEN)('caught: %s', async (_fault, make) => {
  const store = make();
  let devices = 0;
  const underTest = { store: () => store, disturbed: async () => store, device: () => `device-${++devices}` };
  await expect(answersAsTheModel(underTest, 400)).rejects.toThrow(/Property failed/);
});
