import type { Again } from '#core/again.ts';
import { ZhishouError } from '#core/errors.ts';
import type { BusMessage, Cancel, Clock, Log, Metrics } from '#core/ports.ts';
import { topicMatches } from '#core/topics.ts';
import { createSystemClock } from '../clock/system-clock.ts';
import { limitLog, silentLog } from '../log.ts';

/**
 * Who gets which message inside this process: subscriptions, kept messages, one queue.
 *
 * Messages are handed out in the order they came, each to all its subscribers before the next, outside the publisher's own
 * call; so a handler that publishes cannot overtake the message it answers to.
 */
export interface Router {
  route(topic: string, payload: Uint8Array, retain: boolean): void;
  /** The same with a value of this process, whose payload is made only when it is read. */
  routeValue(topic: string, value: object, retain: boolean): void;
  /** Topics that say again what is kept of them. */
  routeAgain(again: readonly Again[]): void;
  /** Hands a message to one who joined late; used with what a broker kept. */
  add(filter: string, handler: (message: BusMessage) => void, again?: AgainHandler): Cancel;
  /** Settles when everything routed so far was handed out. */
  drained(): Promise<void>;
  readonly retainedCount: number;
  isRetained(topic: string): boolean;
}

export interface BusReports {
  readonly log?: Log;
  readonly metrics?: Metrics;
  /** For limiting log lines. Default: the system's. */
  readonly clock?: Clock;
  /** Calls soon, outside of whoever asks. Default: in a turn of the promise queue. */
  readonly soon?: (run: () => void) => void;
}

interface Subscription {
  readonly filter: string;
  /** It has no wildcard. */
  readonly plain: boolean;
  readonly handler: (message: BusMessage) => void;
  /** Null: it hears of each as of any other message. */
  readonly again: AgainHandler | null;
  active: boolean;
}

type AgainHandler = (again: readonly Again[]) => void;
/** What waits for its turn. */
type Work = ValueMessage | Routed | readonly Again[] | (() => void);

const MOST_RETAINED = 50_000;
const MOST_CACHED_TOPICS = 10_000;

/** An incident with its whole timeline fits; anything larger is a mistake or an attack. */
export const MOST_PAYLOAD_BYTES = 4 * 1024 * 1024;
/** Aedes and its topic tree take no more levels. */
const MOST_LEVELS = 100;

