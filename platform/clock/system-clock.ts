import { performance } from 'node:perf_hooks';
import type { Clock } from '#core/ports.ts';
import { instant, milliseconds } from '#core/time.ts';

/** setTimeout takes at most 2^31 − 1 ms and fires at once above it; longer delays are waited for in parts. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** The machine's own time. A timer never fires before its deadline by `monotonic()`. */
export function createSystemClock(): Clock {
  return {
    now: () => instant(Date.now()),
    monotonic: () => milliseconds(performance.now()),
    after(delay, run) {
      const deadlineMs = performance.now() + Math.max(0, delay);
      let cancelled = false;
      let handle: NodeJS.Timeout;
      const wait = (): void => {
        const leftMs = deadlineMs - performance.now();
        handle = setTimeout(wake, Math.min(Math.max(0, Math.ceil(leftMs)), LONGEST_TIMEOUT_MS));
      };
      const wake = (): void => {
        if (cancelled) return;
        // libuv rounds its time down, so a timeout may come a fraction of a millisecond early.
        if (performance.now() < deadlineMs) wait();
        else run();
      };
      wait();
      return () => {
        cancelled = true;
        clearTimeout(handle);
      };
    },
  };
}
