import type { Clock } from '#core/ports.ts';

/** A token bucket: so many at once, so many a second after that. */
export interface RateGuard {
  allows(): boolean;
}

/** A gateway tells its hundred sensors at once when it joins; a thousand messages a second for long is a fault. */
const DEFAULT_RATE = { perSecond: 500, burst: 5000 };

export function createRateGuard(clock: Clock, rate = DEFAULT_RATE): RateGuard {
  let tokens = rate.burst;
  let filledAt = clock.monotonic();
  return {
    allows() {
      const now = clock.monotonic();
      tokens = Math.min(rate.burst, tokens + ((now - filledAt) / 1000) * rate.perSecond);
      filledAt = now;
      if (tokens < 1) return false;
      tokens--;
      return true;
    },
  };
}
