import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { Secret } from '#core/secret.ts';
import { hours, instant, minus, minutes, plus, seconds } from '#core/time.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { freePorts } from '#platform/net.ts';
import { describeReal } from '../../../support/real.ts';
import { ADMIN, type RealInflux, startInflux } from '../../../support/real-influx.ts';
import { everything, LOAD, loads, type Opened, readingOf, START, storesToClose } from './store-under-test.ts';

const clock = createSystemClock();

/** How many requests to write and how many points the server has counted. */
async function counted(influx: RealInflux): Promise<{ requests: number; points: number }> {
  const [stats] = await influx.query("SHOW STATS FOR 'httpd'");
  const { columns, values } = stats as unknown as { columns: string[]; values: number[][] };
  const of = (name: string): number => values[0]?.[columns.indexOf(name)] ?? Number.NaN;
  return { requests: of('writeReq'), points: of('pointsWrittenOK') };
}

describeReal('influxd', 'InfluxDB 1.6 of Debian, when things go wrong', () => {
  let influx: RealInflux;
  let opened: Opened;
  let database = '';
  let made = 0;
  beforeAll(async () => {
    influx = await startInflux({ data: 'max-values-per-tag = 40' });
  });
  afterAll(() => influx.stop());
  beforeEach(() => {
    opened = storesToClose();
    database = `history ${++made}`;
  });
  afterEach(() => opened.closeAll());
  const open = (more: Partial<Parameters<Opened['open']>[0]> = {}) =>
    opened.open({ url: influx.url, database, ...more });

  it('says which version it is, and that it can be read', async () => {
    const store = open();
    expect(store.status()).toMatchObject({ state: 'ok', error: null });
    const { generation, name, readable } = await store.describe();
    expect({ generation, readable }).toEqual({ generation: '1', readable: true });
    expect(name).toMatch(/^InfluxDB 1\./);
    expect(store.status().store).toBe(name);
  });

  it('a server that is down at the start is met later; status says so meanwhile', async () => {
    const [port] = (await freePorts(1)) as [number];
    const store = open({ url: `http://127.0.0.1:${port}` });
    expect(store.status().state).toBe('ok');
    await expect(store.write(loads(START, 1))).rejects.toMatchObject({ code: 'STORE_DOWN' });
    await expect(store.raw({ ...LOAD, ...everything })).rejects.toMatchObject({ code: 'STORE_DOWN' });
    expect(store.status()).toMatchObject({ state: 'failing', error: expect.stringContaining('ECONNREFUSED') });
  });

  it('killed in the middle of writing and back: what was acknowledged is there, what failed is written again, once', async () => {
    const store = open({ batchLines: 50 });
    const batches = Array.from({ length: 20 }, (_, batch) => loads(plus(START, seconds(1000 * batch)), 200));
    const failed: number[] = [];
    const writing = (async () => {
      for (const [index, batch] of batches.entries())
        await store.write(batch).catch((error: { code?: string }) => {
          expect(error.code).toBe('STORE_DOWN');
          failed.push(index);
        });
    })();
    await store.write(loads(START, 1));
    await influx.down(true);
    await writing;
    expect(failed.length).toBeGreaterThan(0);
    expect(store.status().state).toBe('failing');
    await influx.up();
    for (const index of failed) await store.write(batches[index] ?? []);
    expect(store.status()).toMatchObject({ state: 'ok', error: null });
    const found = await store.raw({ ...LOAD, ...everything, limit: 100_000 });
    expect(found).toHaveLength(4000);
    expect(opened.letters()).toBe('');
  });

  it('restarted between two calls: nobody notices', async () => {
    const store = open();
    await store.write(loads(START, 3));
    expect(await store.raw({ ...LOAD, ...everything })).toHaveLength(3);
    await influx.down();
    await influx.up();
    await store.write(loads(plus(START, minutes(1)), 3));
    expect(await store.raw({ ...LOAD, ...everything })).toHaveLength(6);
  });

  it('a database that somebody dropped is made anew, for writing and for reading', async () => {
    const store = open();
    await store.write(loads(START, 3));
    await influx.query(`DROP DATABASE "${database}"`);
    expect(await store.write(loads(START, 2))).toEqual({ written: 2, rejected: [] });
    await influx.query(`DROP DATABASE "${database}"`);
    expect(await store.raw({ ...LOAD, ...everything })).toEqual([]);
  });

  it('points beyond the retention policy are refused line by line: the good ones are not sent again, the bad ones are kept with the reason', async () => {
    const keep = { raw: hours(1), minute: null, quarter: null, hour: null, day: null };
    const store = open({ keep });
    const now = instant(Math.round(clock.now()));
    await store.write([readingOf(now, 0)]);
    const before = await counted(influx);
    const old = [3, 2, 5].map((h) => readingOf(minus(now, hours(h)), h));
    const fresh = [1, 2, 3].map((s) => readingOf(minus(now, seconds(s)), s));
    const answer = await store.write([fresh[0]!, old[0]!, fresh[1]!, old[1]!, fresh[2]!, old[2]!]);
    expect(answer.written).toBe(3);
    expect(answer.rejected.map(({ reading }) => reading.value).sort()).toEqual([2, 3, 5]);
    expect(answer.rejected[0]?.reason).toContain('points beyond retention policy');
    expect((await counted(influx)).requests - before.requests).toBe(1);
    expect((await store.raw({ ...LOAD, ...everything })).map(({ value }) => value)).toEqual([3, 2, 1, 0]);
    const letters = opened.letters().split('\n');
    expect(letters.filter((line) => line === '# points beyond retention policy')).toHaveLength(3);
    expect(
      letters.filter((line) => line.startsWith('zhishou_power,site=hq,device=ups-1,point=ups.load ')),
    ).toHaveLength(3);
  });

  it('a field that has another type already costs its own lines alone', async () => {
    await influx.query(`CREATE DATABASE "${database}"`);
    const params = new URLSearchParams({ db: database, precision: 'ms' });
    const foreign = await fetch(`${influx.url}/write?${params}`, {
      method: 'POST',
      body: `zhishou_power,site=hq value=1i ${START}`,
    });
    expect(foreign.status).toBe(204);
    const store = open();
    const before = await counted(influx);
    const readings = [
      readingOf(plus(START, seconds(1)), 41),
      readingOf(plus(START, seconds(2)), null, 'ups.load', 'missing'),
      readingOf(plus(START, seconds(3)), 21, 'ambient.temperature'),
      readingOf(plus(START, seconds(4)), 42),
    ];
    const answer = await store.write(readings);
    expect(answer.written).toBe(2);
    expect(answer.rejected.map(({ reading }) => reading)).toEqual([readings[0], readings[3]]);
    expect(answer.rejected[0]?.reason).toMatch(/field type conflict.*already exists as type integer/);
    // One request a measurement.
    expect((await counted(influx)).requests - before.requests).toBe(2);
    expect(await store.raw({ ...LOAD, ...everything })).toEqual([
      { at: plus(START, seconds(2)), value: null, quality: 'missing' },
    ]);
    expect(await store.raw({ device: 'ups-1', point: 'ambient.temperature', ...everything })).toHaveLength(1);
  });

  it('lines that are refused and not named are found by halves', async () => {
    const store = open();
    const of = (device: number) =>
      readingOf(plus(START, seconds(device)), device, 'ups.load', 'good', `device-${device}`);
    const known = Array.from({ length: 40 }, (_, device) => of(device));
    expect((await store.write(known)).written).toBe(40);
    // The server takes 40 devices and says of no line which it was.
    const answer = await store.write([...known, of(40), ...known.slice(3, 9), of(41), of(42)]);
    expect(answer.written).toBe(46);
    expect(answer.rejected.map(({ reading }) => reading.value)).toEqual([40, 41, 42]);
    for (const { reason } of answer.rejected) expect(reason).toContain('max-values-per-tag');
    expect(await store.series()).toHaveLength(40);
  });

  it('a large write goes in batches', async () => {
    const store = open({ batchLines: 100 });
    const before = await counted(influx);
    expect(await store.write(loads(START, 1050))).toEqual({ written: 1050, rejected: [] });
    expect((await counted(influx)).requests - before.requests).toBe(11);
    expect(await store.raw({ ...LOAD, ...everything })).toHaveLength(1050);
  });

  it('two sites in one database see each other’s readings never', async () => {
    const [one, other] = [open({ site: 'hq' }), open({ site: "hq' OR 1=1 --" })];
    await one.write([readingOf(START, 1)]);
    await other.write([readingOf(START, 2)]);
    expect((await one.raw({ ...LOAD, ...everything })).map(({ value }) => value)).toEqual([1]);
    expect((await other.raw({ ...LOAD, ...everything })).map(({ value }) => value)).toEqual([2]);
    expect(await other.series()).toHaveLength(1);
  });

  it('what a simulated device of the same name wrote is marked, and the real one’s reading counts', async () => {
    const store = open();
    const later = plus(START, seconds(1));
    await store.write([
      { ...readingOf(START, 1), simulated: true },
      { ...readingOf(later, 2), simulated: true },
    ]);
    await store.write([readingOf(START, 9)]);
    expect((await store.raw({ ...LOAD, ...everything })).map(({ value }) => value)).toEqual([9, 2]);
    const marked = await influx.query(`SELECT "value" FROM "zhishou_power" WHERE "simulated" = 'true'`, database);
    expect(marked[0]?.values).toHaveLength(2);
  });
});

