import { setImmediate } from 'node:timers/promises';
import { invariant } from '#core/errors.ts';
import type { Clock } from '#core/ports.ts';
import { QUIET } from '#core/quiet.ts';
import { type Duration, type Instant, instant, milliseconds } from '#core/time.ts';
import { createTimerQueue, fire, settlePromises, type Timer } from './timer-queue.ts';

/** Timers that fire at the very instant they were made, one after another: more than this is a loop that makes no progress. */
const MOST_WITHOUT_PROGRESS = 10_000;
/** A long run lets the real event loop turn now and then, so that signals and test limits still work. */
const TIMERS_PER_REAL_TURN = 2_000;

/**
 * Time that stands still until it is told to go on; then it steps from deadline to deadline, equal deadlines in the order
 * the timers were made. The plain methods run timers only; the `…Async` ones also let all promise-based code in memory
 * finish between two timers, which is what services need.
 */
export interface VirtualClock extends Clock {
  advanceTo(at: Instant): void;
  advanceBy(by: Duration): void;
  /** Runs until no timer is left, at most `limit` of virtual time; true when none is left. */
  runUntilIdle(limit: Duration): boolean;
  advanceToAsync(at: Instant): Promise<void>;
  advanceByAsync(by: Duration): Promise<void>;
  runUntilIdleAsync(limit: Duration): Promise<boolean>;
  /** Calls before the next timer, outside of whoever asks. */
  soon(run: () => void): void;
  /** Something was started that a promise waits for: lets promises settle before the next timer, though its own was quiet. */
  stir(): void;
  /** The earliest timer's deadline, null when none waits. */
  nextDeadline(): Instant | null;
  /** Timers waiting. */
  readonly pending: number;
}

export interface VirtualClockOptions {
  /**
   * A timer that says it was quiet is taken at its word. For those who pass `soon` on to their bus and `stir` to whatever starts
   * something that answers later; everybody else lets promises settle after each timer.
   */
  readonly trustQuiet?: boolean;
}

/** Makes a virtual clock that shows `start`. */
export function createVirtualClock(start: Instant, { trustQuiet = false }: VirtualClockOptions = {}): VirtualClock {
  const queue = createTimerQueue();
  let nowMs: number = start;
  let withoutProgress = 0;
  let advancing = false;

  let stirred = false;
  let soon: (() => void)[] = [];

  const runSoon = (): void => {
    while (soon.length > 0) {
      const now = soon;
      soon = [];
      for (const run of now) run();
    }
  };
  const step = (timer: Timer): unknown => {
    if (timer.deadlineMs > nowMs) {
      nowMs = timer.deadlineMs;
      withoutProgress = 0;
    } else if (timer.madeAtMs === nowMs) {
      withoutProgress++;
      invariant(withoutProgress <= MOST_WITHOUT_PROGRESS, `a timer rearms at ${nowMs} without progress`);
    }
    return fire(timer);
  };
  const guarded = (): (() => void) => {
    invariant(!advancing, 'the virtual clock is advanced from two places at once');
    advancing = true;
    return () => {
      advancing = false;
    };
  };
  const run = (untilMs: number): void => {
    const release = guarded();
    try {
      for (let timer = queue.take(untilMs); timer !== null; timer = queue.take(untilMs)) {
        step(timer);
        runSoon();
      }
    } finally {
      release();
    }
  };
  const runAsync = async (untilMs: number): Promise<void> => {
    const release = guarded();
    try {
      await settle();
      let count = 0;
      for (let timer = queue.take(untilMs); timer !== null; timer = queue.take(untilMs)) {
        const quiet = step(timer) === QUIET && trustQuiet;
        runSoon();
        if (!quiet || stirred) await settle();
        if (++count % TIMERS_PER_REAL_TURN === 0) await setImmediate();
      }
    } finally {
      release();
    }
  };
  const settle = async (): Promise<void> => {
    do {
      stirred = false;
      runSoon();
      await settlePromises();
    } while (soon.length > 0 || stirred);
  };
  const arriveAt = (atMs: number): void => {
    nowMs = Math.max(nowMs, atMs);
    withoutProgress = 0;
  };
  /** When everything was idle before the limit, time stays at the last timer. */
  const finishIdle = (untilMs: number): boolean => {
    if (queue.size === 0) return true;
    arriveAt(untilMs);
    return false;
  };
  const clock: VirtualClock = {
    now: () => instant(nowMs),
    monotonic: () => milliseconds(nowMs - start),
    // Whole milliseconds, as every other clock shows them: what is stamped with them must read back the same.
    after: (delay, run) => queue.add(Math.ceil(nowMs + Math.max(0, delay)), nowMs, run),
    advanceTo(at) {
      run(at);
      arriveAt(at);
    },
    advanceBy: (by) => clock.advanceTo(instant(nowMs + by)),
    runUntilIdle(limit) {
      const untilMs = nowMs + limit;
      run(untilMs);
      return finishIdle(untilMs);
    },
    async advanceToAsync(at) {
      await runAsync(at);
      arriveAt(at);
    },
    advanceByAsync: (by) => clock.advanceToAsync(instant(nowMs + by)),
    async runUntilIdleAsync(limit) {
      const untilMs = nowMs + limit;
      await runAsync(untilMs);
      return finishIdle(untilMs);
    },
    soon(run) {
      soon.push(run);
      if (!advancing && soon.length === 1) queueMicrotask(runSoon);
    },
    stir() {
      stirred = true;
    },
    nextDeadline: () => {
      const deadlineMs = queue.nextDeadlineMs();
      return deadlineMs === null ? null : instant(deadlineMs);
    },
    get pending() {
      return queue.size;
    },
  };
  return clock;
}
