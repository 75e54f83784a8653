import { createServer } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import type { Bus } from '#core/ports.ts';
import { seededRandom } from '#core/random.ts';
import { createEmbeddedBroker, type EmbeddedBroker } from '#platform/bus/embedded-broker.ts';
import { createMqttBus } from '#platform/bus/mqtt-bus.ts';
import { createPacedClock } from '#platform/clock/paced-clock.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { freePorts } from '#platform/net.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 5 });

/** Back-off runs twenty times faster than real here; everything on the wire is real. */
const clock = createPacedClock({ start: createSystemClock().now(), speed: 20 });

async function startBroker(port: number): Promise<EmbeddedBroker> {
  const broker = await createEmbeddedBroker({ host: '127.0.0.1', port, mayPublish: () => true });
  cleanUps.push(() => broker.close());
  return broker;
}

function openBus(port: number, seed = 1): Bus {
  const bus = createMqttBus({ url: `mqtt://127.0.0.1:${port}`, clock, random: seededRandom(seed) });
  cleanUps.push(() => bus.close());
  return bus;
}

it('waits for a broker that is not there yet: BUS_DOWN meanwhile, subscriptions take effect once it is', async () => {
  const [port = 0] = await freePorts(1);
  const bus = openBus(port);
  const states: boolean[] = [];
  bus.onConnection((up) => states.push(up));
  const seen: string[] = [];
  await bus.subscribe('a', ({ payload }) => seen.push(Buffer.from(payload).toString()));
  await expect(bus.publish('a', 'early')).rejects.toMatchObject({ code: 'BUS_DOWN', retryable: true });
  await startBroker(port);
  await until(() => expect(states).toEqual([false, true]));
  await bus.publish('a', 'now');
  await until(() => expect(seen).toEqual(['now']));
});

it('comes back after the broker was gone: subscribed again, kept messages told anew, nothing sent behind the caller’s back', async () => {
  const broker = await startBroker(0);
  const bus = openBus(broker.port);
  const states: boolean[] = [];
  bus.onConnection((up) => states.push(up));
  await until(() => expect(states.at(-1)).toBe(true));
  const seen: string[] = [];
  await bus.subscribe('s/+', ({ payload, retained }) => seen.push(`${Buffer.from(payload).toString()} ${retained}`));
  await bus.publish('s/1', 'one');
  await until(() => expect(seen).toEqual(['one false']));
  await broker.close();
  await until(() => expect(states.at(-1)).toBe(false));
  await expect(bus.publish('s/1', 'lost')).rejects.toMatchObject({ code: 'BUS_DOWN' });
  const again = await startBroker(broker.port);
  await again.publish('s/2', 'kept', { retain: true });
  await until(() => expect(states.at(-1)).toBe(true));
  await until(() => expect(seen).toEqual(['one false', 'kept true']));
  await bus.publish('s/1', 'two');
  await until(() => expect(seen.at(-1)).toBe('two false'));
  expect(states).toEqual([false, true, false, true]);
});

it('rejects what a broker never acknowledged when the link breaks, instead of waiting for ever', async () => {
  // Answers CONNECT and nothing else.
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.write(Buffer.from([0x20, 2, 0, 0])));
    setTimeout(() => socket.destroy(), 150);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  const bus = openBus(typeof address === 'object' && address !== null ? address.port : 0);
  const states: boolean[] = [];
  bus.onConnection((up) => states.push(up));
  await until(() => expect(states).toContain(true));
  await expect(bus.publish('a', 'unheard')).rejects.toMatchObject({ code: 'BUS_DOWN' });
});

it('survives a server that speaks another language, and goes on trying with growing pauses', async () => {
  let attempts = 0;
  const server = createServer((socket) => {
    attempts++;
    socket.on('error', () => {}).resume();
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  const bus = openBus(typeof address === 'object' && address !== null ? address.port : 0);
  await until(() => expect(attempts).toBeGreaterThanOrEqual(3));
  await expect(bus.publish('a', 'x')).rejects.toMatchObject({ code: 'BUS_DOWN' });
});

it('closes while it is connecting, without a late surprise', async () => {
  const [port = 0] = await freePorts(1);
  const bus = openBus(port);
  await bus.close();
  await expect(bus.publish('a', 'x')).rejects.toMatchObject({ code: 'BUS_DOWN' });
});
