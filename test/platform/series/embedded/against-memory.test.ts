import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import type { Quality, Reading, Value } from '#core/reading.ts';
import type { SeriesSettings, SeriesStep } from '#core/series.ts';
import { type Duration, hours, instant, minutes, seconds } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { openEmbeddedStore } from '#platform/series/embedded/embedded-store.ts';
import { createMemorySeriesStore } from '#platform/series/memory-series-store.ts';
import { driven, rounded } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'zhishou-embedded-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;
const START = Date.UTC(2026, 2, 28, 22, 50);

const settings: SeriesSettings = {
  hold: ({ point }) => (point === 'room.temperature' ? minutes(5) : minutes(47)),
  band: ({ point }) => (point === 'room.temperature' ? { low: 18, high: 27 } : null),
};

const number = fc.oneof(
  fc.integer({ min: 150, max: 300 }).map((n) => n / 10),
  fc.integer({ min: -5, max: 5 }),
  fc.constantFrom(-0, 0.1 + 0.2, 1e15, -12.345678),
);
const value: fc.Arbitrary<Value | null> = fc.oneof(
  { weight: 6, arbitrary: number },
  { weight: 1, arbitrary: fc.constantFrom<Value | null>(true, false, 'OB DISCHRG', 'OL', '', null, Number.NaN) },
);
const quality = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Quality>('good') },
  { weight: 1, arbitrary: fc.constantFrom<Quality>('stale', 'missing') },
);
const point = fc.constantFrom('room.temperature', 'room.humidity');
/** Within three days, close together and far apart, some of them at the same moment. */
const time = fc.oneof(
  fc.integer({ min: 0, max: 400 }).map((n) => n * 60_000),
  fc.integer({ min: 0, max: 3 * 86_400 }).map((n) => n * 1000),
  fc.integer({ min: 0, max: 3000 }),
);
const reading = fc.record({ point, value, quality, time }).map(({ point, value, quality, time }): Reading => {
  const at = instant(START + time);
  return { device: 'rack-1', point, value, quality, measuredAt: at, receivedAt: at, changedAt: at, simulated: true };
});
type Act = { readings: Reading[] } | 'settle' | 'wait' | 'open again';
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.array(reading, { maxLength: 60 }).map((readings) => ({ readings })) },
  { weight: 2, arbitrary: fc.constant<Act>('settle') },
  { weight: 1, arbitrary: fc.constant<Act>('wait') },
  { weight: 1, arbitrary: fc.constant<Act>('open again') },
);
const step: fc.Arbitrary<SeriesStep> = fc.oneof(
  fc
    .constantFrom(seconds(10), minutes(1), minutes(7), minutes(15), minutes(20), hours(1), hours(24))
    .map((every) => ({ every })),
  fc.record({
    calendar: fc.constantFrom('hour' as const, 'day' as const, 'week' as const, 'month' as const),
    timeZone: fc.constantFrom('Asia/Shanghai', 'Europe/Berlin', 'Asia/Kathmandu', 'UTC'),
  }),
);
const question = fc.record({
  point,
  from: time,
  length: fc.integer({ min: 0, max: 4 * 86_400_000 }),
  step,
  band: fc.option(fc.constantFrom({ high: 22 }, { low: 18, high: 27 }), { nil: undefined }),
  limit: fc.constantFrom(1, 3, 10_000),
});

it('answers as the store in memory does, whatever comes in what order, sealed or not, opened again or not', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { minLength: 1, maxLength: 8 }),
      fc.array(question, { minLength: 3, maxLength: 6 }),
      async (acts, questions) => {
        const file = join(folder, `${++made}.sqlite`);
        const clock = createVirtualClock(instant(START));
        const open = () => openEmbeddedStore(file, { settings, clock, mostInHead: 100 });
        const memory = createMemorySeriesStore(settings);
        let store = open();
        for (const one of acts) {
          if (one === 'settle') await store.settle();
          else if (one === 'wait') clock.advanceBy(hours(2));
          else if (one === 'open again') {
            await store.close();
            store = open();
          } else {
            await memory.write(one.readings);
            expect(await store.write(one.readings)).toEqual({ written: one.readings.length, rejected: [] });
          }
        }
        expect(await store.series()).toEqual(await memory.series());
        for (const { point, from, length, step, band, limit } of questions) {
          const range = {
            device: 'rack-1',
            point,
            from: instant(START + from),
            to: instant(START + from + Math.min(length, stepLimit(step))),
          };
          expect(await store.raw({ ...range, limit })).toEqual(await memory.raw({ ...range, limit }));
          expect(await store.changes({ ...range, limit })).toEqual(await memory.changes({ ...range, limit }));
          const query = { ...range, step, ...(band !== undefined && { band }) };
          expect(rounded(await store.buckets(query))).toEqual(rounded(await memory.buckets(query)));
          const shares = [0, 0.5, 0.95];
          expect(await store.quantiles({ ...range, shares })).toEqual(await memory.quantiles({ ...range, shares }));
        }
        await store.settle();
        const report = await driven(clock, store.check());
        expect(report).toMatchObject({ damaged: [], wrong: [], pages: [], logRows: 0 });
        await store.close();
        rmSync(file);
      },
    ),
    { numRuns: 40 },
  );
});

const stepLimit = (step: SeriesStep): number =>
  'every' in step ? (step.every as Duration) * 5000 : Number.POSITIVE_INFINITY;
