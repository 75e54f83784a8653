import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deviceSchema } from '#core/config/device.ts';
import { absoluteHumidity, dewPoint, powerFactor, unbalance } from '#core/formulas.ts';
import { definePoint } from '#core/points.ts';
import type { Reading, ReadingBatch, ReadingsAgain } from '#core/reading.ts';
import { type Instant, instant, minutes, plus, seconds } from '#core/time.ts';
import { derivationsOf } from '#services/collector/derived/derivations.ts';
import { DerivedPoints, withDerivedPoints } from '#services/collector/derived/derived-points.ts';
import { createRoomFigures } from '#services/collector/derived/room-figures.ts';
import { createDeviceBook, type Said } from '#services/collector/device-book.ts';

const T0 = instant(Date.parse('2026-11-23T02:00:00Z'));
const say = (point: string, value: number | null, more: Partial<Said> = {}): Said => ({
  point,
  decoded: value === null ? { value, quality: 'missing', reason: 'no probe' } : { value, quality: 'good' },
  ...more,
});
const climate = (temperature: number | null, humidity: number | null): Said[] => [
  say('ambient.temperature', temperature),
  say('ambient.humidity', humidity),
  say('sensor.battery', 90),
];
const toldOf = (said: readonly Said[], point: string) => said.find((one) => one.point === point)?.decoded.value;

describe('formulas', () => {
  it.each([
    [25, 50, 13.9, 'the textbook’s example'],
    [20, 100, 20, 'saturated air'],
    [23, 45, 10.4, 'a machine room'],
    [27, 60, 18.6, 'the upper corner of the old limits: wetter than GB 50174 allows'],
    [10, 20, -11.9, 'a winter’s day'],
  ])('dew point of %i °C at %i %% is %f °C: %s', (celsius, percent, expected) => {
    expect(dewPoint(celsius, percent)).toBeCloseTo(expected, 0);
    expect(Math.abs((dewPoint(celsius, percent) ?? 99) - expected)).toBeLessThan(0.15);
  });

  it.each([
    [25, 50, 11.5],
    [20, 100, 17.3],
    [0, 100, 4.85],
  ])('air of %i °C at %i %% has %f g/m³ of water', (celsius, percent, expected) => {
    expect(Math.abs((absoluteHumidity(celsius, percent) ?? 0) - expected)).toBeLessThan(0.1);
  });

  it('never puts the dew point above the temperature, and more water never lowers it', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -40, max: 60, noNaN: true }),
        fc.integer({ min: 1, max: 99 }),
        (celsius, percent) => {
          const point = dewPoint(celsius, percent) ?? Number.NaN;
          expect(point).toBeLessThanOrEqual(celsius);
          expect(dewPoint(celsius, percent + 1) ?? 0).toBeGreaterThan(point);
        },
      ),
    );
  });

  it.each([
    ['no humidity', dewPoint(25, 0)],
    ['more than all', dewPoint(25, 140)],
    ['currents of nothing', unbalance([0.2, 0.1, 0.9])],
    ['more real than apparent power', powerFactor(1200, 1000)],
    ['no power', powerFactor(0, 0)],
  ])('of %s there is no figure', (_what, figure) => {
    expect(figure).toBeNull();
  });

  it('counts unbalance from the mean', () => {
    expect(unbalance([10, 10, 10])).toBe(0);
    expect(unbalance([12, 9, 9])).toBe(20);
  });
});

