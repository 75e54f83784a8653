import type { Clock } from '#core/ports.ts';
import { type Instant, instant } from '#core/time.ts';

/**
 * The time that `for`, `missing_for` and freshness run on: wall time at start, carried on by the monotonic clock. Setting the wall clock
 * neither fires a timer early nor holds it back; a stored instant means the same after a restart.
 */
export function steadyTime(clock: Clock): () => Instant {
  const wallAtStart = clock.now();
  const monotonicAtStart = clock.monotonic();
  return () => instant(wallAtStart + clock.monotonic() - monotonicAtStart);
}
