import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { AlertView } from '#core/alert.ts';
import { outsideSchema } from '#core/config/outside.ts';
import type { OutsideAlert } from '#core/outside-alert.ts';
import { hours, minutes, plus, seconds, toIso } from '#core/time.ts';
import { startDashboard } from '../../dashboard-api/support.ts';
import { describeReal } from '../../support/real.ts';
import { startAlertmanager } from '../../support/real-alertmanager.ts';
import { makeService, type Service } from '../service.ts';
import { makeConfig } from '../support.ts';

const services: Service[] = [];
afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
});

async function start(options: Parameters<typeof makeService>[0] = {}) {
  const service = makeService(options);
  services.push(service);
  await service.start();
  const say = async (change: Partial<OutsideAlert> & { labels?: Record<string, string> } = {}, more = 0) => {
    const alert: OutsideAlert = {
      fingerprint: '1a30ba71cca2921f',
      status: 'firing',
      labels: { alertname: 'DiskFull', instance: 'web-1:9100', severity: 'critical' },
      annotations: { summary: '磁盘快满' },
      startsAt: '2026-11-23T02:00:00Z',
      receivedAt: toIso(plus(service.clock.now(), minutes(more))),
      from: 'prometheus',
      ...change,
    };
    await service.raw(`zhishou/test/outside-alert/${alert.fingerprint}`, JSON.stringify(alert), { retain: true });
    await service.advance(seconds(1));
  };
  /** The newest of each alert. */
  const alerts = () => new Map(service.seen('alert/+').map((view) => [view.id, view]));
  const all = (): AlertView[] => [...alerts().values()].filter(({ rule }) => rule.startsWith('outside-'));
  const told = () => [...service.channels.phone.sent, ...service.channels.email.sent].map(({ subject }) => subject);
  return { ...service, service, say, all, told };
}
const fingerprint = (n: number): string => n.toString(16).padStart(16, '0');