describe('points that come out of others', () => {
  it('are all in the registry', () => {
    const names = ['ambient.temperature', 'ambient.humidity', 'ambient.2.temperature', 'ambient.2.humidity'];
    const all = [...names, 'cooling.supply.temperature', 'cooling.return.temperature', 'ups.realpower', 'ups.power'];
    for (const side of ['input', 'output']) for (const line of ['L1', 'L2', 'L3']) all.push(`${side}.${line}.current`);
    const made = derivationsOf(new Set(all)).map(({ point }) => point);
    expect(made).toHaveLength(8);
    for (const point of made) expect(definePoint(point), point).not.toBeNull();
  });

  it('go with what the device says', () => {
    const said = new DerivedPoints(minutes(5)).with(climate(25, 50), T0, true);
    expect(toldOf(said, 'ambient.dewpoint')).toBe(13.9);
    expect(toldOf(said, 'ambient.absolutehumidity')).toBe(11.5);
  });

  it('are as good as their worst input, and say which', () => {
    const said = new DerivedPoints(minutes(5)).with(climate(25, null), T0, true);
    expect(said.find(({ point }) => point === 'ambient.dewpoint')?.decoded).toEqual({
      value: null,
      quality: 'missing',
      reason: 'ambient.humidity is missing',
    });
  });

  it('are left to a device that tells its own', () => {
    const derived = new DerivedPoints(minutes(5));
    const said = [...climate(25, 50), say('ambient.dewpoint', 12)];
    expect(derived.with(said, T0, true).filter(({ point }) => point === 'ambient.dewpoint')).toHaveLength(1);
    // Also when it once leaves it out.
    expect(toldOf(derived.with(climate(25, 50), T0, true), 'ambient.dewpoint')).toBeUndefined();
  });

  it('are the very same word while their inputs are, and the same list for the same list', () => {
    const derived = new DerivedPoints(minutes(5));
    const list = climate(25, 50);
    const first = derived.with(list, T0, true);
    expect(derived.with(list, plus(T0, seconds(10)), true)).toBe(first);
    const again = derived.with(
      [...climate(25, 50).slice(0, 2), say('sensor.battery', 89)],
      plus(T0, seconds(20)),
      true,
    );
    expect(again.find(({ point }) => point === 'ambient.dewpoint')).toBe(
      first.find(({ point }) => point === 'ambient.dewpoint'),
    );
    expect(toldOf(derived.with(climate(26, 50), T0, true), 'ambient.dewpoint')).toBe(14.8);
  });

  it('of messages that tell one thing each are as old as the older, and end when that is too old', () => {
    const derived = new DerivedPoints(minutes(5));
    derived.with([say('ambient.temperature', 25)], T0, false);
    const later = plus(T0, minutes(1));
    const both = derived.with([say('ambient.humidity', 50)], later, false);
    expect(both.find(({ point }) => point === 'ambient.dewpoint')).toMatchObject({
      decoded: { value: 13.9 },
      measuredAt: T0,
    });
    const late = derived.with([say('ambient.humidity', 50)], plus(T0, minutes(7)), false);
    expect(toldOf(late, 'ambient.dewpoint')).toBeUndefined();
  });

  it('of what a broker kept are no fresher than that (L39)', () => {
    const kept = climate(25, 50).map((one) => ({ ...one, kept: 'the broker kept it', measuredAt: T0 }));
    const said = new DerivedPoints(minutes(5)).with(kept, plus(T0, minutes(60)), false);
    expect(said.at(-1)).toMatchObject({ kept: 'the broker kept it', measuredAt: T0 });
  });
});

const sensor = (id: string) =>
  deviceSchema.parse({ id, name: id, kind: 'sensor', mqtt: { topic: id }, interval: '10s', stale_after: '1m' });

