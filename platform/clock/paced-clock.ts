import { performance } from 'node:perf_hooks';
import { invariant } from '#core/errors.ts';
import type { Clock } from '#core/ports.ts';
import { type Duration, type Instant, instant, milliseconds, seconds } from '#core/time.ts';
import { createTimerQueue, fire, settlePromises } from './timer-queue.ts';

/**
 * Virtual time that runs `speed` times faster than real time, a bounded step per turn of the event loop.
 *
 * Between two steps sockets get their turn, so a machine that cannot keep up makes virtual time slower instead of letting
 * time limits run out before the answers that are already waiting were read. Within a step timers fire in order and see
 * their own deadline as now; promise-based code runs to its end between two of them. At speed 1 (or less) time is real
 * time and not bounded.
 */
export interface PacedClock extends Clock {
  readonly speed: number;
  setSpeed(speed: number): void;
  /** Virtual now minus the machine's now. */
  readonly offset: Duration;
}

export interface PacedClockOptions {
  readonly start: Instant;
  readonly speed: number;
  /** The most virtual time that may pass in one turn of the event loop. Default 2 s. */
  readonly maxStep?: Duration;
}

/** A wall-clock sleep of less is not worth its wake-up; also the least that setTimeout can do. */
const SHORTEST_SLEEP_MS = 1;
const LONGEST_SLEEP_MS = 3_600_000;

export function createPacedClock(options: PacedClockOptions): PacedClock {
  const maxStepMs = options.maxStep ?? seconds(2);
  let speed = checkedSpeed(options.speed);
  /** Virtual time reached, and the machine's monotonic time at which that was so. */
  let baseMs: number = options.start;
  let baseRealMs = performance.now();
  let stepping = false;
  let handle: NodeJS.Timeout | null = null;

  const queue = createTimerQueue(() => {
    if (queue.size === 0) disarm();
  });
  /** How far time may be now; a bounded step unless nothing waits for it or time is real. */
  const reachableMs = (): number => {
    const elapsedMs = Math.max(0, performance.now() - baseRealMs) * speed;
    return baseMs + (speed <= 1 || queue.size === 0 ? elapsedMs : Math.min(elapsedMs, maxStepMs));
  };
  const exactMs = (): number => (stepping ? baseMs : Math.min(reachableMs(), queue.nextDeadlineMs() ?? Infinity));
  /** Whole milliseconds, as the system clock shows them; deadlines are whole too, so a timer sees exactly its own. */
  const nowMs = (): number => Math.floor(exactMs());
  const rebase = (): void => {
    baseMs = exactMs();
    baseRealMs = performance.now();
  };

  const step = async (): Promise<void> => {
    handle = null;
    const targetMs = reachableMs();
    const realMs = performance.now();
    stepping = true;
    try {
      for (let timer = queue.take(targetMs); timer !== null; timer = queue.take(targetMs)) {
        baseMs = Math.max(baseMs, timer.deadlineMs);
        fire(timer);
        await settlePromises();
      }
    } finally {
      baseMs = Math.max(baseMs, targetMs);
      baseRealMs = realMs;
      stepping = false;
      arm();
    }
  };
  /** Sleeps until the next deadline, but wakes often enough that the bound on a step is not felt on a machine at rest. */
  const arm = (): void => {
    disarm();
    const deadlineMs = queue.nextDeadlineMs();
    if (deadlineMs === null || stepping) return;
    const sleepMs = (deadlineMs - nowMs()) / speed;
    const boundMs = speed <= 1 ? LONGEST_SLEEP_MS : maxStepMs / 2 / speed;
    handle = setTimeout(() => void step(), Math.max(SHORTEST_SLEEP_MS, Math.ceil(Math.min(sleepMs, boundMs))));
  };
  const disarm = (): void => {
    if (handle !== null) clearTimeout(handle);
    handle = null;
  };

  return {
    now: () => instant(nowMs()),
    monotonic: () => milliseconds(nowMs() - options.start),
    after(delay, run) {
      if (queue.size === 0 && !stepping) rebase();
      const madeAtMs = nowMs();
      const earliestMs = queue.nextDeadlineMs();
      const deadlineMs = Math.ceil(madeAtMs + Math.max(0, delay));
      const cancel = queue.add(deadlineMs, madeAtMs, run);
      if (!stepping && (earliestMs === null || deadlineMs < earliestMs)) arm();
      return cancel;
    },
    get speed() {
      return speed;
    },
    setSpeed(wanted) {
      if (!stepping) rebase();
      speed = checkedSpeed(wanted);
      arm();
    },
    get offset() {
      return milliseconds(nowMs() - Date.now());
    },
  };
}

function checkedSpeed(speed: number): number {
  invariant(Number.isFinite(speed) && speed > 0, `the speed of a clock is a number above 0, not ${speed}`);
  return speed;
}
