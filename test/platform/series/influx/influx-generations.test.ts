import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '#core/secret.ts';
import { hours, instant, plus, seconds } from '#core/time.ts';
import {
  type Answer,
  type Asked,
  answerAsThree,
  answerAsTwo,
  type FakeInflux,
  startFake,
  type ThreeState,
  type TwoState,
} from '../../../support/fake-influx.ts';
import { everything, LOAD, type Opened, readingOf, START, storesToClose } from './store-under-test.ts';

let opened: Opened;
let fake: FakeInflux | null = null;
beforeEach(() => {
  opened = storesToClose();
});
afterEach(async () => {
  await opened.closeAll();
  await fake?.stop();
  fake = null;
});
const serve = async (answer: (asked: Asked) => Answer): Promise<FakeInflux> => {
  fake = await startFake(answer);
  return fake;
};
const TOKEN = new Secret('token-of-the-site');
const keep = { raw: hours(720), minute: null, quarter: null, hour: null, day: null };
const COLUMNS = ['time', 'value', 'truth', 'word', 'quality', 'simulated'];

describe('which server it is', () => {
  const rows: readonly (readonly [why: string, answers: Record<string, Answer>, expected: object])[] = [
    [
      '1.x names its version in a header',
      { '/ping': { status: 204, headers: { 'X-Influxdb-Build': 'OSS', 'X-Influxdb-Version': '1.8.10' } } },
      { generation: '1', name: 'InfluxDB 1.8.10', readable: true },
    ],
    [
      '2.1 sends the header twice',
      { '/ping': { status: 204, headers: { 'X-Influxdb-Version': '2.1.1, 2.1.1' } } },
      { generation: '2', name: 'InfluxDB 2.1.1', readable: true },
    ],
    [
      '2.0 sends it empty, and says at /health what it is',
      {
        '/ping': { status: 204, headers: { 'X-Influxdb-Version': '' } },
        '/health': { status: 200, body: { name: 'influxdb', status: 'pass', version: '2.0.8' } },
      },
      { generation: '2', name: 'InfluxDB 2.0.8', readable: true },
    ],
    [
      'an early 3 has its version in the body alone',
      { '/ping': { status: 200, body: { version: '3.0.1', revision: '42117701c0' } } },
      { generation: '3', name: 'InfluxDB 3.0.1', readable: true },
    ],
    [
      'VictoriaMetrics answers without a version, and names its host',
      { '/ping': { status: 204, headers: { 'X-Server-Hostname': 'vm' } } },
      { generation: 'victoria-metrics', name: 'VictoriaMetrics', readable: false },
    ],
    [
      'VictoriaMetrics behind a proxy that drops that header has its front page',
      {
        '/ping': { status: 204 },
        '/health': { status: 200, body: 'OK' },
        '/': { status: 200, body: '<h2>Single-node VictoriaMetrics</h2>' },
      },
      { generation: 'victoria-metrics', name: 'VictoriaMetrics', readable: false },
    ],
  ];
  for (const [why, answers, expected] of rows) {
    it(why, async () => {
      const { url } = await serve(({ path }) => {
        if (answers[path] !== undefined) return answers[path];
        if (path === '/query') return { status: 200, body: { results: [{ statement_id: 0 }] } };
        return path === '/api/v2/orgs' ? { status: 200, body: { orgs: [] } } : { status: 404, body: 'not found' };
      });
      expect(await opened.open({ url }).describe()).toMatchObject(expected);
    });
  }

  it('a path in front of the server’s own is kept', async () => {
    const server = await serve(({ path }) =>
      path === '/influx/ping'
        ? { status: 204, headers: { 'X-Influxdb-Version': '1.8.10' } }
        : { status: path === '/influx/write' ? 204 : 200, body: { results: [{ statement_id: 0 }] } },
    );
    const store = opened.open({ url: `${server.url}/influx/` });
    expect(await store.write([readingOf(START, 1)])).toEqual({ written: 1, rejected: [] });
    expect(server.of('POST', '/influx/write')).toHaveLength(1);
  });

  it('anything else is told and not written to', async () => {
    const server = await serve(() => ({ status: 200, body: '<h1>It works!</h1>' }));
    const store = opened.open({ url: server.url });
    await expect(store.write([readingOf(START, 1)])).rejects.toThrow(/neither InfluxDB nor VictoriaMetrics/);
    expect(server.asked.every(({ method }) => method === 'GET')).toBe(true);
  });

  it('an address that is none, or has a password in it, is a mistake of the configuration', () => {
    for (const url of ['history:8086', 'ftp://history', 'http://user:pass@history:8086', 'http://history?db=x'])
      expect(() => opened.open({ url })).toThrow(expect.objectContaining({ code: 'BAD_CONFIGURATION' }));
  });
});

