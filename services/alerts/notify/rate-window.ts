import { type Duration, type Instant, latest, minus, plus } from '#core/time.ts';

/**
 * How many messages a channel takes in a time, as tokens of which each comes back a whole `per` after it was taken. So no
 * minute ever sees more than the limit, which a bucket that refills steadily would allow after a pause, and for which a
 * group's robot is shut off. Example: 2 a minute, taken at 0 s and 50 s → the next at 60 s, then at 110 s.
 *
 * A part is kept back for high severity: what is urgent does not wait behind what is not.
 */
export interface RateLimit {
  readonly messages: number;
  readonly per: Duration;
}

const KEPT_BACK_FOR_HIGH = 0.25;

/** When messages went, as far back as any limit reaches. */
export type Taken = readonly Instant[];

export function stillTaken(taken: Taken, limits: readonly RateLimit[], now: Instant): Taken {
  const longest = limits.reduce<number>((most, { per }) => Math.max(most, per), 0) as Duration;
  return within(taken, longest, now);
}

/** What may go now by all of the limits; without one: anything. */
export function left(taken: Taken, limits: readonly RateLimit[], now: Instant, high: boolean): number {
  const each = limits.map((limit) => allowed(limit, high) - within(taken, limit.per, now).length);
  return Math.max(0, Math.min(Number.POSITIVE_INFINITY, ...each));
}

/** When the next may go; `now` when it may go at once. */
export function freeAt(taken: Taken, limits: readonly RateLimit[], now: Instant, high: boolean): Instant {
  const each = limits.map((limit) => {
    const still = [...within(taken, limit.per, now)].sort((a, b) => a - b);
    const first = still[still.length - allowed(limit, high)];
    return first === undefined ? now : plus(first, limit.per);
  });
  return latest(now, ...each);
}

const within = (taken: Taken, per: Duration, now: Instant): Taken =>
  taken.filter((at) => at > minus(now, per) && at <= now);

const allowed = ({ messages }: RateLimit, high: boolean): number =>
  high ? messages : Math.max(1, messages - Math.floor(messages * KEPT_BACK_FOR_HIGH));
