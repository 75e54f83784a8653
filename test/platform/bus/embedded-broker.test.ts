import { execFile } from 'node:child_process';
import { connect as connectSocket, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Metrics } from '#core/ports.ts';
import { Secret } from '#core/secret.ts';
import { instant, seconds } from '#core/time.ts';
import {
  createEmbeddedBroker,
  type EmbeddedBroker,
  type EmbeddedBrokerOptions,
} from '#platform/bus/embedded-broker.ts';
import { followFrames } from '#platform/bus/packet-guard.ts';
import { createRateGuard } from '#platform/bus/rate-guard.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { createMetrics } from '#platform/metrics.ts';
import { describeReal, findProgram } from '../../support/real.ts';

const services = [{ user: 'collector', password: new Secret('right') }];
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface House {
  readonly broker: EmbeddedBroker;
  readonly metrics: Metrics;
  /** What the process itself heard: `topic payload`. */
  readonly heard: string[];
  connect(options?: IClientOptions): Promise<MqttClient>;
  refused(reason: string): number;
}

async function startHouse(options: Partial<EmbeddedBrokerOptions> = {}): Promise<House> {
  const metrics = createMetrics();
  const broker = await createEmbeddedBroker({ host: '127.0.0.1', port: 0, services, metrics, ...options });
  cleanUps.push(() => broker.close());
  const heard: string[] = [];
  await broker.subscribe('#', ({ topic, payload }) =>
    heard.push(`${topic} ${Buffer.from(payload).toString().slice(0, 40)}`),
  );
  return {
    broker,
    metrics,
    heard,
    async connect(more = {}) {
      const client = await connectAsync({
        host: '127.0.0.1',
        port: broker.port,
        reconnectPeriod: 0,
        connectTimeout: 3000,
        ...more,
      });
      client.on('error', () => {});
      cleanUps.push(() => client.endAsync(true));
      return client;
    },
    refused(reason) {
      const line = metrics
        .render()
        .split('\n')
        .find((one) => one.startsWith(`zhishou_broker_refused_total{reason="${reason}"}`));
      return Number(line?.split(' ').at(-1) ?? 0);
    },
  };
}

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 5000, interval: 5 });

/** A CONNECT of MQTT 3.1.1 without a name, by hand. */
const CONNECT = Buffer.from([0x10, 12, 0, 4, ...Buffer.from('MQTT'), 4, 2, 0, 60, 0, 0]);

function openSocket(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket(port, '127.0.0.1', () => resolve(socket)).once('error', reject);
    socket.resume();
    cleanUps.push(async () => socket.destroy());
  });
}

describe('who may publish what', () => {
  it('a sensor reaches the services, and is acknowledged', async () => {
    const { heard, connect } = await startHouse();
    const sensor = await connect();
    await sensor.publishAsync('zigbee2mqtt/th-1', '{"temperature":21}', { qos: 1 });
    await until(() => expect(heard).toEqual(['zigbee2mqtt/th-1 {"temperature":21}']));
  });

  it('nobody but a service publishes below zhishou/: dropped and counted, and the connection stays', async () => {
    const { heard, connect, refused, broker } = await startHouse();
    const sensor = await connect();
    const seen: string[] = [];
    sensor.on('message', (topic) => seen.push(topic));
    await sensor.subscribeAsync('#');
    for (const topic of ['zhishou/hq/command', 'zhishou/hq/reading/ups-1', 'zhishou', '$SYS/x']) {
      await sensor.publishAsync(topic, 'forged', { qos: 1, retain: true });
    }
    await sensor.publishAsync('smoke-1', 'alarm', { qos: 1 });
    await until(() => expect(seen).toContain('smoke-1'));
    expect(heard).toEqual(['smoke-1 alarm']);
    expect(seen).toEqual(['smoke-1']);
    expect([refused('forbidden-topic'), refused('reserved-topic')]).toEqual([3, 1]);
    const late: string[] = [];
    await broker.subscribe('zhishou/#', ({ topic }) => late.push(topic));
    await broker.drained();
    expect(late).toEqual([]);
  });

  it('a last will is judged like any message', async () => {
    const { heard, connect, refused } = await startHouse();
    const forger = await connect({
      will: { topic: 'zhishou/hq/command', payload: Buffer.from('forged'), qos: 1, retain: false },
    });
    const gateway = await connect({
      will: { topic: 'zigbee2mqtt/bridge/state', payload: Buffer.from('offline'), qos: 1, retain: false },
    });
    forger.stream.destroy();
    gateway.stream.destroy();
    await until(() => expect(heard).toEqual(['zigbee2mqtt/bridge/state offline']));
    await until(() => expect(refused('forbidden-topic')).toBe(1));
  });

  it('a service with its credentials may, wrong ones are refused at the door', async () => {
    const { heard, connect, refused } = await startHouse();
    const service = await connect({ username: 'collector', password: 'right' });
    await service.publishAsync('zhishou/hq/reading/ups-1', 'x'.repeat(300_000), { qos: 1 });
    await until(() => expect(heard).toHaveLength(1));
    await expect(connect({ username: 'collector', password: 'wrong' })).rejects.toThrow(
      /Bad username or password|Not authorized|Connection refused/i,
    );
    await expect(connect({ username: 'collector' })).rejects.toThrow();
    expect(refused('wrong-credentials')).toBe(2);
  });

  it('commands and messages to people are not for strangers to read', async () => {
    const { broker, connect } = await startHouse();
    const stranger = await connect();
    const seen: string[] = [];
    stranger.on('message', (topic) => seen.push(topic));
    await stranger.subscribeAsync('zhishou/#');
    for (const topic of ['command', 'command-result/1', 'delivery/1', 'site'])
      await broker.publish(`zhishou/hq/${topic}`, 'x');
    await until(() => expect(seen).toEqual(['zhishou/hq/site']));
  });
});

