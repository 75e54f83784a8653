import { ZhishouError } from '#core/errors.ts';
import type { Cancel } from '#core/ports.ts';
import { type Duration, milliseconds } from '#core/time.ts';

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

export interface SerialServerAddress {
  readonly host: string;
  readonly port: number;
}

export interface ByteConnector {
  /** Rejects with UNREACHABLE or TIMED_OUT. */
  open(at: SerialServerAddress, timeout: Duration): Promise<ByteLink>;
  /** The time by which it waits: the machine's for a real line, virtual for one in memory. */
  now(): Duration;
}

/** What a link is made of: a socket and the machine's timers, or a line in memory and a clock. */
export interface Wire {
  send(bytes: Uint8Array): void;
  end(): void;
  after(delay: Duration, run: () => void): Cancel;
  now(): Duration;
}

export interface WiredLink {
  readonly link: ByteLink;
  /** Bytes came. */
  heard(bytes: Uint8Array): void;
  /** The wire is gone. */
  gone(detail: string, cause?: Error): void;
}

interface Exchange {
  readonly take: (bytes: Uint8Array) => void;
  readonly fail: (error: ZhishouError) => void;
}

export function linkOver(wire: Wire, where: string): WiredLink {
  let under: Exchange | null = null;
  let unasked = 0;
  let quietSince: Duration | null = null;
  let closed = false;
  const drop = (bytes: Uint8Array): void => {
    unasked += bytes.length;
  };
  const gone = (detail: string, cause?: Error): void => {
    closed = true;
    under?.fail(new ZhishouError('UNREACHABLE', where, detail, cause === undefined ? {} : { cause }));
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
        quietSince = wire.now();
        how();
      };
      const fail = (error: ZhishouError): void => settle(() => reject(error));
      const ask = (): void => {
        cancel = wire.after(timeout, () => fail(new ZhishouError('TIMED_OUT', where)));
        under = {
          fail,
          take: (some) => {
            const taken = take(some);
            if (taken !== undefined) settle(() => resolve(taken));
          },
        };
        wire.send(bytes);
      };
      // Until it is sent nothing is taken; hanging up ends it all the same.
      under = { take: drop, fail };
      const waitMs = quietSince === null ? 0 : quietSince + gap - wire.now();
      if (waitMs <= 0) ask();
      else cancel = wire.after(milliseconds(waitMs), ask);
    });
  return {
    heard: (bytes) => {
      quietSince = wire.now();
      if (under === null) drop(bytes);
      else under.take(bytes);
    },
    gone,
    link: {
      exchange,
      get unasked() {
        return unasked;
      },
      get closed() {
        return closed;
      },
      close: () => {
        if (!closed) gone('closed');
        wire.end();
      },
    },
  };
}
