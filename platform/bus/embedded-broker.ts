import { createServer, type Server, type Socket } from 'node:net';
import { Aedes, type Client } from 'aedes';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { Bus, BusMessage, Cancel } from '#core/ports.ts';
import { createPolicy, type PolicyOptions } from './broker-policy.ts';
import { createOutsideReaders, type OutsideReaders } from './outside-readers.ts';
import { guardPackets } from './packet-guard.ts';
import { keepNoPacketNumbers } from './packet-numbers.ts';
import { checkedPayload, checkFilter, checkTopic, createRouter, type Router } from './router.ts';

/**
 * The bus with a broker inside: services of this process use it directly, sensors and other processes over MQTT.
 *
 * Messages of this process never wait for a client outside: they go through the router at once, and aedes hands them on
 * to the network in its own time; values are encoded only for topics that somebody outside reads. What comes from outside is judged in one place (`judge`): allowed, it enters the same
 * router before it is acknowledged; refused, it is acknowledged and dropped, because a refusal in MQTT 3.1.1 could only
 * close the connection, and one bad topic of a gateway must not cost the smoke detector behind it.
 */
export interface EmbeddedBroker extends Bus {
  readonly host: string;
  readonly port: number;
  /** Clients connected over the network. */
  readonly clients: number;
  drained(): Promise<void>;
}

export interface EmbeddedBrokerOptions extends PolicyOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly mostConnections?: number;
}

const MOST_CONNECTIONS = 500;
const CONNECT_TIMEOUT_MS = 10_000;
/** A client that reads nothing for so long is cut off. */
const DRAIN_TIMEOUT_MS = 10_000;
/** Starts the broker; rejects with UNREACHABLE when the address cannot be listened on. */
export async function createEmbeddedBroker(options: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
  keepNoPacketNumbers();
  const router = createRouter(options);
  const policy = createPolicy(options, router);
  const aedes = await Aedes.createBroker({
    // One slow reader must not hold up the others: no common limit, each is cut off by its own drain time-out.
    concurrency: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    drainTimeout: DRAIN_TIMEOUT_MS,
    preConnect: (_client, packet, done) => {
      // A kept session of a client that never comes back would collect messages for ever.
      packet.clean = true;
      done(null, true);
    },
    authenticate: policy.authenticate,
    authorizePublish: (client, packet, done) => {
      policy.judge(client, packet);
      if (packet.retain) outside.replaced(packet.topic);
      done(null);
    },
    authorizeSubscribe: (client, subscription, done) => {
      if (subscription.topic.startsWith('$') || client === null) done(null, null);
      else void outside.join(client, subscription.topic).then(() => done(null, subscription));
    },
    authorizeForward: policy.forward,
  });
  const outside = createOutsideReaders(async (topic, value, retain) => {
    try {
      await toNetwork(aedes, topic, checkedPayload(topic, JSON.stringify(value)), retain, 1);
    } catch (error) {
      options.log?.warn({ topic, err: error }, NOT_HANDED_ON);
    }
  });
  aedes.on('unsubscribe', (filters, client) => outside.leave(client, filters));
  aedes.on('clientDisconnect', (client) => outside.leave(client));
  aedes.on('clientError', (client, error) => policy.report('client-error', client.id ?? '?', error));
  aedes.on('connectionError', (client, error) => policy.report('connection-error', client.id ?? '?', error));

  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.setNoDelay(true);
    let client: Client | null = null;
    guardPackets(
      socket,
      () => policy.mostBytes(client),
      () => policy.report('too-large', client?.id ?? '?', null),
    );
    client = aedes.handle(socket);
  });
  server.maxConnections = options.mostConnections ?? MOST_CONNECTIONS;
  server.on('drop', () => policy.report('too-many-connections', '', null));
  try {
    await listen(server, options);
  } catch (error) {
    await new Promise<void>((resolve) => aedes.close(resolve));
    throw error;
  }
  return busOver({ aedes, server, sockets, router, outside }, options);
}

const NOT_HANDED_ON = 'the broker could not hand a message to the network';

/** Resolves when it is kept and on its way. */
const toNetwork = (aedes: Aedes, topic: string, bytes: Uint8Array, retain: boolean, qos: 0 | 1): Promise<void> =>
  new Promise((resolve, reject) => {
    const packet = { cmd: 'publish', topic, payload: Buffer.from(bytes), qos, retain, dup: false } as const;
    aedes.publish(packet, (error?: Error | null) => (error ? reject(error) : resolve()));
  });

interface Parts {
  readonly aedes: Aedes;
  readonly server: Server;
  readonly sockets: Set<Socket>;
  readonly router: Router;
  readonly outside: OutsideReaders;
}

const MOST_CHECKED_TOPICS = 10_000;

function busOver({ aedes, server, sockets, router, outside }: Parts, options: EmbeddedBrokerOptions): EmbeddedBroker {
  const checked = new Set<string>();
  const listeners = new Set<(up: boolean) => void>();
  const address = server.address();
  let closed = false;
  const refuse = (subject: string): void => {
    if (closed) throw new ZhishouError('BUS_DOWN', subject, 'the broker is closed');
  };
  return {
    host: options.host,
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    get clients() {
      return sockets.size;
    },
    drained: router.drained,
    async publish(topic, payload, { retain = false, qos = 1 } = {}) {
      const bytes = checkedPayload(topic, payload);
      refuse(topic);
      router.route(topic, bytes, retain);
      if (retain) outside.replaced(topic);
      toNetwork(aedes, topic, bytes, retain, qos).catch((error: unknown) =>
        options.log?.warn({ topic, err: error }, NOT_HANDED_ON),
      );
    },
    publishValue(topic, value, { retain = false } = {}) {
      if (!checked.has(topic)) {
        checkTopic(topic);
        if (checked.size < MOST_CHECKED_TOPICS) checked.add(topic);
      }
      refuse(topic);
      router.routeValue(topic, value, retain);
      outside.put(topic, value, retain);
    },
    async subscribe(filter, handler: (message: BusMessage) => void) {
      checkFilter(filter);
      refuse(filter);
      const cancel = router.add(filter, handler);
      return async () => cancel();
    },
    onConnection(listener): Cancel {
      listeners.add(listener);
      listener(!closed);
      return () => void listeners.delete(listener);
    },
    async close() {
      if (closed) return;
      await router.drained();
      closed = true;
      const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
      await new Promise<void>((resolve) => aedes.close(resolve));
      for (const socket of sockets) socket.destroy();
      await stopped;
      for (const listener of listeners) listener(false);
      listeners.clear();
    },
  };
}

function listen(server: Server, { host, port }: EmbeddedBrokerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(new ZhishouError('UNREACHABLE', `mqtt://${host}:${port}`, messageOf(error), { cause: error })),
    );
    server.listen(port, host, resolve);
  });
}
