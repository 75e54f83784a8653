import { crc32 } from 'node:zlib';
import type { ByteWriter } from './bytes.ts';

/**
 * Frames: a mark by which the next one is found again after spoilt bytes, the length, a checksum, then a kind and what it
 * carries. `F7 5A 48 E3 | length u32 | crc32 u32 | kind u8 | body`; length and checksum cover kind and body, little-endian.
 */
export const FRAME_KINDS = { names: 1, readings: 2 } as const;

export interface Frame {
  /** Where it begins. */
  readonly offset: number;
  /** Where the next one begins. */
  readonly end: number;
  readonly kind: number;
  readonly body: Uint8Array;
}

export interface Scan {
  readonly frames: readonly Frame[];
  /** Bytes between frames that are none. */
  readonly bad: readonly { readonly offset: number; readonly bytes: number }[];
  /** How far the bytes are understood; behind it may stand the beginning of a frame. */
  readonly end: number;
}

const MARK = Uint8Array.of(0xf7, 0x5a, 0x48, 0xe3);
const HEAD = 12;
/** A length above this is no length. One frame of 4,096 readings has some 30 kB; words may be long. */
export const MOST_FRAME_BYTES = 4 * 1024 * 1024;

/** Writes a frame whose body `write` puts behind the head. */
export function writeFrame(writer: ByteWriter, kind: number, write: () => void): void {
  const start = writer.length;
  writer.raw(MARK);
  for (let place = MARK.length; place < HEAD; place++) writer.byte(0);
  writer.byte(kind);
  write();
  const content = writer.view(start + HEAD);
  writer.uint32At(start + 4, content.length);
  writer.uint32At(start + 8, crc32(content));
}

/**
 * The whole frames among these bytes. `more`: others follow, so a frame that is not whole yet is waited for; without, it is
 * spoilt or torn. Bytes that fit nothing are passed over up to the next whole frame.
 */
export function scanFrames(given: Uint8Array, more: boolean): Scan {
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
  const frames: Frame[] = [];
  const bad: { offset: number; bytes: number }[] = [];
  let end = 0;
  let at = 0;
  while (at < bytes.length) {
    const found = frameAt(bytes, at);
    if (found === 'cut' && more) break;
    if (typeof found === 'string') {
      const next = bytes.indexOf(MARK, at + 1);
      // The last bytes may be the beginning of a mark.
      at = next === -1 ? bytes.length : next;
      continue;
    }
    if (found.offset > end) bad.push({ offset: end, bytes: found.offset - end });
    frames.push(found);
    at = found.end;
    end = at;
  }
  return { frames, bad, end };
}

/** `cut`: it may go on behind these bytes. */
function frameAt(bytes: Buffer, offset: number): Frame | 'none' | 'cut' {
  const mark = bytes.subarray(offset, offset + MARK.length);
  if (mark.compare(MARK, 0, mark.length) !== 0) return 'none';
  if (bytes.length - offset < HEAD) return 'cut';
  const length = bytes.readUInt32LE(offset + 4);
  if (length < 1 || length > MOST_FRAME_BYTES) return 'none';
  const end = offset + HEAD + length;
  if (end > bytes.length) return 'cut';
  const content = bytes.subarray(offset + HEAD, end);
  if (crc32(content) !== bytes.readUInt32LE(offset + 8)) return 'none';
  return { offset, end, kind: content[0] ?? 0, body: content.subarray(1) };
}
