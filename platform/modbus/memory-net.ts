import { ZhishouError } from '#core/errors.ts';
import type { ByteStream, Dial, Serve, StreamEvents } from './byte-stream.ts';

/** Streams without sockets, for simulation and for tests on the virtual clock: what is written arrives as soon as promises settle. */
export interface MemoryNet {
  readonly dial: Dial;
  readonly serve: Serve;
}

export function createMemoryNet(): MemoryNet {
  const doors = new Map<string, { open: (peer: ByteStream) => StreamEvents; peers: Set<ByteStream> }>();
  let nextPort = 50_000;
  return {
    dial: ({ host, port }, _limit, events) => {
      const door = doors.get(`${host}:${port}`);
      if (door === undefined)
        return Promise.reject(new ZhishouError('UNREACHABLE', `${host}:${port}`, 'nobody listens'));
      const [near, far] = pair(
        () => events,
        () => serving,
        (gone) => door.peers.delete(gone),
      );
      const serving = door.open(far);
      door.peers.add(far);
      return Promise.resolve(near);
    },
    serve: ({ host, port }, open) => {
      const own = port === 0 ? nextPort++ : port;
      const name = `${host}:${own}`;
      if (doors.has(name)) return Promise.reject(new ZhishouError('UNREACHABLE', name, 'taken'));
      const door = { open, peers: new Set<ByteStream>() };
      doors.set(name, door);
      const stop = async (): Promise<void> => {
        doors.delete(name);
        for (const peer of [...door.peers]) peer.close();
      };
      return Promise.resolve({ port: own, stop });
    },
  };
}

function pair(
  near: () => StreamEvents,
  far: () => StreamEvents,
  gone: (far: ByteStream) => void,
): [ByteStream, ByteStream] {
  let open = true;
  const end = (to: () => StreamEvents) => (): void => {
    if (!open) return;
    open = false;
    gone(farEnd);
    queueMicrotask(() => to().closed('the other side has closed the connection'));
  };
  const send =
    (to: () => StreamEvents) =>
    (bytes: Uint8Array): void => {
      const copy = bytes.slice();
      queueMicrotask(() => {
        if (open) to().data(copy);
      });
    };
  const nearEnd: ByteStream = { write: send(far), close: end(far) };
  const farEnd: ByteStream = { write: send(near), close: end(near) };
  return [nearEnd, farEnd];
}
