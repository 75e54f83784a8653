import { connect, type MqttClient } from 'mqtt';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { Bus, BusMessage, Cancel, Clock } from '#core/ports.ts';
import type { Random } from '#core/random.ts';
import type { Secret } from '#core/secret.ts';
import { milliseconds } from '#core/time.ts';
import { topicMatches } from '#core/topics.ts';
import { limitLog, silentLog } from '../log.ts';
import { keepNoPacketNumbers } from './packet-numbers.ts';
import { type BusReports, checkedPayload, checkFilter, safeHandler } from './router.ts';

/**
 * The bus over a broker outside.
 *
 * Each connection is a new client with a clean session: what was not acknowledged when the link broke is rejected with
 * BUS_DOWN and never sent behind the caller's back, so the caller alone decides on repeating and order is kept.
 */
export interface MqttBusOptions extends BusReports {
  /** `mqtt://host:1883`, `mqtts://host:8883`. */
  readonly url: string;
  readonly user?: string;
  readonly password?: Secret;
  /** Certificates (PEM) that an mqtts broker's own must come from; without them the public authorities are asked. */
  readonly ca?: string;
  readonly clientId?: string;
  readonly clock: Clock;
  readonly random: Random;
}

interface Subscription {
  readonly filter: string;
  readonly handler: (message: BusMessage) => void;
  /** Topics whose kept message it has had from this connection: a later subscriber of the same filter makes the broker repeat them. */
  readonly kept: Set<string>;
}

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
const CONNECT_TIMEOUT_MS = 5000;
const ACKNOWLEDGE_LIMIT = milliseconds(10_000);
const KEEPALIVE_S = 15;

