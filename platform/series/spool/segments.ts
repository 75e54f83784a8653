import { beginningOf, type Position } from './position.ts';
import { hasHeader, parseSegmentName, readSlice, SEGMENT_HEADER, type Segment, segmentName } from './segment-file.ts';
import type { SpoolFiles } from './spool-files.ts';

/** The spool's segments, the oldest first. The last one may be written to. */
export class Segments {
  #list: Segment[] = [];

  all(): readonly Segment[] {
    return this.#list;
  }

  get last(): Segment | undefined {
    return this.#list.at(-1);
  }

  bytes(): number {
    return this.#list.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  add(segment: Segment): void {
    this.#list.push(segment);
  }

  replace(old: Segment, by: Segment): void {
    this.#list = this.#list.map((one) => (one === old ? by : one));
  }

  insert(...segments: readonly Segment[]): void {
    this.#list = [...this.#list, ...segments].sort((a, b) => a.number - b.number);
  }

  drop(segment: Segment): void {
    this.#list = this.#list.filter((one) => one !== segment);
  }

  /** The segment a place lies in, and the place as it is now: what was removed stands for what follows it. */
  resolve(at: Position): { segment: Segment; at: Position } | null {
    for (const segment of this.#list) {
      if (segment.number < at.segment) continue;
      if (segment.number > at.segment || segment.level !== at.level) {
        return { segment, at: beginningOf(segment.number, segment.level) };
      }
      if (at.offset < segment.bytes || segment === this.last) return { segment, at };
    }
    return null;
  }

  /** Bytes from this place on, up to the other one. */
  bytesBetween(from: Position, to: Position | null): number {
    let sum = 0;
    for (const segment of this.#list) {
      if (segment.number < from.segment || (to !== null && segment.number > to.segment)) continue;
      const start = segment.number === from.segment && segment.level === from.level ? from.offset : 0;
      const end =
        to !== null && segment.number === to.segment && segment.level === to.level ? to.offset : segment.bytes;
      sum += Math.max(0, end - Math.max(start, SEGMENT_HEADER.length));
    }
    return sum;
  }
}

/**
 * What the folder holds, put in order: drafts go, of a segment and its thinned self the thinned one stays (it was put in
 * place whole), and the newest, which a power cut may have torn, is cut behind its last whole frame. Resolves to the bytes
 * that were torn. Throws STORE_TOO_NEW.
 */
export async function openSegments(files: SpoolFiles, segments: Segments): Promise<number> {
  const newest = new Map<number, Segment>();
  for (const { name, bytes } of await files.list()) {
    const parsed = parseSegmentName(name);
    if (parsed === null) {
      if (name.endsWith('.draft')) await files.remove(name);
      continue;
    }
    const segment: Segment = { ...parsed, bytes, names: null };
    const other = newest.get(segment.number);
    const [keep, drop] = other !== undefined && other.level > segment.level ? [other, segment] : [segment, other];
    newest.set(segment.number, keep);
    if (drop !== undefined) await files.remove(segmentName(drop));
  }
  const found = [...newest.values()].sort((a, b) => a.number - b.number);
  const whole: Segment[] = [];
  let tornBytes = 0;
  for (const segment of found) {
    const last = segment === found.at(-1);
    // A header is torn only where the process ended right after it had made the file; an empty file holds nothing.
    if (segment.bytes < SEGMENT_HEADER.length || !(await hasHeader(files, segment, last))) {
      tornBytes += segment.bytes;
      await files.remove(segmentName(segment));
      continue;
    }
    if (last) tornBytes += await cutTornTail(files, segment);
    whole.push(segment);
  }
  segments.insert(...whole);
  return tornBytes;
}

/** Bytes that were cut off. Spoilt bytes with whole frames behind them stay: the reader passes over them and tells. */
async function cutTornTail(files: SpoolFiles, segment: Segment): Promise<number> {
  let whole = SEGMENT_HEADER.length;
  for (let at = whole; at < segment.bytes; ) {
    const slice = await readSlice(files, segment, at);
    whole = slice.frames.at(-1)?.end ?? whole;
    at = Math.max(slice.end, at + 1);
  }
  const torn = segment.bytes - whole;
  if (torn > 0) await files.truncate(segmentName(segment), whole);
  segment.bytes = whole;
  return torn;
}