describe('alerts of other systems', () => {
  it('wake our people, and L31: recover once', async () => {
    const { say, all, told } = await start();
    await say();
    expect(all()).toMatchObject([
      { rule: 'outside-disk-full-high', device: 'web-1', severity: 'high', state: 'firing', title: { zh: '磁盘快满' } },
    ]);
    expect(told().some((subject) => subject.includes('磁盘快满'))).toBe(true);
    await say({ status: 'resolved' });
    await say({ status: 'resolved' });
    expect(all()).toMatchObject([{ state: 'cleared' }]);
    expect(told().filter((subject) => subject.includes('恢复')).length).toBe(
      new Set(told().filter((subject) => subject.includes('恢复'))).size,
    );
  });

  it('said again is no new alert and no new message', async () => {
    const { say, all, told } = await start();
    await say();
    const before = told().length;
    for (let i = 0; i < 5; i++) await say();
    expect(all()).toHaveLength(1);
    expect(told()).toHaveLength(before);
  });

  it('that come again after their end are new', async () => {
    const { say, all } = await start();
    await say();
    await say({ status: 'resolved' });
    await say();
    expect(all().map(({ state }) => state)).toEqual(['cleared', 'firing']);
  });

  it('L29: nothing heard of it for long makes it doubtful, never over; the next word makes it certain', async () => {
    const { site, ...rest } = makeConfig();
    const outside = outsideSchema.parse({ doubtful_after: '30m' });
    const { say, all, advance } = await start({ config: makeConfig({ ...rest, site: { ...site, outside } }) });
    await say();
    await advance(minutes(20));
    expect(all()).toMatchObject([{ state: 'firing', doubtful: false }]);
    await advance(minutes(20));
    expect(all()).toMatchObject([{ state: 'firing', doubtful: true }]);
    await advance(hours(3));
    expect(all()).toMatchObject([{ state: 'firing', doubtful: true }]);
    await say();
    expect(all()).toMatchObject([{ state: 'firing', doubtful: false }]);
  });

  it('an end that nobody knows a beginning of says nothing', async () => {
    const { say, all, told } = await start();
    await say({ status: 'resolved' });
    expect(all()).toHaveLength(0);
    expect(told()).toHaveLength(0);
  });

  it('two of one name at one host are two', async () => {
    const { say, all } = await start();
    await say({ fingerprint: fingerprint(1) });
    await say({ fingerprint: fingerprint(2) });
    await say({ fingerprint: fingerprint(1), status: 'resolved' });
    expect(all().map(({ device, state }) => `${device} ${state}`)).toEqual(['web-1 cleared', 'web-1-00000000 firing']);
  });

  it('go on after a restart, with their words, and end then; nothing is told twice', async () => {
    const before = await start();
    await before.say();
    const count = before.told().length;
    services.splice(services.indexOf(before.service), 1);
    await before.service.stop();
    const { state, journal, clock, bus } = before;
    const after = await start({ state, journal, clock, bus });
    expect(after.all()).toMatchObject([{ state: 'firing', title: { zh: '磁盘快满' } }]);
    expect(
      after.told().filter((subject) => subject.includes('磁盘快满') && !subject.includes('无人确认')),
    ).toHaveLength(0);
    expect(count).toBeGreaterThan(0);
    await after.say({ status: 'resolved' });
    expect(after.all()).toMatchObject([{ state: 'cleared' }]);
  });

  it('that came while this service was away are heard from the bus', async () => {
    const other = makeService();
    const alert = { fingerprint: fingerprint(9), status: 'firing', labels: { alertname: 'X' }, annotations: {} };
    const body = { ...alert, startsAt: '', receivedAt: toIso(other.clock.now()), from: 'p' };
    await other.bus.publish(`zhishou/test/outside-alert/${fingerprint(9)}`, JSON.stringify(body), { retain: true });
    const after = await start({ bus: other.bus, clock: other.clock });
    await after.advance(seconds(1));
    expect(after.all()).toMatchObject([{ rule: 'outside-x-medium', state: 'firing' }]);
  });

  it('what is over is taken off the bus', async () => {
    const { say, bus } = await start();
    await say();
    await say({ status: 'resolved' });
    const kept: string[] = [];
    await bus.subscribe('zhishou/test/outside-alert/+', ({ retained, payload }) => {
      if (retained && payload.length > 0) kept.push(String(payload));
    });
    expect(kept).toEqual([]);
  });

  it('a flood is told as one alert beyond the first twenty, and ends as one', async () => {
    const { raw, advance, all, told, clock } = await start();
    const send = (n: number, status: 'firing' | 'resolved') =>
      raw(
        `zhishou/test/outside-alert/${fingerprint(n)}`,
        JSON.stringify({
          fingerprint: fingerprint(n),
          status,
          labels: { alertname: 'Down', instance: `h-${n}`, severity: 'warning' },
          annotations: {},
          startsAt: '',
          receivedAt: toIso(clock.now()),
          from: 'p',
        }),
      );
    for (let n = 1; n <= 300; n++) await send(n, 'firing');
    await advance(seconds(5));
    expect(all()).toHaveLength(21);
    expect(all().filter(({ rule }) => rule === 'outside-0-more-medium')).toMatchObject([{ state: 'firing' }]);
    expect(told().length).toBeLessThan(100);
    for (let n = 1; n <= 300; n++) await send(n, 'resolved');
    await advance(seconds(5));
    expect(all().every(({ state }) => state === 'cleared')).toBe(true);
  });

  it('a flood never delays the room’s own: five a turn, a reading between', async () => {
    const { bus, clock, all } = await start();
    for (let n = 1; n <= 500; n++) {
      const body = { fingerprint: fingerprint(n), status: 'firing', labels: { alertname: 'D', instance: `h-${n}` } };
      const rest = { annotations: {}, startsAt: '', receivedAt: toIso(clock.now()), from: 'p' };
      await bus.publish(`zhishou/test/outside-alert/${fingerprint(n)}`, JSON.stringify({ ...body, ...rest }));
    }
    await bus.drained();
    expect(all()).toHaveLength(0);
    await clock.advanceByAsync(seconds(0));
    expect(all().length).toBeLessThanOrEqual(5);
  });

  it.each<[string, string]>([
    ['no JSON', '{'],
    ['no fingerprint', JSON.stringify({ status: 'firing', labels: {}, annotations: {} })],
    ['too large', `"${'x'.repeat(600_000)}"`],
  ])('%s is rejected and disturbs nobody', async (_name, payload) => {
    const { raw, say, all } = await start();
    await raw('zhishou/test/outside-alert/x', payload);
    await say();
    expect(all()).toHaveLength(1);
  });
});

/** The page's server and the alerts service, joined as a broker joins them. */
async function wholeWay() {
  const page = await startDashboard();
  const desk = await start();
  await page.bus.subscribe('zhishou/sample/outside-alert/+', ({ topic, payload }) => {
    void desk.raw(topic.replace('/sample/', '/test/'), payload).then(() => desk.advance(seconds(1)));
  });
  const administrator = await page.signIn('administrator');
  const made = await page.dashboard.inject({
    method: 'POST',
    url: '/api/v1/tokens',
    headers: administrator.headers,
    payload: { name: 'alertmanager', role: 'duty', scopes: ['alertmanager'], days: 30 },
  });
  return { page, desk, made };
}

