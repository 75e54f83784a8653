import type { Reading } from '#core/reading.ts';
import { FRAME_KINDS } from './frame.ts';
import type { NamesRead } from './names.ts';
import type { Position } from './position.ts';
import { decodeReadings } from './reading-codec.ts';
import { namesOf, readSlice, SEGMENT_HEADER, type Segment, type SegmentSlice, segmentName } from './segment-file.ts';
import type { Segments } from './segments.ts';
import type { SpoolFiles } from './spool-files.ts';
import type { Tail } from './tail.ts';

/** Readings from a place on, in the order in which they came. */
export interface SpoolSlice {
  readonly readings: readonly Reading[];
  /** What follows them begins here; the place asked for when there is nothing yet. */
  readonly next: Position;
}

export interface ReaderOptions {
  readonly files: SpoolFiles;
  readonly segments: Segments;
  readonly tail: Tail;
  /** Each spoilt place is told once, whoever reads it. */
  readonly onSpoilt: (bytes: number, segment: string) => void;
  /** Readings whose names were spoilt. */
  readonly onLost: (readings: number) => void;
}

const MOST_NAMES_KEPT = 4;

export class SpoolReader {
  readonly #options: ReaderOptions;
  readonly #names = new Map<string, NamesRead>();
  /** Up to where each segment's spoilt bytes have been told. */
  readonly #told = new Map<number, number>();
  readonly #lost = new Map<number, number>();

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** Whole frames until there are `most` or more readings; a part of a frame only where `most` is less than the frame. */
  async read(from: Position, most: number, to: Position | null = null): Promise<SpoolSlice> {
    let at = from;
    for (;;) {
      const found = this.#options.segments.resolve(at);
      if (found === null) return { readings: [], next: at };
      at = found.at;
      if (isBehind(at, to) || at.offset >= found.segment.bytes) return { readings: [], next: at };
      const kept = this.#atTheEnd(found.segment, at, most, to);
      if (kept !== null) return kept;
      try {
        const names = await this.#namesOf(found.segment);
        const slice = await readSlice(this.#options.files, found.segment, at.offset);
        this.#tell(found.segment, slice);
        const { readings, next } = this.#gather(slice, at, most, names, to);
        if (readings.length > 0) return { readings, next };
        at = next;
      } catch (error) {
        // It was thinned or removed meanwhile: ask where the place is now.
        const now = this.#options.segments.resolve(at);
        if (now?.segment === found.segment) throw error;
      }
    }
  }

  #atTheEnd(segment: Segment, at: Position, most: number, to: Position | null): SpoolSlice | null {
    if (at.skip > 0 || to !== null) return null;
    const frame = this.#options.tail.at(segment, Math.max(at.offset, SEGMENT_HEADER.length));
    if (frame === null || frame.readings.length > most) return null;
    return { readings: frame.readings, next: { ...at, offset: frame.end } };
  }

  forget(segment: Segment): void {
    this.#told.delete(segment.number);
    this.#lost.delete(segment.number);
    this.#names.delete(segmentName(segment));
  }

  #gather(
    slice: SegmentSlice,
    at: Position,
    most: number,
    names: NamesRead,
    to: Position | null,
  ): { readings: readonly Reading[]; next: Position } {
    const readings: Reading[] = [];
    for (const frame of slice.frames) {
      const here = { ...at, offset: frame.offset, skip: 0 };
      if (isBehind(here, to)) return { readings, next: here };
      if (frame.kind !== FRAME_KINDS.readings) continue;
      const decoded = decodeReadings(frame.body, names) ?? { readings: [], lost: 1 };
      const skip = frame.offset === at.offset ? at.skip : 0;
      this.#tellLost(here, decoded.lost);
      const room = Math.max(1, most - readings.length);
      const fresh = skip === 0 ? decoded.readings : decoded.readings.slice(skip);
      if (readings.length === 0 && fresh.length > most) {
        return { readings: fresh.slice(0, room), next: { ...here, skip: skip + room } };
      }
      for (const reading of fresh) readings.push(reading);
      if (readings.length >= most) return { readings, next: { ...here, offset: frame.end } };
    }
    return { readings, next: { ...at, offset: slice.end, skip: 0 } };
  }

  #tell(segment: Segment, { bad }: SegmentSlice): void {
    for (const { offset, bytes } of bad) {
      if (offset < (this.#told.get(segment.number) ?? 0)) continue;
      this.#told.set(segment.number, offset + bytes);
      this.#options.onSpoilt(bytes, segmentName(segment));
    }
  }

  #tellLost({ segment, offset }: Position, lost: number): void {
    if (lost === 0 || offset <= (this.#lost.get(segment) ?? 0)) return;
    this.#lost.set(segment, offset);
    this.#options.onLost(lost);
  }

  async #namesOf(segment: Segment): Promise<NamesRead> {
    if (segment.names !== null) return segment.names;
    const name = segmentName(segment);
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const names = await namesOf(this.#options.files, segment);
    const oldest = this.#names.keys().next();
    if (this.#names.size >= MOST_NAMES_KEPT && oldest.done !== true) this.#names.delete(oldest.value);
    this.#names.set(name, names);
    return names;
  }
}

/** Of a segment that was thinned since, all is within. */
const isBehind = (at: Position, to: Position | null): boolean =>
  to !== null &&
  (at.segment > to.segment || (at.segment === to.segment && at.level === to.level && at.offset >= to.offset));
