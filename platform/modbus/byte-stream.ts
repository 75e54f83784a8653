import { connect, createServer, type Socket } from 'node:net';
import { ZhishouError } from '#core/errors.ts';
import type { Stop } from '#core/ports.ts';
import type { Duration } from '#core/time.ts';

/** Bytes to one peer. */
export interface ByteStream {
  write(bytes: Uint8Array): void;
  /** Nothing is told any more after it. */
  close(): void;
}

export interface StreamEvents {
  data(bytes: Uint8Array): void;
  /** The other side has gone. */
  closed(reason: string): void;
}

export interface Place {
  readonly host: string;
  readonly port: number;
}

/** Opens a stream. Rejects with TIMED_OUT or UNREACHABLE. */
export type Dial = (to: Place, limit: Duration, events: StreamEvents) => Promise<ByteStream>;

/** Takes streams in; port 0 is any. */
export type Serve = (at: Place, open: (peer: ByteStream) => StreamEvents) => Promise<{ port: number; stop: Stop }>;

/** Over TCP; the limit is real time, as it is the network that is waited for. */
export const dialTcp: Dial = ({ host, port }, limit, events) =>
  new Promise((resolve, reject) => {
    const where = `${host}:${port}`;
    const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 });
    const fail = (error: ZhishouError): void => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => {});
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(() => fail(new ZhishouError('TIMED_OUT', where, 'no connection')), limit);
    socket.once('error', (error) => fail(new ZhishouError('UNREACHABLE', where, error.message, { cause: error })));
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.removeAllListeners('error');
      resolve(toStream(socket, () => events));
    });
  });

function toStream(socket: Socket, events: () => StreamEvents): ByteStream {
  let closed = false;
  let reason = 'the other side has closed the connection';
  socket.on('data', (bytes: Uint8Array) => {
    if (!closed) events().data(bytes);
  });
  socket.on('error', (error) => {
    reason = error.message;
  });
  socket.on('close', () => {
    if (!closed) events().closed(reason);
    closed = true;
  });
  return {
    write: (bytes) => {
      if (!closed) socket.write(bytes);
    },
    close: () => {
      closed = true;
      socket.destroy();
    },
  };
}

const MOST_PEERS = 64;

export const serveTcp: Serve = ({ host, port }, open) => {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    let events: StreamEvents = { data: () => {}, closed: () => {} };
    const stream = toStream(socket, () => events);
    events = open(stream);
  });
  server.maxConnections = MOST_PEERS;
  const stop = (): Promise<void> =>
    new Promise((done) => {
      server.close(() => done());
      for (const socket of sockets) socket.destroy();
    });
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(new ZhishouError('UNREACHABLE', `tcp ${host}:${port}`, error.message, { cause: error })),
    );
    server.listen(port, host, () => {
      const address = server.address();
      resolve({ port: typeof address === 'object' && address !== null ? address.port : port, stop });
    });
  });
};
