import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rule } from '#core/config/rule.ts';
import type { Reading } from '#core/reading.ts';
import { createBackTest } from '#core/rules/back-test.ts';
import { loudTimes } from '#core/rules/loud-times.ts';
import { replay } from '#core/rules/replay.ts';
import { hours, minutes, plus } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { createMemorySeriesStore } from '#platform/series/memory-series-store.ts';
import { makeConfig, makeReading, makeRule, T0 } from '../support.ts';

const hot = makeRule({
  ...{ id: 'hot', on: { devices: ['th-1'] }, for: '5m', severity: 'medium' },
  when: { point: 'ambient.temperature', above: 27, clear: 26 },
});
const wet = makeRule({
  ...{ id: 'wet', on: { devices: ['th-1'] }, for: '0s' },
  when: {
    any: [
      { point: 'ambient.humidity', above: 60 },
      { point: 'room.leak', is: true },
    ],
  },
});

async function storeOf(readings: readonly Reading[]) {
  const store = createMemorySeriesStore();
  await store.write(readings);
  return store;
}

async function run(readings: readonly Reading[], rules: readonly Rule[], asleep: boolean, length = hours(48)) {
  const store = await storeOf(readings);
  const config = makeConfig({ rules });
  const range = { from: T0, to: plus(T0, length) };
  const keys = (await store.series()).map(({ device, point }) => ({ device, point }));
  const loud = asleep
    ? await loudTimes(store, keys, { rules, devices: config.devices }, range)
    : keys.map((key) => ({ ...key, ranges: [range] }));
  const test = createBackTest({ config, rules, clock: createVirtualClock(range.from) });
  for await (const steps of replay(store, loud))
    for (const { device, at, samples } of steps) test.feed(device, at, samples);
  return test.end(range.to);
}

/** A minute apart, from T0 on; null: nothing came. */
const every = (point: string, values: readonly (number | boolean | null)[]): Reading[] =>
  values.flatMap((value, i) => (value === null ? [] : [makeReading('th-1', point, value, plus(T0, minutes(i)))]));

describe('when rules would have fired', () => {
  it('is what the engine at work would have said: `for`, where it ends, and for how long', async () => {
    const values = [25, 28, 28, 28, 28, 28, 28, 28, 26.5, 26.5, 25, 25];
    const { spans, readings } = await run(every('ambient.temperature', values), [hot], false);
    expect(spans).toEqual([
      {
        ...{ rule: 'hot', device: 'th-1', point: 'ambient.temperature' },
        ...{ from: plus(T0, minutes(6)), to: plus(T0, minutes(10)), chattering: 0, doubtful: 0 },
      },
    ]);
    expect(readings).toBe(values.length);
  });

  it('goes on through silence and says for how long nobody could have known (L29)', async () => {
    const values = [28, 28, 28, 28, 28, 28, 28, ...Array<null>(60).fill(null), 25];
    const { spans } = await run(every('ambient.temperature', values), [hot], false);
    expect(spans).toMatchObject([{ to: plus(T0, minutes(67)) }]);
    expect(spans[0]?.doubtful).toBeGreaterThan(minutes(50));
  });

  it('chatters as at work: one alert with its count (L30)', async () => {
    const values = Array.from({ length: 40 }, (_, i) => i % 4 < 2);
    const { spans } = await run(every('room.leak', values), [wet], false);
    expect(spans.filter(({ chattering }) => chattering >= 3)).toHaveLength(1);
  });

  it('a rule for silence fires by silence alone, on the clock of the past', async () => {
    const silent = makeRule({
      id: 'silent',
      on: { devices: ['th-1'] },
      when: { point: 'ambient.temperature', missing_for: '10m' },
    });
    const { spans } = await run(every('ambient.temperature', [25, 25]), [silent], true);
    expect(spans).toMatchObject([{ rule: 'silent', from: plus(T0, minutes(11)), to: null }]);
  });

  it('sleeps through calm hours: a week without anything is not read one by one', async () => {
    const calm = Array.from({ length: 2000 }, () => 22);
    const { readings, spans } = await run(every('ambient.temperature', calm), [hot], true);
    expect({ readings, spans }).toEqual({ readings: 0, spans: [] });
  });

  it('finds the same asleep and awake, whatever came', async () => {
    const level = fc.constantFrom(22, 25.9, 26, 26.5, 27, 27.1, 30, null);
    const stretch = fc.tuple(level, fc.integer({ min: 1, max: 200 }));
    const wetness = fc.tuple(fc.constantFrom(40, 61, null), fc.integer({ min: 1, max: 300 }));
    const spread = <T>(stretches: readonly (readonly [T, number])[]): T[] =>
      stretches.flatMap(([value, n]) => Array<T>(n).fill(value));
    await fc.assert(
      fc.asyncProperty(
        fc.array(stretch, { maxLength: 12 }),
        fc.array(wetness, { maxLength: 6 }),
        async (temperatures, humidities) => {
          const readings = [
            ...every('ambient.temperature', spread(temperatures)),
            ...every('ambient.humidity', spread(humidities)),
            ...every(
              'room.leak',
              spread(humidities).map((value) => (value === null ? null : value > 60)),
            ),
          ];
          const awake = await run(readings, [hot, wet], false);
          const asleep = await run(readings, [hot, wet], true);
          expect(asleep.spans).toEqual(awake.spans);
        },
      ),
      { numRuns: 60 },
    );
  });
});
