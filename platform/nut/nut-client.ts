import { connect, type Socket } from 'node:net';
import { ZhishouError } from '#core/errors.ts';
import type { Duration } from '#core/time.ts';
import { createNutLineReader, encodeLine, type NutLine } from './nut-words.ts';

/** One connection to a NUT server (RFC 9271), asked one question after the other. */
export interface NutLink {
  /** The words of the one line that answers. Rejects with REFUSED when it begins with ERR, with the server's word in `detail`. */
  ask(...words: string[]): Promise<readonly string[]>;
  /** The rows of a LIST, without the words of the question: `list('CMD', 'ups')` gives `[['shutdown.return'], …]`. Rows that are none are left out. */
  list(...words: string[]): Promise<readonly (readonly string[])[]>;
  /** Says LOGOUT and closes; safe to call twice. */
  close(): void;
}

/** Rejects with UNREACHABLE or TIMED_OUT. */
export interface NutConnector {
  open(at: { readonly host: string; readonly port: number }, timeout: Duration): Promise<NutLink>;
}

/** A variable's value or a description is short; a longer line is no NUT server. */
const LINE_BYTES = 4096;
const MOST_ROWS = 5000;
/** Of the time that one answer may take: whoever sends a line now and then holds nobody up for hours. */
const LONGEST_LIST = 4;

/** What an answer beginning with ERR says, as an error: `ERR ACCESS-DENIED`. */
export class NutRefusal extends ZhishouError {
  readonly word: string;
  constructor(subject: string, word: string) {
    super('REFUSED', subject, word);
    this.word = word;
  }
}

export function createNutConnector(): NutConnector {
  return {
    open: ({ host, port }, timeout) =>
      new Promise((resolve, reject) => {
        const where = `nut ${host}:${port}`;
        const socket = connect({ host, port, noDelay: true });
        const timer = setTimeout(() => {
          socket.destroy();
          reject(new ZhishouError('TIMED_OUT', where));
        }, timeout);
        socket.once('error', (error) => {
          clearTimeout(timer);
          reject(new ZhishouError('UNREACHABLE', where, error.message, { cause: error }));
        });
        socket.once('connect', () => {
          clearTimeout(timer);
          resolve(createLink(socket, where, timeout));
        });
      }),
  };
}

function createLink(socket: Socket, where: string, timeout: Duration): NutLink {
  return createNutLink(
    {
      send: (text) => void socket.write(text),
      next: lineQueue(socket, where, timeout),
      close: () => {
        if (socket.destroyed) return;
        socket.end('LOGOUT\n');
        socket.destroySoon();
      },
    },
    where,
    timeout,
  );
}

/** What carries the lines: a socket, or nothing but memory. */
export interface NutWire {
  send(text: string): void;
  /** The next line of the other side; rejects with UNREACHABLE or TIMED_OUT. */
  next(): Promise<NutLine>;
  close(): void;
}

export function createNutLink({ send: put, next, close }: NutWire, where: string, timeout: Duration): NutLink {
  let turn: Promise<unknown> = Promise.resolve();

  /** Questions follow each other: the next is sent when the one before has its answer. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = turn.then(work, work);
    turn = mine.catch(() => {});
    return mine;
  }

  /** Null: one row of a list that cannot be read, a serial number of wild bytes; the others are none the worse for it. */
  function wordsOf(came: NutLine, inList: boolean): readonly string[] | null {
    if ('problem' in came) {
      if (inList) return null;
      throw new ZhishouError('BAD_ANSWER', where, came.problem);
    }
    if (came.words[0] === 'ERR') throw new NutRefusal(where, came.words[1] ?? 'ERR');
    return came.words;
  }
  const line = async (): Promise<readonly string[]> => wordsOf(await next(), false) ?? [];

  const send = (words: readonly string[]): void => put(encodeLine(words));
  return {
    ask: (...words) =>
      inTurn(() => {
        send(words);
        return line();
      }),
    list: (...words) =>
      inTurn(async () => {
        send(['LIST', ...words]);
        await expectHead(line, ['BEGIN', 'LIST', ...words], where);
        const rows: (readonly string[])[] = [];
        const begun = performance.now();
        for (let lines = 0; lines <= MOST_ROWS; lines++) {
          if (performance.now() - begun > LONGEST_LIST * timeout)
            throw new ZhishouError('TIMED_OUT', where, 'a slow list');
          const row = wordsOf(await next(), true);
          if (row?.[0] === 'END') return rows;
          if (row !== null && row[0] === words[0]) rows.push(row.slice(words.length));
        }
        throw new ZhishouError('BAD_ANSWER', where, 'a list without an end');
      }),
    close,
  };
}

async function expectHead(line: () => Promise<readonly string[]>, head: readonly string[], where: string) {
  const came = await line();
  if (head.some((word, i) => came[i]?.toLowerCase() !== word.toLowerCase()))
    throw new ZhishouError('BAD_ANSWER', where, `${came.slice(0, 4).join(' ')} instead of a list`);
}

/** The next line, in the order of asking; each waited for at most `timeout`. */
function lineQueue(socket: Socket, where: string, timeout: Duration): () => Promise<NutLine> {
  const reader = createNutLineReader(LINE_BYTES);
  const lines: NutLine[] = [];
  let failure: ZhishouError | null = null;
  let wake: (() => void) | null = null;
  const fail = (error: ZhishouError): void => {
    failure ??= error;
    wake?.();
  };
  socket.removeAllListeners('error');
  socket.on('error', (error) => fail(new ZhishouError('UNREACHABLE', where, error.message, { cause: error })));
  socket.on('close', () => fail(new ZhishouError('UNREACHABLE', where, 'it hung up')));
  socket.on('data', (bytes: Buffer) => {
    lines.push(...reader.push(bytes));
    // Nobody asked for so much: it is no NUT server.
    if (lines.length > MOST_ROWS) {
      socket.destroy();
      fail(new ZhishouError('BAD_ANSWER', where, 'more than was asked for'));
    }
    wake?.();
  });
  return async () => {
    const timer = setTimeout(() => {
      fail(new ZhishouError('TIMED_OUT', where));
      socket.destroy();
    }, timeout);
    try {
      while (lines.length === 0 && failure === null) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      clearTimeout(timer);
      wake = null;
    }
    const line = lines.shift();
    if (line !== undefined) return line;
    throw failure ?? new ZhishouError('UNREACHABLE', where);
  };
}
