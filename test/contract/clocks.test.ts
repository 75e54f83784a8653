import { setTimeout as realSleep } from 'node:timers/promises';
import { type Duration, instant } from '#core/time.ts';
import { createPacedClock } from '#platform/clock/paced-clock.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { type ClockUnderTest, clockContract } from './clock.contract.ts';

const START = instant(Date.UTC(2026, 0, 5));

/** Waits until the clock itself says that so much has passed: no guess about the machine's speed. */
const passReally = (clock: ClockUnderTest['clock']) => async (by: Duration) => {
  const until = clock.monotonic() + by;
  while (clock.monotonic() < until) await realSleep(1);
  await realSleep(1);
};

clockContract('system', () => {
  const clock = createSystemClock();
  return { clock, pass: passReally(clock), exact: false };
});
clockContract('virtual', () => {
  const clock = createVirtualClock(START);
  return { clock, pass: (by) => clock.advanceByAsync(by), exact: true };
});
for (const speed of [0.5, 1, 20, 600]) {
  clockContract(`paced at speed ${speed}`, () => {
    const clock = createPacedClock({ start: START, speed });
    return { clock, pass: passReally(clock), exact: false };
  });
}
