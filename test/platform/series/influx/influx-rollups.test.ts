import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Clock } from '#core/ports.ts';
import { type Duration, hours, type Instant, instant, minus, minutes, plus, seconds } from '#core/time.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { createMemorySeriesStore } from '#platform/series/memory-series-store.ts';
import { describeReal } from '../../../support/real.ts';
import { type RealInflux, startInflux } from '../../../support/real-influx.ts';
import { everything, LOAD, type Opened, readingOf, storesToClose } from './store-under-test.ts';

const system = createSystemClock();
/** The system's time, some days later: what the server has is then old. */
const later = (by: Duration): Clock => ({ ...system, now: () => plus(system.now(), by) });

const days = (n: number): Duration => hours(24 * n);
const KEEP = { raw: days(30), minute: days(90), quarter: days(400), hour: null, day: null };

describeReal('influxd', 'retention and rollups on InfluxDB 1.6 of Debian', () => {
  let influx: RealInflux;
  let opened: Opened;
  let database = '';
  let made = 0;
  beforeAll(async () => {
    influx = await startInflux();
  });
  afterAll(() => influx.stop());
  beforeEach(() => {
    opened = storesToClose();
    database = `history-${++made}`;
  });
  afterEach(() => opened.closeAll());
  const open = (more: Partial<Parameters<Opened['open']>[0]> = {}) =>
    opened.open({ url: influx.url, database, keep: KEEP, ...more });
  const policies = async () =>
    ((await influx.query(`SHOW RETENTION POLICIES ON "${database}"`))[0]?.values ?? []).map((row) => [
      row[0],
      row[1],
      row[4],
    ]);
  const continuous = async (): Promise<readonly (readonly unknown[])[]> =>
    (await influx.query('SHOW CONTINUOUS QUERIES')).find(({ name }) => name === database)?.values ?? [];

  it('a database of our own has a policy for each resolution, the raw one by default, and a continuous query for each rollup; making them again changes nothing', async () => {
    await open().describe();
    const expected = [
      ['zhishou_raw', '720h0m0s', true],
      ['zhishou_1m', '2160h0m0s', false],
      ['zhishou_15m', '9600h0m0s', false],
      ['zhishou_1h', '0s', false],
      ['zhishou_1d', '0s', false],
    ];
    expect(await policies()).toEqual(expected);
    const queries = await continuous();
    expect(queries.map(([name]) => name)).toEqual(['zhishou_1m', 'zhishou_15m', 'zhishou_1h', 'zhishou_1d']);
    await open().describe();
    expect(await policies()).toEqual(expected);
    expect(await continuous()).toEqual(queries);
  });

  it('what the owner has set up stays: default policy, another length, a continuous query of the same name', async () => {
    await influx.query(`CREATE DATABASE "${database}"`);
    await influx.query(`CREATE RETENTION POLICY "zhishou_raw" ON "${database}" DURATION 2d REPLICATION 1`);
    const own = 'SELECT max(value) AS max INTO mine FROM zhishou_power GROUP BY time(1m)';
    await influx.query(`CREATE CONTINUOUS QUERY "zhishou_1m" ON "${database}" BEGIN ${own} END`);
    const before = await continuous();
    await open().describe();
    expect((await policies()).slice(0, 2)).toEqual([
      ['autogen', '0s', true],
      ['zhishou_raw', '48h0m0s', false],
    ]);
    expect((await continuous())[0]).toEqual(before[0]);
  });

  it('without `keep` nothing is set up but the database', async () => {
    await influx.query(`CREATE DATABASE "${database}"`);
    const store = opened.open({ url: influx.url, database });
    await store.write([readingOf(system.now(), 1)]);
    expect(await policies()).toEqual([['autogen', '0s', true]]);
    expect(await continuous()).toEqual([]);
    expect(await store.raw({ ...LOAD, ...everything })).toHaveLength(1);
  });

  /** Two hours of readings two days ago, with what does not count; and the model that has them too. */
  async function filled(
    store: ReturnType<typeof open>,
  ): Promise<{ from: Instant; model: ReturnType<typeof createMemorySeriesStore> }> {
    const from = instant(Math.floor(minus(system.now(), days(2)) / days(1)) * days(1));
    const readings = Array.from({ length: 720 }, (_, i) => {
      const at = plus(from, seconds(10 * i));
      if (i % 50 === 7) return readingOf(at, 9999, 'ups.load', 'implausible');
      if (i % 50 === 9) return readingOf(at, null, 'ups.load', 'missing');
      return readingOf(at, 40 + (i % 23) / 7);
    });
    const model = createMemorySeriesStore();
    await model.write(readings);
    await store.write(readings);
    return { from, model };
  }

  it('readings that come late are in the rollups once they have stopped coming', async () => {
    const store = open();
    const { from, model } = await filled(store);
    // The next write that is not late sets it off; closing waits for it.
    await store.write([readingOf(system.now(), 1)]);
    await store.close();
    const range = `time >= ${from}ms AND time < ${plus(from, hours(2))}ms`;
    const figures = `SELECT "count", "mean", "min", "max" FROM "${database}"."zhishou_15m"."zhishou_power" WHERE ${range}`;
    const [rollup] = await influx.query(figures);
    const expected = await model.buckets({ ...LOAD, from, to: plus(from, hours(2)), step: { every: minutes(15) } });
    expect(rollup?.values?.map(([at, count, , min, max]) => [at, count, min, max])).toEqual(
      expected.map((bucket) => [bucket.from, bucket.count, bucket.min, bucket.max]),
    );
    for (const [index, row] of (rollup?.values ?? []).entries())
      expect(row[2]).toBeCloseTo(expected[index]?.mean ?? Number.NaN, 9);
  });

  it('what is older than the raw readings is answered out of the rollups: count, mean, min and max; covered is nothing', async () => {
    const store = open();
    const { from, model } = await filled(store);
    await store.fillRollups(from, plus(from, hours(2)));
    await influx.query(`DROP RETENTION POLICY "zhishou_raw" ON "${database}"`);
    const old = open({ clock: later(days(40)) });
    for (const step of [
      { every: minutes(1) },
      { every: minutes(30) },
      { every: hours(1) },
      { every: days(1) },
      { calendar: 'day' as const, timeZone: 'Asia/Kolkata' },
    ]) {
      const question = { ...LOAD, from, to: plus(from, hours(2)), step };
      const answer = await old.buckets(question);
      // A minute in which the last number of the minute before still held is covered and has no reading.
      const expected = (await model.buckets(question)).filter(({ count }) => count > 0);
      expect(answer.map(({ from: at, to, count, min, max }) => [at, to, count, min, max])).toEqual(
        expected.map(({ from: at, to, count, min, max }) => [at, to, count, min, max]),
      );
      answer.forEach((bucket, index) => {
        expect(bucket.mean).toBeCloseTo(expected[index]?.mean ?? Number.NaN, 9);
        expect(bucket).toMatchObject({ coveredS: 0, timeMean: null, belowS: 0, aboveS: 0 });
      });
    }
  });

  it('where both know something the one that has seen more counts: raw readings before the first rollup, too', async () => {
    const store = open();
    const { from, model } = await filled(store);
    const old = open({ clock: later(days(29)) });
    const question = { ...LOAD, from, to: plus(from, hours(2)), step: { every: minutes(15) } };
    expect(await old.buckets(question)).toEqual(await model.buckets(question));
  });
});
