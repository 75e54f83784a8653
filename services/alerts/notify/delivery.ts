import type { Severity } from '#core/config/rule.ts';
import type { DeliveryView } from '#core/notification.ts';
import type { Random } from '#core/random.ts';
import { type Duration, hours, type Instant, minutes, plus, seconds } from '#core/time.ts';

/** One message to one person over one channel, as the outbox keeps it; what becomes of it after a try is decided here, purely. */
export interface Delivery {
  readonly view: DeliveryView;
  /** Deliveries of one request to one person; for all but high severity the first that is sent ends the others. */
  readonly group: string;
  /** Routes to go on with when this one fails; empty when all routes go at once. */
  readonly rest: readonly { readonly channel: string; readonly to: string }[];
  /** The next try, on the steady time. */
  readonly nextAt: Instant;
  /** When it was written down, on the steady time. */
  readonly since?: Instant;
  /** The last try, on the steady time: what a channel's limit is counted by, also after a restart. */
  readonly triedAt?: Instant;
  /** Sent over a channel that tells of arrival: by then it should have. */
  readonly arriveBy?: Instant | null;
  /** Its own words, without those it carries. */
  readonly own?: { readonly subject: string; readonly body: string };
  /** Subjects of the older ones that it carries, oldest first. */
  readonly earlier?: readonly string[];
}

/** Tries before a delivery is given up: for high severity the last ones are ten minutes apart, more than two hours in all. */
export const MAX_ATTEMPTS: Readonly<Record<Severity, number>> = { low: 8, medium: 8, high: 20 };
/** How long a message waits for a channel that is not even tried. */
export const MAX_WAIT: Readonly<Record<Severity, Duration>> = { low: hours(1), medium: hours(1), high: hours(4) };
export const MAX_BACKOFF: Duration = minutes(10);
/** A text message arrives within seconds, or its telephone is off. */
export const ARRIVES_WITHIN: Duration = minutes(3);
const FIRST_BACKOFF: Duration = seconds(5);
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
  return { ...delivery, view, nextAt: dead ? now : plus(now, backoff(attempts, random)), triedAt: now };
}

/** The most severe first, then the oldest. */
export const byUrgency = (a: Delivery, b: Delivery): number =>
  URGENCY[a.view.severity] - URGENCY[b.view.severity] || a.nextAt - b.nextAt;

export const moreSevere = (a: Severity, b: Severity): Severity => (URGENCY[a] <= URGENCY[b] ? a : b);

/** Messages that are read one after the other by one person in one place. */
export const laneOf = ({ channel, to, conversation, key }: DeliveryView): string =>
  `${channel}\n${to}\n${conversation ?? key}`;
