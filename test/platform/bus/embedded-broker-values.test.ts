import { connectAsync, type MqttClient } from 'mqtt';
import { afterEach, expect, it, vi } from 'vitest';
import { createEmbeddedBroker, type EmbeddedBroker } from '#platform/bus/embedded-broker.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function startBroker(): Promise<EmbeddedBroker> {
  const broker = await createEmbeddedBroker({ host: '127.0.0.1', port: 0, services: [] });
  cleanUps.push(() => broker.close());
  return broker;
}

async function connect(broker: EmbeddedBroker): Promise<{ client: MqttClient; heard: string[] }> {
  const client = await connectAsync({ host: '127.0.0.1', port: broker.port, reconnectPeriod: 0 });
  cleanUps.push(() => client.endAsync(true));
  const heard: string[] = [];
  client.on('message', (topic, payload, { retain }) => heard.push(`${topic} ${payload} ${retain}`));
  return { client, heard };
}

/** Counts how often it was written as JSON. */
function counted(n: number): { value: object; written: () => number } {
  let written = 0;
  const toJSON = (): object => {
    written++;
    return { n };
  };
  return { value: { toJSON }, written: () => written };
}

const heardAll = (heard: readonly string[], wanted: readonly string[]): Promise<void> =>
  vi.waitFor(() => expect([...heard].sort()).toEqual([...wanted].sort()), { timeout: 5000 });

it('writes no value as JSON while nobody outside reads its topic, though somebody reads others', async () => {
  const broker = await startBroker();
  const { client } = await connect(broker);
  await client.subscribeAsync('sensors/#');
  const { value, written } = counted(1);
  broker.publishValue?.('zhishou/a/reading/x', value, { retain: true });
  broker.publishValue?.('zhishou/a/reading/x', value);
  await broker.drained();
  expect(written()).toBe(0);
});

it('gives who comes from outside the newest kept value first, then each that follows', async () => {
  const broker = await startBroker();
  const old = counted(1);
  broker.publishValue?.('zhishou/a/reading/x', old.value, { retain: true });
  broker.publishValue?.('zhishou/a/reading/x', counted(2).value, { retain: true });
  broker.publishValue?.('zhishou/a/reading/y', counted(3).value);
  const { client, heard } = await connect(broker);
  await client.subscribeAsync('zhishou/+/reading/+', { qos: 1 });
  await heardAll(heard, ['zhishou/a/reading/x {"n":2} true']);
  broker.publishValue?.('zhishou/a/reading/y', counted(4).value, { retain: true });
  await heardAll(heard, ['zhishou/a/reading/x {"n":2} true', 'zhishou/a/reading/y {"n":4} false']);
  expect(old.written()).toBe(0);
});

it('a second one from outside has what was kept after the first had left, and what was kept before', async () => {
  const broker = await startBroker();
  broker.publishValue?.('zhishou/a/x', { n: 1 }, { retain: true });
  broker.publishValue?.('zhishou/a/y', { n: 2 }, { retain: true });
  const first = await connect(broker);
  await first.client.subscribeAsync('zhishou/#');
  await heardAll(first.heard, ['zhishou/a/x {"n":1} true', 'zhishou/a/y {"n":2} true']);
  await first.client.unsubscribeAsync('zhishou/#');
  const between = counted(3);
  broker.publishValue?.('zhishou/a/x', between.value, { retain: true });
  expect(between.written()).toBe(0);
  const second = await connect(broker);
  await second.client.subscribeAsync('zhishou/#');
  await heardAll(second.heard, ['zhishou/a/x {"n":3} true', 'zhishou/a/y {"n":2} true']);
});

it('a text or a clearing after a kept value replaces it for those outside', async () => {
  const broker = await startBroker();
  broker.publishValue?.('zhishou/a/x', { n: 1 }, { retain: true });
  broker.publishValue?.('zhishou/a/y', { n: 1 }, { retain: true });
  await broker.publish('zhishou/a/x', 'text', { retain: true });
  await broker.publish('zhishou/a/y', '', { retain: true });
  const { client, heard } = await connect(broker);
  await client.subscribeAsync('zhishou/#');
  await heardAll(heard, ['zhishou/a/x text true']);
});

it('what a service outside keeps of a topic is newer than a value of this process before it', async () => {
  const broker = await startBroker();
  broker.publishValue?.('open/x', { n: 1 }, { retain: true });
  const { client } = await connect(broker);
  await client.publishAsync('open/x', 'outside', { retain: true, qos: 1 });
  const { client: reader, heard } = await connect(broker);
  await reader.subscribeAsync('open/#');
  await heardAll(heard, ['open/x outside true']);
});
