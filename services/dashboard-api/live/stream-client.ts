import type { ServerResponse } from 'node:http';
import { type Duration, seconds } from '#core/time.ts';
import { GZIP_HEAD, type StreamPiece, streamPiece } from './stream-piece.ts';

/** One open event stream: what waits for it in this process is bounded, whatever the other side does. */
export interface StreamClient {
  /** What it gets when it comes: a snapshot, or what it missed. */
  begin(pieces: readonly StreamPiece[]): void;
  /** False: too much waits for it, or it has taken nothing for a minute. */
  write(piece: StreamPiece): boolean;
  /** `slow`: what waits for it is thrown away with its connection. */
  end(slow: boolean): void;
}

/** The part of node's answer that is used. */
export type StreamSink = Pick<ServerResponse, 'write' | 'end' | 'destroy' | 'destroyed' | 'writableLength'>;

/** So much may wait for one client in this process; beyond it the client is too slow and is cut off. */
export const MOST_WAITING_BYTES = 1_000_000;
/** What waits and is not taken for so long: nobody is there any more. A large room's first snapshot takes a slow phone seconds. */
const TAKEN_WITHIN = seconds(60);
/** Tells EventSource when to come again. */
const RETRY = streamPiece('retry: 2000\n\n');

export function createStreamClient(
  sink: StreamSink,
  {
    gzip,
    now,
    most = MOST_WAITING_BYTES,
  }: { readonly gzip: boolean; readonly now: () => Duration; readonly most?: number },
): StreamClient {
  /**
   * The beginning does not count: a room of a thousand devices is larger than the bound, and its buffers are one for all clients.
   * Only ever shrinks: by what has been taken.
   */
  let beginning = 0;
  let emptyAt = now();
  const put = (piece: StreamPiece): void => {
    sink.write(gzip ? piece.packed() : piece.plain());
  };
  return {
    begin(pieces) {
      if (gzip) sink.write(GZIP_HEAD);
      for (const piece of [RETRY, ...pieces]) put(piece);
      beginning = sink.writableLength;
    },
    write(piece) {
      if (sink.destroyed) return false;
      const waiting = sink.writableLength;
      if (waiting === 0) emptyAt = now();
      beginning = Math.min(beginning, waiting);
      put(piece);
      return sink.writableLength <= most + beginning && now() - emptyAt <= TAKEN_WITHIN;
    },
    end: (slow) => void (slow ? sink.destroy() : sink.end()),
  };
}

/** Does the client take gzip? `gzip;q=0` says no (RFC 9110, 12.5.3). */
export const takesGzip = (accepted: string | undefined): boolean =>
  /(^|[,\s])gzip\s*(;(?!\s*q=0(\.0*)?\s*(,|$))|,|$)/i.test(accepted ?? '');
