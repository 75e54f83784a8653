import { describe, expect, it } from 'vitest';
import type { Quality, Value } from '#core/reading.ts';
import type { SeriesKey, SeriesSample } from '#core/series.ts';
import { type Instant, instant, minutes, plus, seconds } from '#core/time.ts';
import { reading, type StoreUnderTest } from './series-store-support.ts';

const START = instant(Date.UTC(2026, 0, 5));
const at = (s: number): Instant => plus(START, seconds(s));
const sample = (s: number, value: Value | null, quality: Quality = 'good'): SeriesSample => ({
  at: at(s),
  value,
  quality,
});

/** What is written comes back, whatever it is and in whatever order it came. */
export function keepingContract(test: StoreUnderTest): void {
  const key = (point = 'ups.load'): SeriesKey => ({ device: test.device(), point });
  const write = (series: SeriesKey, samples: readonly SeriesSample[]) =>
    test.store().write(samples.map((one) => reading(series, one.at, one.value, one.quality)));
  const all = (series: SeriesKey) => test.store().raw({ ...series, from: instant(0), to: at(1e9) });

  describe('values', () => {
    it('every kind of value comes back as it was: truths are not numbers, texts are not truths, numbers keep every digit', async () => {
      const values: (Value | null)[] = [
        ...[0, 1, 41.5, -0.25, 0.1 + 0.2, 1e15, -1e-12, Number.MAX_VALUE, 5e-324, 2 ** 53 + 2, 1234.5678901234567],
        ...[true, false, null],
        ...[
          'OB DISCHRG',
          '',
          'true',
          '1',
          'null',
          ' ',
          'a "b" \\',
          'a\\',
          "o'clock",
          'x,y=z',
          '两\n行',
          '🔥',
          '\u0000\t',
        ],
      ];
      const series = key();
      await write(
        series,
        values.map((value, index) => sample(index, value)),
      );
      await test.disturbed();
      expect((await all(series)).map(({ value }) => value)).toEqual(values);
    });

    it('a number that is none is kept as null, −0 as 0', async () => {
      const series = key();
      const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0];
      await write(
        series,
        odd.map((value, index) => sample(index, value)),
      );
      await test.disturbed();
      expect((await all(series)).map(({ value }) => value)).toEqual([null, null, null, 0]);
    });

    it('every quality comes back, with the last value that it stands beside', async () => {
      const series = key();
      const samples = (['good', 'stale', 'frozen', 'implausible', 'missing'] as const).flatMap((quality, index) => [
        sample(2 * index, 20, quality),
        sample(2 * index + 1, null, quality),
      ]);
      await write(series, samples);
      await test.disturbed();
      expect(await all(series)).toEqual(samples);
    });

    it('a time is kept to the millisecond', async () => {
      const series = key();
      const times = [0, 1, 2, 999, 1000, 1001].map((ms) => instant(START + ms));
      await test
        .store()
        .write([...times.map((time) => reading(series, time, 1)), reading(series, instant(START + 4.6), 2)]);
      await test.disturbed();
      expect((await all(series)).map((one) => one.at - START)).toEqual([0, 1, 2, 5, 999, 1000, 1001]);
    });
  });

  describe('names', () => {
    const NAMES = [
      'with space',
      ' leading and trailing ',
      'comma,equals=quote"apostrophe\'',
      'back\\slash\\',
      '机房温度 🔥',
      'a/b',
      '%_*?[]{}$',
      "'; DROP TABLE series; --",
      '__proto__',
      'x'.repeat(500),
      'NFC é',
      'NFC e\u0301',
      'CASE',
      'case',
    ];
    it('hostile names are kept apart and come back letter by letter', async () => {
      const device = test.device();
      const keys = NAMES.flatMap((name) => [
        { device: `${device}${name}`.slice(0, 500), point: 'ups.load' },
        { device, point: name },
      ]);
      const answer = await test.store().write(keys.map((one, index) => reading(one, at(index), index)));
      expect(answer).toEqual({ written: keys.length, rejected: [] });
      await test.disturbed();
      for (const [index, one] of keys.entries()) expect(await all(one)).toEqual([sample(index, index)]);
      const own = (await test.store().series()).filter((entry) => entry.device.startsWith(device));
      expect(own.map(({ device: d, point }) => JSON.stringify([d, point])).sort()).toEqual(
        keys.map(({ device: d, point }) => JSON.stringify([d, point])).sort(),
      );
    });

    it('a slash in a name mixes no two series', async () => {
      const device = test.device();
      const [one, other] = [
        { device: `${device}/a`, point: 'b' },
        { device, point: 'a/b' },
      ] as const;
      await test.store().write([reading(one, START, 1), reading(other, START, 2)]);
      expect([await all(one), await all(other)]).toEqual([[sample(0, 1)], [sample(0, 2)]]);
    });

    it('what no store can keep is rejected with a reason, and the rest of the batch is kept', async () => {
      const series = key();
      const bad = [
        reading({ ...series, device: '' }, START, 1),
        reading({ ...series, point: '' }, START, 1),
        reading({ ...series, point: 'two\nlines' }, START, 1),
        reading({ ...series, device: 'x'.repeat(501) }, START, 1),
        reading(series, instant(Number.NaN), 1),
        reading(series, instant(Number.POSITIVE_INFINITY), 1),
        reading(series, instant(-1), 1),
        reading(series, instant(Date.UTC(2200, 0, 1)), 1),
        reading(series, START, 'x'.repeat(4001)),
        reading(series, START, 'half of a pair \ud83d'),
      ];
      const answer = await test.store().write([reading(series, at(1), 1), ...bad, reading(series, at(2), 2)]);
      expect(answer.written).toBe(2);
      expect(answer.rejected.map((one) => one.reading)).toEqual(bad);
      for (const { reason } of answer.rejected) expect(reason).toMatch(/\w{3}/);
      expect(await all(series)).toEqual([sample(1, 1), sample(2, 2)]);
    });
  });

  describe('order', () => {
    it('late, out-of-order and repeated writes: by time, the newest write of a time counts, whatever kind of value it had', async () => {
      const series = key();
      await write(series, [sample(30, 3), sample(10, 1), sample(40, 4), sample(10, 1.5)]);
      await test.disturbed();
      await write(series, [sample(20, 'two'), sample(40, null, 'missing'), sample(30, false)]);
      await test.disturbed();
      await write(series, [sample(20, 2, 'stale'), sample(5, true)]);
      expect(await all(series)).toEqual([
        sample(5, true),
        sample(10, 1.5),
        sample(20, 2, 'stale'),
        sample(30, false),
        sample(40, null, 'missing'),
      ]);
    });

    it('a batch that is written again changes nothing, an empty one neither', async () => {
      const series = key();
      const samples = Array.from({ length: 50 }, (_, i) => sample(10 * i, i % 7));
      for (let again = 0; again < 3; again++) {
        expect(await write(series, samples)).toEqual({ written: 50, rejected: [] });
        await test.disturbed();
      }
      expect(await test.store().write([])).toEqual({ written: 0, rejected: [] });
      expect(await all(series)).toEqual(samples);
    });

    it('writes at the same time lose nothing', async () => {
      const series = [key(), key(), key()];
      const batches = Array.from({ length: 12 }, (_, batch) =>
        series.flatMap((one) => [0, 1, 2].map((i) => reading(one, at(batch + 12 * i), batch))),
      );
      await Promise.all(batches.map((batch) => test.store().write(batch)));
      for (const one of series) expect(await all(one)).toHaveLength(36);
    });

    it('many readings at once: none is lost', async () => {
      const series = key('ambient.temperature');
      const count = test.slow === true ? 20_000 : 100_000;
      const { written } = await write(
        series,
        Array.from({ length: count }, (_, i) => sample(10 * i, 20 + (i % 50) / 10)),
      );
      expect(written).toBe(count);
      const to = at(10 * count);
      const buckets = await test.store().buckets({ ...series, from: START, to, step: { every: minutes(60) } });
      expect(buckets.reduce((sum, bucket) => sum + bucket.count, 0)).toBe(count);
      expect(await test.store().raw({ ...series, from: START, to })).toHaveLength(10_000);
      const [entry] = (await test.store().series()).filter(({ device }) => device === series.device);
      expect(entry).toEqual({ ...series, firstAt: START, lastAt: at(10 * (count - 1)) });
    });
  });

  describe('raw', () => {
    it('has its beginning inside and its end not; an empty range, a turned one and an unknown series have nothing', async () => {
      const series = key();
      await write(series, [sample(0, 1), sample(10, 2), sample(20, 3)]);
      const values = async (from: Instant, to: Instant) =>
        (await test.store().raw({ ...series, from, to })).map(({ value }) => value);
      expect(await values(at(0), at(20))).toEqual([1, 2]);
      expect(await values(at(10), at(10))).toEqual([]);
      expect(await values(at(20), at(0))).toEqual([]);
      expect(await values(instant(at(10) + 1), at(20))).toEqual([]);
      expect(await test.store().raw({ ...key(), from: at(0), to: at(20) })).toEqual([]);
    });

    it('its pages put together are the whole', async () => {
      const series = key();
      const samples = Array.from({ length: 23 }, (_, i) => sample(i * i, i));
      await write(series, samples);
      await test.disturbed();
      const read: SeriesSample[] = [];
      for (let from = START; ; ) {
        const page = await test.store().raw({ ...series, from, to: at(1e6), limit: 5 });
        read.push(...page);
        if (page.length < 5) break;
        from = instant(page[4]!.at + 1);
      }
      expect(read).toEqual(samples);
      expect(await test.store().raw({ ...series, from: START, to: at(1e6), limit: 0 })).toEqual([]);
    });
  });

  describe('changes', () => {
    it('are the moments at which value or quality changed, the one that held at `from` first, at the time at which it began', async () => {
      const series = key('ups.status');
      await write(series, [
        sample(0, 'OL'),
        sample(10, 'OL'),
        sample(20, 'OB'),
        sample(30, 'OB'),
        sample(40, 'OB', 'stale'),
        sample(50, 'OL'),
        sample(60, 'OL'),
      ]);
      await test.disturbed();
      const changes = (from: number, to: number, limit?: number) =>
        test.store().changes({ ...series, from: at(from), to: at(to), ...(limit === undefined ? {} : { limit }) });
      const [ol, ob, stale, back] = [sample(0, 'OL'), sample(20, 'OB'), sample(40, 'OB', 'stale'), sample(50, 'OL')];
      expect(await changes(0, 1000)).toEqual([ol, ob, stale, back]);
      expect(await changes(35, 50)).toEqual([ob, stale]);
      expect(await changes(20, 40)).toEqual([ob]);
      expect(await changes(500, 1000)).toEqual([back]);
      expect(await changes(45, 45)).toEqual([stale]);
      expect(await changes(-100, -50)).toEqual([]);
      expect(await changes(-100, 1000, 2)).toEqual([stale, back]);
      expect(await changes(0, 1000, 0)).toEqual([]);
    });

    it('a late reading splits what seemed one state', async () => {
      const series = key('room.smoke');
      await write(series, [sample(0, false), sample(100, false)]);
      await test.disturbed();
      await write(series, [sample(50, true)]);
      expect(await test.store().changes({ ...series, from: at(0), to: at(1000) })).toEqual([
        sample(0, false),
        sample(50, true),
        sample(100, false),
      ]);
    });
  });

  it('the list of series is in the order of device and point, and its ends follow late readings', async () => {
    const device = test.device();
    const one = (name: string, s: number, point: string) => reading({ device: `${device}-${name}`, point }, at(s), 1);
    await test.store().write([one('b', 5, 'ups.load'), one('a', 5, 'ups.load'), one('a', 1, 'battery.charge')]);
    await test.disturbed();
    await test.store().write([one('a', 2, 'ups.load'), one('b', 9, 'ups.load'), one('b', 7, 'ups.load')]);
    const own = (await test.store().series()).filter((entry) => entry.device.startsWith(device));
    expect(own).toEqual([
      { device: `${device}-a`, point: 'battery.charge', firstAt: at(1), lastAt: at(1) },
      { device: `${device}-a`, point: 'ups.load', firstAt: at(2), lastAt: at(5) },
      { device: `${device}-b`, point: 'ups.load', firstAt: at(5), lastAt: at(9) },
    ]);
  });

  it('says that it is well, and what it is', () => {
    expect(test.store().status()).toEqual({ state: 'ok', store: expect.stringMatching(/\w/), error: null });
  });
}