describe('a device’s book with derived points', () => {
  function open(repeats: boolean) {
    const batches: ReadingBatch[] = [];
    const again: ReadingsAgain[] = [];
    const device = sensor('th-1');
    const plain = createDeviceBook({
      ...{ device, simulated: false, staleAfter: minutes(1), expected: [], publishStatus: () => {} },
      publishReadings: (batch) => batches.push(batch),
      ...(repeats
        ? {
            again: {
              readings: 'r',
              status: 's',
              statusAgain: () => {},
              readingsAgain: (one: ReadingsAgain) => again.push(one),
            },
          }
        : {}),
    });
    return { batches, again, book: withDerivedPoints(plain, minutes(1)) };
  }
  const last = (batches: readonly ReadingBatch[], point: string): Reading | undefined =>
    batches.at(-1)?.readings.find((one) => one.point === point);

  it('repeats what is said again, and tells of the dew point only when it is another', () => {
    const { batches, again, book } = open(true);
    const list = climate(25, 50);
    book.heard(list, 'schedule', T0, true);
    book.heard(list, 'schedule', plus(T0, seconds(10)), true);
    expect([batches.length, again.length]).toEqual([1, 1]);
    // Too little to move a tenth of a degree.
    book.heard([say('ambient.temperature', 25.01), ...list.slice(1)], 'schedule', plus(T0, seconds(20)), true);
    expect(batches.at(-1)?.news?.changed.map(({ point }) => point)).toEqual(['ambient.temperature']);
    book.heard([say('ambient.temperature', 26), ...list.slice(1)], 'schedule', plus(T0, seconds(30)), true);
    expect(batches.at(-1)?.news?.changed.map(({ point }) => point)).toContain('ambient.dewpoint');
  });

  it('makes them stale with the rest when the device is silent', () => {
    const { batches, book } = open(false);
    book.heard(climate(25, 50), 'schedule', T0, true);
    book.silenced('no message for 1m', plus(T0, minutes(2)));
    expect(last(batches, 'ambient.dewpoint')).toMatchObject({ value: 13.9, quality: 'stale' });
  });

  it('and without repeats says the same of every instant', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(24, 25, null), fc.constantFrom(40, 50)), { minLength: 1, maxLength: 12 }),
        (steps) => {
          const [a, b] = [open(true), open(false)];
          let list: Said[] = [];
          steps.forEach(([temperature, humidity], i) => {
            const same = i > 0 && steps[i - 1]?.[0] === temperature && steps[i - 1]?.[1] === humidity;
            if (!same) list = climate(temperature, humidity);
            const now: Instant = plus(T0, seconds(10 * i));
            a.book.heard(list, 'schedule', now, true);
            b.book.heard([...list], 'schedule', now, true);
            const told = same ? a.again.at(-1)?.value() : a.batches.at(-1);
            expect(told?.readings).toEqual(b.batches.at(-1)?.readings);
          });
        },
      ),
    );
  });
});

describe('figures of a class', () => {
  const room = deviceSchema.parse({
    ...{ id: 'room-1', name: 'Room', kind: 'other' },
    derived: { of: { kinds: ['sensor'] }, points: ['ambient.temperature'], take: ['max', 'mean', 'spread'] },
  });
  const devices = [sensor('th-1'), sensor('th-2'), sensor('th-3'), room];
  const noBook = { heard: () => {} };

  it('are those of its members that can be believed, half of them at least', () => {
    const figures = createRoomFigures(devices);
    const books = devices.slice(0, 3).map((device) => figures.listening({ ...noBook, device } as never));
    const tell = (values: readonly (number | null)[], now: Instant): void => {
      for (const [i, value] of values.entries())
        books[i]?.heard([say('ambient.temperature', value)], 'message', now, true);
    };
    tell([22, 24, 29], T0);
    const names = ['ambient.max.temperature', 'ambient.mean.temperature', 'ambient.spread.temperature'];
    const valuesAt = (now: Instant) => names.map((name) => toldOf(figures.say(room, now), name));
    expect(valuesAt(T0)).toEqual([29, 25, 7]);
    for (const name of names) expect(definePoint(name)?.unit).toBe('°C');
    // One of three is silent, then two.
    tell([22, null, 29], plus(T0, seconds(30)));
    expect(valuesAt(plus(T0, seconds(30)))).toEqual([29, 25.5, 7]);
    expect(valuesAt(plus(T0, minutes(3)))).toEqual([null, null, null]);
  });

  it('are the same list while nothing is different, so that nothing is told anew', () => {
    const figures = createRoomFigures(devices);
    const book = figures.listening({ ...noBook, device: devices[0] } as never);
    book.heard([say('ambient.temperature', 22)], 'message', T0, true);
    const first = figures.say(room, T0);
    expect(figures.say(room, plus(T0, seconds(10)))).toBe(first);
  });
});