export function createRouter(reports: BusReports = {}): Router {
  const subscriptions = new Set<Subscription>();
  const retained = new Map<string, Kept>();
  /** Of each topic: which subscriptions it goes to, and its kept message's place; emptied whenever the subscriptions change. */
  const ways = new Map<string, Way>();
  let queue: Work[] = [];
  let draining = false;
  const waiting: (() => void)[] = [];
  const soon = reports.soon ?? ((run: () => void) => void Promise.resolve().then(run));
  const hand = safeHandler(reports);
  const limited = limitLog(reports.log ?? silentLog, reports.clock ?? createSystemClock());

  const enqueue = (work: Work): void => {
    queue.push(work);
    if (draining) return;
    draining = true;
    soon(drain);
  };
  const drain = (): void => {
    while (queue.length > 0) {
      const works = queue;
      queue = [];
      for (const one of works) {
        if (one instanceof ValueMessage) handOut(one, one.retain);
        else if (typeof one === 'function') one();
        else if ('message' in one) handOut(one.message, one.retain);
        else handOutAgain(one);
      }
    }
    draining = false;
    for (const tell of waiting.splice(0)) tell();
  };
  const handOut = (message: BusMessage, retain: boolean): void => {
    const way = wayOf(message.topic);
    if (retain) keep(message, way);
    for (const one of way.subscriptions) if (one.active) hand(one, message);
  };
  const handOutAgain = (all: readonly Again[]): void => {
    const groups = new Map<Subscription, Again[]>();
    for (const one of all) {
      const way = wayOf(one.topic);
      if (way.kept === null) keep(new ValueMessage(one.topic, one.value(), false, true), way);
      else way.kept.again = one;
      let message: BusMessage | null = null;
      for (const subscription of way.subscriptions) {
        const group = groups.get(subscription);
        if (group !== undefined) group.push(one);
        else if (subscription.again !== null) groups.set(subscription, [one]);
        else if (subscription.active) {
          message ??= new ValueMessage(one.topic, one.value(), false, true);
          hand(subscription, message);
        }
      }
    }
    for (const [subscription, group] of groups) if (subscription.active) handAgain(subscription, group);
  };
  const handAgain = safeAgain(reports);
  const wayOf = (topic: string): Way => {
    const cached = ways.get(topic);
    if (cached !== undefined) return cached;
    const found = [...subscriptions].filter((one) =>
      one.plain ? one.filter === topic : topicMatches(one.filter, topic),
    );
    if (ways.size >= MOST_CACHED_TOPICS) ways.clear();
    const way: Way = { subscriptions: found, kept: retained.get(topic) ?? null };
    ways.set(topic, way);
    return way;
  };
  const keep = (message: BusMessage, way: Way): void => {
    const { topic } = message;
    if (message.value === undefined && message.payload.length === 0) {
      retained.delete(topic);
      way.kept = null;
    } else if (way.kept !== null) {
      way.kept.message = message;
      way.kept.again = null;
    } else if (retained.size < MOST_RETAINED) {
      way.kept = { message, again: null };
      retained.set(topic, way.kept);
    } else {
      reports.metrics?.count('zhishou_bus_retained_refused_total');
      limited.warn('retained-full', { topic }, 'too many kept messages; this one is not kept');
    }
  };
  return {
    route: (topic, payload, retain) => enqueue({ message: { topic, payload, retained: false }, retain }),
    routeValue: (topic, value, retain) => enqueue(new ValueMessage(topic, value, false, retain)),
    routeAgain: enqueue,
    add(filter, handler, again) {
      const subscription: Subscription = {
        filter,
        plain: !/[+#]/.test(filter),
        handler,
        again: again ?? null,
        active: true,
      };
      // Joins in turn: after what is already on its way, so that kept messages come before live ones and none comes twice.
      enqueue(() => {
        if (!subscription.active) return;
        for (const [topic, kept] of retained) {
          if (subscription.active && topicMatches(filter, topic)) hand(subscription, asRetained(kept));
        }
        subscriptions.add(subscription);
        ways.clear();
      });
      return () => {
        subscription.active = false;
        subscriptions.delete(subscription);
        ways.clear();
      };
    },
    drained: async () => {
      while (draining) await new Promise<void>((resolve) => waiting.push(resolve));
    },
    get retainedCount() {
      return retained.size;
    },
    isRetained: (topic) => retained.has(topic),
  };
}

/** What is kept of a topic: the newest. */
interface Kept {
  message: BusMessage;
  /** It was said again since; the message is made anew for one who joins. */
  again: Again | null;
}

interface Way {
  readonly subscriptions: readonly Subscription[];
  kept: Kept | null;
}

interface Routed {
  readonly message: BusMessage;
  readonly retain: boolean;
}

/** A message that never left this process. */
class ValueMessage implements BusMessage {
  readonly topic: string;
  readonly value: object;
  readonly retained: boolean;
  /** It is to be kept for those who come later. */
  readonly retain: boolean;
  #payload: Uint8Array | null = null;

  constructor(topic: string, value: object, retained: boolean, retain: boolean) {
    this.topic = topic;
    this.value = value;
    this.retained = retained;
    this.retain = retain;
  }

  get payload(): Uint8Array {
    this.#payload ??= encoder.encode(JSON.stringify(this.value));
    return this.#payload;
  }
}

const asRetained = ({ message, again }: Kept): BusMessage => {
  if (again !== null) return new ValueMessage(again.topic, again.value(), true, false);
  return typeof message.value === 'object' && message.value !== null
    ? new ValueMessage(message.topic, message.value, true, false)
    : { topic: message.topic, payload: message.payload, retained: true };
};

/** Calls a handler; what it throws is logged and counted, and disturbs nobody. */
export function safeHandler(
  reports: BusReports,
): (subscription: Pick<Subscription, 'filter' | 'handler'>, message: BusMessage) => void {
  const failed = failureTeller(reports);
  return (subscription, message) => {
    try {
      subscription.handler(message);
    } catch (error) {
      failed(subscription.filter, message.topic, error);
    }
  };
}

/** The same for what is said again. */
function safeAgain(reports: BusReports): (subscription: Subscription, again: readonly Again[]) => void {
  const failed = failureTeller(reports);
  return (subscription, again) => {
    try {
      subscription.again?.(again);
    } catch (error) {
      failed(subscription.filter, again[0]?.topic ?? '', error);
    }
  };
}

function failureTeller(reports: BusReports): (filter: string, topic: string, error: unknown) => void {
  const limited = limitLog(reports.log ?? silentLog, reports.clock ?? createSystemClock());
  return (filter, topic, error) => {
    reports.metrics?.count('zhishou_bus_handler_errors_total', { filter });
    limited.error(`handler ${filter}`, { topic, filter, err: error }, 'a subscriber failed on a message');
  };
}

const encoder = new TextEncoder();

/** The payload's bytes, or the reason why this cannot be published. */
export function checkedPayload(topic: string, payload: Uint8Array | string): Uint8Array {
  checkTopic(topic);
  const bytes = typeof payload === 'string' ? encoder.encode(payload) : payload;
  if (bytes.length > MOST_PAYLOAD_BYTES) {
    throw new ZhishouError(
      'TOO_LARGE',
      topic,
      `a message of ${bytes.length} bytes; at most ${MOST_PAYLOAD_BYTES} are taken`,
    );
  }
  return bytes;
}

export function checkTopic(topic: string): void {
  const wrong = topicProblem(topic) ?? (/[+#]/.test(topic) ? 'a message goes to one topic, without + or #' : null);
  if (wrong !== null) throw new ZhishouError('BAD_REQUEST', topic.slice(0, 200), wrong);
}

/** MQTT 3.1.1 section 4.7: `#` stands last, `+` fills a level. */
export function checkFilter(filter: string): void {
  const parts = filter.split('/');
  const misplaced = parts.some(
    (part, place) =>
      (part.includes('#') && (part !== '#' || place !== parts.length - 1)) || (part.includes('+') && part !== '+'),
  );
  const wrong = topicProblem(filter) ?? (misplaced ? '# stands last and + fills a whole level' : null);
  if (wrong !== null) throw new ZhishouError('BAD_REQUEST', filter.slice(0, 200), wrong);
}

function topicProblem(topic: string): string | null {
  if (topic === '') return 'the topic is empty';
  if (topic.length > 1000) return 'the topic is too long';
  if (topic.includes('\0')) return 'the topic has a NUL character';
  return topic.split('/').length > MOST_LEVELS ? `the topic has more than ${MOST_LEVELS} levels` : null;
}
