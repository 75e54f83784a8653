import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checksumOf,
  decodeFrame,
  encodeFrame,
  lengthField,
  MOST_INFO_BYTES,
  returnText,
  type YdtFrame,
} from '#platform/ydt/ydt-frame.ts';
import { KNOWN_FRAMES } from './known-frames.ts';

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const byte = fc.integer({ min: 0, max: 255 });
const frames: fc.Arbitrary<YdtFrame> = fc.record({
  version: byte,
  address: byte,
  cid1: byte,
  code: byte,
  info: fc.uint8Array({ maxLength: 300 }),
});

describe('frames of YD/T 1363.3 that others have made', () => {
  it.each(KNOWN_FRAMES.map((frame) => [frame.source, frame] as const))('%s', (_source, known) => {
    const { text, infoBytes, source: _, ...header } = known;
    const frame = decodeFrame(bytesOf(text));
    expect(frame).toMatchObject(header);
    if ('problem' in frame) throw new Error(frame.problem);
    expect(frame.info).toHaveLength(infoBytes);
    expect(textOf(encodeFrame(frame))).toBe(text);
  });

  it('LENGTH of 18 characters is D012, as the standard computes it', () => {
    expect(lengthField(18)).toBe(0xd012);
    expect(lengthField(0)).toBe(0);
  });

  it('CHKSUM of 1203400456ABCEFE is FC71, the example of the standard and of Pylontech’s document', () => {
    expect(checksumOf(bytesOf('1203400456ABCEFE'))).toBe(0xfc71);
  });

  it('a frame that a public test prints with a wrong sum is refused: FDB2 where the characters give FDB0', () => {
    expect(decodeFrame(bytesOf('~210160420000FDB2\r'))).toEqual({ problem: 'checksum' });
    expect(decodeFrame(bytesOf('~210160420000FDB0\r'))).toMatchObject({ cid1: 0x60, code: 0x42 });
  });
});

describe('the codec of YD/T 1363.3', () => {
  it('reads back whatever it has written', () => {
    fc.assert(
      fc.property(frames, (frame) => {
        expect(decodeFrame(encodeFrame(frame))).toEqual(frame);
      }),
    );
  });

  it('writes capital letters and nothing but hexadecimal digits between SOI and EOI', () => {
    fc.assert(
      fc.property(frames, (frame) => {
        expect(textOf(encodeFrame(frame))).toMatch(/^~[0-9A-F]+\r$/);
      }),
    );
  });

  it('with any one bit turned over reads the same or refuses, never another reading', () => {
    fc.assert(
      fc.property(frames, fc.nat(), (frame, which) => {
        const bytes = Uint8Array.from(encodeFrame(frame));
        const bit = which % (bytes.length * 8);
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const read = decodeFrame(bytes);
        // A letter of CHKSUM itself may become a small one, which says the same.
        if (!('problem' in read)) expect(read).toEqual(frame);
      }),
      { numRuns: 1000 },
    );
  });

  it('each of all bits of a recorded frame, turned over, is refused or says the same', () => {
    for (const { text } of KNOWN_FRAMES) {
      const whole = decodeFrame(bytesOf(text));
      for (let bit = 0; bit < text.length * 8; bit++) {
        const bytes = Uint8Array.from(bytesOf(text));
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const read = decodeFrame(bytes);
        if (!('problem' in read)) expect(read).toEqual(whole);
      }
    }
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(decodeFrame(Uint8Array.of(0x7e, ...bytes, 0x0d))).toBeDefined();
        expect(decodeFrame(bytes)).toBeDefined();
      }),
    );
  });

  const good = '~20014643E00200FD35\r';
  it.each([
    ['small letters, when the sum is over them as sent', '~21012a500000FD84\r', null],
    ['a capital that became a small letter on the way', '~21012a500000FDA4\r', 'checksum'],
    ['no SOI', good.slice(1), 'not a frame'],
    ['no EOI', good.slice(0, -1), 'not a frame'],
    ['half a frame', '~20014643\r', 'not a frame'],
    ['a character that is no digit', '~20014643E002G0FD35\r', 'not hexadecimal'],
    ['a wrong length checksum', '~20014643D00200FD36\r', 'length checksum'],
    ['more INFO than LENGTH says', '~20014643E0020000FCD5\r', 'length'],
    ['a wrong checksum', '~20014643E00200FD34\r', 'checksum'],
    ['an odd number of characters in INFO', '~20014643F0010FD66\r', 'length'],
  ])('%s', (_what, text, problem) => {
    const read = decodeFrame(bytesOf(text));
    if (problem === null) expect(read).not.toHaveProperty('problem');
    else expect(read).toEqual({ problem });
  });

  it('takes the longest INFO that LENID can say, and no longer one', () => {
    const frame = { version: 0x21, address: 1, cid1: 0x2a, code: 0, info: new Uint8Array(MOST_INFO_BYTES) };
    expect(decodeFrame(encodeFrame(frame))).toEqual(frame);
    expect(() => encodeFrame({ ...frame, info: new Uint8Array(MOST_INFO_BYTES + 1) })).toThrow(RangeError);
  });

  it.each([
    [0x04, 'RTN 04H (CID2: it does not know the command)'],
    [0xe1, "RTN E1H (the maker's own)"],
    [0x77, 'RTN 77H (not of the standard)'],
  ])('return code %i is told in words', (rtn, text) => {
    expect(returnText(rtn)).toBe(text);
  });
});