describe('InfluxDB 2.x, by its manual', () => {
  const fresh = (virtualMappings = true): TwoState => ({
    token: TOKEN.reveal(),
    orgs: [
      { id: 'o1', name: 'room' },
      { id: 'o2', name: 'others' },
    ],
    buckets: [],
    mappings: [],
    virtualMappings,
    lines: [],
  });

  it('makes the bucket with its retention, writes to /api/v2/write in milliseconds, with Token', async () => {
    const state = fresh();
    const server = await serve(answerAsTwo(state));
    const store = opened.open({ url: server.url, token: TOKEN, organization: 'room', keep });
    expect(await store.write([readingOf(START, 41.5)])).toEqual({ written: 1, rejected: [] });
    expect(state.buckets).toEqual([
      { id: 'b1', orgID: 'o1', name: 'history', retentionRules: [{ type: 'expire', everySeconds: 2_592_000 }] },
    ]);
    const [write] = server.of('POST', '/api/v2/write');
    expect(write?.params).toEqual({ org: 'room', bucket: 'history', precision: 'ms' });
    expect(state.lines).toEqual([
      `zhishou_power,site=hq,device=ups-1,point=ups.load value=41.5,quality="good" ${START}`,
    ]);
    expect(store.status()).toEqual({ state: 'ok', store: 'InfluxDB 2.7.12', error: null });
  });

  it('a bucket that is there stays as it is, also with another retention', async () => {
    const state = fresh();
    state.buckets.push({ id: 'b9', orgID: 'o1', name: 'history', retentionRules: [{ everySeconds: 3600 }] });
    const server = await serve(answerAsTwo(state));
    await opened.open({ url: server.url, token: TOKEN, organization: 'room', keep }).describe();
    expect(server.of('POST', '/api/v2/buckets')).toEqual([]);
  });

  it('makes the mapping for InfluxQL where there is none, once; a virtual one serves as well', async () => {
    const older = fresh(false);
    const server = await serve(answerAsTwo(older));
    const options = { url: server.url, token: TOKEN, organization: 'room' };
    await opened.open(options).describe();
    await opened.open(options).describe();
    expect(older.mappings).toEqual([
      {
        orgID: 'o1',
        bucketID: 'b1',
        database: 'history',
        retention_policy: 'autogen',
        default: true,
        virtual: false,
      },
    ]);
    await server.stop();
    const newer = fresh();
    const second = await serve(answerAsTwo(newer));
    await opened.open({ ...options, url: second.url }).describe();
    expect(newer.mappings).toEqual([{ database: 'history', bucketID: 'b1', virtual: true }]);
  });

  it('reads InfluxQL at /query of the same bucket', async () => {
    const values = [[START, 41.5, null, null, 'good', null]];
    const server = await serve(answerAsTwo(fresh(), [{ name: 'zhishou_power', columns: COLUMNS, values }]));
    const store = opened.open({ url: server.url, token: TOKEN, organization: 'room' });
    expect(await store.raw({ ...LOAD, from: START, to: plus(START, hours(1)) })).toEqual([
      { at: START, value: 41.5, quality: 'good' },
    ]);
    const [query] = server.of('GET', '/query');
    expect(query?.params).toMatchObject({ db: 'history', epoch: 'ms' });
    expect(query?.params.q).toContain(
      `FROM "zhishou_power" WHERE "site" = 'hq' AND "device" = 'ups-1' AND "point" = 'ups.load' AND time >= '2026-01-05T00:00:00.000Z' AND time < '2026-01-05T01:00:00.000Z'`,
    );
  });

  it('without an organization the only one is taken; of several one must be named', async () => {
    const several = await serve(answerAsTwo(fresh()));
    await expect(opened.open({ url: several.url, token: TOKEN }).describe()).rejects.toThrow(/several organizations/);
    await several.stop();
    const state = { ...fresh(), orgs: [{ id: 'o1', name: 'room' }] };
    const single = await serve(answerAsTwo(state));
    await opened.open({ url: single.url, token: TOKEN }).write([readingOf(START, 1)]);
    expect(single.of('POST', '/api/v2/write')[0]?.params.org).toBe('room');
  });

  it('422: what is beyond the bucket’s retention is dropped by the server, the rest is not sent again', async () => {
    const state = fresh();
    const message =
      'failure writing points to database: partial write: dropped 2 points outside retention policy of duration 1h0m0s - oldest point zhishou_power,device=ups-1 at 2020-01-01T00:00:00Z dropped because it violates a Retention Policy Lower Bound at 2026-01-05T00:00:00Z, newest point zhishou_power at 2020-01-01T00:00:02Z dropped because it violates a Retention Policy Lower Bound at 2026-01-05T00:00:00Z dropped=2 for database: 9f282d63c7d3a5c0 for retention policy: autogen';
    state.refuse = { status: 422, body: { code: 'unprocessable entity', message } };
    const server = await serve(answerAsTwo(state));
    state.buckets.push({ id: 'b1', orgID: 'o1', name: 'history', retentionRules: [] });
    const store = opened.open({ url: server.url, token: TOKEN, organization: 'room' });
    const old = [instant(Date.UTC(2020, 0, 1)), instant(Date.UTC(2020, 0, 1, 0, 0, 2))];
    const answer = await store.write([readingOf(START, 1), readingOf(old[1]!, 2), readingOf(old[0]!, 3)]);
    expect(answer.written).toBe(1);
    expect(answer.rejected.map(({ reading }) => reading.value).sort()).toEqual([2, 3]);
    expect(server.of('POST', '/api/v2/write')).toHaveLength(1);
  });

  it('400: nothing was written because of a line that cannot be read, so the others go alone', async () => {
    const state = fresh();
    state.buckets.push({ id: 'b1', orgID: 'o1', name: 'history', retentionRules: [] });
    const answer = answerAsTwo(state);
    const server = await serve((asked) => {
      const bad = asked.body.split('\n').find((line) => asked.path === '/api/v2/write' && line.includes('value=13,'));
      if (bad === undefined) return answer(asked);
      return { status: 400, body: { code: 'invalid', message: `unable to parse '${bad}': unlucky number` } };
    });
    const store = opened.open({ url: server.url, token: TOKEN, organization: 'room' });
    const result = await store.write([12, 13, 14].map((n) => readingOf(plus(START, seconds(n)), n)));
    expect(result.rejected.map(({ reading, reason }) => [reading.value, reason])).toEqual([[13, 'unlucky number']]);
    expect(result.written).toBe(2);
    expect(state.lines).toHaveLength(2);
    expect(opened.letters()).toMatch(/^# unlucky number\nzhishou_power,.* value=13,quality="good" \d+\n$/);
  });

  it('with user and password it writes by the 1.x API, which alone knows them', async () => {
    const server = await serve(({ path }) =>
      path === '/ping' ? { status: 204, headers: { 'X-Influxdb-Version': 'v2.7.12' } } : { status: 204 },
    );
    const store = opened.open({ url: server.url, user: 'grafana', password: new Secret('of the 1.x API') });
    await store.write([readingOf(START, 1)]);
    const [write] = server.of('POST', '/write');
    expect(write?.params).toEqual({ db: 'history', precision: 'ms' });
    const basic = Buffer.from('grafana:of the 1.x API').toString('base64');
    expect(write?.headers.authorization).toBe(`Basic ${basic}`);
  });
});

describe('InfluxDB 3, by its manual', () => {
  const fresh = (more: Partial<ThreeState> = {}): ThreeState => ({
    token: TOKEN.reveal(),
    databases: [],
    lines: [],
    ...more,
  });

  it('makes the database with its retention before the first write would make it without; writes with Bearer', async () => {
    const state = fresh();
    const server = await serve(answerAsThree(state));
    const store = opened.open({ url: server.url, token: TOKEN, keep });
    await store.write([readingOf(START, 1, 'room.smoke')]);
    await store.write([readingOf(START, true, 'room.smoke')]);
    expect(state.databases).toEqual([{ name: 'history', retention: '720h' }]);
    expect(server.of('POST', '/api/v2/write')[0]?.params).toMatchObject({ bucket: 'history', precision: 'ms' });
    expect(state.lines).toEqual([
      `zhishou_state,site=hq,device=ups-1,point=room.smoke value=1,quality="good value" ${START}`,
      `zhishou_state,site=hq,device=ups-1,point=room.smoke truth=true,quality="good" ${START}`,
    ]);
    expect(store.status().store).toBe('InfluxDB 3.8.0');
  });

  it('without the rights of an administrator the first write makes the database', async () => {
    const state = fresh({ limited: true });
    const server = await serve(answerAsThree(state));
    const store = opened.open({ url: server.url, token: TOKEN, keep });
    expect(await store.write([readingOf(START, 1)])).toEqual({ written: 1, rejected: [] });
  });

  it('reads InfluxQL by GET, rows without a column that is null everywhere, and an empty body as no row', async () => {
    const series = { name: 'zhishou_power', columns: ['time', 'quality', 'value'], values: [[START, 'good', 7]] };
    const server = await serve(answerAsThree(fresh({ databases: [{ name: 'history' }] }), [series]));
    const store = opened.open({ url: server.url, token: TOKEN });
    expect(await store.raw({ ...LOAD, from: START, to: plus(START, hours(1)) })).toEqual([
      { at: START, value: 7, quality: 'good' },
    ]);
    await server.stop();
    const empty = await serve(answerAsThree(fresh()));
    const other = opened.open({ url: empty.url, token: TOKEN });
    expect(await other.raw({ ...LOAD, ...everything })).toEqual([]);
    expect(await other.series()).toEqual([]);
  });

  it('lists series whose tags come as columns', async () => {
    const columns = ['time', 'device', 'point', 'first'];
    const values = [
      [START, 'ups-1', 'ups.load', 'good'],
      [plus(START, seconds(5)), 'back%5Cslash', 'ups.load', 'good'],
    ];
    const server = await serve(answerAsThree(fresh(), [{ name: 'zhishou_power', columns, values }]));
    const found = await opened.open({ url: server.url, token: TOKEN }).series();
    expect(found.map(({ device }) => device)).toEqual(['back\\slash', 'ups-1']);
  });

  it('400 with the lines by number: the rest is written and not sent again', async () => {
    const state = fresh();
    const message =
      "invalid column type for column 'value', expected iox::column_type::field::integer, got iox::column_type::field::float";
    state.refuse = {
      status: 400,
      body: {
        error: 'partial write of line protocol occurred',
        data: [{ original_line: 'zhishou_power,site=hq value=2,quality=good', line_number: 2, error_message: message }],
      },
    };
    const server = await serve(answerAsThree(state));
    const store = opened.open({ url: server.url, token: TOKEN });
    const answer = await store.write([1, 2, 3].map((n) => readingOf(plus(START, seconds(n)), n)));
    expect(answer.rejected.map(({ reading, reason }) => [reading.value, reason])).toEqual([[2, message]]);
    expect(answer.written).toBe(2);
    expect(server.of('POST', '/api/v2/write')).toHaveLength(1);
  });

  it('a wrong token is told at once, and nothing is sent', async () => {
    const server = await serve(answerAsThree(fresh()));
    const store = opened.open({ url: server.url, token: new Secret('another-token') });
    await expect(store.write([readingOf(START, 1)])).rejects.toThrow(/refuses the credentials/);
    expect(JSON.stringify(store.status())).not.toContain('another-token');
    expect(server.of('POST', '/api/v2/write')).toEqual([]);
  });
});
