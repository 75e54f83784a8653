import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LiveSnapshot } from '#core/api.ts';
import { rotaFileSchema } from '#core/config/rota.ts';
import { siteSchema } from '#core/config/site.ts';
import type { IncidentView } from '#core/incident.ts';
import { hours, plus } from '#core/time.ts';
import type { WallResponse } from '#core/wall-view.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { createMetrics } from '#platform/metrics.ts';
import { freePorts } from '#platform/net.ts';
import { createMemorySeriesStore } from '#platform/series/memory-series-store.ts';
import { createWallDoor } from '#services/dashboard-api/auth/wall-door.ts';
import { createLiveHub, type LiveClient } from '#services/dashboard-api/live/hub.ts';
import { incident, makeConfig, reading, START, startDashboard, step, type TestDashboard } from './support.ts';

/** A screen on the wall: who may look without an account, at what, and what is left out. */

const WALL = { addresses: ['192.0.2.30', '192.0.2.32/28', '2001:db8:0:7::/64'], names: ['wall.example'] };
const siteWith = (http: unknown) =>
  siteSchema.parse({
    ...{ id: 'sample', name: 'Sample room', address: '1 Sample Road', floor: '3', time_zone: 'Asia/Shanghai', http },
  });

/** Address at the other end × headers: may it look? */
const DOORS: readonly [may: boolean, reason: string, address: string, headers: Record<string, string>][] = [
  [true, 'a named screen', '192.0.2.30', { host: '192.0.2.10:8080' }],
  [true, 'the first of a named range', '192.0.2.32', { host: '192.0.2.10:8080' }],
  [true, 'the last of it', '192.0.2.47', { host: '192.0.2.10:8080' }],
  [false, 'one past it', '192.0.2.48', { host: '192.0.2.10:8080' }],
  [false, 'its neighbour', '192.0.2.31', { host: '192.0.2.10:8080' }],
  [true, 'IPv4 as a socket for both families shows it', '::ffff:192.0.2.30', { host: '192.0.2.10:8080' }],
  [true, 'IPv6', '2001:db8:0:7::42', { host: '[2001:db8::1]:8080' }],
  [false, 'IPv6 of another network', '2001:db8:0:8::42', { host: '[2001:db8::1]:8080' }],
  [false, 'no address', '', { host: '192.0.2.10:8080' }],
  [false, 'nonsense for an address', '192.0.2.30, 10.0.0.1', { host: '192.0.2.10' }],
  [true, 'by a name of the configuration', '192.0.2.30', { host: 'wall.example:8080' }],
  [true, 'by that name in capitals', '192.0.2.30', { host: 'WALL.example' }],
  [true, 'by the name in public_url', '192.0.2.30', { host: 'monitor.example.com' }],
  [false, 'by a name pointed here (DNS rebinding)', '192.0.2.30', { host: 'attacker.example:8080' }],
  [false, 'a name that begins like ours', '192.0.2.30', { host: 'wall.example.attacker.example' }],
  [false, 'a name behind credentials', '192.0.2.30', { host: 'wall.example@attacker.example' }],
  [false, 'no name at all', '192.0.2.30', {}],
  [false, 'passed on by a proxy', '192.0.2.30', { host: '192.0.2.10', 'x-forwarded-for': '192.0.2.7' }],
  [false, 'passed on (RFC 7239)', '192.0.2.30', { host: '192.0.2.10', forwarded: 'for=192.0.2.7' }],
  [false, 'passed on, and says so', '192.0.2.30', { host: '192.0.2.10', via: '1.1 proxy' }],
  [false, 'passed on by nginx', '192.0.2.30', { host: '192.0.2.10', 'x-real-ip': '192.0.2.7' }],
  [false, 'another that says it is a screen', '192.0.2.7', { host: '192.0.2.10', 'x-forwarded-for': '192.0.2.30' }],
  [false, 'the same, RFC 7239', '192.0.2.7', { host: '192.0.2.10', forwarded: 'for=192.0.2.30' }],
  [false, 'asked for by another site’s page', '192.0.2.30', { host: '192.0.2.10', 'sec-fetch-site': 'cross-site' }],
  [true, 'asked for by our page', '192.0.2.30', { host: '192.0.2.10', 'sec-fetch-site': 'same-origin' }],
];

