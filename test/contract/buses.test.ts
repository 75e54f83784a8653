import { afterAll, beforeAll } from 'vitest';
import type { Metrics } from '#core/ports.ts';
import { seededRandom } from '#core/random.ts';
import { Secret } from '#core/secret.ts';
import { createEmbeddedBroker } from '#platform/bus/embedded-broker.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { createMqttBus } from '#platform/bus/mqtt-bus.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { createMetrics } from '#platform/metrics.ts';
import { startMosquitto } from '../platform/support/mosquitto.ts';
import { describeReal } from '../support/real.ts';
import { busContract } from './bus.contract.ts';

/** The sum of what was counted of failing handlers. */
const failuresIn = (metrics: Metrics) => (): number =>
  [...metrics.render().matchAll(/^zhishou_bus_handler_errors_total\S* (\d+)$/gm)].reduce(
    (sum, match) => sum + Number(match[1]),
    0,
  );

const clock = createSystemClock();
const service = { user: 'service', password: new Secret('for the contract') };

busContract('memory', async () => {
  const metrics = createMetrics();
  const bus = createMemoryBus({ metrics });
  return { bus, handlerFailures: failuresIn(metrics), close: () => bus.close() };
});

busContract('embedded broker', async () => {
  const metrics = createMetrics();
  const bus = await createEmbeddedBroker({ host: '127.0.0.1', port: 0, metrics });
  return { bus, handlerFailures: failuresIn(metrics), close: () => bus.close() };
});

busContract('mqtt against the embedded broker', async () => {
  const metrics = createMetrics();
  const broker = await createEmbeddedBroker({ host: '127.0.0.1', port: 0, services: [service] });
  const url = `mqtt://127.0.0.1:${broker.port}`;
  const bus = createMqttBus({ url, ...service, clock, random: seededRandom(Math.random()), metrics });
  const close = async (): Promise<void> => {
    await bus.close();
    await broker.close();
  };
  return { bus, handlerFailures: failuresIn(metrics), close };
});

describeReal('mosquitto', 'a bus over mosquitto', () => {
  let mosquitto: Awaited<ReturnType<typeof startMosquitto>>;
  beforeAll(async () => {
    mosquitto = await startMosquitto();
  });
  afterAll(() => mosquitto.stop());
  busContract('mqtt against mosquitto', async () => {
    const metrics = createMetrics();
    const url = `mqtt://127.0.0.1:${mosquitto.port}`;
    const bus = createMqttBus({ url, clock, random: seededRandom(Math.random()), metrics });
    return { bus, handlerFailures: failuresIn(metrics), close: () => bus.close() };
  });
});
