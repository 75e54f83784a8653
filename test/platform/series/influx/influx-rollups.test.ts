import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Clock } from '#core/ports.ts';
import { SERIES_CLASSES, type SeriesClass } from '#core/series.ts';
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

  /** As the configuration's defaults: states longer than numbers; and one class shorter. */
  const byClass = {
    ...(Object.fromEntries(SERIES_CLASSES.map((name) => [name, KEEP])) as Record<SeriesClass, typeof KEEP>),
    state: { ...KEEP, raw: days(400) },
    battery: { ...KEEP, raw: days(7), minute: days(14) },
  };

  it('classes that are kept for other times have policies of their own, states without rollups; each reading is found again', async () => {
    const store = open({ keepByClass: byClass });
    const at = system.now();
    const battery = { ...LOAD, point: 'battery.charge' };
    const status = { ...LOAD, point: 'ups.status' };
    await store.write([
      readingOf(at, 40),
      readingOf(at, 90, battery.point),
      readingOf(at, 'OL', status.point),
      readingOf(plus(at, seconds(1)), 'OB', status.point),
    ]);
    expect((await policies()).filter(([name]) => /_(battery|state)$|_raw$/.test(String(name)))).toEqual([
      ['zhishou_raw', '720h0m0s', true],
      ['zhishou_raw_battery', '168h0m0s', false],
      ['zhishou_1m_battery', '336h0m0s', false],
      ['zhishou_15m_battery', '9600h0m0s', false],
      ['zhishou_1h_battery', '0s', false],
      ['zhishou_1d_battery', '0s', false],
      ['zhishou_raw_state', '9600h0m0s', false],
    ]);
    expect((await continuous()).map(([name]) => name)).toHaveLength(8);
    const inPolicy = async (policy: string) =>
      (await influx.query(`SELECT count("quality") FROM "${database}"."${policy}"./.*/`)).map(({ name }) => name);
    expect(await inPolicy('zhishou_raw')).toEqual(['zhishou_power']);
    expect(await inPolicy('zhishou_raw_battery')).toEqual(['zhishou_battery']);
    expect(await inPolicy('zhishou_raw_state')).toEqual(['zhishou_state']);
    expect((await store.raw({ ...battery, ...everything })).map(({ value }) => value)).toEqual([90]);
    expect((await store.changes({ ...status, ...everything })).map(({ value }) => value)).toEqual(['OL', 'OB']);
    expect((await store.series()).map(({ point }) => point)).toEqual(['battery.charge', 'ups.load', 'ups.status']);
    await store.fillRollups(minus(at, hours(1)), plus(at, hours(1)));
    const [hour] = await influx.query(
      `SELECT "count", "max" FROM "${database}"."zhishou_1h_battery"."zhishou_battery"`,
    );
    expect(hour?.values?.[0]?.slice(1)).toEqual([1, 90]);
  });

  it('a database in which all classes stand together keeps them so: nothing in it is lost from sight', async () => {
    const before = open();
    await before.write([readingOf(system.now(), 'OL', 'ups.status')]);
    await before.close();
    const expected = await policies();
    const after = open({ keepByClass: byClass });
    expect(await after.raw({ ...LOAD, point: 'ups.status', ...everything })).toHaveLength(1);
    expect(await policies()).toEqual(expected);
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
