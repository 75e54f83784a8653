import { setTimeout as realSleep, setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { sleep } from '#core/ports.ts';
import { instant, milliseconds, minutes, seconds } from '#core/time.ts';
import { createPacedClock } from '#platform/clock/paced-clock.ts';

const START = instant(Date.UTC(2026, 0, 5));

/** Holds the event loop, as a loaded machine does. */
function block(realMs: number): void {
  const until = performance.now() + realMs;
  while (performance.now() < until);
}

it('slows down on a loaded machine: a blocked loop is one bounded step, not an hour that has passed', async () => {
  const clock = createPacedClock({ start: START, speed: 600 });
  let expired = false;
  const cancel = clock.after(minutes(1), () => {
    expired = true;
  });
  const before = clock.monotonic();
  block(300); // 3 min of virtual time at full speed
  expect(clock.monotonic() - before).toBeLessThanOrEqual(2000);
  await setImmediate();
  await realSleep(1);
  expect(expired).toBe(false);
  cancel();
});

it('lets sockets have their turn between two steps', async () => {
  const clock = createPacedClock({ start: START, speed: 600 });
  const steps: number[] = [];
  let turns = 0;
  let going = true;
  const count = (): void => {
    turns++;
    if (going) void setImmediate().then(count);
  };
  count();
  const tick = (): void => {
    steps.push(turns);
    block(5);
    if (steps.length < 10) clock.after(seconds(2), tick);
  };
  clock.after(seconds(2), tick);
  while (steps.length < 10) await setImmediate();
  going = false;
  expect(new Set(steps).size).toBe(10);
});

it('shows timers chained within one step their own deadlines', async () => {
  const clock = createPacedClock({ start: START, speed: 600 });
  const seen: number[] = [];
  await (async () => {
    for (let i = 0; i < 200; i++) {
      await sleep(clock, milliseconds(7));
      seen.push(clock.now());
    }
  })();
  expect(seen).toEqual(Array.from({ length: 200 }, (_, i) => (seen[0] ?? 0) + i * 7));
});

it('keeps the pace when nothing waits, and never shows a time beyond a timer that has not fired', async () => {
  const realStart = performance.now();
  const clock = createPacedClock({ start: START, speed: 100 });
  await realSleep(60);
  expect(clock.monotonic()).toBeGreaterThanOrEqual(5900);
  expect(clock.monotonic()).toBeLessThanOrEqual((performance.now() - realStart) * 100 + 200);
  clock.after(milliseconds(50), () => {});
  const deadline = clock.monotonic() + 50;
  block(20);
  expect(clock.monotonic()).toBeLessThanOrEqual(deadline);
});

it('changes its speed without a jump, also from inside a timer', async () => {
  const realStart = performance.now();
  const clock = createPacedClock({ start: START, speed: 600 });
  clock.setSpeed(1);
  expect(clock.speed).toBe(1);
  const slowSince = performance.now();
  const slow = clock.now();
  expect(slow - START).toBeLessThanOrEqual((slowSince - realStart) * 600);
  await realSleep(5);
  expect(clock.now() - slow).toBeLessThanOrEqual(performance.now() - slowSince + 1);
  clock.after(milliseconds(1), () => clock.setSpeed(300));
  await sleep(clock, seconds(5));
  expect(clock.speed).toBe(300);
  expect(() => clock.setSpeed(0)).toThrow(/above 0/);
  const before = Date.now();
  const { offset } = clock;
  expect(offset + before).toBeLessThanOrEqual(clock.now());
});

it('burns no core while it waits', async () => {
  const clock = createPacedClock({ start: START, speed: 10 });
  const cancel = clock.after(minutes(60), () => {});
  const before = process.cpuUsage();
  await realSleep(300);
  const used = process.cpuUsage(before);
  cancel();
  expect((used.user + used.system) / 1000).toBeLessThan(200);
});