describe('whose address is a screen’s', () => {
  const door = createWallDoor(siteWith({ wall: WALL, public_url: 'https://monitor.example.com/room' }).http);
  test.each(DOORS)('%s: %s', (may, _reason, remoteAddress, headers) => {
    expect(door.isWall({ headers, socket: { remoteAddress } })).toBe(may);
  });

  test('without configuration nobody is', () => {
    const none = createWallDoor(siteWith({}).http);
    expect(none.isWall({ headers: { host: '127.0.0.1' }, socket: { remoteAddress: '127.0.0.1' } })).toBe(false);
  });

  test.each([
    ['a whole network', '192.0.2.0/16'],
    ['everybody', '0.0.0.0/0'],
    ['everybody, IPv6', '::/0'],
    ['a name', 'wall.example'],
    ['an address that is none', '192.0.2.300'],
    ['a range without end', '192.0.2.0/'],
  ])('%s is refused by check', (_what, address) => {
    expect(() => siteWith({ wall: { addresses: [address] } })).toThrow();
  });
});

const ON_THE_WALL: Pick<InjectOptions, 'remoteAddress' | 'headers'> = {
  remoteAddress: '192.0.2.30',
  headers: { host: '192.0.2.10:8080' },
};

describe('what a screen may ask for', () => {
  let site: TestDashboard;
  beforeAll(async () => {
    const config = { ...makeConfig({ simulation: false }), site: siteWith({ wall: WALL }) };
    site = await startDashboard({ config });
  });
  afterAll(() => site.dashboard.stop());

  test('of all routes it may read three, and those that everybody may; it changes nothing', async () => {
    const open: string[] = [];
    for (const { method, url, access } of site.dashboard.routes()) {
      if (access.who === 'everybody' || method === 'HEAD' || url === '/api/v1/live') continue;
      const { statusCode } = await site.dashboard.inject({
        ...{ ...ON_THE_WALL, method: method as 'GET', url: url.replaceAll(/:\w+/g, 'nobody') },
        ...(method === 'GET' ? {} : { payload: {} }),
      });
      // A picture that is not there is not refused.
      const may = url.endsWith('/pictures/:id') ? 400 : 200;
      expect([method, url, statusCode]).toEqual([method, url, access.wall === true ? may : 401]);
      if (statusCode !== 401) open.push(`${method} ${url}`);
    }
    expect(open.toSorted()).toEqual(['GET /api/v1/room-plan/pictures/:id', 'GET /api/v1/wall']);
    const walls = site.dashboard.routes().filter(({ access }) => access.wall === true);
    expect(
      walls
        .filter(({ method }) => method !== 'HEAD')
        .map(({ url }) => url)
        .toSorted(),
    ).toEqual(['/api/v1/live', '/api/v1/room-plan/pictures/:id', '/api/v1/wall']);
  });

  test('whoever is no screen is told as whom they come, so that the address can be written down', async () => {
    const refused = await site.dashboard.inject({ url: '/api/v1/wall', ...ON_THE_WALL, remoteAddress: '192.0.2.99' });
    expect(refused.statusCode).toBe(401);
    expect(refused.json().detail).toContain('192.0.2.99');
  });

  test('a bad token is refused from a screen too', async () => {
    const headers = { ...ON_THE_WALL.headers, authorization: 'Bearer zt_no' };
    expect((await site.dashboard.inject({ url: '/api/v1/wall', ...ON_THE_WALL, headers })).statusCode).toBe(401);
  });
});

const PHONE = '+86 100 0000 0009';
const people = (): IncidentView =>
  incident({
    lead: {
      person: 'lin-hao',
      name: { zh: '林浩', en: 'Lin Hao' },
      phone: PHONE,
      since: new Date(START).toISOString(),
    },
    steps: [
      step({ id: 'call', phone: '100 0000 0100', contact: { zh: '配电室', en: 'Power department' } }),
      step({ id: 'go', phone: PHONE, script: { zh: `打给 ${PHONE}`, en: `call ${PHONE}` } }),
    ],
  });

