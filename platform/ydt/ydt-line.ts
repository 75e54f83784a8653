import { ZhishouError } from '#core/errors.ts';
import { type Duration, seconds } from '#core/time.ts';
import type { ByteConnector, ByteLink } from '../serial-server/byte-link.ts';
import { createSharedLines, type SharedLine } from '../shared-line.ts';
import { createFrameReader } from './frame-reader.ts';
import { decodeFrame, encodeFrame, hexOf, type YdtFrame } from './ydt-frame.ts';

/** Where a device is: a serial server's port and the device's address on the line behind it. */
export interface YdtPlace {
  readonly host: string;
  readonly port: number;
  /** 1–254. 0 where there is one device only: an answer of any address is taken. */
  readonly address: number;
  readonly timeout: Duration;
  /** Quiet on the line before a question. */
  readonly gap: Duration;
}

export interface YdtQuestion {
  readonly version: number;
  readonly cid1: number;
  readonly cid2: number;
  readonly info: Uint8Array;
}

/** One device on a line that it shares with others. */
export interface YdtStation {
  /**
   * The answer, whose `code` is its RTN. Rejects with TIMED_OUT (nothing came, or what was asked before may still come late), BAD_ANSWER
   * (what came was damaged), UNREACHABLE (the serial server).
   */
  ask(question: YdtQuestion): Promise<YdtFrame>;
  close(): void;
}

export interface YdtLines {
  open(place: YdtPlace): YdtStation;
  /** What came and was no answer, since the start. */
  counts(): YdtCounts;
}

export interface YdtCounts {
  /** Frames that were not what they said: a wrong sum, other characters than hexadecimal digits. */
  readonly damaged: number;
  /** Good frames of somebody else, and answers that came too late. */
  readonly strange: number;
  /** Our own questions, come back from a two-wire line. */
  readonly echoed: number;
  /** Bytes outside of frames, and all that came while nobody asked. */
  readonly junk: number;
}

const CONNECT_WITHIN: Duration = seconds(3);
/**
 * An answer does not say which question it answers, so what comes late would be read as the answer to the next question. The standard
 * gives a device 500 ms; after ten times that nothing is on the line any more.
 */
const LATE_FOR: Duration = seconds(5);
/** So much without an answer in it is no line of this protocol. */
const MOST_JUNK_BYTES = 65_536;

export function createYdtLines(connector: ByteConnector): YdtLines {
  const counts = { damaged: 0, strange: 0, echoed: 0, junk: 0 };
  const lines = createSharedLines(
    (at: { readonly host: string; readonly port: number }) => connector.open(at, CONNECT_WITHIN),
    ({ host, port }) => `${host}:${port}`,
  );
  const manners = new Map<string, Manner>();
  return {
    open: (place) => {
      const key = `${place.host}:${place.port}/${place.address}`;
      const manner = manners.get(key) ?? { silentAt: new Map(), answeredOn: null, owing: null, users: 0 };
      manners.set(key, manner);
      manner.users++;
      const line = lines.join(place);
      const leave = (): void => {
        line.leave();
        if (--manner.users === 0) manners.delete(key);
      };
      return createStation(place, { ...line, leave }, manner, connector, counts);
    },
    counts: () => ({ ...counts }),
  };
}

/** How a device has answered so far; the same for all who ask it. */
interface Manner {
  /** By CID1, which an answer repeats: when a question of it was given up. */
  readonly silentAt: Map<number, Duration>;
  answeredOn: ByteLink | null;
  /** A connection that may still bring the answer to a question given up, held back by the network for however long. */
  owing: ByteLink | null;
  users: number;
}

type Counts = { -readonly [K in keyof YdtCounts]: number };

function createStation(
  place: YdtPlace,
  line: SharedLine<ByteLink>,
  manner: Manner,
  connector: ByteConnector,
  counts: Counts,
): YdtStation {
  const where = `ydt ${place.host}:${place.port}/${place.address}`;
  let closed = false;
  const talk = async (link: ByteLink, question: YdtQuestion): Promise<YdtFrame> => {
    try {
      const answer = await exchange(link, place, question, counts, where);
      manner.answeredOn = link;
      return answer;
    } catch (error) {
      if (error instanceof ZhishouError && error.code !== 'UNREACHABLE') {
        manner.silentAt.set(question.cid1, connector.now());
        if (manner.answeredOn === link) manner.owing = link;
      }
      throw error;
    }
  };
  /** Looked at when it is one's turn: meanwhile somebody else may have asked the same device in vain. Null: the connection is closed, ask over another. */
  const attempt = async (link: ByteLink, question: YdtQuestion): Promise<YdtFrame | null> => {
    const since = manner.silentAt.get(question.cid1);
    if (since !== undefined && connector.now() - since < LATE_FOR)
      throw new ZhishouError('TIMED_OUT', where, 'its last answer may still be on its way');
    manner.silentAt.delete(question.cid1);
    const doubtful = manner.owing === link;
    manner.owing = null;
    if (!doubtful) return talk(link, question);
    link.close();
    return null;
  };
  return {
    ask: async (question) => {
      // Closed at most once: what was opened anew owes nothing.
      for (;;) {
        const answer = await line.turn((link) => attempt(link, question));
        if (answer !== null) return answer;
      }
    },
    close: () => {
      if (!closed) line.leave();
      closed = true;
    },
  };
}

/** Of what came over a connection while nobody asked: how much is counted already. */
const noted = new WeakMap<ByteLink, number>();

async function exchange(
  link: ByteLink,
  place: YdtPlace,
  { version, cid1, cid2, info }: YdtQuestion,
  counts: Counts,
  where: string,
): Promise<YdtFrame> {
  const { address, timeout, gap } = place;
  const sent = Buffer.from(encodeFrame({ version, address, cid1, code: cid2, info }));
  const reader = createFrameReader();
  let damage: string | null = null;
  let came = 0;
  const look = (frame: Uint8Array): YdtFrame | undefined => {
    if (sent.equals(frame)) {
      counts.echoed++;
      return undefined;
    }
    const answer = decodeFrame(frame);
    if ('problem' in answer) {
      counts.damaged++;
      damage = answer.problem;
      return undefined;
    }
    if (answer.cid1 === cid1 && (address === 0 || answer.address === address)) return answer;
    counts.strange++;
    return undefined;
  };
  try {
    return await link.exchange(
      sent,
      (bytes) => {
        came += bytes.length;
        if (came > MOST_JUNK_BYTES) {
          link.close();
          return undefined;
        }
        for (const frame of reader.push(bytes)) {
          const answer = look(frame);
          if (answer !== undefined) return answer;
        }
        return undefined;
      },
      { timeout, gap },
    );
  } catch (error) {
    const timedOut = error instanceof ZhishouError && error.code === 'TIMED_OUT';
    if (came > MOST_JUNK_BYTES) throw new ZhishouError('BAD_ANSWER', where, 'a flood of bytes without an answer in it');
    // A damaged frame may be somebody else's: the answer itself was waited for as long as any.
    if (timedOut && damage !== null) throw new ZhishouError('BAD_ANSWER', where, `a damaged frame: ${damage}`);
    if (timedOut)
      throw new ZhishouError('TIMED_OUT', where, `${hexOf(cid1)} ${hexOf(cid2)} within ${timeout} ms`, {
        cause: error,
      });
    throw error;
  } finally {
    counts.junk += reader.dropped + link.unasked - (noted.get(link) ?? 0);
    noted.set(link, link.unasked);
  }
}
