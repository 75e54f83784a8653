import { setImmediate } from 'node:timers/promises';
import { minutes } from '#core/time.ts';
import { FRAME_KINDS } from './frame.ts';
import { countReadings, decodeReadings, ReadingEncoder } from './reading-codec.ts';
import { namesOf, SEGMENT_HEADER, type Segment, segmentName, slices } from './segment-file.ts';
import type { Segments } from './segments.ts';
import type { SpoolFiles } from './spool-files.ts';
import { Thinner } from './thinner.ts';

/**
 * Keeps the spool within its limit. The oldest fine readings are thinned first, to minutes, then to quarters of an hour; only
 * when nothing fine is left is anything dropped, the oldest first.
 */
export interface RoomOptions {
  readonly files: SpoolFiles;
  readonly segments: Segments;
  /** Never touched. */
  readonly active: () => Segment | null;
  readonly limitBytes: number;
  /** The disk is everybody's: below so much left, the spool shrinks, */
  readonly keepFreeBytes: number;
  /** but not below this: a disk that others have filled is not made free by the last megabytes. */
  readonly leastBytes: number;
  /** Told step by step: the disk may refuse the next one. */
  readonly onMade: (made: RoomMade) => void;
}

export interface RoomMade {
  readonly thinned: number;
  readonly dropped: number;
}

const STEPS = [minutes(1), minutes(15)] as const;
const FRAME_READINGS = 4096;

/** Thins and drops until it fits; nothing when it does. May reject: the disk. */
export async function makeRoom(options: RoomOptions): Promise<void> {
  while ((await excess(options)) > 0) {
    const closed = options.segments.all().filter((one) => one !== options.active());
    const segment = finestOf(closed);
    if (segment === null) return;
    options.onMade(segment.level < STEPS.length ? await thin(options, segment) : await drop(options, segment));
  }
}

/** Of the finest that are left the oldest. */
function finestOf(closed: readonly Segment[]): Segment | null {
  const level = Math.min(...closed.map((one) => one.level));
  return closed.find((one) => one.level === level) ?? null;
}

async function excess({ files, segments, limitBytes, keepFreeBytes, leastBytes }: RoomOptions): Promise<number> {
  const used = segments.bytes();
  const free = (await files.freeBytes().catch(() => null)) ?? Number.POSITIVE_INFINITY;
  return Math.max(used - limitBytes, Math.min(keepFreeBytes - free, used - leastBytes));
}

async function drop({ files, segments }: RoomOptions, segment: Segment): Promise<RoomMade> {
  let dropped = 0;
  for await (const { frames } of slices(files, segment)) {
    for (const { kind, body } of frames) if (kind === FRAME_KINDS.readings) dropped += countReadings(body);
  }
  await files.remove(segmentName(segment));
  segments.drop(segment);
  return { thinned: 0, dropped };
}

async function thin({ files, segments }: RoomOptions, segment: Segment): Promise<RoomMade> {
  const { content, before, after } = await thinnedContent(files, segment);
  const coarser: Segment = { number: segment.number, level: segment.level + 1, bytes: content.length, names: null };
  try {
    await files.replace(segmentName(coarser), content);
  } catch (error) {
    if (!isFull(error)) throw error;
    // Not even so much is left: the old one makes the place for its thinned self. Only a kill right here loses it.
    await files.remove(segmentName(segment));
    segments.drop(segment);
    try {
      await files.replace(segmentName(coarser), content);
    } catch {
      return { thinned: 0, dropped: before };
    }
    segments.insert(coarser);
    return { thinned: before - after, dropped: 0 };
  }
  segments.replace(segment, coarser);
  await files.remove(segmentName(segment));
  return { thinned: before - after, dropped: 0 };
}

/** The disk has no place left, or we may not have more of it. */
export const isFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');

async function thinnedContent(
  files: SpoolFiles,
  segment: Segment,
): Promise<{ content: Uint8Array; before: number; after: number }> {
  const names = await namesOf(files, segment);
  const thinner = new Thinner(STEPS[segment.level] ?? STEPS[1]);
  const encoder = new ReadingEncoder();
  const parts: Uint8Array[] = [SEGMENT_HEADER];
  let before = 0;
  let after = 0;
  const put = (): void => {
    const kept = thinner.take();
    after += kept.length;
    for (let at = 0; at < kept.length; at += FRAME_READINGS) {
      parts.push(Buffer.from(encoder.encode(kept.slice(at, at + FRAME_READINGS))));
    }
  };
  for await (const { frames } of slices(files, segment)) {
    for (const { kind, body } of frames) {
      if (kind !== FRAME_KINDS.readings) continue;
      const { readings } = decodeReadings(body, names) ?? { readings: [] };
      before += readings.length;
      for (const reading of readings) thinner.push(reading);
      put();
      // Some milliseconds a frame: whoever waits for the event loop comes first.
      await setImmediate();
    }
  }
  thinner.end();
  put();
  parts.push(Buffer.from(encoder.encodeNames()));
  return { content: Buffer.concat(parts), before, after };
}