describe('the stream for a screen', () => {
  const snapshot = {
    site: { duty: { person: 'lin-hao', name: { zh: '林浩', en: 'Lin Hao' }, phone: PHONE, until: '' } },
    open: [people()],
    deliveries: [{ to: PHONE }],
    incidents: [people()],
  } as unknown as LiveSnapshot;

  function listen(walls = true) {
    const wall = createVirtualClock(START);
    const hub = createLiveHub({
      ...{ wall, siteNow: wall.now, metrics: createMetrics(), epoch: 'e', snapshot: () => snapshot, walls },
    });
    const heard = { wall: [] as string[], viewer: [] as string[] };
    for (const audience of ['wall', 'viewer'] as const) {
      const client: LiveClient = {
        ...{ place: audience, mostAtPlace: 5, audience, mayStay: () => true, end: () => {} },
        begin: (pieces) => void heard[audience].push(...pieces.map(({ text }) => text)),
        write: ({ text }) => heard[audience].push(text) > 0,
      };
      hub.join(client, null);
    }
    return { hub, heard };
  }

  test('has people’s names and never their numbers; a signed-in person has both', () => {
    const { hub, heard } = listen();
    hub.publish('incident', people());
    hub.publish('site', snapshot.site);
    expect(heard.wall).toHaveLength(3);
    expect(heard.wall.join()).not.toContain(PHONE);
    expect(heard.wall.join()).toContain('Lin Hao');
    // The power department’s number is no person’s.
    expect(heard.wall.join()).toContain('100 0000 0100');
    expect(heard.viewer.filter((text) => text.includes(PHONE))).toHaveLength(3);
    hub.stop();
  });

  test('has nothing of messages, rules and the inside of the service', () => {
    const { hub, heard } = listen();
    hub.publish('delivery', { id: 'd' } as never);
    hub.publish('caught', {} as never);
    hub.publish('rules', {} as never);
    hub.publish('readiness', {} as never);
    hub.publish('simulator', {} as never);
    hub.publish('alert', { id: 'a' } as never);
    expect(heard.wall.map((text) => /event: ([\w-]+)/.exec(text)?.[1])).toEqual(['snapshot', 'alert']);
    hub.stop();
  });

  test('a screen that comes back gets what it missed, again without numbers', () => {
    const { hub, heard } = listen();
    const last = /id: (.+)/.exec(heard.wall[0] ?? '')?.[1] ?? '';
    hub.publish('incident', people());
    const late: string[] = [];
    const client: LiveClient = {
      ...{ place: 'late', mostAtPlace: 5, audience: 'wall', mayStay: () => true, end: () => {}, write: () => true },
      begin: (pieces) => void late.push(...pieces.map(({ text }) => text)),
    };
    hub.join(client, last);
    expect(late).toHaveLength(1);
    expect(late.join()).not.toContain(PHONE);
    hub.stop();
  });
});

test('over a real connection a screen on this machine listens without an account, and a proxy on it does not', async () => {
  const [port = 0] = await freePorts(1);
  const config = { ...makeConfig({ simulation: false }), site: siteWith({ port, wall: { addresses: ['127.0.0.1'] } }) };
  const site = await startDashboard({ config, listen: true });
  const ask = (headers: Record<string, string> = {}) => fetch(`${site.url}/api/v1/live`, { headers });
  const stream = await ask();
  expect(stream.status).toBe(200);
  await site.publish('incident/+', 'a', people());
  let heard = '';
  const decoder = new TextDecoder();
  for await (const chunk of stream.body ?? []) {
    heard += decoder.decode(chunk, { stream: true });
    if (heard.includes('event: incident')) break;
  }
  expect(heard).toContain('event: snapshot');
  expect(heard).toContain('Lin Hao');
  expect(heard).not.toContain(PHONE);
  expect((await ask({ 'x-forwarded-for': '127.0.0.1' })).status).toBe(401);
  expect((await fetch(`${site.url}/api/v1/devices`)).status).toBe(401);
  await site.dashboard.stop();
});

