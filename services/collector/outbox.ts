import type { Again } from '#core/again.ts';
import { messageOf } from '#core/errors.ts';
import type { Bus, Cancel, Clock, Log, Metrics } from '#core/ports.ts';
import { seconds } from '#core/time.ts';

/**
 * What goes to the bus, in order, also across its outages: kept in memory while the bus is down, delivered in order when
 * it is back. When it is full it is thinned: of each topic's older messages every second one goes, the newest never.
 */
export interface Outbox {
  /** JSON, or a value of which JSON is made where the bus takes no values. */
  put(topic: string, payload: string | object): void;
  /** What was put last for this topic is said again. */
  again(one: Again): void;
  /** What is said again meanwhile goes to the bus in one. */
  together<T>(work: () => T): T;
  /** Messages waiting. */
  readonly waiting: () => number;
  /** Settles when nothing waits or the bus is down. */
  settled(): Promise<void>;
  stop(): void;
}

const MOST_MESSAGES = 20_000;
const MOST_BYTES = 64 * 1024 * 1024;

interface Waiting {
  readonly topic: string;
  /** JSON; or the value itself for a bus in this process. */
  readonly payload: string | object;
}

/** A value's length as JSON is not known; a poll of a dozen points is about this long. */
const LENGTH_OF_VALUE = 2000;
const lengthOf = ({ payload }: Waiting): number => (typeof payload === 'string' ? payload.length : LENGTH_OF_VALUE);
const RETAIN = { retain: true, qos: 1 } as const;

export interface OutboxOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly most?: number;
}

export function createOutbox(options: OutboxOptions): Outbox {
  const { bus, clock, log, metrics, most = MOST_MESSAGES } = options;
  let queue: Waiting[] = [];
  let bytes = 0;
  let up = false;
  let draining: Promise<void> | null = null;
  let stopped = false;
  let retry: Cancel | null = null;

  const drain = async (): Promise<void> => {
    while (up && !stopped) {
      const [message] = queue;
      if (message === undefined) break;
      try {
        if (typeof message.payload === 'string') await bus.publish(message.topic, message.payload, RETAIN);
        else bus.publishValue?.(message.topic, message.payload, RETAIN);
      } catch (error) {
        log.debug({ topic: message.topic, error: messageOf(error) }, 'not handed to the bus, kept');
        // The bus tells when it is back; should it not, ask again.
        retry ??= clock.after(seconds(2), () => {
          retry = null;
          go();
        });
        break;
      }
      // Thinning may have changed the queue meanwhile, but never its head while that is on its way.
      if (queue[0] === message) queue.shift();
      bytes -= lengthOf(message);
    }
    metrics.gauge('zhishou_collector_waiting_messages', queue.length);
  };
  const go = (): void => {
    if (draining !== null || queue.length === 0 || !up || stopped) return;
    draining = drain().finally(() => {
      draining = null;
    });
  };
  const makeRoom = (): void => {
    if (queue.length <= most && bytes <= MOST_BYTES) return;
    const kept = thin(queue);
    const gone = queue.length - kept.length;
    queue = kept;
    bytes = kept.reduce((total, message) => total + lengthOf(message), 0);
    metrics.count('zhishou_collector_thinned_messages_total', {}, gone);
    log.warn({ gone, kept: kept.length }, 'the bus is down and the buffer is full: older readings were thinned out');
  };
  /** At once, when nothing waits before it and the bus is in this process. */
  const handedOver = (topic: string, value: object): boolean => {
    if (bus.publishValue === undefined || !up || stopped || queue.length > 0) return false;
    try {
      bus.publishValue(topic, value, RETAIN);
      return true;
    } catch {
      return false;
    }
  };
  /** Said again and not yet handed over. */
  let repeats: Again[] = [];
  let gathering = 0;
  const putAgain = (): void => {
    if (repeats.length === 0) return;
    const all = repeats;
    repeats = [];
    if (bus.publishAgain !== undefined && up && !stopped && queue.length === 0) {
      try {
        bus.publishAgain(all);
        return;
      } catch {
        // It went down: each waits like any other message.
      }
    }
    for (const one of all) put(one.topic, one.value());
  };
  const put = (topic: string, payload: string | object): void => {
    if (repeats.length > 0) putAgain();
    if (typeof payload === 'object' && handedOver(topic, payload)) return;
    const asText = typeof payload === 'object' && bus.publishValue === undefined;
    const message: Waiting = { topic, payload: asText ? JSON.stringify(payload) : payload };
    queue.push(message);
    bytes += lengthOf(message);
    makeRoom();
    go();
  };
  const unlisten = bus.onConnection((isUp) => {
    if (isUp !== up && queue.length > 0) log.info({ up: isUp, waiting: queue.length }, 'bus connection');
    up = isUp;
    go();
  });
  return {
    put,
    again: (one) => {
      repeats.push(one);
      if (gathering === 0) putAgain();
    },
    together: (work) => {
      gathering++;
      try {
        return work();
      } finally {
        gathering--;
        if (gathering === 0) putAgain();
      }
    },
    waiting: () => queue.length,
    settled: async () => {
      while (draining !== null) await draining;
    },
    stop: () => {
      stopped = true;
      retry?.();
      unlisten();
    },
  };
}

/** Drops every second message of each topic, counted from the newest, which stays; the head stays because it is on its way. */
export function thin<T extends { readonly topic: string }>(queue: readonly T[]): T[] {
  const seen = new Map<string, number>();
  const kept: T[] = [];
  for (let i = queue.length - 1; i >= 0; i--) {
    const message = queue[i];
    if (message === undefined) continue;
    const count = seen.get(message.topic) ?? 0;
    seen.set(message.topic, count + 1);
    if (count % 2 === 0 || i === 0) kept.push(message);
  }
  return kept.reverse();
}
