import type { Config } from '#core/config/config.ts';
import type { Person } from '#core/config/people.ts';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { DeliveryView, NotificationRequest, OutgoingMessage, WaysToAct } from '#core/notification.ts';
import type { Cancel, Channel, Clock, Log, Metrics } from '#core/ports.ts';
import type { Random } from '#core/random.ts';
import type { Language } from '#core/text.ts';
import { type Instant, milliseconds, toIso } from '#core/time.ts';
import type { Rota } from '../seams.ts';
import type { UnitOfWork } from '../unit-of-work.ts';
import { afterFailure, type Delivery, isOpen, MAX_BACKOFF, pickDue } from './delivery.ts';
import { marked } from './marks.ts';
import { createOutboxStore } from './outbox-store.ts';
import { resolveRecipients } from './recipients.ts';

/**
 * The durable outbox: what must reach people is written down before anything else happens with it, and is sent in the same
 * turn. At least once: a crash between sending and recording repeats the message with the same delivery id; after "sent" is
 * recorded it never goes again.
 */
export interface Outbox {
  /** Takes up what an earlier run left open. */
  start(): void;
  /** Takes a request over; durable when it returns (or when the open unit of work ends). Returns the people it goes to. */
  tell(request: NotificationRequest): readonly string[];
  /** Gives what is on its way a moment to end. */
  stop(): Promise<void>;
}

export interface OutboxDependencies {
  readonly config: Config;
  readonly clock: Clock;
  readonly steady: () => Instant;
  readonly work: UnitOfWork;
  readonly channels: Readonly<Record<string, Channel>>;
  readonly rota: Rota;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly publish: (view: DeliveryView) => void;
  /** How the person may act on it; absent: not at all. */
  readonly waysToAct?: (delivery: DeliveryView) => WaysToAct | null;
  /** What became of one attempt, for the watch over the channels. */
  readonly onAttempt: (delivery: DeliveryView) => void;
}

/** More than this is a flood: all but high severity is then given up at once, and said so. */
const MAX_OPEN = 5000;

type Route = Person['routes'][number];

