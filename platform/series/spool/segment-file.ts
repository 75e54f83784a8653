import { ZhishouError } from '#core/errors.ts';
import { FRAME_KINDS, type Frame, MOST_FRAME_BYTES, scanFrames } from './frame.ts';
import type { GatheredNames, NamesRead } from './names.ts';
import { decodeNames } from './reading-codec.ts';
import type { SpoolFiles } from './spool-files.ts';

/** One file of the spool: `0000000042-0.spool`, the number and how often it was thinned. */
export interface Segment {
  readonly number: number;
  readonly level: number;
  /** What is whole; readers never go beyond. */
  bytes: number;
  /** Of the one that is being written: no need to look for them in the file. */
  names: NamesRead | null;
}

/** Told at the beginning of each, so that an older program refuses what it cannot read instead of taking it for spoilt. */
export const SEGMENT_HEADER: Uint8Array = new TextEncoder().encode('ZHSPOOL1');

export const segmentName = ({ number, level }: Pick<Segment, 'number' | 'level'>): string =>
  `${String(number).padStart(10, '0')}-${level}.spool`;

export function parseSegmentName(name: string): { number: number; level: number } | null {
  const [, number, level] = /^(\d{10,15})-(\d)\.spool$/.exec(name) ?? [];
  return number === undefined || level === undefined ? null : { number: Number(number), level: Number(level) };
}

/**
 * False: the header of the newest segment is not there, it was torn at its very beginning. That of an older one is spoilt,
 * what follows it may be read. Throws STORE_TOO_NEW.
 */
export async function hasHeader(files: SpoolFiles, segment: Segment, newest: boolean): Promise<boolean> {
  const name = segmentName(segment);
  const found = new TextDecoder('latin1').decode(await files.read(name, 0, SEGMENT_HEADER.length));
  if (found === 'ZHSPOOL1') return true;
  if (/^ZHSPOOL[2-9]$/.test(found)) {
    throw new ZhishouError(
      'STORE_TOO_NEW',
      name,
      'readings wait in it that only the newer program can read; start that',
    );
  }
  return !newest;
}

const WINDOW = 128 * 1024;

export interface SegmentSlice {
  readonly frames: readonly Frame[];
  readonly bad: readonly { readonly offset: number; readonly bytes: number }[];
  /** Where the next slice begins; at the segment's end nothing follows. */
  readonly end: number;
}

/** Whole frames from `offset` on, some 128 kB of them; offsets are the file's. */
export async function readSlice(files: SpoolFiles, segment: Segment, offset: number): Promise<SegmentSlice> {
  const from = Math.max(offset, SEGMENT_HEADER.length);
  for (let window = WINDOW; ; window *= 4) {
    const length = Math.max(0, Math.min(window, segment.bytes - from));
    const bytes = await files.read(segmentName(segment), from, length);
    const last = bytes.length < length || from + length >= segment.bytes;
    const { frames, bad, end } = scanFrames(bytes, !last);
    const tooLong = window > MOST_FRAME_BYTES;
    if (frames.length === 0 && !last && !tooLong) continue;
    const shifted = { frames: frames.map((frame) => shift(frame, from)), bad: bad.map((one) => shiftBad(one, from)) };
    if (!last && frames.length > 0) return { ...shifted, end: from + end };
    // Nothing can follow: what is left over is spoilt.
    const reached = from + length;
    const left = reached - (from + end);
    return {
      ...shifted,
      bad: left > 0 ? [...shifted.bad, { offset: from + end, bytes: left }] : shifted.bad,
      end: reached,
    };
  }
}

const shift = (frame: Frame, by: number): Frame => ({ ...frame, offset: frame.offset + by, end: frame.end + by });
const shiftBad = (bad: { offset: number; bytes: number }, by: number): { offset: number; bytes: number } => ({
  offset: bad.offset + by,
  bytes: bad.bytes,
});

/** Every slice of a segment, one after the other. */
export async function* slices(files: SpoolFiles, segment: Segment): AsyncGenerator<SegmentSlice> {
  for (let at = SEGMENT_HEADER.length; at < segment.bytes; ) {
    const slice = await readSlice(files, segment, at);
    yield slice;
    at = Math.max(slice.end, at + 1);
  }
}

/** All names of a segment, wherever in it they stand. */
export async function namesOf(files: SpoolFiles, segment: Segment): Promise<NamesRead> {
  const names: GatheredNames = { series: [], words: [] };
  for await (const { frames } of slices(files, segment)) {
    for (const { kind, body } of frames) if (kind === FRAME_KINDS.names) decodeNames(body, names);
  }
  return names;
}
