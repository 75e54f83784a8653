import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Bus, BusMessage } from '#core/ports.ts';

/** A bus under test; `reports` counts what it told the log of failing handlers. */
export interface BusUnderTest {
  readonly bus: Bus;
  readonly handlerFailures: () => number;
  close(): Promise<void>;
}

const text = (message: BusMessage): string => new TextDecoder().decode(message.payload);
const eventually = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 5000, interval: 5 });

let run = 0;
/** A topic of this test's own, so that a shared broker keeps nothing from one test for the next. */
const fresh = (): string => `contract/${process.pid}-${++run}`;

/** What every Bus keeps. */
export function busContract(name: string, make: () => Promise<BusUnderTest>): void {
  describe(`bus contract: ${name}`, () => {
    let under: BusUnderTest;
    let bus: Bus;
    beforeAll(async () => {
      under = await make();
      bus = under.bus;
      await eventually(() => expect(states(bus)).toEqual([true]));
    });
    afterAll(() => under.close());

    it('delivers to every subscriber whose filter matches, and to no other', async () => {
      const base = fresh();
      const seen: string[] = [];
      for (const filter of [`${base}/+`, `${base}/a`, `${base}/#`, `${base}/b`, `${base}/a/b`]) {
        await bus.subscribe(filter, (message) => seen.push(`${filter.slice(base.length)} ${text(message)}`));
      }
      await bus.publish(`${base}/a`, 'one');
      await eventually(() => expect(seen).toHaveLength(3));
      await bus.publish(`${base}/end/deep`, 'end');
      await eventually(() => expect(seen).toContain('/# end'));
      expect([...seen].sort()).toEqual(['/# end', '/# one', '/+ one', '/a one']);
    });

    it('keeps the order of a topic, bytes unchanged', async () => {
      const base = fresh();
      const seen: number[] = [];
      await bus.subscribe(base, ({ payload }) => seen.push((payload[0] ?? 0) * 256 + (payload[1] ?? 0)));
      const sent = Array.from({ length: 500 }, (_, i) => i);
      await Promise.all(sent.map((i) => bus.publish(base, Uint8Array.of(i >> 8, i & 0xff))));
      await eventually(() => expect(seen).toHaveLength(500));
      expect(seen).toEqual(sent);
    });

    it('gives kept messages first and marks them; live ones are not marked, also when they are to be kept', async () => {
      const base = fresh();
      await bus.publish(`${base}/a`, 'kept a', { retain: true });
      await bus.publish(`${base}/a`, 'kept a, newer', { retain: true });
      await bus.publish(`${base}/b`, 'not kept');
      const seen: string[] = [];
      await bus.subscribe(`${base}/+`, (message) => seen.push(`${text(message)} ${message.retained}`));
      await eventually(() => expect(seen).toEqual(['kept a, newer true']));
      await bus.publish(`${base}/a`, 'live', { retain: true });
      await eventually(() => expect(seen).toEqual(['kept a, newer true', 'live false']));
    });

    it('gives a later subscriber of the same filter the kept messages, and the earlier one no second copy', async () => {
      const base = fresh();
      await bus.publish(base, 'kept', { retain: true });
      const seen: string[] = [];
      await bus.subscribe(base, (message) => seen.push(`first ${text(message)}`));
      await eventually(() => expect(seen).toHaveLength(1));
      await bus.subscribe(base, (message) => seen.push(`second ${text(message)}`));
      await eventually(() => expect(seen).toContain('second kept'));
      await bus.publish(base, 'end');
      await eventually(() => expect(seen).toContain('second end'));
      expect([...seen].sort()).toEqual(['first end', 'first kept', 'second end', 'second kept']);
    });

    it('clears a kept message with an empty one', async () => {
      const base = fresh();
      await bus.publish(base, 'kept', { retain: true });
      await bus.publish(base, '', { retain: true });
      const seen: string[] = [];
      await bus.subscribe(`${base}/#`, (message) => seen.push(text(message)));
      await bus.publish(`${base}/end`, 'end');
      await eventually(() => expect(seen).toContain('end'));
      expect(seen).toEqual(['end']);
    });

    it('counts a handler that throws, and disturbs nobody', async () => {
      const base = fresh();
      const before = under.handlerFailures();
      const seen: string[] = [];
      await bus.subscribe(base, () => {
        throw new Error('a broken subscriber');
      });
      await bus.subscribe(base, (message) => seen.push(text(message)));
      await bus.publish(base, 'one');
      await bus.publish(base, 'two');
      await eventually(() => expect(seen).toEqual(['one', 'two']));
      await eventually(() => expect(under.handlerFailures() - before).toBe(2));
    });

    it('stops delivering after unsubscribing, which may be done twice and leaves others alone', async () => {
      const base = fresh();
      const seen: string[] = [];
      const stop = await bus.subscribe(base, () => seen.push('stopped'));
      await bus.subscribe(base, (message) => seen.push(text(message)));
      await stop();
      await stop();
      await bus.publish(base, 'one');
      await eventually(() => expect(seen).toContain('one'));
      expect(seen).toEqual(['one']);
    });

    it('lets a handler publish: its message comes after the one it answers to', async () => {
      const base = fresh();
      const seen: string[] = [];
      await bus.subscribe(base, (message) => {
        if (text(message) === 'question') void bus.publish(base, 'answer');
      });
      await bus.subscribe(base, (message) => seen.push(text(message)));
      await bus.publish(base, 'question');
      await eventually(() => expect(seen).toEqual(['question', 'answer']));
    });

    it('refuses a message of 10 MB with a clear error, and goes on', async () => {
      const base = fresh();
      await expect(bus.publish(base, new Uint8Array(10 * 1024 * 1024))).rejects.toMatchObject({
        code: 'TOO_LARGE',
        message: expect.stringMatching(/10485760 bytes; at most/),
      });
      const seen: string[] = [];
      await bus.subscribe(base, (message) => seen.push(text(message)));
      await bus.publish(base, 'still here');
      await eventually(() => expect(seen).toEqual(['still here']));
    });

    it.each([
      ['', 'an empty topic'],
      ['a/+/b', 'a wildcard'],
      ['a/#', 'a wildcard'],
      ['a\0b', 'a NUL character (MQTT-1.5.3-2)'],
      ['x/'.repeat(200), 'more levels than brokers take'],
    ])('refuses to publish on %j: %s', async (topic) => {
      await expect(bus.publish(topic, 'x')).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    });

    it.each(['', 'a/#/b', 'a+', 'a#', 'b/+c'])('refuses the filter %j', async (filter) => {
      await expect(bus.subscribe(filter, () => {})).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    });

    it('says so when it is closed, and takes no more', async () => {
      const own = await make();
      await eventually(() => expect(states(own.bus)).toEqual([true]));
      const seen: boolean[] = [];
      own.bus.onConnection((up) => seen.push(up));
      await own.close();
      await own.bus.close();
      expect(seen).toEqual([true, false]);
      await expect(own.bus.publish(fresh(), 'late')).rejects.toMatchObject({ code: 'BUS_DOWN' });
      await expect(own.bus.subscribe(fresh(), () => {})).rejects.toMatchObject({ code: 'BUS_DOWN' });
    });
  });
}

/** What a new listener is told at once. */
function states(bus: Bus): boolean[] {
  const seen: boolean[] = [];
  bus.onConnection((up) => seen.push(up))();
  return seen;
}