export function createOutbox(dependencies: OutboxDependencies): Outbox {
  const { config, clock, steady, work, channels, rota, log, metrics } = dependencies;
  const random = dependencies.random.fork('outbox');
  const store = createOutboxStore(work.store);
  const languages = new Map(config.people.people.map(({ id, language }) => [id, language]));
  const languageOf = (person: string): Language => languages.get(person) ?? config.site.language;
  const inFlight = new Map<string, string>();
  const settling = new Set<Promise<void>>();
  const ended: { readonly id: string; readonly error: unknown }[] = [];
  let recording: Promise<void> | null = null;
  let timer: { at: Instant; cancel: Cancel } | null = null;
  let started = false;
  let stopped = false;
  /** The store may be gone: an end that comes now is not recorded, and the message goes out again after the next start. */
  let closed = false;

  function queue(request: NotificationRequest, person: Person): void {
    const avoided = person.routes.filter(({ channel }) => request.avoidChannels?.includes(channel) !== true);
    const routes: readonly Route[] = avoided.length > 0 ? avoided : person.routes;
    const [first, ...rest] = routes;
    if (first === undefined) return;
    if (request.severity === 'high') for (const route of routes) add(request, person, route, []);
    else add(request, person, first, rest);
  }

  function add(request: NotificationRequest, person: Person, route: Route, rest: readonly Route[]): void {
    const now = clock.now();
    const text = marked(request, person.language);
    const full = store.openCount() >= MAX_OPEN && request.severity !== 'high';
    const view: DeliveryView = {
      id: store.nextId(now),
      key: request.key,
      person: person.id,
      personName: person.name,
      channel: route.channel,
      to: route.to,
      ...text,
      severity: request.severity,
      incident: request.about.incident ?? null,
      alert: request.about.alert ?? null,
      state: full ? 'dead' : 'queued',
      attempts: 0,
      error: full ? `more than ${MAX_OPEN} messages wait` : null,
      queuedAt: toIso(now),
      sentAt: null,
      drill: request.drill,
      simulated: request.simulated,
      phase: request.phase ?? 'information',
      conversation: request.conversation ?? request.about.incident ?? request.about.alert ?? request.key,
    };
    keep({ view, group: `${request.key} ${person.id}`, rest, nextAt: steady() });
  }

  function keep(delivery: Delivery): void {
    store.put(delivery);
    work.afterCommit(() => dependencies.publish(delivery.view));
  }

  /** Hands over what is due; the channel is called in this very turn. */
  function pump(): void {
    if (!started || stopped) return;
    const now = steady();
    for (const delivery of pickDue(store.open(), inFlight, now)) send(delivery);
    arm(now);
  }

  function send(delivery: Delivery): void {
    const { view } = delivery;
    inFlight.set(view.id, view.channel);
    const attempt = handOver(view)
      .then(
        () => settle(view.id, null),
        (error: unknown) => settle(view.id, error),
      )
      .catch((error: unknown) => log.error({ delivery: view.id, error: messageOf(error) }, 'outbox failed'));
    settling.add(attempt);
    void attempt.finally(() => settling.delete(attempt));
  }

  function handOver(view: DeliveryView): Promise<void> {
    const channel = channels[view.channel];
    if (channel === undefined) {
      return Promise.reject(new ZhishouError('NOT_FOUND', view.channel, 'no such channel in site.yaml'));
    }
    const message = toMessage(view, languageOf(view.person), dependencies.waysToAct?.(view) ?? null, clock.now());
    try {
      return channel.send(message);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** What ends in the same turn is recorded in one transaction: the next alarm does not wait behind one write for each. */
  function settle(id: string, error: unknown): Promise<void> {
    if (closed) return Promise.resolve();
    ended.push({ id, error });
    recording ??= Promise.resolve().then(record);
    return recording;
  }

  function record(): void {
    recording = null;
    const views = work.run(() => ended.splice(0).flatMap(({ id, error }) => recordEnd(id, error)));
    for (const view of views) {
      metrics.count('zhishou_deliveries_total', { channel: view.channel, state: view.state });
      dependencies.onAttempt(view);
    }
    pump();
  }

  function recordEnd(id: string, error: unknown): DeliveryView[] {
    inFlight.delete(id);
    const delivery = store.get(id);
    if (delivery === null || !isOpen(delivery)) return [];
    return [error === null ? recordSent(delivery) : recordFailure(delivery, error)];
  }

  function recordSent(delivery: Delivery): DeliveryView {
    const attempts = delivery.view.attempts + 1;
    const view: DeliveryView = { ...delivery.view, attempts, state: 'sent', error: null, sentAt: toIso(clock.now()) };
    keep({ ...delivery, view });
    if (view.severity !== 'high') endOthers(delivery);
    return view;
  }

  /** The person has it: the other routes of an in-order message are not needed any more. */
  function endOthers(sent: Delivery): void {
    for (const other of [...store.open()]) {
      if (other.group !== sent.group || other.view.id === sent.view.id || inFlight.has(other.view.id)) continue;
      keep({ ...other, view: { ...other.view, state: 'dead', error: `delivered over ${sent.view.channel} instead` } });
    }
  }

  function recordFailure(delivery: Delivery, error: unknown): DeliveryView {
    const known = { message: messageOf(error), retryable: !(error instanceof ZhishouError) || error.retryable };
    const failed = afterFailure(delivery, known, steady(), random);
    const { view } = failed;
    const fields = { delivery: view.id, channel: view.channel, person: view.person, attempts: view.attempts };
    if (view.state === 'dead') log.error({ ...fields, error: view.error }, 'message given up');
    else log.warn({ ...fields, error: view.error }, 'message not delivered, will be tried again');
    keep({ ...failed, rest: [] });
    const [next, ...rest] = delivery.rest;
    if (next !== undefined) continueOver(delivery, next, rest);
    return view;
  }

  function continueOver(delivery: Delivery, route: Route, rest: readonly Route[]): void {
    const now = clock.now();
    keep({
      group: delivery.group,
      rest,
      nextAt: steady(),
      view: {
        ...delivery.view,
        id: store.nextId(now),
        channel: route.channel,
        to: route.to,
        state: 'queued',
        attempts: 0,
        error: null,
        queuedAt: toIso(now),
      },
    });
  }

  function arm(now: Instant): void {
    let next: Instant | null = null;
    for (const { view, nextAt } of store.open()) {
      if (!inFlight.has(view.id) && nextAt > now && (next === null || nextAt < next)) next = nextAt;
    }
    if (timer?.at === next) return;
    timer?.cancel();
    timer = null;
    if (next === null) return;
    const cancel = clock.after(milliseconds(Math.max(1, next - now)), () => {
      timer = null;
      pump();
    });
    timer = { at: next, cancel };
  }

  return {
    start() {
      store.restore();
      const now = steady();
      // A stored instant far ahead means that the clock was set back between two runs: try now rather than never.
      const late = [...store.open()].filter(({ nextAt }) => nextAt - now > MAX_BACKOFF * 2);
      if (late.length > 0) {
        work.run(() => {
          for (const delivery of late) keep({ ...delivery, nextAt: now });
        });
      }
      started = true;
      pump();
    },
    tell(request) {
      const before = store.taken(request.key);
      if (before !== null) return before;
      return work.run(() => {
        const { people, standIn } = resolveRecipients(request, config, rota, clock.now());
        if (standIn) {
          metrics.count('zhishou_notifications_stand_in_total');
          log.error({ key: request.key, functions: request.functions }, 'nobody of those to be told can be reached');
        }
        const ids = people.map((person) => person.id);
        store.take(request.key, ids, steady());
        work.afterCommit(pump, 'sending');
        for (const person of people) queue(request, person);
        return ids;
      });
    },
    async stop() {
      stopped = true;
      timer?.cancel();
      timer = null;
      await Promise.race([
        Promise.allSettled([...settling]),
        new Promise<void>((resolve) => clock.after(milliseconds(2000), resolve)),
      ]);
      closed = true;
    },
  };
}

function toMessage(view: DeliveryView, language: Language, act: WaysToAct | null, at: Instant): OutgoingMessage {
  const { id, key, to, person, subject, body, severity, incident, alert, drill, simulated } = view;
  const { phase = 'information', conversation = key } = view;
  const about = { incident, alert, conversation, phase, act };
  return { id, to, person, language, subject, body, severity, ...about, drill, simulated, at };
}
