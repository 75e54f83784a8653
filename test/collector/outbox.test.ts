import { describe, expect, it } from 'vitest';
import { instant, seconds } from '#core/time.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { createOutbox, thin } from '#services/collector/outbox.ts';

async function setup(most?: number) {
  const bus = createMemoryBus();
  const clock = createVirtualClock(instant(0));
  const metrics = createMetrics();
  const heard: string[] = [];
  await bus.subscribe(
    '#',
    (message) => void heard.push(`${message.topic}=${new TextDecoder().decode(message.payload)}`),
  );
  const outbox = createOutbox({ bus, clock, log: silentLog, metrics, ...(most === undefined ? {} : { most }) });
  const settle = async () => {
    await outbox.settled();
    await bus.drained();
  };
  return { bus, clock, metrics, heard, outbox, settle };
}

describe('what is said again', () => {
  it('goes in one where it comes together, before what is put after it, and like any other while the bus is down', async () => {
    const { bus, heard, outbox, settle } = await setup();
    const groups: number[] = [];
    await bus.subscribe(
      '#',
      () => {},
      (again) => groups.push(again.length),
    );
    let n = 0;
    const again = (topic: string) => ({ topic, value: () => ({ n }) });
    await settle();
    outbox.together(() => {
      for (const topic of ['a', 'b']) outbox.again(again(topic));
      outbox.put('c', { n: 7 });
      outbox.again(again('d'));
    });
    await settle();
    expect(groups).toEqual([2, 1]);
    expect(heard).toEqual(['a={"n":0}', 'b={"n":0}', 'c={"n":7}', 'd={"n":0}']);
    bus.setConnected(false);
    n = 1;
    outbox.again(again('a'));
    n = 2;
    expect(outbox.waiting()).toBe(1);
    bus.setConnected(true);
    await settle();
    expect(heard.at(-1)).toBe('a={"n":1}');
  });
});

describe('store and forward', () => {
  it('delivers everything in order when the bus is back', async () => {
    const { bus, heard, outbox, settle } = await setup();
    outbox.put('a', '1');
    await settle();
    bus.setConnected(false);
    for (let i = 2; i <= 50; i++) outbox.put(i % 2 === 0 ? 'a' : 'b', String(i));
    await settle();
    expect(heard).toEqual(['a=1']);
    expect(outbox.waiting()).toBe(49);
    bus.setConnected(true);
    await settle();
    expect(heard.map((line) => Number(line.slice(2)))).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    expect(outbox.waiting()).toBe(0);
  });

  it('thins the older ones when it is full, keeps the newest of each topic and counts what went', async () => {
    const { bus, heard, outbox, settle, metrics } = await setup(100);
    bus.setConnected(false);
    for (let i = 0; i < 1000; i++) outbox.put(`t${i % 5}`, String(i));
    expect(outbox.waiting()).toBeLessThanOrEqual(101);
    bus.setConnected(true);
    await settle();
    const numbers = heard.map((line) => Number(line.split('=')[1]));
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(numbers.slice(-5)).toEqual([995, 996, 997, 998, 999]);
    expect(numbers[0]).toBe(0);
    expect(metrics.render()).toMatch(/zhishou_collector_thinned_messages_total 9\d\d/);
  });

  it('tries again after a publish that failed although the bus says it is up', async () => {
    const { bus, clock, heard, outbox, settle } = await setup();
    const { publish } = bus;
    let refusals = 3;
    bus.publish = async (...message) => {
      if (refusals-- > 0) throw new Error('not now');
      await publish(...message);
    };
    outbox.put('a', 'x');
    await clock.advanceByAsync(seconds(10));
    await settle();
    expect(heard).toEqual(['a=x']);
  });

  it('thinning never drops the head, which may be on its way', () => {
    const queue = ['h', 'x', 'x', 'x', 'x'].map((topic, i) => ({ topic, i }));
    expect(thin(queue).map((message) => message.i)).toEqual([0, 2, 4]);
  });
});
