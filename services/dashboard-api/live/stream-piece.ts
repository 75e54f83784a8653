import { constants, deflateRawSync } from 'node:zlib';

/**
 * A piece of the event stream, made once for all who get it: its bytes as they are and, when somebody takes gzip, packed. Each piece is
 * packed by itself and ends at a byte's edge (Z_SYNC_FLUSH), so that any run of them behind one gzip head is a good gzip stream
 * (RFC 1951, 3.2.4: blocks follow each other; RFC 1952): 200 pages cost one packing and not 200.
 */
export interface StreamPiece {
  readonly text: string;
  plain(): Buffer;
  packed(): Buffer;
}

/** RFC 1952, 2.3.1: no name, no time, an unknown system. What follows has no end, and so no trailer. */
export const GZIP_HEAD = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

export function streamPiece(text: string): StreamPiece {
  let plain: Buffer | null = null;
  let packed: Buffer | null = null;
  return {
    text,
    plain() {
      plain ??= Buffer.from(text);
      return plain;
    },
    packed() {
      packed ??= deflateRawSync(plain ?? text, { finishFlush: constants.Z_SYNC_FLUSH, level: LEVEL });
      return packed;
    },
  };
}

/** Readings are much alike: the cheapest level makes a fifth of the sample room's events and a sixteenth of a large room's. */
const LEVEL = 1;
