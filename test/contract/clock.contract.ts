import { describe, expect, it } from 'vitest';
import { type Clock, sleep } from '#core/ports.ts';
import { type Duration, milliseconds } from '#core/time.ts';

/** A clock under test and the way to let it go on: real waiting, or stepping. */
export interface ClockUnderTest {
  readonly clock: Clock;
  pass(by: Duration): Promise<void>;
  /** Time stands still unless it is passed, so that every reading is exact. */
  readonly exact: boolean;
}

/** Collects what reaches the process's handler while `work` runs. */
async function uncaughtDuring(work: () => Promise<void>): Promise<unknown[]> {
  const before = process.listeners('uncaughtException');
  const caught: unknown[] = [];
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => caught.push(error));
  try {
    await work();
  } finally {
    process.removeAllListeners('uncaughtException');
    for (const listener of before) process.on('uncaughtException', listener);
  }
  return caught;
}

/** What every Clock keeps. */
export function clockContract(name: string, make: () => ClockUnderTest): void {
  describe(`clock contract: ${name}`, () => {
    it('calls once, after the delay and never before it', async () => {
      const { clock, pass, exact } = make();
      const start = clock.monotonic();
      const seen: number[] = [];
      clock.after(milliseconds(15), () => seen.push(clock.monotonic() - start));
      expect(seen).toEqual([]);
      await pass(milliseconds(14));
      if (exact) expect(seen).toEqual([]);
      await pass(milliseconds(60));
      expect(seen).toHaveLength(1);
      expect(seen[0]).toBeGreaterThanOrEqual(15);
      if (exact) expect(seen[0]).toBe(15);
    });

    it('fires in the order of the deadlines, not in the order they were made', async () => {
      const { clock, pass } = make();
      const order: string[] = [];
      clock.after(milliseconds(30), () => order.push('third'));
      clock.after(milliseconds(2), () => order.push('first'));
      clock.after(milliseconds(15), () => order.push('second'));
      await pass(milliseconds(80));
      expect(order).toEqual(['first', 'second', 'third']);
    });

    it('fires equal deadlines in the order they were made', async () => {
      const { clock, pass } = make();
      const order: number[] = [];
      for (let i = 0; i < 20; i++) clock.after(milliseconds(5), () => order.push(i));
      await pass(milliseconds(50));
      expect(order).toEqual(Array.from({ length: 20 }, (_, i) => i));
    });

    it('does not call a cancelled timer, and cancelling twice or after it fired is harmless', async () => {
      const { clock, pass } = make();
      const seen: string[] = [];
      const cancel = clock.after(milliseconds(5), () => seen.push('cancelled'));
      const cancelFired = clock.after(milliseconds(5), () => seen.push('fired'));
      cancel();
      cancel();
      await pass(milliseconds(40));
      cancelFired();
      expect(seen).toEqual(['fired']);
    });

    it('takes zero and negative delays as soon as possible, but never inside the call itself', async () => {
      const { clock, pass } = make();
      let fired = 0;
      clock.after(milliseconds(0), () => fired++);
      clock.after(milliseconds(-5), () => fired++);
      expect(fired).toBe(0);
      await pass(milliseconds(20));
      expect(fired).toBe(2);
    });

    it('does not fire a delay over 2^31 ms at once (Node would)', async () => {
      const { clock, pass } = make();
      let fired = false;
      const cancel = clock.after(milliseconds(2 ** 31 + 5), () => {
        fired = true;
      });
      await pass(milliseconds(20));
      expect(fired).toBe(false);
      cancel();
    });

    it('hands what a timer throws to the process, and the other timers still run', async () => {
      const { clock, pass } = make();
      const seen: string[] = [];
      const caught = await uncaughtDuring(async () => {
        clock.after(milliseconds(2), () => {
          throw new Error('from a timer');
        });
        clock.after(milliseconds(2), () => seen.push('same deadline'));
        clock.after(milliseconds(4), () => seen.push('later'));
        await pass(milliseconds(40));
      });
      expect(seen).toEqual(['same deadline', 'later']);
      expect(caught).toMatchObject([{ message: 'from a timer' }]);
    });

    it('runs promise-based code: three sleeps in a row take their sum', async () => {
      const { clock, pass, exact } = make();
      const start = clock.monotonic();
      let took = 0;
      void (async () => {
        for (let i = 0; i < 3; i++) await sleep(clock, milliseconds(5));
        took = clock.monotonic() - start;
      })();
      await pass(milliseconds(100));
      expect(took).toBeGreaterThanOrEqual(15);
      if (exact) expect(took).toBe(15);
    });

    it('never goes back', async () => {
      const { clock, pass } = make();
      let last = clock.monotonic();
      let backwards = 0;
      const look = (): void => {
        if (clock.monotonic() < last) backwards++;
        last = clock.monotonic();
      };
      for (let i = 0; i < 10; i++) {
        clock.after(milliseconds(i), look);
        look();
        await pass(milliseconds(2));
        look();
      }
      expect(backwards).toBe(0);
    });
  });
}
