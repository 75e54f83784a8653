import type { Severity } from '#core/config/rule.ts';
import type { DeliveryView } from '#core/notification.ts';
import type { Random } from '#core/random.ts';
import { type Duration, type Instant, minutes, plus, seconds } from '#core/time.ts';

/** One message to one person over one channel, as the outbox keeps it; what to do next with it is decided here, purely. */
export interface Delivery {
  readonly view: DeliveryView;
  /** Deliveries of one request to one person; for all but high severity the first that is sent ends the others. */
  readonly group: string;
  /** Routes to go on with when this one fails; empty when all routes go at once. */
  readonly rest: readonly { readonly channel: string; readonly to: string }[];
  /** The next try, on the steady time. */
  readonly nextAt: Instant;
}

/** Tries before a delivery is given up: for high severity the last ones are ten minutes apart, more than two hours in all. */
export const MAX_ATTEMPTS: Readonly<Record<Severity, number>> = { low: 8, medium: 8, high: 20 };
export const MAX_BACKOFF: Duration = minutes(10);
const FIRST_BACKOFF: Duration = seconds(5);
/** Side by side to one channel: a robot's rate limit is a few a second. */
const AT_ONCE = 4;
const URGENCY: Readonly<Record<Severity, number>> = { high: 0, medium: 1, low: 2 };

export const isOpen = ({ view }: Delivery): boolean => view.state === 'queued' || view.state === 'retrying';

/** After the attempt number `attempts` failed: 5 s, doubling, at most 10 min, a quarter of jitter to either side. */
export function backoff(attempts: number, random: Random): Duration {
  const plain = Math.min(FIRST_BACKOFF * 2 ** Math.min(attempts - 1, 20), MAX_BACKOFF);
  return Math.round(plain * random.between(0.75, 1.25)) as Duration;
}

export function afterFailure(
  delivery: Delivery,
  error: { readonly message: string; readonly retryable: boolean },
  now: Instant,
  random: Random,
): Delivery {
  const attempts = delivery.view.attempts + 1;
  const dead = !error.retryable || attempts >= MAX_ATTEMPTS[delivery.view.severity];
  const view: DeliveryView = { ...delivery.view, attempts, error: error.message, state: dead ? 'dead' : 'retrying' };
  return { ...delivery, view, nextAt: dead ? now : plus(now, backoff(attempts, random)) };
}

/** Who is told next: what is due, the most severe first, the oldest first, no channel overrun. */
export function pickDue(open: Iterable<Delivery>, inFlight: ReadonlyMap<string, string>, now: Instant): Delivery[] {
  const busy = new Map<string, number>();
  for (const channel of inFlight.values()) busy.set(channel, (busy.get(channel) ?? 0) + 1);
  const due = [...open].filter(({ view, nextAt }) => nextAt <= now && !inFlight.has(view.id));
  due.sort((a, b) => URGENCY[a.view.severity] - URGENCY[b.view.severity] || a.nextAt - b.nextAt);
  return due.filter(({ view }) => {
    const count = busy.get(view.channel) ?? 0;
    if (count >= AT_ONCE) return false;
    busy.set(view.channel, count + 1);
    return true;
  });
}
