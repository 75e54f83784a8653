import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteWriter } from '#platform/series/spool/bytes.ts';
import { FRAME_KINDS, scanFrames, writeFrame } from '#platform/series/spool/frame.ts';
import type { GatheredNames } from '#platform/series/spool/names.ts';
import { decodeNames, decodeReadings, ReadingEncoder } from '#platform/series/spool/reading-codec.ts';
import { anyReading, reading } from './support.ts';

/** Bytes → readings, as the reader does it. */
function decodeAll(bytes: Uint8Array, names: GatheredNames) {
  const { frames } = scanFrames(bytes, false);
  for (const { kind, body } of frames) if (kind === FRAME_KINDS.names) decodeNames(body, names);
  return frames.flatMap(({ kind, body }) =>
    kind === FRAME_KINDS.readings ? (decodeReadings(body, names)?.readings ?? []) : [],
  );
}

describe('readings in the spool', () => {
  it('come back as history keeps them, to the last bit, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(fc.array(anyReading, { maxLength: 20 }), { maxLength: 4 }), (batches) => {
        const encoder = new ReadingEncoder();
        const names: GatheredNames = { series: [], words: [] };
        for (const batch of batches) expect(decodeAll(encoder.encode(batch), names)).toEqual(batch);
        // All names once more say the same.
        const again: GatheredNames = { series: [], words: [] };
        decodeAll(encoder.encodeNames(), again);
        expect(again).toEqual(names);
      }),
    );
  });

  it('whose number is none are kept without a value', () => {
    const encoded = new ReadingEncoder().encode([reading(0, Number.NaN), reading(1, Number.NEGATIVE_INFINITY)]);
    expect(decodeAll(encoded, { series: [], words: [] }).map(({ value }) => value)).toEqual([null, null]);
  });

  it('that say something new each time are written out once the list of words is full', () => {
    const encoder = new ReadingEncoder();
    const names: GatheredNames = { series: [], words: [] };
    const batch = Array.from({ length: 3000 }, (_, i) => reading(i, `word ${i}`));
    expect(decodeAll(encoder.encode(batch), names)).toEqual(batch);
    expect(names.words).toHaveLength(2000);
  });

  it('of a usual room take at most seven bytes each', () => {
    const encoder = new ReadingEncoder();
    const room = Array.from({ length: 400 }, (_, i) =>
      reading(Math.floor(i / 40) * 10_000 + 3, 200 + ((i * 7919) % 400) / 10, { point: `outlet.${i % 40}.current` }),
    );
    encoder.encode(room);
    expect(encoder.encode(room).length / room.length).toBeLessThan(7);
  });
});

describe('frames', () => {
  const framed = (...bodies: readonly number[][]): Uint8Array => {
    const writer = new ByteWriter();
    for (const body of bodies) writeFrame(writer, 7, () => writer.raw(Uint8Array.from(body)));
    return Uint8Array.from(writer.view());
  };
  const bodies = (bytes: Uint8Array, more = false) => scanFrames(bytes, more).frames.map(({ body }) => [...body]);

  it('are found whole up to where the bytes end, at whichever byte that is', () => {
    const bytes = framed([1, 2, 3], [], [4]);
    const ends = scanFrames(bytes, false).frames.map(({ end }) => end);
    for (let length = 0; length <= bytes.length; length++) {
      const whole = ends.filter((end) => end <= length).length;
      for (const more of [true, false]) expect(bodies(bytes.subarray(0, length), more)).toHaveLength(whole);
      expect(scanFrames(bytes.subarray(0, length), false).end).toBe(whole === 0 ? 0 : ends[whole - 1]);
    }
  });

  it('with any one bit turned cost that frame alone, and the bytes between are counted', () => {
    const bytes = framed([1, 2, 3], [9, 9, 9, 9], [4]);
    const ends = [0, ...scanFrames(bytes, false).frames.map(({ end }) => end)];
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const spoilt = bytes.slice();
      spoilt[bit >> 3]! ^= 1 << (bit & 7);
      const hit = ends.findLastIndex((end) => end <= bit >> 3);
      const { frames, bad, end } = scanFrames(spoilt, false);
      expect(frames.map(({ offset }) => offset)).toEqual(ends.slice(0, 3).filter((_, place) => place !== hit));
      const counted = bad.reduce((sum, one) => sum + one.bytes, 0) + bytes.length - end;
      expect(counted).toBe(ends[hit + 1]! - ends[hit]!);
    }
  });

  it('are not invented out of any bytes, and whole ones behind those are found', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        const frame = framed([5, 6, 7]);
        const bytes = Buffer.concat([noise, frame]);
        expect(bodies(bytes).at(-1)).toEqual([5, 6, 7]);
        expect(bodies(noise)).toEqual([]);
      }),
    );
  });
});