describe('what it is told beside the stream', () => {
  const rota = rotaFileSchema.parse({
    rota: { starts: '2026-01-05', handover: { day: 'mon', at: '08:30' }, order: ['lin-hao', 'zhou-min'] },
  });

  async function ask(series = createMemorySeriesStore()): Promise<{ site: TestDashboard; wall: WallResponse }> {
    const base = makeConfig({ simulation: true });
    const tags = { 'hot-1': ['hot-aisle'], 'out-1': ['outdoor'] } as Record<string, string[]>;
    const sensor = base.devices.find(({ id }) => id === 'th-1');
    if (sensor === undefined) throw new Error('no sensor');
    const devices = [
      ...base.devices,
      ...['th-2', 'hot-1', 'out-1'].map((id) => ({ ...sensor, id, tags: tags[id] ?? [] })),
    ];
    const site = await startDashboard({ config: { ...base, devices, rota }, series });
    return { site, wall: (await site.dashboard.inject('/api/v1/wall')).json<WallResponse>() };
  }

  test('who is on duty, until when, and who comes next', async () => {
    const { site, wall } = await ask();
    expect(wall.duty[0]).toMatchObject({
      person: expect.objectContaining({ en: expect.any(String) }),
      next: { from: '2026-11-23T00:30:00.000Z' },
    });
    expect(wall.duty[0]?.next?.person).not.toEqual(wall.duty[0]?.person);
    await site.dashboard.stop();
  });

  test('seven days of each room: lowest, mean over time, highest of what the equipment breathes in; hot aisle and outdoors apart', async () => {
    const series = createMemorySeriesStore();
    const at = (hour: number) => plus(START, hours(hour));
    const values: [device: string, hour: number, value: number][] = [
      // 11:00 and 12:00 on the 20th in Shanghai, then the 21st.
      ['th-1', -24, 20],
      ['th-2', -24, 26],
      ['th-1', -23, 21],
      ['hot-1', -24, 41],
      ['out-1', -24, -3],
      ['th-1', -1, 22.25],
    ];
    await series.write(
      values.map(([device, hour, value]) =>
        reading({ device, point: 'ambient.temperature', value, measuredAt: at(hour), receivedAt: at(hour) }),
      ),
    );
    const { site, wall } = await ask(series);
    expect(wall.days).toEqual([
      '2026-11-15',
      '2026-11-16',
      '2026-11-17',
      '2026-11-18',
      '2026-11-19',
      '2026-11-20',
      '2026-11-21',
    ]);
    const core = wall.weather?.find(({ room }) => room === 'core');
    expect(core?.devices).toEqual(['th-1', 'th-2']);
    expect(core?.temperature.map(({ date, min, max }) => [date, min, max])).toEqual([
      ['2026-11-20', 20, 26],
      ['2026-11-21', 22.25, 22.25],
    ]);
    expect(core?.temperature[0]?.mean).toBeGreaterThan(21);
    expect(core?.temperature[0]?.mean).toBeLessThan(25);
    expect(wall.weather?.find(({ room }) => room === 'outdoor')?.temperature[0]?.min).toBe(-3);
    await site.dashboard.stop();
  });

  test('two hundred screens ask the store as often as one; a store that does not answer takes nothing else away', async () => {
    const series = createMemorySeriesStore();
    let asked = 0;
    const counting = {
      ...series,
      buckets: (query: Parameters<typeof series.buckets>[0]) => {
        asked += 1;
        return series.buckets(query);
      },
    };
    const { site } = await ask(counting);
    const once = asked;
    await Promise.all(Array.from({ length: 20 }, () => site.dashboard.inject('/api/v1/wall')));
    expect(asked).toBe(once);
    await site.dashboard.stop();
    const broken = await ask({ ...series, buckets: () => Promise.reject(new Error('gone')) });
    expect(broken.wall.weather).toBeNull();
    expect(broken.wall.duty).toHaveLength(1);
    await broken.site.dashboard.stop();
  });

  test('open tasks by their due time, without the history of who said what', async () => {
    const { site } = await ask();
    const duty = await site.signIn('duty');
    for (const [title, dueAt] of [
      ['later', '2026-12-02T00:00:00Z'],
      ['over', '2026-11-20T00:00:00Z'],
    ] as const) {
      await site.dashboard.inject({
        method: 'POST',
        url: '/api/v1/tasks',
        headers: { ...duty.headers },
        payload: { title, dueAt, owner: 'lin-hao' },
      });
    }
    const { tasks } = (await site.dashboard.inject('/api/v1/wall')).json<WallResponse>();
    expect(tasks).toMatchObject({
      open: 2,
      overdue: 1,
      first: [{ title: { en: 'over' }, overdue: true, owner: { en: 'Lin Hao' } }, { title: { en: 'later' } }],
    });
    expect(Object.keys(tasks.first[0] ?? {}).toSorted()).toEqual(['dueAt', 'overdue', 'owner', 'title']);
    await site.dashboard.stop();
  });
});
