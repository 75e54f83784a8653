import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { performance } from 'node:perf_hooks';
import { Aedes } from 'aedes';
import { connectAsync } from 'mqtt';

/** The peer of the latency measure: what a broker and an HTTP POST cost when nothing is decided and nothing is kept. */
export interface Receiver {
  readonly url: string;
  /** The instant at which the next whole request to `/floor` was here. */
  nextFloor(): Promise<number>;
  stop(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  let waiting: ((at: number) => void) | null = null;
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      if (request.url === '/floor') {
        waiting?.(performance.now());
        waiting = null;
      }
      response.writeHead(204).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    nextFloor: () =>
      new Promise((resolve) => {
        waiting = resolve;
      }),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface Floor {
  /** One message through; the milliseconds from `publish` to the server having it. */
  once(payload: string): Promise<number>;
  stop(): Promise<void>;
}

export async function startFloor(receiver: Receiver): Promise<Floor> {
  const aedes = await Aedes.createBroker();
  const server = createTcpServer((socket) => {
    socket.setNoDelay(true);
    aedes.handle(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const post = (body: string): void => {
    const headers = { 'content-type': 'application/json' };
    void fetch(`${receiver.url}/floor`, { method: 'POST', headers, body }).then((response) => response.arrayBuffer());
  };
  await new Promise<void>((resolve) => {
    const onMessage = (packet: { payload: Buffer | string }, done: () => void): void => {
      post(packet.payload.toString());
      done();
    };
    aedes.subscribe('floor', onMessage, () => resolve());
  });
  const client = await connectAsync({
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    reconnectPeriod: 0,
  });
  return {
    async once(payload) {
      const received = receiver.nextFloor();
      const from = performance.now();
      await client.publishAsync('floor', payload, { qos: 1 });
      return (await received) - from;
    },
    async stop() {
      await client.endAsync(true);
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
