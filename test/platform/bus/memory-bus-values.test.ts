import { expect, it } from 'vitest';
import type { BusMessage } from '#core/ports.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';

const text = (payload: Uint8Array): string => new TextDecoder().decode(payload);

it('hands a value over as it is, and makes its payload only for who reads that', async () => {
  const bus = createMemoryBus();
  const heard: BusMessage[] = [];
  await bus.subscribe('site/+', (message) => heard.push(message));
  let written = 0;
  const value = {
    watts: 5,
    toJSON: () => {
      written++;
      return { watts: 5 };
    },
  };
  bus.publishValue?.('site/load', value);
  await bus.drained();
  expect(heard.map((message) => message.value)).toEqual([value]);
  expect(written).toBe(0);
  expect(text(heard[0]?.payload ?? new Uint8Array())).toBe('{"watts":5}');
  expect(text(heard[0]?.payload ?? new Uint8Array())).toBe('{"watts":5}');
  expect(written).toBe(1);
});

it('keeps values for those who come later, replaces them by what comes after, in order with texts, and clears them', async () => {
  const bus = createMemoryBus();
  bus.publishValue?.('site/a', { n: 1 }, { retain: true });
  await bus.publish('site/b', '{"n":2}', { retain: true });
  bus.publishValue?.('site/b', { n: 3 }, { retain: true });
  await bus.publish('site/a', '', { retain: true });
  const heard: string[] = [];
  await bus.subscribe('site/#', ({ topic, payload, retained }) => heard.push(`${topic} ${text(payload)} ${retained}`));
  await bus.drained();
  expect(heard).toEqual(['site/b {"n":3} true']);
});

it('refuses values while it is down and for what is no topic', () => {
  const bus = createMemoryBus();
  bus.setConnected(false);
  expect(() => bus.publishValue?.('site/a', {})).toThrow(expect.objectContaining({ code: 'BUS_DOWN' }));
  bus.setConnected(true);
  expect(() => bus.publishValue?.('site/+', {})).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
});

it('hands out when its house says so', async () => {
  const later: (() => void)[] = [];
  const bus = createMemoryBus({ soon: (run) => later.push(run) });
  const heard: string[] = [];
  void bus.subscribe('a', ({ topic }) => heard.push(topic));
  bus.publishValue?.('a', {});
  await Promise.resolve();
  expect(heard).toEqual([]);
  for (const run of later.splice(0)) run();
  expect(heard).toEqual(['a']);
});

it('says again what is kept: all that came at once to those who want it so, one by one to all others, anew to who joins later', async () => {
  const bus = createMemoryBus();
  const one: string[] = [];
  const together: string[][] = [];
  await bus.subscribe('site/+', ({ topic, value }) => one.push(`${topic} ${JSON.stringify(value)}`));
  await bus.subscribe(
    'site/+',
    () => {},
    (again) => together.push(again.map(({ topic }) => topic)),
  );
  let n = 1;
  const again = ['a', 'b'].map((name) => ({ topic: `site/${name}`, value: () => ({ n }) }));
  for (const { topic, value } of again) bus.publishValue?.(topic, value(), { retain: true });
  await bus.drained();
  n = 2;
  bus.publishAgain?.(again);
  await bus.drained();
  expect(together).toEqual([['site/a', 'site/b']]);
  expect(one.slice(2)).toEqual(['site/a {"n":2}', 'site/b {"n":2}']);
  n = 3;
  const late: string[] = [];
  await bus.subscribe('site/+', ({ payload, retained }) => late.push(`${text(payload)} ${retained}`));
  await bus.drained();
  expect(late).toEqual(['{"n":3} true', '{"n":3} true']);
  bus.publishValue?.('site/a', { n: 9 }, { retain: true });
  await bus.drained();
  const last: unknown[] = [];
  await bus.subscribe('site/a', ({ value }) => last.push(value));
  await bus.drained();
  expect(last).toEqual([{ n: 9 }]);
  bus.setConnected(false);
  expect(() => bus.publishAgain?.(again)).toThrow(expect.objectContaining({ code: 'BUS_DOWN' }));
});
