import { type Duration, type Instant, minutes, plus, seconds } from '#core/time.ts';

/**
 * Is a channel worth trying? After failures in a row it is open: what waits goes another way at once, and now and then one
 * try finds out whether it is back. Pure: each step gives the next state.
 */
export type Breaker =
  | {
      readonly state: 'closed';
      readonly failures: number;
      /** Who was refused in this row: one wrong number is not a broken channel, however often it is tried. */
      readonly refused: readonly string[];
    }
  | OpenBreaker;

export interface OpenBreaker {
  readonly state: 'open';
  readonly since: Instant;
  /** Nothing is tried before. */
  readonly until: Instant;
  readonly pause: Duration;
  /** A try is under way. */
  readonly probing: boolean;
  readonly error: string;
}

/** One is a hiccup, two are bad luck. */
export const FAILURES_IN_A_ROW = 3;
const FIRST_PAUSE: Duration = seconds(15);
const LONGEST_PAUSE: Duration = minutes(5);

export const CLOSED: Breaker = { state: 'closed', failures: 0, refused: [] };

export interface Failure {
  readonly to: string;
  /** The other side said no for good: perhaps only to this recipient. */
  readonly refused: boolean;
  readonly message: string;
}

export function afterFailure(breaker: Breaker, failure: Failure, now: Instant): Breaker {
  if (breaker.state === 'open') {
    const pause = Math.min(breaker.pause * 2, LONGEST_PAUSE) as Duration;
    return { ...breaker, until: plus(now, pause), pause, probing: false, error: failure.message };
  }
  const again = failure.refused && breaker.refused.includes(failure.to);
  const failures = breaker.failures + (again ? 0 : 1);
  const refused = failure.refused && !again ? [...breaker.refused, failure.to] : breaker.refused;
  if (failures < FAILURES_IN_A_ROW) return { state: 'closed', failures, refused };
  const pause = FIRST_PAUSE;
  return { state: 'open', since: now, until: plus(now, pause), pause, probing: false, error: failure.message };
}

export const mayProbe = (breaker: OpenBreaker, now: Instant): boolean => !breaker.probing && now >= breaker.until;

export const probing = (breaker: OpenBreaker): Breaker => ({ ...breaker, probing: true });
