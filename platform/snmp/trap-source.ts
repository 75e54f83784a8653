import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { performance } from 'node:perf_hooks';
import snmp, { type Receiver } from 'net-snmp';
import type { SnmpConnection } from '#core/config/connections.ts';
import { ZhishouError } from '#core/errors.ts';
import type { Log, Metrics, Stop, Trap, TrapSource } from '#core/ports.ts';
import type { Secret } from '#core/secret.ts';
import { reveal, userOf } from './session.ts';
import { toTrap } from './to-trap.ts';

/**
 * Hears SNMP traps and informs (v1, v2c, v3) on one UDP port. Whatever arrives is hostile: garbage, truncated BER, a
 * wrong community, a flood. It is counted by its reason and dropped, with a log line a minute at most for each reason.
 */
export interface TrapSourceOptions {
  readonly host: string;
  /** 0 takes any free port; `listeningPort` tells which. */
  readonly port: number;
  /** The site's trap community; each device's own community is accepted too. */
  readonly community?: string | Secret | undefined;
  /** The devices' connections: their communities and v3 users are those accepted. */
  readonly connections?: readonly SnmpConnection[];
  readonly log: Log;
  readonly metrics: Metrics;
  /** Datagrams a second that are looked at; more are dropped and counted. */
  readonly mostPerSecond?: number;
}

export interface ListeningTrapSource extends TrapSource {
  /** The port while listening, else null. */
  readonly listeningPort: () => number | null;
}

const LOG_EVERY_MS = 60_000;

export function createTrapSource(options: TrapSourceOptions): ListeningTrapSource {
  let socket: Socket | null = null;
  const reject = rejections(options);
  return {
    listeningPort: () => (socket === null ? null : socket.address().port),
    listen: async (handler) => {
      if (socket !== null) throw new ZhishouError('CONFLICT', 'trap source', 'already listening');
      const opened = createSocket(options.host.includes(':') ? 'udp6' : 'udp4');
      const receiver = startReceiver(opened, options, handler, reject);
      await bind(opened, options);
      socket = opened;
      let stopping: Promise<void> | null = null;
      const stop: Stop = () => {
        stopping ??= new Promise((resolve) => {
          socket = null;
          receiver.close(() => resolve());
        });
        return stopping;
      };
      return stop;
    },
  };
}

type Reject = (reason: string, from: string | null, detail?: string) => void;
type Feed = (bytes: Buffer, from: RemoteInfo) => void;

type TrapSocket = Pick<Socket, 'on' | 'send' | 'address' | 'close'>;

/** net-snmp's receiver decodes and answers informs; the socket is ours, so that nothing hostile reaches it unguarded. */
export function startReceiver(
  socket: TrapSocket,
  options: TrapSourceOptions,
  handler: (trap: Trap) => void,
  reject: Reject,
): Receiver {
  let feed: Feed = () => {};
  const facade = {
    on: (event: string, listener: Feed) => {
      if (event === 'message') feed = listener;
    },
    bind: () => {},
    send: socket.send.bind(socket),
    address: () => socket.address(),
    close: (done?: () => void) => socket.close(done),
  };
  const receiver = snmp.createReceiver(
    { includeAuthentication: true, dgramModule: { createSocket: () => facade as unknown as Socket } },
    (error, message) => {
      if (error !== null) return reject(reasonOf(error), error.rinfo?.address ?? null, error.message);
      const trap = message === undefined ? null : toTrap(message);
      if (trap === null) return reject('malformed', message?.rinfo.address ?? null);
      deliver(trap, handler, options, reject);
    },
  );
  const authorizer = receiver.getAuthorizer();
  const { communities, users } = accepted(options);
  for (const community of communities) authorizer.addCommunity(community);
  for (const user of users) authorizer.addUser(user);
  const admit = limiter(options.mostPerSecond ?? 500);
  socket.on('message', (bytes, from) => {
    if (!admit()) return reject('flood', from.address);
    if (bytes.length === 0) return reject('malformed', from.address);
    try {
      feed(bytes, from);
    } catch (error) {
      reject('malformed', from.address, String(error));
    }
  });
  return receiver;
}

function deliver(trap: Trap, handler: (trap: Trap) => void, options: TrapSourceOptions, reject: Reject): void {
  options.metrics.count('zhishou_traps_received_total', { version: trap.version });
  try {
    handler(trap);
  } catch (error) {
    reject('handler', trap.from, String(error));
  }
}

function bind(socket: Socket, options: TrapSourceOptions): Promise<void> {
  return new Promise((resolve, fail) => {
    const onError = (cause: Error): void =>
      fail(new ZhishouError('UNREACHABLE', `${options.host}:${options.port}`, cause.message, { cause }));
    socket.once('error', onError);
    socket.once('listening', () => {
      socket.removeListener('error', onError);
      // Nothing that comes later may end the process.
      socket.on('error', (error) => options.log.warn({ error: error.message }, 'trap socket'));
      resolve();
    });
    socket.bind(options.port, options.host);
  });
}

function accepted(options: TrapSourceOptions) {
  const communities = new Set<string>();
  if (options.community !== undefined) communities.add(reveal(options.community));
  const users = new Map<string, ReturnType<typeof userOf>>();
  for (const connection of options.connections ?? []) {
    if (connection.version !== '3') communities.add(reveal(connection.community ?? 'public'));
    else if (connection.user !== undefined) users.set(connection.user, userOf(connection));
  }
  return { communities, users: [...users.values()] };
}

const reasonOf = (error: Error): string => {
  if (error.message.includes('community')) return 'community';
  if (error.message.includes('user') || error.message.includes('digest') || error.message.includes('decrypt'))
    return 'user';
  if (error.name === 'RequestInvalidError') return 'not-a-trap';
  return 'malformed';
};

function rejections({ log, metrics }: TrapSourceOptions): Reject {
  const said = new Map<string, { until: number; leftOut: number }>();
  return (reason, from, detail) => {
    metrics.count('zhishou_traps_rejected_total', { reason });
    const now = performance.now();
    const kind = said.get(reason);
    if (kind !== undefined && now < kind.until) {
      kind.leftOut++;
      return;
    }
    said.set(reason, { until: now + LOG_EVERY_MS, leftOut: 0 });
    // A wrong community may be a mistyped secret: it stays out of the log.
    const told = reason === 'malformed' ? detail?.slice(0, 200) : undefined;
    const fields = { reason, from, detail: told, leftOut: kind?.leftOut ?? 0 };
    log.warn(fields, 'SNMP trap rejected');
  };
}

/** A token bucket that holds one second's worth. */
function limiter(mostPerSecond: number): () => boolean {
  let tokens = mostPerSecond;
  let at = performance.now();
  return () => {
    const now = performance.now();
    tokens = Math.min(mostPerSecond, tokens + ((now - at) / 1000) * mostPerSecond);
    at = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
