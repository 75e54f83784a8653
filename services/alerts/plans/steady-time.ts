import type { Clock } from '#core/ports.ts';
import { type Duration, type Instant, instant } from '#core/time.ts';

/**
 * The incident's own time: it goes on with the monotonic clock and never jumps, so that a wall clock that is set in the
 * middle of an outage changes no figure (L6). Only across a restart, where no monotonic clock reaches, the wall clock
 * bridges the gap; it never takes the time back.
 */
export class SteadyTime {
  readonly #clock: Clock;
  readonly #from: Instant;
  readonly #monotonic: Duration;

  constructor(clock: Clock, from: Instant) {
    this.#clock = clock;
    this.#from = from;
    this.#monotonic = clock.monotonic();
  }

  static resumed(clock: Clock, lastAt: Instant, lastOffsetMs: number): SteadyTime {
    return new SteadyTime(clock, instant(Math.max(lastAt, clock.now() - lastOffsetMs)));
  }

  now(): Instant {
    return instant(Math.round(this.#from + (this.#clock.monotonic() - this.#monotonic)));
  }

  /** Wall minus steady, in whole seconds' steps so that ordinary drift does not fill the journal. */
  offsetMs(present: number): number {
    const offset = Math.round(this.#clock.now() - this.now());
    return Math.abs(offset - present) < 1000 ? present : offset;
  }
}