describe('what a hostile or broken client sends', () => {
  it('a packet of 10 MB ends its sender at the header, and nobody else', async () => {
    const { broker, heard, connect, refused } = await startHouse();
    const socket = await openSocket(broker.port);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    socket.write(CONNECT);
    // PUBLISH with a length of 10 MB (four bytes of seven bits), and only its beginning.
    socket.write(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x05, 0, 1, 0x61]));
    await closed;
    expect(refused('too-large')).toBe(1);
    const sensor = await connect();
    await sensor.publishAsync('th-1', 'still here', { qos: 1 });
    await until(() => expect(heard).toEqual(['th-1 still here']));
  });

  it.each<[string, Buffer]>([
    ['noise', Buffer.from(Array.from({ length: 2000 }, (_, i) => (i * 7919) & 0xff))],
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n\r\n')],
    ['a length that never ends', Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])],
    ['a PUBLISH before CONNECT', Buffer.from([0x30, 4, 0, 1, 0x61, 0x62])],
    ['a topic with a wildcard', Buffer.concat([CONNECT, Buffer.from([0x30, 4, 0, 1, 0x23, 0x62])])],
    ['a topic longer than its packet', Buffer.concat([CONNECT, Buffer.from([0x30, 4, 0xff, 0xff, 0x61, 0x62])])],
    ['QoS 3', Buffer.concat([CONNECT, Buffer.from([0x36, 6, 0, 1, 0x61, 0, 1, 0x62])])],
  ])('%s: closed, and the broker lives on', async (_what, bytes) => {
    const { broker, heard, connect } = await startHouse();
    const socket = await openSocket(broker.port);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    socket.write(bytes);
    await closed;
    const sensor = await connect();
    await sensor.publishAsync('th-1', 'still here', { qos: 1 });
    await until(() => expect(heard.at(-1)).toBe('th-1 still here'));
  });

  it('two hundred topic levels and filters end their sender only', async () => {
    const { heard, connect } = await startHouse();
    const deep = await connect();
    deep.publish('x/'.repeat(200), 'x');
    const other = await connect();
    other.subscribe('y/'.repeat(200));
    const sensor = await connect();
    await sensor.publishAsync('th-1', 'still here', { qos: 1 });
    await until(() => expect(heard).toContain('th-1 still here'));
  });

  it('a flood is cut to the allowed rate, counted, and others are heard', async () => {
    const clock = createVirtualClock(instant(0));
    const { heard, connect, refused } = await startHouse({ clock, rate: { perSecond: 10, burst: 50 } });
    const flooder = await connect();
    const sensor = await connect();
    await Promise.all(Array.from({ length: 300 }, () => flooder.publishAsync('flood', 'x', { qos: 1 })));
    await sensor.publishAsync('smoke-1', 'alarm', { qos: 1 });
    await until(() => expect(heard.at(-1)).toBe('smoke-1 alarm'));
    expect(heard.filter((one) => one.startsWith('flood'))).toHaveLength(50);
    expect(refused('too-fast')).toBe(250);
    clock.advanceBy(seconds(1));
    await flooder.publishAsync('flood', 'later', { qos: 1 });
    await until(() => expect(heard.at(-1)).toBe('flood later'));
  });

  it('one connection too many is turned away and counted; a place that becomes free is given', async () => {
    const { broker, connect, refused } = await startHouse({ mostConnections: 2 });
    const first = await connect();
    await connect();
    const third = await openSocket(broker.port);
    third.on('error', () => {});
    await until(() => expect(third.destroyed).toBe(true));
    expect(refused('too-many-connections')).toBe(1);
    await first.endAsync();
    await until(() => expect(broker.clients).toBe(1));
    await connect();
  });

  it('a client that reads nothing holds up nobody', async () => {
    const { broker, connect } = await startHouse();
    const lazy = await openSocket(broker.port);
    lazy.on('error', () => {});
    lazy.write(CONNECT);
    lazy.write(Buffer.from([0x82, 6, 0, 1, 0, 1, 0x23, 0]));
    await until(() => expect(lazy.bytesRead).toBeGreaterThan(4));
    lazy.pause();
    const reader = await connect();
    let seen = 0;
    reader.on('message', () => seen++);
    await reader.subscribeAsync('big/+');
    const inside: string[] = [];
    await broker.subscribe('big/+', ({ topic }) => inside.push(topic));
    for (let i = 0; i < 150; i++) await broker.publish(`big/${i}`, 'x'.repeat(100_000));
    await broker.drained();
    expect(inside).toHaveLength(150);
    await until(() => expect(seen).toBe(150));
  });
});