/** Connects in the background and goes on trying; `publish` rejects with BUS_DOWN meanwhile, subscriptions wait. */
export function createMqttBus(options: MqttBusOptions): Bus {
  const { clock, random, url } = options;
  const limited = limitLog(options.log ?? silentLog, clock);
  const hand = safeHandler(options);
  const subscriptions = new Set<Subscription>();
  const listeners = new Set<(up: boolean) => void>();
  const unacknowledged = new Set<(error: ZhishouError) => void>();
  let client: MqttClient | null = null;
  let up = false;
  let closed = false;
  let failures = 0;
  let cancelRetry: Cancel = () => {};

  const setUp = (wanted: boolean): void => {
    if (up === wanted) return;
    up = wanted;
    options.metrics?.gauge('zhishou_bus_connected', up ? 1 : 0);
    for (const listener of listeners) listener(up);
  };
  const onMessage = (topic: string, payload: Uint8Array, retained: boolean): void => {
    for (const one of [...subscriptions]) {
      if (!subscriptions.has(one) || !topicMatches(one.filter, topic)) continue;
      if (retained && one.kept.has(topic)) continue;
      if (retained) one.kept.add(topic);
      hand(one, { topic, payload, retained });
    }
  };
  const onLost = (lost: MqttClient, reason: string): void => {
    if (client !== lost) return;
    client = null;
    abandon(lost);
    for (const one of subscriptions) one.kept.clear();
    for (const reject of [...unacknowledged]) reject(new ZhishouError('BUS_DOWN', url, 'the connection was lost'));
    setUp(false);
    if (closed) return;
    limited.warn('lost', { broker: url, reason }, 'no connection to the message broker');
    const ceilingMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(failures++, 10));
    cancelRetry = clock.after(milliseconds(random.between(ceilingMs / 2, ceilingMs)), open);
  };
  const onConnected = async (connected: MqttClient): Promise<void> => {
    const filters = [...new Set([...subscriptions].map((one) => one.filter))];
    if (filters.length > 0) await subscribeAt(connected, filters);
    if (client !== connected) return;
    failures = 0;
    setUp(true);
    options.log?.info({ broker: url }, 'connected to the message broker');
  };
  keepNoPacketNumbers();
  const open = (): void => {
    const opened = connect(url, {
      ...(options.user === undefined ? {} : { username: options.user }),
      ...(options.password === undefined ? {} : { password: options.password.reveal() }),
      ...(options.ca === undefined ? {} : { ca: options.ca }),
      clientId: options.clientId ?? `zhishou-${random.integer(0, 2 ** 48).toString(36)}`,
      protocolVersion: 4,
      clean: true,
      keepalive: KEEPALIVE_S,
      reconnectPeriod: 0,
      resubscribe: false,
      connectTimeout: CONNECT_TIMEOUT_MS,
    });
    client = opened;
    let reason = 'closed';
    opened.on('message', (topic, payload, packet) => onMessage(topic, payload, packet.retain));
    opened.on('error', (error) => {
      reason = messageOf(error);
    });
    opened.on('close', () => onLost(opened, reason));
    opened.on('connect', () => {
      onConnected(opened).catch((error: unknown) => onLost(opened, messageOf(error)));
    });
  };
  const acknowledged = (subject: string, begin: (done: (error?: Error | null) => void) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      const fail = (error: ZhishouError): void => {
        settle();
        reject(error);
      };
      const cancelLimit = clock.after(ACKNOWLEDGE_LIMIT, () =>
        fail(new ZhishouError('BUS_DOWN', subject, 'the broker did not acknowledge in time')),
      );
      const settle = (): void => {
        cancelLimit();
        unacknowledged.delete(fail);
      };
      unacknowledged.add(fail);
      begin((error) => {
        settle();
        if (error) reject(new ZhishouError('BUS_DOWN', subject, error.message, { cause: error }));
        else resolve();
      });
    });

  open();
  return {
    async publish(topic, payload, { retain = false, qos = 1 } = {}) {
      const bytes = checkedPayload(topic, payload);
      const at = client;
      if (at === null || !up) throw new ZhishouError('BUS_DOWN', topic);
      await acknowledged(topic, (done) => at.publish(topic, Buffer.from(bytes), { qos, retain }, done));
    },
    async subscribe(filter, handler) {
      checkFilter(filter);
      if (closed) throw new ZhishouError('BUS_DOWN', filter);
      const subscription: Subscription = { filter, handler, kept: new Set() };
      subscriptions.add(subscription);
      const at = client;
      if (at !== null && up) await acknowledged(filter, (done) => subscribe(at, [filter], done));
      return async () => {
        if (!subscriptions.delete(subscription) || [...subscriptions].some((one) => one.filter === filter)) return;
        client?.unsubscribe(filter, () => {});
      };
    },
    onConnection(listener) {
      listeners.add(listener);
      listener(up);
      return () => void listeners.delete(listener);
    },
    async close() {
      if (closed) return;
      closed = true;
      cancelRetry();
      const last = client;
      client = null;
      setUp(false);
      listeners.clear();
      subscriptions.clear();
      if (last === null) return;
      const connected = last.connected;
      last.removeAllListeners();
      last.on('error', () => {});
      if (connected) await new Promise<void>((resolve) => last.end(false, {}, () => resolve()));
      abandon(last);
    },
  };
}

function abandon(client: MqttClient): void {
  client.removeAllListeners();
  // What the library still says of a connection that was given up concerns nobody.
  client.on('error', () => {});
  client.end(true);
}

const subscribeAt = (client: MqttClient, filters: string[]): Promise<void> =>
  new Promise((resolve, reject) => subscribe(client, filters, (error) => (error ? reject(error) : resolve())));

/** A broker refuses a filter with 128 in its acknowledgement (MQTT 3.1.1 section 3.9.3). */
function subscribe(client: MqttClient, filters: string[], done: (error?: Error | null) => void): void {
  client.subscribe(filters, { qos: 1 }, (error, granted) => {
    const refused = granted?.find((one) => one.qos === 128);
    done(error ?? (refused === undefined ? null : new Error(`the broker refuses the subscription ${refused.topic}`)));
  });
}
