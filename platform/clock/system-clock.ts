import { performance } from 'node:perf_hooks';
import type { Clock } from '#core/ports.ts';
import { instant, milliseconds } from '#core/time.ts';
import { createTimerQueue, fire, settlePromises } from './timer-queue.ts';

/** setTimeout takes at most 2^31 − 1 ms and fires at once above it; longer delays are waited for in parts. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * The machine's own time. A timer never fires before its deadline by `monotonic()`, and timers fire in the order of their
 * deadlines: one queue of our own, because setTimeout may come a fraction of a millisecond early (libuv rounds down), and
 * waiting out that fraction timer by timer would let a later one overtake.
 */
export function createSystemClock(): Clock {
  let handle: NodeJS.Timeout | null = null;
  let armedForMs = Infinity;
  let firing = false;

  const queue = createTimerQueue(() => {
    if (queue.size === 0) disarm();
  });
  const disarm = (): void => {
    if (handle !== null) clearTimeout(handle);
    handle = null;
    armedForMs = Infinity;
  };
  const arm = (): void => {
    const deadlineMs = queue.nextDeadlineMs();
    if (firing || deadlineMs === null || deadlineMs >= armedForMs) return;
    disarm();
    armedForMs = deadlineMs;
    const leftMs = Math.ceil(deadlineMs - performance.now());
    handle = setTimeout(() => void wake(), Math.min(Math.max(0, leftMs), LONGEST_TIMEOUT_MS));
  };
  const wake = async (): Promise<void> => {
    disarm();
    firing = true;
    // What becomes due meanwhile waits for the next turn, so that sockets are not starved.
    const untilMs = performance.now();
    for (let timer = queue.take(untilMs); timer !== null; timer = queue.take(untilMs)) {
      fire(timer);
      await settlePromises();
    }
    firing = false;
    arm();
  };
  return {
    now: () => instant(Date.now()),
    monotonic: () => milliseconds(performance.now()),
    after(delay, run) {
      const nowMs = performance.now();
      const cancel = queue.add(nowMs + Math.max(0, delay), nowMs, run);
      arm();
      return cancel;
    },
  };
}
