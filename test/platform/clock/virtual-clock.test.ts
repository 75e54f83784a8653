import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sleep } from '#core/ports.ts';
import { QUIET } from '#core/quiet.ts';
import { hours, instant, milliseconds, seconds } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';

const START = instant(Date.UTC(2026, 0, 5));

it('steps deadline by deadline: each timer sees its own deadline as now, for wall and monotonic time', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 200 }), (delays) => {
      const clock = createVirtualClock(START);
      const seen: [delay: number, order: number, at: number, since: number][] = [];
      for (const [order, delay] of delays.entries()) {
        clock.after(milliseconds(delay), () => seen.push([delay, order, clock.now() - START, clock.monotonic()]));
      }
      clock.advanceBy(milliseconds(100_000));
      expect(seen).toHaveLength(delays.length);
      expect(seen).toEqual([...seen].sort((a, b) => a[0] - b[0] || a[1] - b[1]));
      for (const [delay, , at, since] of seen) expect([at, since]).toEqual([delay, delay]);
    }),
  );
});

it('keeps its order when most timers are cancelled (time limits that are never reached)', () => {
  const clock = createVirtualClock(START);
  const seen: number[] = [];
  for (let i = 0; i < 5000; i++) {
    const cancel = clock.after(milliseconds((i * 7919) % 5000), () => seen.push(clock.monotonic()));
    if (i % 4 !== 0) cancel();
  }
  expect(clock.pending).toBe(1250);
  clock.advanceBy(seconds(5));
  expect(seen).toHaveLength(1250);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
});

it('lets timers made inside an advance fire within it', () => {
  const clock = createVirtualClock(START);
  let ticks = 0;
  const tick = (): void => {
    ticks++;
    clock.after(seconds(1), tick);
  };
  clock.after(seconds(1), tick);
  clock.advanceBy(hours(1));
  expect(ticks).toBe(3600);
  expect(clock.now()).toBe(START + 3_600_000);
});

it('notices a timer that rearms without progress, and says so instead of running for ever', () => {
  const clock = createVirtualClock(START);
  const rearm = (): void => {
    clock.after(milliseconds(0), rearm);
  };
  rearm();
  expect(() => clock.advanceBy(seconds(1))).toThrow(/rearms .* without progress/);
});

it('does not take many timers for one instant as a loop without progress', () => {
  const clock = createVirtualClock(START);
  let fired = 0;
  for (let i = 0; i < 50_000; i++) clock.after(seconds(1), () => fired++);
  clock.advanceBy(seconds(1));
  expect(fired).toBe(50_000);
});

it('runs until idle: true and standing at the last timer, or false at the limit', async () => {
  const idle = createVirtualClock(START);
  void (async () => {
    for (let i = 0; i < 10; i++) await sleep(idle, seconds(3));
  })();
  expect(await idle.runUntilIdleAsync(hours(1))).toBe(true);
  expect(idle.monotonic()).toBe(30_000);

  const busy = createVirtualClock(START);
  const again = (): void => void busy.after(seconds(7), again);
  again();
  expect(busy.runUntilIdle(hours(1))).toBe(false);
  expect(busy.monotonic()).toBe(3_600_000);
});

it('lets long chains of promises finish between two timers', async () => {
  const clock = createVirtualClock(START);
  const order: string[] = [];
  clock.after(seconds(1), async () => {
    for (let i = 0; i < 500; i++) await Promise.resolve();
    order.push('chain of the first');
  });
  clock.after(seconds(2), () => order.push('second'));
  await clock.advanceByAsync(seconds(2));
  expect(order).toEqual(['chain of the first', 'second']);
});

it('refuses to be advanced from inside a timer', async () => {
  const clock = createVirtualClock(START);
  let refused: unknown;
  clock.after(seconds(1), () => {
    try {
      clock.advanceBy(seconds(1));
    } catch (error) {
      refused = error;
    }
  });
  await clock.advanceByAsync(seconds(2));
  expect(refused).toMatchObject({ code: 'INVARIANT' });
});

it('takes no timer at its word that it was quiet, unless it is told to', async () => {
  for (const trustQuiet of [false, true]) {
    const clock = createVirtualClock(START, { trustQuiet });
    const order: string[] = [];
    clock.after(seconds(1), () => {
      void Promise.resolve().then(() => order.push('promise of the first'));
      return QUIET;
    });
    clock.after(seconds(2), () => order.push('second'));
    await clock.advanceByAsync(seconds(3));
    expect(order[0]).toBe(trustQuiet ? 'second' : 'promise of the first');
  }
});

it('does what is wanted soon, and what that wants soon in turn, before the next timer, and lets what was stirred up settle', async () => {
  const clock = createVirtualClock(START, { trustQuiet: true });
  const order: string[] = [];
  clock.after(seconds(1), () => {
    clock.soon(() => {
      order.push('soon');
      clock.soon(() => {
        order.push('soon after');
        clock.stir();
        void Promise.resolve().then(() => order.push('settled'));
      });
    });
    order.push('first');
    return QUIET;
  });
  clock.after(seconds(1), () => order.push('second'));
  await clock.advanceByAsync(seconds(2));
  expect(order).toEqual(['first', 'soon', 'soon after', 'settled', 'second']);
});

it('does soon what is wanted while time stands still', async () => {
  const clock = createVirtualClock(START);
  const done: string[] = [];
  clock.soon(() => done.push('it'));
  expect(done).toEqual([]);
  await Promise.resolve();
  expect(done).toEqual(['it']);
});