describeReal('influxd', 'InfluxDB 1.6 of Debian with users', () => {
  let influx: RealInflux;
  let opened: Opened;
  beforeAll(async () => {
    influx = await startInflux({ auth: true });
    await influx.query('CREATE DATABASE "owners"');
    await influx.query(`CREATE USER writer WITH PASSWORD 'w'`);
    await influx.query(`GRANT ALL ON "owners" TO writer`);
  });
  afterAll(() => influx.stop());
  beforeEach(() => {
    opened = storesToClose();
  });
  afterEach(() => opened.closeAll());
  const keep = { raw: hours(24), minute: hours(48), quarter: null, hour: null, day: null };

  it('writes and reads as the user given', async () => {
    const store = opened.open({ url: influx.url, user: ADMIN.user, password: new Secret(ADMIN.password), keep });
    await store.write([readingOf(instant(clock.now()), 1)]);
    expect(await store.raw({ ...LOAD, ...everything })).toHaveLength(1);
  });

  it('wrong credentials are told without telling them, and nothing is thrown away', async () => {
    for (const [user, password] of [
      ['admin', 'wrong-password-42'],
      ['nobody', 'wrong-password-42'],
    ] as const) {
      const store = opened.open({ url: influx.url, user, password: new Secret(password) });
      for (const call of [() => store.write([readingOf(START, 1)]), () => store.series()]) {
        const error = await call().then(
          () => null,
          (thrown: Error & { code?: string }) => thrown,
        );
        expect(error?.code).toBe('STORE_DOWN');
        expect(error?.message).toMatch(/credentials/);
        expect(JSON.stringify([error, error?.message, error?.stack, store.status()])).not.toContain(password);
      }
      expect(store.status().state).toBe('failing');
      expect(opened.letters()).toBe('');
    }
  });

  it('a user who may make nothing uses what the owner made', async () => {
    const user = { user: 'writer', password: new Secret('w') };
    const store = opened.open({ url: influx.url, database: 'owners', ...user, keep });
    expect(await store.write([readingOf(START, 1)])).toEqual({ written: 1, rejected: [] });
    expect(await store.raw({ ...LOAD, ...everything })).toHaveLength(1);
    const missing = opened.open({ url: influx.url, database: 'missing', ...user });
    await expect(missing.write([readingOf(START, 1)])).rejects.toThrow(/no database missing.*may not be made/);
  });
});