it('says UNREACHABLE when the port is taken', async () => {
  const { broker } = await startHouse();
  await expect(createEmbeddedBroker({ host: '127.0.0.1', port: broker.port })).rejects.toMatchObject({
    code: 'UNREACHABLE',
  });
});

describe('following frames', () => {
  it.each<[string, number[], boolean]>([
    ['an empty frame', [0xc0, 0], true],
    ['a frame at the limit', [0x30, 100, ...Array<number>(100).fill(0), 0xc0, 0], true],
    ['a frame above it', [0x30, 101], false],
    ['a long length above it', [0x30, 0x80, 0x01], false],
    ['a length of five bytes', [0x30, 0x80, 0x80, 0x80, 0x80, 0x01], false],
    ['two frames, the second above it', [0x30, 2, 1, 1, 0x30, 0x7f], false],
  ])('%s', (_what, bytes, accepted) => {
    for (const size of [1, 3, bytes.length]) {
      const follower = followFrames(() => 100);
      let all = true;
      for (let i = 0; i < bytes.length && all; i += size)
        all = follower.accepts(Uint8Array.from(bytes.slice(i, i + size)));
      expect(all).toBe(accepted);
    }
  });
});

it('fills the rate up with time, to the burst and no further', () => {
  const clock = createVirtualClock(instant(0));
  const guard = createRateGuard(clock, { perSecond: 2, burst: 3 });
  const allowed = () => Array.from({ length: 10 }, () => guard.allows()).filter(Boolean).length;
  expect(allowed()).toBe(3);
  clock.advanceBy(seconds(1));
  expect(allowed()).toBe(2);
  clock.advanceBy(seconds(3600));
  expect(allowed()).toBe(3);
});

describeReal('mosquitto_pub', 'Debian’s mosquitto clients on the embedded broker', () => {
  it('publish as sensors do, kept messages and garbage included', async () => {
    const { broker, heard } = await startHouse();
    const publish = (...args: string[]) =>
      promisify(execFile)(findProgram('mosquitto_pub') ?? '', ['-h', '127.0.0.1', '-p', String(broker.port), ...args]);
    await publish('-t', 'zigbee2mqtt/th-1', '-m', '{"temperature":21.5}', '-q', '1', '-r');
    await publish('-t', 'zigbee2mqtt/th-1', '-m', '{"temperature":', '-q', '2');
    await publish('-t', 'zhishou/hq/command', '-m', 'forged', '-q', '1');
    await until(() =>
      expect(heard).toEqual(['zigbee2mqtt/th-1 {"temperature":21.5}', 'zigbee2mqtt/th-1 {"temperature":']),
    );
    const kept: boolean[] = [];
    await broker.subscribe('zigbee2mqtt/th-1', (message) => kept.push(message.retained));
    await until(() => expect(kept).toEqual([true]));
  });
});
