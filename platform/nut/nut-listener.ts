import { createServer, type Server, type Socket } from 'node:net';
import { ZhishouError } from '#core/errors.ts';
import type { Stop } from '#core/ports.ts';
import { type Duration, minutes } from '#core/time.ts';
import { createNutLineReader, type NutLine } from './nut-words.ts';

/** Where NUT clients come in. Over TCP here; without sockets in memory-nut.ts. */
export interface NutListener {
  /** Rejects with UNREACHABLE when the port cannot be had. `port` 0 takes any; `bound` tells which. */
  listen(at: { readonly host: string; readonly port: number }, door: NutDoor): Promise<{ port: number; stop: Stop }>;
}

/** What answers behind the listener. */
export interface NutDoor {
  open(address: string): NutSession;
  /** Somebody was turned away or thrown out, and why; for counting. */
  rejected(reason: NutRejection, address: string): void;
}

export interface NutSession {
  /** The answer to one line, with its line ends; `close` hangs up after it. Never throws. */
  answer(line: NutLine): { readonly text: string; readonly close: boolean };
  /** Somebody who has logged in: is not thrown out to make room. */
  readonly settled: boolean;
  ended(): void;
}

export type NutRejection = 'full' | 'full-for-address' | 'made-room' | 'idle' | 'slow-reader' | 'flood' | 'garbage';

export interface NutLimits {
  readonly connections: number;
  readonly perAddress: number;
  readonly lineBytes: number;
  /** Without a whole line for so long a connection is closed: bytes alone do not count. upsd has 60 s. */
  readonly idle: Duration;
  /** What a client has not fetched yet of its answers. */
  readonly unreadBytes: number;
  /** Lines in `idle` time. */
  readonly lines: number;
  /** Lines that are none: a browser, a port scanner, TLS. */
  readonly garbage: number;
}

export const NUT_LIMITS: NutLimits = {
  connections: 256,
  perAddress: 32,
  lineBytes: 1024,
  idle: minutes(1),
  unreadBytes: 256 * 1024,
  lines: 6000,
  garbage: 5,
};

interface Client {
  readonly socket: Socket;
  readonly address: string;
  readonly session: NutSession;
  heardAt: number;
  /** Hangs up, and is gone at once; safe to call twice. */
  readonly leave: () => void;
}

/** The listener on TCP. Its time is real time: it is other machines that are waited for. */
export function createTcpNutListener(limits: NutLimits = NUT_LIMITS): NutListener {
  return {
    listen: ({ host, port }, door) =>
      new Promise((resolve, reject) => {
        const clients = new Set<Client>();
        const server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
          admit(socket, clients, limits, door);
        });
        const refuse = (error: Error): void =>
          reject(new ZhishouError('UNREACHABLE', `tcp ${host}:${port}`, error.message, { cause: error }));
        server.once('error', refuse);
        server.listen(port, host, () => {
          server.off('error', refuse);
          server.on('error', () => {});
          const bound = server.address();
          resolve({
            port: typeof bound === 'object' && bound !== null ? bound.port : port,
            stop: () => stopServer(server, clients),
          });
        });
      }),
  };
}

function stopServer(server: Server, clients: ReadonlySet<Client>): Promise<void> {
  return new Promise((closed) => {
    server.close(() => closed());
    for (const { socket } of clients) socket.destroy();
  });
}

function admit(socket: Socket, clients: Set<Client>, limits: NutLimits, door: NutDoor): void {
  const address = plainAddress(socket.remoteAddress);
  socket.on('error', () => socket.destroy());
  const turnAway = (reason: NutRejection): void => {
    door.rejected(reason, address);
    socket.destroy();
  };
  let same = 0;
  for (const client of clients) if (client.address === address) same++;
  if (same >= limits.perAddress) turnAway('full-for-address');
  else if (clients.size >= limits.connections && !makeRoom(clients, door)) turnAway('full');
  else serve(socket, address, clients, limits, door);
}

/** Throws out who has been silent longest among those that have not logged in: idle connections cannot keep the clients of a plan out. */
function makeRoom(clients: Set<Client>, door: NutDoor): boolean {
  let oldest: Client | null = null;
  for (const client of clients) {
    if (!client.session.settled && (oldest === null || client.heardAt < oldest.heardAt)) oldest = client;
  }
  if (oldest === null) return false;
  door.rejected('made-room', oldest.address);
  oldest.leave();
  return true;
}

function serve(socket: Socket, address: string, clients: Set<Client>, limits: NutLimits, door: NutDoor): void {
  const session = door.open(address);
  let gone = false;
  const leave = (): void => {
    socket.destroy();
    if (gone) return;
    gone = true;
    clearInterval(idle);
    clients.delete(client);
    session.ended();
  };
  const client: Client = { socket, address, session, leave, heardAt: performance.now() };
  const reader = createNutLineReader(limits.lineBytes);
  let lines = 0;
  let garbage = 0;
  const throwOut = (reason: NutRejection): void => {
    door.rejected(reason, address);
    leave();
  };
  const look = (): void => {
    lines = 0;
    if (performance.now() - client.heardAt >= limits.idle) throwOut('idle');
  };
  const idle = setInterval(look, Math.max(10, limits.idle / 2));
  idle.unref();
  clients.add(client);
  socket.on('close', leave);
  /** False: no more is taken from this client. */
  const hear = (line: NutLine): boolean => {
    if ('words' in line) client.heardAt = performance.now();
    else if (++garbage > limits.garbage) {
      throwOut('garbage');
      return false;
    }
    if (++lines > limits.lines / 2) {
      throwOut('flood');
      return false;
    }
    const { text, close } = session.answer(line);
    if (close) socket.end(text);
    else socket.write(text);
    if (socket.writableLength <= limits.unreadBytes) return !close;
    throwOut('slow-reader');
    return false;
  };
  socket.on('data', (bytes: Buffer) => {
    for (const line of reader.push(bytes)) if (!hear(line)) return;
  });
}

/** `::ffff:10.0.0.4` is 10.0.0.4 (RFC 4291 section 2.5.5.2). */
const plainAddress = (address: string | undefined): string => (address ?? 'unknown').replace(/^::ffff:(?=\d+\.)/i, '');
