import { describe, expect, it } from 'vitest';
import { ZhishouError } from '#core/errors.ts';
import { sleep } from '#core/ports.ts';
import { milliseconds, minutes, seconds, toIso } from '#core/time.ts';
import { climateDevice, START, startSite, upsDevice } from './support/site.ts';

const UPS = '1.3.6.1.2.1.33.1';

describe('the collector over SNMP', () => {
  it('publishes the first reading within a second and a half, marked as simulated (L12)', async () => {
    const site = await startSite([upsDevice()]);
    await site.clock.advanceByAsync(milliseconds(1500));
    expect(site.reading('ups-1/ups.status')).toMatchObject({ value: 'OL', quality: 'good', simulated: true });
    expect(site.reading('ups-1/device.responding')?.value).toBe(true);
    expect(site.status('ups-1')).toMatchObject({ state: 'responding', profile: 'rfc1628-ups', failures: 0 });
  });

  it('tells a silent device at the first missed answer, its values stale after three intervals, and good again after (L1, L29)', async () => {
    const site = await startSite([upsDevice()]);
    await site.clock.advanceByAsync(seconds(15));
    const agent = site.agents.get(1161)!;
    agent.behave = () => Promise.reject(new ZhishouError('TIMED_OUT', 'ups-1'));
    await site.clock.advanceByAsync(seconds(10));
    expect(site.reading('ups-1/device.responding')?.value).toBe(false);
    expect(site.reading('ups-1/ups.status')).toMatchObject({ value: 'OL', quality: 'good' });
    await site.clock.advanceByAsync(minutes(2));
    expect(site.reading('ups-1/ups.status')).toMatchObject({ value: 'OL', quality: 'stale' });
    expect(site.reading('ups-1/ups.status')!.receivedAt).toBeLessThan(START + 20_000);
    expect(site.status('ups-1')).toMatchObject({ state: 'silent', profile: 'rfc1628-ups' });
    agent.behave = async () => {};
    await site.clock.advanceByAsync(minutes(2));
    expect(site.reading('ups-1/ups.status')).toMatchObject({ value: 'OL', quality: 'good' });
    expect(site.reading('ups-1/device.responding')?.value).toBe(true);
  });

  it('a device that refuses our credentials is told apart from a silent one', async () => {
    const site = await startSite([upsDevice()]);
    site.agents.get(1161)!.behave = () => Promise.reject(new ZhishouError('REFUSED', 'ups-1'));
    await site.clock.advanceByAsync(seconds(5));
    expect(site.status('ups-1')?.state).toBe('refusing');
    expect(site.reading('ups-1/ups.status')).toMatchObject({ value: null, quality: 'missing' });
  });

  it('a trap makes the UPS be read at once, and once more two seconds later (L11, L15)', async () => {
    const site = await startSite([upsDevice('ups-1', 1161, { interval: '5m' })]);
    await site.clock.advanceByAsync(minutes(2));
    const at = site.clock.now();
    site.trap({ oid: '1.3.6.1.2.1.33.2.1' });
    await site.clock.advanceByAsync(milliseconds(10));
    expect(site.batches.at(-1)).toMatchObject({ cause: 'trap', at });
    // The card's objects follow its trap late.
    site.agents.get(1161)!.put(`${UPS}.4.1.0`, 'Integer', 5);
    await site.clock.advanceByAsync(seconds(3));
    expect(site.reading('ups-1/ups.status')?.value).toBe('OB DISCHRG');
  });

  it('a trap of a stranger or with a wrong community makes nothing be read', async () => {
    const site = await startSite([upsDevice('ups-1', 1161, { interval: '5m' })]);
    await site.clock.advanceByAsync(minutes(1));
    const { gets } = site.agents.get(1161)!.asked;
    site.trap({ oid: '1.3.6.1.2.1.33.2.1', name: 'guess' });
    site.trap({ oid: '1.3.6.1.2.1.33.2.1', from: '10.9.9.9' });
    await site.clock.advanceByAsync(seconds(10));
    expect(site.agents.get(1161)!.asked.gets).toBe(gets);
  });

  it('another part of the service can ask for another rate and for a reading now', async () => {
    const site = await startSite([upsDevice('ups-1', 1161, { interval: '1m' })]);
    await site.clock.advanceByAsync(seconds(30));
    const ask = (body: unknown) => site.bus.publish('zhishou/test/poll/ups-1', JSON.stringify(body));
    await ask({ device: 'ups-1', everyMs: 5000, now: true });
    await site.clock.advanceByAsync(milliseconds(10));
    expect(site.batches.at(-1)?.cause).toBe('command');
    const before = site.batches.length;
    await site.clock.advanceByAsync(seconds(60));
    expect(site.batches.length - before).toBeGreaterThanOrEqual(11);
    await ask({ device: 'ups-1', everyMs: null, now: false });
    for (const bad of [{ device: 'ups-1', everyMs: 1, now: true }, 'x', { device: 'nobody', everyMs: null, now: true }])
      await ask(bad);
    await site.clock.advanceByAsync(minutes(3));
    expect(site.metrics.render()).toContain('zhishou_collector_rejected_messages_total{reason="poll request"} 3');
  });

  it('100 dead devices among 100 live ones change nobody’s interval (L38)', async () => {
    const devices = Array.from({ length: 200 }, (_, i) => upsDevice(`ups-${i}`, 2000 + i));
    const site = await startSite(devices);
    for (let i = 0; i < 200; i += 2) {
      const agent = site.agents.get(2000 + i)!;
      agent.behave = async () => {
        await sleep(site.clock, seconds(4));
        throw new ZhishouError('TIMED_OUT', 'dead');
      };
    }
    await site.clock.advanceByAsync(minutes(2));
    for (let i = 1; i < 200; i += 2) {
      const times = site.batches.filter((batch) => batch.device === `ups-${i}`).map((batch) => batch.at as number);
      expect(new Set(times.slice(1).map((at, n) => at - times[n]!))).toEqual(new Set([10_000]));
      expect(times.length).toBeGreaterThanOrEqual(11);
    }
  });

  it('tells ping and SNMP apart (L14)', async () => {
    const site = await startSite([upsDevice('ups-1', 1161, { reach: { host: '127.0.0.1', port: 80 } })]);
    site.ports.set(80, 'open');
    site.agents.get(1161)!.behave = () => Promise.reject(new ZhishouError('TIMED_OUT', 'ups-1'));
    await site.clock.advanceByAsync(minutes(1));
    expect(site.reading('ups-1/host.reachable')).toMatchObject({ value: true, quality: 'good' });
    expect(site.reading('ups-1/device.responding')).toMatchObject({ value: false, quality: 'good' });
    expect(site.status('ups-1')?.state).toBe('silent');
  });

  it('a server is known by its port only', async () => {
    const server = { id: 's-1', name: 's', kind: 'server', reach: { host: '127.0.0.1', port: 22 }, interval: '10s' };
    const site = await startSite([server]);
    site.ports.set(22, 'open');
    await site.clock.advanceByAsync(seconds(2));
    expect(site.reading('s-1/host.reachable')?.value).toBe(true);
    site.ports.set(22, 'closed');
    await site.clock.advanceByAsync(seconds(11));
    expect(site.reading('s-1/host.reachable')?.value).toBe(false);
    expect(site.reading('s-1/device.responding')).toBeUndefined();
  });

  it('readings of a bus outage arrive afterwards, in order, with their own times', async () => {
    const site = await startSite([upsDevice()]);
    await site.clock.advanceByAsync(seconds(5));
    const before = site.batches.length;
    site.bus.setConnected(false);
    await site.clock.advanceByAsync(minutes(10));
    expect(site.batches.length).toBe(before);
    site.bus.setConnected(true);
    await site.clock.advanceByAsync(seconds(1));
    const times = site.batches.map((batch) => batch.at as number);
    expect(times.length).toBeGreaterThanOrEqual(60);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('stops without leaving a timer behind', async () => {
    const site = await startSite([upsDevice(), climateDevice()]);
    await site.clock.advanceByAsync(seconds(30));
    await site.collector.stop();
    expect(site.clock.pending).toBe(0);
    await site.collector.stop();
  });
});

describe('the collector over MQTT', () => {
  const say = (
    site: Awaited<ReturnType<typeof startSite>>,
    payload: unknown,
    options = {},
    topic = 'zigbee2mqtt/th-1',
  ) => site.bus.publish(topic, typeof payload === 'string' ? payload : JSON.stringify(payload), options);

  it('publishes what a sensor says when it says it', async () => {
    const site = await startSite([climateDevice()]);
    await say(site, { temperature: 21.5, humidity: 45, linkquality: 90 });
    await site.clock.advanceByAsync(milliseconds(1));
    expect(site.batches.at(-1)).toMatchObject({ device: 'th-1', cause: 'message' });
    expect(site.reading('th-1/ambient.temperature')).toMatchObject({ value: 21.5, quality: 'good' });
    expect(site.status('th-1')?.state).toBe('responding');
  });

  it('a message the broker kept is shown with its age and never counts as fresh (L39)', async () => {
    const site = await startSite([climateDevice()], { start: false });
    await say(site, { temperature: 20, last_seen: toIso((START - 7_200_000) as never) }, { retain: true });
    await site.collector.start();
    await site.clock.advanceByAsync(seconds(1));
    expect(site.reading('th-1/ambient.temperature')).toMatchObject({
      value: 20,
      quality: 'stale',
      measuredAt: START - 7_200_000,
      reason: 'kept by the broker from earlier; measured 2h ago',
    });
    expect(site.reading('th-1/device.responding')).toBeUndefined();
    expect(site.status('th-1')?.state).toBe('starting');
  });

  it('the last value told again by a gateway that has just started is stale; a gateway whose clock is wrong is not (L39)', async () => {
    const site = await startSite([climateDevice()]);
    const old = (minutesAgo: number) => site.clock.now() - minutesAgo * 60_000;
    await say(site, { temperature: 20, last_seen: old(90) });
    await site.clock.advanceByAsync(seconds(1));
    expect(site.reading('th-1/ambient.temperature')).toMatchObject({ quality: 'stale', value: 20 });
    await site.clock.advanceByAsync(seconds(30));
    await say(site, { temperature: 21, last_seen: old(90) });
    await site.clock.advanceByAsync(seconds(1));
    expect(site.reading('th-1/ambient.temperature')).toMatchObject({ quality: 'good', value: 21 });
  });

  it('a late duplicate does not undo a newer value', async () => {
    const site = await startSite([climateDevice()]);
    await say(site, { temperature: 22, last_seen: site.clock.now() });
    await say(site, { temperature: 19, last_seen: site.clock.now() - 5000 });
    await site.clock.advanceByAsync(seconds(1));
    expect(site.reading('th-1/ambient.temperature')?.value).toBe(22);
  });

  it('goes stale after its time without a message, and says so for every point (L9)', async () => {
    const site = await startSite([climateDevice()]);
    await say(site, { temperature: 21.5, humidity: 45 });
    await site.clock.advanceByAsync(minutes(4));
    expect(site.reading('th-1/ambient.temperature')?.quality).toBe('good');
    await site.clock.advanceByAsync(minutes(2));
    expect(site.batches.at(-1)?.cause).toBe('watch');
    expect(site.reading('th-1/ambient.temperature')).toMatchObject({
      value: 21.5,
      quality: 'stale',
      reason: 'no message for 5m',
    });
    expect(site.reading('th-1/ambient.humidity')?.quality).toBe('stale');
    expect(site.reading('th-1/device.responding')?.value).toBe(false);
    expect(site.status('th-1')?.state).toBe('silent');
  });

  it('a sensor that never speaks has its point missing after its time', async () => {
    const site = await startSite([climateDevice()]);
    await site.clock.advanceByAsync(minutes(6));
    expect(site.reading('th-1/ambient.temperature')).toMatchObject({ value: null, quality: 'missing' });
    expect(site.reading('th-1/sensor.tamper')).toBeUndefined();
  });

  it('a value that its messages leave out for long is stale though the sensor speaks (L9)', async () => {
    const site = await startSite([climateDevice()]);
    await say(site, { temperature: 21.5, humidity: 45 });
    for (let i = 0; i < 8; i++) {
      await site.clock.advanceByAsync(minutes(1));
      await say(site, { humidity: 45 + i });
    }
    await site.clock.advanceByAsync(seconds(1));
    expect(site.reading('th-1/ambient.humidity')?.quality).toBe('good');
    expect(site.reading('th-1/ambient.temperature')).toMatchObject({ value: 21.5, quality: 'stale' });
    expect(site.reading('th-1/device.responding')?.value).toBe(true);
  });

  it('listens to the availability of the sensor and of its gateway', async () => {
    const site = await startSite([climateDevice(), climateDevice('th-2')]);
    await say(site, { temperature: 21 });
    await say(site, { temperature: 22 }, {}, 'zigbee2mqtt/th-2');
    await say(site, { state: 'offline' }, { retain: true }, 'zigbee2mqtt/th-1/availability');
    await site.clock.advanceByAsync(seconds(1));
    expect(site.reading('th-1/ambient.temperature')?.quality).toBe('stale');
    expect(site.reading('th-2/ambient.temperature')?.quality).toBe('good');
    await say(site, 'offline', { retain: true }, 'zigbee2mqtt/bridge/state');
    await site.clock.advanceByAsync(seconds(1));
    expect(site.reading('th-2/ambient.temperature')?.quality).toBe('stale');
    expect(site.reading('th-2/device.responding')?.value).toBe(false);
  });

  it.each([
    ['not JSON', '{"temperature":2'],
    ['too large', `{"temperature":21,"pad":"${'x'.repeat(10_000_00)}"}`],
    ['no known value', '{"colour":"red"}'],
    ['not UTF-8', new Uint8Array([0xc3, 0x28])],
  ])('counts a message that is %s by its name, and disturbs nobody', async (reason, payload) => {
    const site = await startSite([climateDevice(), climateDevice('th-2')]);
    await site.bus.publish('zigbee2mqtt/th-1', payload);
    await say(site, { temperature: 22 }, {}, 'zigbee2mqtt/th-2');
    await site.clock.advanceByAsync(seconds(1));
    expect(site.metrics.render()).toContain(`zhishou_collector_rejected_messages_total{reason="${reason}"} 1`);
    expect(site.reading('th-2/ambient.temperature')?.value).toBe(22);
    expect(site.batches.some((batch) => batch.device === 'th-1')).toBe(false);
  });

  it('a wrong type is an implausible reading of that point alone (L36)', async () => {
    const site = await startSite([climateDevice()]);
    await say(site, { temperature: [1, 2], humidity: 44 });
    await site.clock.advanceByAsync(seconds(1));
    expect(site.reading('th-1/ambient.temperature')).toMatchObject({ value: null, quality: 'implausible' });
    expect(site.reading('th-1/ambient.humidity')).toMatchObject({ value: 44, quality: 'good' });
  });
});
