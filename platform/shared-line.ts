import { ZhishouError } from '#core/errors.ts';

/**
 * One connection that several speak over in turn: the devices behind one serial server or gateway.
 *
 * It is opened when the first one speaks, opened anew when it was found closed, and closed when the last one has left. A turn is one
 * question and its answer, so a device that does not answer holds the others up for its time-out at most. When the connection cannot
 * be opened, all who wait already hear so at once: each waiting out its own time-out would make a dead serial server cost thirty of them.
 */
export interface SharedLine<C> {
  /** Runs when all before it are done. Rejects with what opening or `work` rejects with; TOO_MANY when too many wait. */
  turn<T>(work: (connection: C) => Promise<T>): Promise<T>;
  /** Leaves; turns of one's own that still wait are refused. Safe to call twice. */
  leave(): void;
}

export interface Line {
  readonly closed: boolean;
  close(): void;
}

/** More than any line has addresses: somebody asks without waiting for answers. */
const MOST_WAITING = 512;

/** `open` makes the connection of a place (`10.1.2.3:4001`); those who join the same place share it. */
export function createSharedLines<P, C extends Line>(
  open: (place: P) => Promise<C>,
  keyOf: (place: P) => string,
): { join(place: P): SharedLine<C> } {
  const lines = new Map<string, ReturnType<typeof createLine<P, C>>>();
  return {
    join: (place) => {
      const key = keyOf(place);
      const line = lines.get(key) ?? createLine(key, place, open);
      lines.set(key, line);
      line.users++;
      let left = false;
      return {
        turn: (work) =>
          left
            ? Promise.reject(gone(key))
            : line.turn((connection) => (left ? Promise.reject(gone(key)) : work(connection))),
        leave: () => {
          if (left) return;
          left = true;
          line.users--;
          if (line.users > 0) return;
          lines.delete(key);
          line.end();
        },
      };
    },
  };
}

const gone = (key: string): ZhishouError => new ZhishouError('UNREACHABLE', key, 'closed');

interface Waiting<C> {
  readonly run: (connection: C) => Promise<void>;
  readonly refuse: (error: unknown) => void;
}

function createLine<P, C extends Line>(key: string, place: P, open: (place: P) => Promise<C>) {
  const waiting: Waiting<C>[] = [];
  let connection: C | null = null;
  let busy = false;
  let ended = false;

  const connected = async (): Promise<C> => {
    if (connection !== null && !connection.closed) return connection;
    connection = null;
    const opened = await open(place);
    if (ended) {
      opened.close();
      throw gone(key);
    }
    connection = opened;
    return opened;
  };
  const serve = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    while (waiting.length > 0) {
      let line: C;
      try {
        line = await connected();
      } catch (error) {
        for (const one of waiting.splice(0)) one.refuse(error);
        continue;
      }
      await waiting.shift()?.run(line);
    }
    busy = false;
  };
  return {
    users: 0,
    turn: <T>(work: (connection: C) => Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        if (waiting.length >= MOST_WAITING) {
          reject(new ZhishouError('TOO_MANY', key, `${MOST_WAITING} wait already`));
          return;
        }
        const run = async (line: C): Promise<void> => {
          try {
            resolve(await work(line));
          } catch (error) {
            reject(error);
          }
        };
        waiting.push({ run, refuse: reject });
        // Rejects never: whatever goes wrong is told to the one whose turn it was.
        void serve();
      }),
    end: () => {
      ended = true;
      for (const one of waiting.splice(0)) one.refuse(gone(key));
      connection?.close();
    },
  };
}
