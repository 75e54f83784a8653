import type { Clock } from '#core/ports.ts';
import { QUIET } from '#core/quiet.ts';
import type { Random } from '#core/random.ts';
import { type Duration, milliseconds, minutes, seconds } from '#core/time.ts';
import { createRounds, type Rounds, type Seat } from './rounds.ts';

/**
 * Each device on its own schedule (L38): own interval, own deadline, own back-off. A slow or dead device delays nobody,
 * and no device is ever read twice at once.
 *
 * Starts are spread, so that a thousand devices are not read in the same millisecond. The phase is kept: a run that took
 * three seconds of a ten-second interval is followed by the next one seven seconds later. After a third failure in a row
 * the interval doubles up to a cap. An extra run (trap, command) comes at once, or right after the one under way,
 * because that one may have been asked before the change.
 */
export interface JobOptions {
  readonly name: string;
  readonly interval: Duration;
  /** True when it went well. A rejection counts as a failure. */
  readonly run: (cause: RunCause) => Promise<boolean> | boolean;
  /** It runs longer than its deadline; told once a run. Nothing is cut off: the run still ends by itself. */
  readonly onOverdue?: (after: Duration) => void;
}

export type RunCause = 'schedule' | 'trap' | 'command';

export interface Job {
  /** Runs as soon as possible. */
  soon(cause: RunCause): void;
  /** Another interval; null gives its own back. */
  every(interval: Duration | null): void;
  stop(): void;
}

/** Two starts of one job are never closer than this, whatever asks for them. */
export const LEAST_GAP: Duration = milliseconds(500);
/** A dead device is still asked once a minute, and one that someone wants every two seconds every twelve. */
const BACK_OFF_CAP: Duration = seconds(60);
const BACK_OFF_FACTOR = 6;
/** The interval grows after so many failures in a row: a lost datagram or two change nothing. */
const PATIENT_FAILURES = 2;
/** The spread of the first starts grows with their number, up to the job's interval. */
const SPREAD_PER_JOB = 10;
const LEAST_SPREAD = 1000;

export interface Schedule {
  /** Jobs are added first, then started together. */
  add(options: JobOptions): Job;
  start(): void;
  stop(): void;
}

/** `spread: false`: all begin together, where asking costs no network. `together`: around all that is due at one instant. */
export function createSchedule(
  clock: Clock,
  random: Random,
  spread = true,
  together?: (round: () => boolean) => boolean,
): Schedule {
  const jobs: { begin: (spread: number) => void; stop: () => void }[] = [];
  const rounds = createRounds(clock, together);
  let started = false;
  return {
    add: (options) => {
      const { job, begin } = createJob(options, clock, rounds, random.fork(options.name));
      jobs.push({ begin, stop: job.stop });
      if (started) begin(spread ? LEAST_SPREAD : 0);
      return job;
    },
    start: () => {
      started = true;
      const within = spread ? Math.max(LEAST_SPREAD, jobs.length * SPREAD_PER_JOB) : 0;
      for (const job of jobs) job.begin(within);
    },
    stop: () => {
      for (const job of jobs) job.stop();
    },
  };
}

function createJob(
  options: JobOptions,
  clock: Clock,
  rounds: Rounds,
  random: Random,
): { job: Job; begin: (spread: number) => void } {
  let interval = options.interval;
  let failures = 0;
  let stopped = false;
  let running = false;
  let again: RunCause | null = null;
  /** The next start; one at a time. */
  let seat: Seat | null = null;
  /** One that has run and may be taken again. */
  let used: Seat | null = null;
  let seatCause: RunCause = 'schedule';
  let lastStart: Duration | null = null;

  const arm = (at: Duration, cause: RunCause): void => {
    if (seat !== null) rounds.leave(seat);
    seatCause = cause;
    seat = rounds.at(milliseconds(Math.max(at, clock.monotonic())), ring, used);
    used = null;
  };
  const ring = (): typeof QUIET | undefined => {
    used = seat;
    seat = null;
    return start(seatCause);
  };

  /** A run that ends at once leaves nothing to wait for. */
  const start = (cause: RunCause): typeof QUIET | undefined => {
    if (stopped || running) return QUIET;
    const startedAt = clock.monotonic();
    lastStart = startedAt;
    running = true;
    const result = attempt(cause);
    if (typeof result === 'boolean') {
      ended(result, startedAt);
      return QUIET;
    }
    const deadline = deadlineOf(interval);
    const cancelDeadline = clock.after(deadline, () => options.onOverdue?.(deadline));
    const end = (well: boolean): void => {
      cancelDeadline();
      ended(well, startedAt);
    };
    result.then(end, () => end(false));
    return undefined;
  };

  const attempt = (cause: RunCause): Promise<boolean> | boolean => {
    try {
      return options.run(cause);
    } catch {
      return false;
    }
  };

  const ended = (well: boolean, startedAt: Duration): void => {
    running = false;
    failures = well ? 0 : failures + 1;
    if (stopped) return;
    const now = clock.monotonic();
    if (again !== null) {
      arm(milliseconds(Math.max(now, startedAt + LEAST_GAP)), again);
      again = null;
    } else if (seat === null) arm(nextStart(startedAt, now), 'schedule');
  };

  const nextStart = (startedAt: Duration, now: Duration): Duration => {
    const delay = waitAfter(interval, failures) * (failures > PATIENT_FAILURES ? random.between(0.9, 1.1) : 1);
    if (startedAt + delay > now) return milliseconds(startedAt + delay);
    // It took longer than its interval: the missed starts are left out, the phase is kept.
    return milliseconds(startedAt + Math.ceil((now - startedAt + 1) / delay) * delay);
  };

  const soon = (cause: RunCause): void => {
    if (stopped) return;
    if (running) {
      again = cause;
      return;
    }
    const now = clock.monotonic();
    const at = milliseconds(lastStart === null ? now : Math.max(now, lastStart + LEAST_GAP));
    if (seat === null || seat.due > at || seatCause === 'schedule') arm(at, cause);
  };

  const job: Job = {
    soon,
    every: (wanted) => {
      const changed = wanted ?? options.interval;
      if (changed === interval) return;
      interval = changed;
      if (seat === null || seatCause !== 'schedule' || lastStart === null) return;
      arm(milliseconds(Math.max(clock.monotonic(), lastStart + waitAfter(interval, failures))), 'schedule');
    },
    stop: () => {
      stopped = true;
      if (seat !== null) rounds.leave(seat);
      seat = null;
    },
  };
  const begin = (spread: number): void => {
    const delay = random.between(0, Math.min(interval, spread));
    if (!stopped && seat === null) arm(milliseconds(clock.monotonic() + delay), 'schedule');
  };
  return { job, begin };
}

/** Two lost datagrams change nothing; then the wait doubles up to the cap, which is never below the interval. */
export function waitAfter(interval: Duration, failures: number): Duration {
  if (failures <= PATIENT_FAILURES) return interval;
  const cap = Math.min(BACK_OFF_CAP, BACK_OFF_FACTOR * interval);
  return milliseconds(Math.max(interval, Math.min(cap, interval * 2 ** Math.min(10, failures - PATIENT_FAILURES))));
}

/** Far longer than any time-out of an adapter: only a question that hangs for ever comes here. */
const deadlineOf = (interval: Duration): Duration => milliseconds(Math.max(minutes(2), 6 * interval));