describe('POST /api/v1/alertmanager', () => {
  const webhook = {
    version: '4',
    receiver: 'zhishou',
    status: 'firing',
    groupKey: '{}:{}',
    truncatedAlerts: 0,
    alerts: [
      {
        status: 'firing',
        labels: { alertname: 'ProbeFailure', instance: 'https://server.example.org', severity: 'critical' },
        annotations: { summary: 'x'.repeat(100_000) },
        startsAt: '2023-02-06T13:08:45.828Z',
        endsAt: '0001-01-01T00:00:00Z',
        fingerprint: '1a30ba71cca2921f',
      },
    ],
  };

  it('takes what Alertmanager sends with a token of the role duty, and it becomes an alert', async () => {
    const { page, desk, made } = await wholeWay();
    const { secret } = made.json<{ secret: string }>();
    const answer = await page.dashboard.inject({
      method: 'POST',
      url: '/api/v1/alertmanager',
      headers: { authorization: `Bearer ${secret}` },
      payload: webhook,
    });
    expect([answer.statusCode, answer.json()]).toEqual([202, { taken: 1 }]);
    await expect.poll(() => desk.all().length, { timeout: 10_000 }).toBe(1);
    expect(desk.all()[0]).toMatchObject({ rule: 'outside-probe-failure-high', device: 'server-example-org' });
  });

  it.each<[string, unknown, number]>([
    ['no alerts', { version: '4' }, 400],
    ['a status that is none', { ...webhook, alerts: [{ ...webhook.alerts[0], status: 'odd' }] }, 400],
    ['our own coming back', { alerts: [{ status: 'firing', labels: { alertname: 'Zhishou' } }] }, 202],
    ['an older one without fingerprints', { alerts: [{ status: 'firing', labels: { alertname: 'A' } }] }, 202],
  ])('%s', async (name, payload, status) => {
    const { page, made } = await wholeWay();
    const { secret } = made.json<{ secret: string }>();
    const answer = await page.dashboard.inject({
      method: 'POST',
      url: '/api/v1/alertmanager',
      headers: { authorization: `Bearer ${secret}` },
      payload: payload as object,
    });
    expect(answer.statusCode).toBe(status);
    if (status === 202) expect(answer.json()).toEqual({ taken: name.startsWith('our own') ? 0 : 1 });
  });

  it('asks the sender to try again while the bus is down', async () => {
    const { page, made } = await wholeWay();
    page.bus.setConnected(false);
    const answer = await page.dashboard.inject({
      method: 'POST',
      url: '/api/v1/alertmanager',
      headers: { authorization: `Bearer ${made.json<{ secret: string }>().secret}` },
      payload: webhook,
    });
    expect(answer.statusCode).toBe(503);
  });
});

describeReal('prometheus-alertmanager', 'alerts from a real Alertmanager', () => {
  it('fire here and recover here', async () => {
    const { page, desk, made } = await wholeWay();
    const { secret } = made.json<{ secret: string }>();
    const door = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      request.on('end', () => {
        void page.dashboard
          .inject({ method: 'POST', url: request.url ?? '', headers: request.headers as never, payload: body })
          .then(({ statusCode, body: text }) => response.writeHead(statusCode).end(text));
      });
    });
    await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
    const { port } = door.address() as AddressInfo;
    const real = await startAlertmanager(
      [
        '  webhook_configs:',
        `  - url: http://127.0.0.1:${port}/api/v1/alertmanager`,
        '    send_resolved: true',
        '    http_config:',
        '      authorization:',
        `        credentials: ${secret}\n`,
      ].join('\n'),
    );
    try {
      const labels = { alertname: 'NodeDown', instance: 'db-1:9100', severity: 'critical' };
      const post = (endsAt: number) =>
        real.post([{ labels, annotations: { summary: '数据库主机不可达 ℃' }, endsAt: new Date(endsAt).toISOString() }]);
      await post(Date.now() + 3_600_000);
      await expect
        .poll(() => desk.all(), { timeout: 10_000 })
        .toMatchObject([
          { rule: 'outside-node-down-high', device: 'db-1', state: 'firing', title: { zh: '数据库主机不可达 ℃' } },
        ]);
      await post(Date.now());
      await expect.poll(() => desk.all(), { timeout: 10_000 }).toMatchObject([{ state: 'cleared' }]);
    } finally {
      await real.stop();
      door.closeAllConnections();
      await new Promise((resolve) => door.close(resolve));
    }
  }, 30_000);
});
