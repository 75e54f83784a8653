import { ZhishouError } from '#core/errors.ts';
import type { Cancel, Clock } from '#core/ports.ts';
import { type Duration, milliseconds } from '#core/time.ts';
import type { ByteStream, Dial, Place } from '../modbus/byte-stream.ts';

/**
 * A serial server's port as a stream of bytes over TCP ("raw" or "TCP server" mode): what goes in comes out on the RS-232 or RS-485 line
 * behind it, and back. No line settings here: they are set on the serial server.
 */
export interface ByteLink {
  /**
   * Sends, after the line was quiet for `gap`, and hands over whatever comes until `take` has what it wants (anything but undefined).
   * What came since the last exchange is dropped. One at a time. Rejects with TIMED_OUT; UNREACHABLE when the other end hangs up.
   */
  exchange<T>(bytes: Uint8Array, take: (bytes: Uint8Array) => T | undefined, within: Patience): Promise<T>;
  /** Bytes that came while nobody asked. */
  readonly unasked: number;
  readonly closed: boolean;
  /** Ends the exchange under way; safe to call twice. */
  close(): void;
}

export interface Patience {
  readonly timeout: Duration;
  readonly gap: Duration;
}

export interface ByteConnector {
  /** Rejects with UNREACHABLE or TIMED_OUT. */
  open(at: Place, timeout: Duration): Promise<ByteLink>;
  /** The time by which it waits. */
  now(): Duration;
}

/** Over TCP with the machine's clock; in memory with any. */
export const createByteConnector = ({ dial, clock }: { dial: Dial; clock: Clock }): ByteConnector => ({
  now: () => clock.monotonic(),
  open: async (at, timeout) => {
    const link = createByteLink(clock, `tcp ${at.host}:${at.port}`);
    link.begin(await dial(at, timeout, { data: link.heard, closed: link.gone }));
    return link;
  },
});

interface Exchange {
  readonly take: (bytes: Uint8Array) => void;
  readonly fail: (error: ZhishouError) => void;
}

interface OpenLink extends ByteLink {
  begin(stream: ByteStream): void;
  /** Bytes came. */
  heard(bytes: Uint8Array): void;
  /** The stream is gone. */
  gone(detail: string): void;
}

function createByteLink(clock: Clock, where: string): OpenLink {
  let stream: ByteStream | null = null;
  let under: Exchange | null = null;
  let unasked = 0;
  let quietSince: Duration | null = null;
  let closed = false;
  const drop = (bytes: Uint8Array): void => {
    unasked += bytes.length;
  };
  const gone = (detail: string): void => {
    closed = true;
    under?.fail(new ZhishouError('UNREACHABLE', where, detail));
  };
  const exchange: ByteLink['exchange'] = (bytes, take, { timeout, gap }) =>
    new Promise((resolve, reject) => {
      if (closed) {
        reject(new ZhishouError('UNREACHABLE', where, 'it hung up'));
        return;
      }
      let cancel: Cancel = () => {};
      const settle = (how: () => void): void => {
        cancel();
        under = null;
        quietSince = clock.monotonic();
        how();
      };
      const fail = (error: ZhishouError): void => settle(() => reject(error));
      const ask = (): void => {
        cancel = clock.after(timeout, () => fail(new ZhishouError('TIMED_OUT', where)));
        under = {
          fail,
          take: (some) => {
            const taken = take(some);
            if (taken !== undefined) settle(() => resolve(taken));
          },
        };
        stream?.write(bytes);
      };
      // Until it is sent nothing is taken; hanging up ends it all the same.
      under = { take: drop, fail };
      const waitMs = quietSince === null ? 0 : quietSince + gap - clock.monotonic();
      if (waitMs <= 0) ask();
      else cancel = clock.after(milliseconds(waitMs), ask);
    });
  return {
    begin: (opened) => {
      stream = opened;
    },
    heard: (bytes) => {
      quietSince = clock.monotonic();
      if (under === null) drop(bytes);
      else under.take(bytes);
    },
    gone,
    exchange,
    get unasked() {
      return unasked;
    },
    get closed() {
      return closed;
    },
    close: () => {
      if (!closed) gone('closed');
      stream?.close();
    },
  };
}
