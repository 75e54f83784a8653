import { ZhishouError } from '#core/errors.ts';
import type { NutDoor, NutListener, NutSession } from './nut-listener.ts';
import { createNutLineReader } from './nut-words.ts';

/** The listener's twin without sockets: for simulation and for tests on the virtual clock. */
export interface MemoryNutNet {
  readonly listener: NutListener;
  /** A client at this address; throws UNREACHABLE while nobody listens. */
  connect(address: string): MemoryNutClient;
}

export interface MemoryNutClient {
  /** Sends a text (line ends included) and gives the answers that came back. */
  send(text: string): string;
  readonly closed: boolean;
  close(): void;
}

export function createMemoryNutNet(lineBytes = 1024): MemoryNutNet {
  let door: NutDoor | null = null;
  const ends = new Set<() => void>();
  return {
    listener: {
      listen({ port }, opened) {
        if (door !== null) return Promise.reject(new ZhishouError('UNREACHABLE', `memory:${port}`, 'taken'));
        door = opened;
        const stop = (): Promise<void> => {
          door = null;
          for (const end of [...ends]) end();
          return Promise.resolve();
        };
        return Promise.resolve({ port, stop });
      },
    },
    connect(address) {
      if (door === null) throw new ZhishouError('UNREACHABLE', 'memory', 'nobody listens');
      return connectTo(door.open(address), lineBytes, ends);
    },
  };
}

function connectTo(session: NutSession, lineBytes: number, ends: Set<() => void>): MemoryNutClient {
  const reader = createNutLineReader(lineBytes);
  let closed = false;
  const end = (): void => {
    if (closed) return;
    closed = true;
    ends.delete(end);
    session.ended();
  };
  ends.add(end);
  return {
    send(text) {
      let answers = '';
      for (const line of closed ? [] : reader.push(Buffer.from(text))) {
        const { text: answer, close } = session.answer(line);
        answers += answer;
        if (!close) continue;
        end();
        break;
      }
      return answers;
    },
    get closed() {
      return closed;
    },
    close: end,
  };
}
