import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFrameReader } from '#platform/ydt/frame-reader.ts';
import { encodeFrame, MOST_FRAME_BYTES } from '#platform/ydt/ydt-frame.ts';

const frame = (address: number, bytes = 3): Uint8Array =>
  Uint8Array.from(
    encodeFrame({ version: 0x21, address, cid1: 0x2a, code: 0, info: new Uint8Array(bytes).fill(address) }),
  );
const joined = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const junk = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));

describe('frames out of a stream of bytes', () => {
  it('come whole however the stream is cut', () => {
    const stream = joined(frame(1), frame(2), frame(3, 100));
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 8 }), (cuts) => {
        const reader = createFrameReader();
        const places = [0, ...cuts.sort((a, b) => a - b), stream.length];
        const read = places.slice(1).flatMap((end, i) => reader.push(stream.slice(places[i], end)));
        expect(read).toEqual([frame(1), frame(2), frame(3, 100)]);
        expect(reader.dropped).toBe(0);
      }),
    );
  });

  it('what stands between them is dropped and counted', () => {
    const reader = createFrameReader();
    expect(reader.push(joined(junk('\0\xffERR\r\n'), frame(1), junk('..'), frame(2)))).toEqual([frame(1), frame(2)]);
    expect(reader.dropped).toBe(9);
  });

  it('a SOI begins anew: half a frame costs only itself', () => {
    const reader = createFrameReader();
    expect(reader.push(joined(frame(1).slice(0, 9), frame(2)))).toEqual([frame(2)]);
    expect(reader.dropped).toBe(9);
  });

  it('what is longer than any frame is given up, and the next SOI is found', () => {
    const reader = createFrameReader();
    expect(reader.push(new Uint8Array(3 * MOST_FRAME_BYTES).fill(0x30, 1).fill(0x7e, 0, 1))).toEqual([]);
    expect(reader.push(frame(1))).toEqual([frame(1)]);
    expect(reader.dropped).toBe(3 * MOST_FRAME_BYTES);
  });

  it('never gives more than came, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 20 }), (pieces) => {
        const reader = createFrameReader();
        const read = pieces.flatMap((piece) => reader.push(piece));
        const came = pieces.reduce((sum, piece) => sum + piece.length, 0);
        expect(read.reduce((sum, one) => sum + one.length, 0) + reader.dropped).toBeLessThanOrEqual(came);
      }),
    );
  });
});
