import { afterEach, describe, expect, test } from 'vitest';
import { plus } from '#core/time.ts';
import type { SiteStatus } from '#core/topics.ts';
import {
  alert,
  batch,
  delivery,
  incident,
  iso,
  ms,
  reading,
  START,
  startDashboard,
  type TestDashboard,
} from './support.ts';

const SITE: SiteStatus = {
  at: iso(),
  armed: false,
  armedBy: null,
  simulation: true,
  duty: { person: 'lin-hao', name: { zh: '林浩', en: 'Lin Hao' }, phone: null, until: iso(3600) },
  workingHours: true,
};

let running: TestDashboard | null = null;
const start: typeof startDashboard = async (options) => {
  running = await startDashboard(options);
  return running;
};
afterEach(async () => {
  await running?.dashboard.stop();
  running = null;
});

describe('what the page reads', () => {
  test('health says how long ago each service was heard and whether readings are kept', async () => {
    const { dashboard, publish, clock } = await start();
    await publish('reading/+', 'ups-1', batch());
    await clock.advanceByAsync(ms(2500));
    const response = await dashboard.inject('/api/v1/health');
    expect(response.json()).toMatchObject({
      status: 'ok',
      site: 'sample',
      simulation: true,
      bus: 'up',
      services: {
        collector: { state: 'ok', lastMessageAgeS: 2.5 },
        alerts: { state: 'unknown', lastMessageAgeS: null },
      },
      recorder: { state: 'ok', lost: 0 },
      rejectedMessages: 0,
    });
  });

  test('health is degraded when the bus is down and when the collector has fallen silent', async () => {
    const { dashboard, publish, clock, bus } = await start();
    await publish('reading/+', 'ups-1', batch());
    await clock.advanceByAsync(ms(121_000));
    expect((await dashboard.inject('/api/v1/health')).json()).toMatchObject({
      status: 'degraded',
      services: { collector: { state: 'silent' } },
    });
    await publish('reading/+', 'ups-1', batch());
    await publish('site', '', SITE);
    expect((await dashboard.inject('/api/v1/health')).json()).toMatchObject({
      status: 'ok',
      services: { alerts: { state: 'ok' } },
    });
    bus.setConnected(false);
    expect((await dashboard.inject('/api/v1/health')).json()).toMatchObject({ status: 'degraded', bus: 'down' });
  });

  test.each([
    { age: 10_000, first: 'ok', reason: 'said just before: it is there' },
    { age: 61_000, first: 'unknown', reason: 'older than a minute: says nothing of now' },
  ])(
    'a service that was not heard yet is judged by what it said last, kept $age ms ago, and is silent in the end: $reason',
    async ({ age, first }) => {
      const before = await start();
      await before.publish('site', '', { ...SITE, at: iso(-age / 1000) });
      await before.dashboard.stop();
      const { dashboard, clock } = await start({ bus: before.bus });
      await before.bus.drained();
      const states = async (): Promise<unknown> => {
        const { status, services } = (await dashboard.inject('/api/v1/health')).json();
        return [status, services.collector.state, services.alerts.state];
      };
      expect(await states()).toEqual(['ok', 'unknown', first]);
      await clock.advanceByAsync(ms(151_000));
      expect(await states()).toEqual(['degraded', 'silent', 'silent']);
      expect((await dashboard.inject('/api/v1/site')).json()).toMatchObject({
        duty: { person: 'lin-hao' },
        armed: false,
      });
    },
  );

  test('the latest reading of each point comes with its unit, quality and times', async () => {
    const { dashboard, publish } = await start();
    await publish('reading/+', 'ups-1', batch([reading({ value: 80 }), reading({ point: 'ups.status', value: 'OL' })]));
    await publish('reading/+', 'ups-1', batch([reading({ value: 79, changedAt: plus(START, ms(1000)) })]));
    const { readings } = (await dashboard.inject('/api/v1/readings/latest?device=ups-1')).json();
    expect(readings).toEqual([
      {
        device: 'ups-1',
        point: 'battery.charge',
        value: 79,
        unit: '%',
        quality: 'good',
        reason: null,
        measuredAt: iso(),
        receivedAt: iso(),
        changedAt: iso(1),
        simulated: true,
      },
      expect.objectContaining({ point: 'ups.status', value: 'OL', unit: '' }),
    ]);
  });

  test('a device shows its state, what it needs, and its own readings and alerts', async () => {
    const { dashboard, publish } = await start();
    await publish('device/+', 'ups-1', {
      device: 'ups-1',
      at: START,
      state: 'silent',
      profile: 'rfc1628-ups',
      lastSeenAt: START,
      failures: 3,
      reason: 'no answer',
    });
    await publish('reading/+', 'ups-1', batch());
    await publish('alert/+', 'a', alert());
    await publish('alert/+', 'b', alert({ id: 'b', state: 'cleared', clearedAt: iso(5) }));
    expect((await dashboard.inject('/api/v1/devices/ups-1')).json()).toMatchObject({
      id: 'ups-1',
      state: 'silent',
      reason: 'no answer',
      source: 'snmp',
      readings: [{ point: 'battery.charge' }],
      alerts: [{ id: 'on-battery.ups-1' }],
    });
    const { devices } = (await dashboard.inject('/api/v1/devices')).json();
    expect(devices).toHaveLength(3);
    expect(devices[2]).toMatchObject({ id: 'server-1', state: 'unknown', dependsOn: ['ups-1'], feeds: ['ups-1'] });
  });

  test('history of a number is down-sampled on the server to at most the points asked for', async () => {
    const { dashboard, publish, clock } = await start();
    for (let i = 0; i < 600; i++) {
      const at = plus(START, ms(i * 1000));
      await publish('reading/+', 'ups-1', batch([reading({ value: i % 100, measuredAt: at, receivedAt: at })], at));
    }
    await clock.advanceByAsync(ms(600_000));
    const query = `device=ups-1&point=battery.charge&from=${iso()}&to=${iso(600)}&points=10`;
    const history = (await dashboard.inject(`/api/v1/readings/history?${query}`)).json();
    // The shortest of the ladder with which ten are enough: 67 s would be, and two minutes are kept ready.
    expect(history.stepS).toBe(120);
    expect(history.buckets.length).toBe(5);
    expect(history.buckets.reduce((sum: number, bucket: { count: number }) => sum + bucket.count, 0)).toBe(600);
    for (const bucket of history.buckets) expect(Date.parse(bucket.at) % 120_000).toBe(0);
    const last = history.buckets.at(-1);
    expect(last).toMatchObject({ min: expect.any(Number), max: 99 });
  });

  test('history of a word is the moments at which it changed', async () => {
    const { dashboard, publish } = await start();
    for (const [second, value] of [
      [0, 'OL'],
      [10, 'OL'],
      [20, 'OB DISCHRG'],
      [30, 'OL CHRG'],
    ] as const) {
      const at = plus(START, ms(second * 1000));
      await publish(
        'reading/+',
        'ups-1',
        batch([reading({ point: 'ups.status', value, measuredAt: at, receivedAt: at })]),
      );
    }
    const query = `device=ups-1&point=ups.status&from=${iso(-1)}&to=${iso(60)}`;
    const history = (await dashboard.inject(`/api/v1/readings/history?${query}`)).json();
    expect(history.changes.map((change: { value: string }) => change.value)).toEqual(['OL', 'OB DISCHRG', 'OL CHRG']);
    expect(history.buckets).toEqual([]);
  });

  test('a list of incidents leaves out steps and timeline; one incident has all', async () => {
    const { dashboard, publish, wall } = await start();
    await publish('incident/+', 'a', incident());
    await publish('incident/+', 'b', incident({ id: 'b', openedAt: iso(60), phase: 'closed', closedAt: iso(90) }));
    await wall.advanceByAsync(ms(200));
    const { incidents } = (await dashboard.inject('/api/v1/incidents')).json();
    expect(incidents.map((one: { id: string }) => one.id)).toEqual(['b', '20261121-1']);
    expect(incidents[1]).not.toHaveProperty('timeline');
    expect(incidents[1].steps).toEqual({ total: 1, ended: 0, failed: 0 });
    expect((await dashboard.inject('/api/v1/incidents?state=open')).json().incidents).toHaveLength(1);
    expect((await dashboard.inject('/api/v1/incidents/20261121-1')).json()).toEqual(incident());
    expect((await dashboard.inject('/api/v1/incidents/none')).statusCode).toBe(404);
  });

  test('deliveries can be asked for by incident, newest first', async () => {
    const { dashboard, publish, signIn } = await start();
    await publish('delivery/+', '1', delivery());
    await publish('delivery/+', '2', delivery({ id: 'd-2', incident: 'other' }));
    await publish('delivery/+', '3', delivery({ id: 'd-3' }));
    const { headers } = await signIn('viewer');
    const { deliveries } = (await dashboard.inject({ url: '/api/v1/deliveries?incident=20261121-1', headers })).json();
    expect(deliveries.map((one: { id: string }) => one.id)).toEqual(['d-3', 'd-1']);
  });

  test('a malformed message on the bus is counted and disturbs nothing', async () => {
    const { dashboard, bus, publish, metrics } = await start();
    for (const payload of [
      '{',
      '[]',
      '"x"',
      '{"device":"ups-1"}',
      '{"device":"unknown","at":1,"readings":[],"cause":"watch"}',
      Buffer.from([0xff, 0xfe]),
    ]) {
      await bus.publish('zhishou/sample/reading/ups-1', payload);
    }
    await publish('reading/+', 'ups-1', batch());
    const health = (await dashboard.inject('/api/v1/health')).json();
    expect(health.rejectedMessages).toBe(6);
    expect(metrics.render()).toMatch(/zhishou_dashboard_rejected_messages_total\{topic="reading\/\+"\} 6/);
    expect((await dashboard.inject('/api/v1/readings/latest')).json().readings).toHaveLength(1);
  });

  test('a time beyond the calendar is refused with its message, not met later', async () => {
    const { dashboard, bus } = await start();
    const wrong = batch([reading(), reading({ point: 'ups.load', measuredAt: 9e15 as never })]);
    await bus.publish('zhishou/sample/reading/ups-1', JSON.stringify(wrong));
    await bus.drained();
    expect((await dashboard.inject('/api/v1/health')).json().rejectedMessages).toBe(1);
    expect((await dashboard.inject('/api/v1/readings/latest')).json().readings).toEqual([]);
  });

  test('only the newest 200 incidents are kept, and an open one outlives the closed ones', async () => {
    const { dashboard, publish, wall } = await start();
    await publish('incident/+', 'open', incident({ id: 'open', openedAt: iso(-9999) }));
    for (let i = 0; i < 250; i++) {
      await publish(
        'incident/+',
        `c${i}`,
        incident({ id: `c${i}`, openedAt: iso(i), phase: 'closed', closedAt: iso(i + 1) }),
      );
    }
    await wall.advanceByAsync(ms(200));
    const { incidents } = (await dashboard.inject('/api/v1/incidents')).json();
    expect(incidents).toHaveLength(200);
    expect(incidents.some((one: { id: string }) => one.id === 'open')).toBe(true);
  });

  test('metrics come in the Prometheus text format', async () => {
    const { dashboard } = await start();
    const response = await dashboard.inject('/metrics');
    expect(response.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(response.body).toMatch(/^zhishou_bus_up 1$/m);
  });
});
