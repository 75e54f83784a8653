import { ZhishouError } from '#core/errors.ts';
import { seconds } from '#core/time.ts';
import { createNutLink, type NutConnector } from './nut-client.ts';
import type { NutDoor, NutListener, NutSession } from './nut-listener.ts';
import { createNutLineReader, type NutLine } from './nut-words.ts';

/** The listener's twin without sockets: for simulation and for tests on the virtual clock. */
export interface MemoryNutNet {
  readonly listener: NutListener;
  /** A client at this address; throws UNREACHABLE while nobody listens. */
  connect(address: string): MemoryNutClient;
  /** The client's twin: whatever host and port are asked for, it is this net's server that answers, at once. */
  readonly connector: NutConnector;
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
  const dial = (address: string): MemoryNutClient => {
    if (door === null) throw new ZhishouError('UNREACHABLE', 'memory', 'nobody listens');
    return connectTo(door.open(address), lineBytes, ends);
  };
  return {
    connector: { open: async ({ host, port }) => linkOver(dial('memory'), `nut ${host}:${port}`) },
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
    connect: dial,
  };
}

/** The answers are here before they are asked for; a question that has none would be waited for in vain. */
function linkOver(client: MemoryNutClient, where: string): ReturnType<typeof createNutLink> {
  const reader = createNutLineReader(4096);
  const lines: NutLine[] = [];
  const wire = {
    send: (text: string): void => void lines.push(...reader.push(Buffer.from(client.send(text)))),
    next: async (): Promise<NutLine> => {
      const line = lines.shift();
      if (line !== undefined) return line;
      if (client.closed) throw new ZhishouError('UNREACHABLE', where, 'it hung up');
      throw new ZhishouError('TIMED_OUT', where);
    },
    close: (): void => {
      client.send('LOGOUT\n');
      client.close();
    },
  };
  return createNutLink(wire, where, seconds(5));
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
