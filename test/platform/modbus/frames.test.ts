import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc16, findRtuAnswer, rtuFrame, takeTcpFrames, tcpFrame } from '#platform/modbus/frames.ts';
import { answerLength, identityAnswer, identityQuestion, readAnswer, readQuestion } from '#platform/modbus/pdu.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('Modbus frames', () => {
  it('the checksum of the specification: 02 07 is followed by 41 12 (Modbus over Serial Line V1.02 section 6.2.2)', () => {
    expect(crc16(hex('02 07'))).toBe(0x1241);
    expect(hexOf(rtuFrame(2, hex('07')))).toBe('02074112');
  });

  it.each([
    ['RenKe RS-WS: humidity and temperature', 1, 'holding', 0, 2, '01 03 00 00 00 02 c4 0b'],
    ['XY-MD02: temperature and humidity', 1, 'input', 1, 2, '01 04 00 01 00 02 20 0b'],
    ['Eastron: volts of phase 1', 1, 'input', 0, 2, '01 04 00 00 00 02 71 cb'],
    ['coils 20–38 of unit 17, 19 of them', 17, 'coil', 0x13, 0x13, '11 01 00 13 00 13 8e 92'],
  ] as const)('the question of the maker’s own example: %s', (_whose, unit, table, address, count, frame) => {
    expect(hexOf(rtuFrame(unit, readQuestion(table, address, count)))).toBe(hexOf(hex(frame)));
  });

  it.each([
    ['RenKe RS-WS: 65.8 % and −10.1 °C', 'holding', 0, 2, '01 03 04 02 92 ff 9b', [658, 0xff9b]],
    ['the specification’s input register 9: 10', 'input', 8, 1, '01 04 02 00 0a', [10]],
    [
      'the specification’s coils 20–38',
      'coil',
      0x13,
      19,
      '01 01 03 cd 6b 05',
      [1, 0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1],
    ],
  ] as const)('the answer of the document’s own example: %s', (_whose, table, address, count, body, values) => {
    const question = readQuestion(table, address, count);
    const frame = rtuFrame(1, hex(body).slice(1));
    const found = findRtuAnswer(1, question, frame);
    expect('pdu' in found ? readAnswer(question, table, count, found.pdu) : found).toEqual({ values });
  });

  const question = readQuestion('holding', 0, 2);
  const good = rtuFrame(1, hex('03 04 02 92 ff 9b'));
  const broken = Uint8Array.from(good, (byte, i) => (i === 3 ? byte ^ 1 : byte));
  it.each([
    ['a wrong checksum', broken, 'an answer whose checksum is wrong'],
    ['half a frame', good.slice(0, 6), 'a half answer'],
    ['another unit', rtuFrame(2, hex('03 04 02 92 ff 9b')), 'an answer of unit 2, or noise'],
    ['another function', rtuFrame(1, hex('04 04 02 92 ff 9b')), '9 bytes that are no answer to it'],
    ['another number of values', rtuFrame(1, hex('03 02 02 92')), '7 bytes that are no answer to it'],
    ['nothing', new Uint8Array(), 'nothing'],
  ])('%s is no answer', (_what, bytes, not) => {
    expect(findRtuAnswer(1, question, bytes)).toEqual({ not });
  });
  it.each([
    ['a glitch of the line', hex('00 ff')],
    ['the late answer of another unit', rtuFrame(2, hex('03 04 00 01 00 02'))],
    ['the converter’s echo of the question', rtuFrame(1, question)],
    ['the begin of an answer that was broken off', good.slice(0, 4)],
    ['an answer whose checksum is wrong', broken],
  ])('an answer is found behind %s', (_what, before) => {
    expect(findRtuAnswer(1, question, Uint8Array.of(...before, ...good))).toEqual({ pdu: hex('03 04 02 92 ff 9b') });
  });

  it('TCP frames come out whole however the stream was cut', () => {
    const pdus = fc.uint8Array({ minLength: 1, maxLength: 253 });
    const frame = fc.record({
      transaction: fc.integer({ min: 0, max: 0xffff }),
      unit: fc.integer({ min: 0, max: 255 }),
      pdu: pdus,
    });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 300 })), (frames, cuts) => {
        const stream = frames.flatMap(({ transaction, unit, pdu }) => [...tcpFrame(transaction, unit, pdu)]);
        const found = [];
        let rest: Uint8Array = new Uint8Array();
        for (let at = 0, i = 0; at < stream.length; i++) {
          const size = cuts[i % Math.max(1, cuts.length)] ?? stream.length;
          const taken = takeTcpFrames(Uint8Array.of(...rest, ...stream.slice(at, at + size)));
          expect(taken.broken).toBeNull();
          found.push(...taken.frames);
          rest = taken.rest;
          at += size;
        }
        expect(found).toEqual(frames);
        expect(rest).toHaveLength(0);
      }),
    );
  });

  it.each([
    ['another protocol', '00 01 00 05 00 06 01 03 04 00 01 00 02', 'protocol 5 instead of 0'],
    ['an HTTP server', Buffer.from('HTTP/1.1 400 Bad Request\r\n').toString('hex'), 'protocol 21584 instead of 0'],
    ['a frame longer than any can be', '00 01 00 00 01 00 01 03', 'a frame of 256 bytes'],
    ['a frame without a function', '00 01 00 00 00 01 01', 'a frame of 1 bytes'],
  ])('%s is not believed', (_what, bytes, why) => {
    expect(takeTcpFrames(hex(bytes))).toMatchObject({ frames: [], broken: why });
  });

  it('whatever bytes come, an RTU answer is only what has the right unit, function, length and checksum', () => {
    const count = 3;
    const asked = readQuestion('holding', 7, count);
    const answer = rtuFrame(9, hex('03 06 00 01 00 02 00 03'));
    const damaged = fc
      .tuple(fc.uint8Array({ maxLength: 20 }), fc.nat(answer.length), fc.nat(answer.length), fc.nat(255), fc.boolean())
      .map(([noise, at, cut, byte, spoil]) =>
        Uint8Array.of(
          ...noise,
          ...answer.map((own, i) => (spoil && i === at ? byte : own)).slice(0, spoil ? cut : undefined),
        ),
      );
    let answers = 0;
    fc.assert(
      fc.property(damaged, (bytes) => {
        const found = findRtuAnswer(9, asked, bytes);
        if (!('pdu' in found)) return;
        answers++;
        expect(hexOf(bytes)).toContain(hexOf(rtuFrame(9, found.pdu)));
        expect(answerLength(asked, found.pdu)).toBe(found.pdu.length);
      }),
      { numRuns: 500, seed: 1 },
    );
    expect(answers).toBeGreaterThan(100);
  });

  describe('what a device says of itself (function 43/14)', () => {
    const asked = identityQuestion(1, 0);
    it('its objects, and where to go on', () => {
      const pdu = hex('2b 0e 01 01 ff 02 02 00 03 41 50 43 01 04 53 4d 54 31');
      expect(answerLength(asked, pdu)).toBe(pdu.length);
      expect(identityAnswer(asked, pdu)).toEqual({
        objects: [
          [0, 'APC'],
          [1, 'SMT1'],
        ],
        next: 2,
      });
    });
    it.each([
      ['a text that reaches beyond the frame', '2b 0e 01 01 00 00 01 00 ff 41'],
      ['an object of which only the number is there', '2b 0e 01 01 00 00 01 00'],
      ['an identification without objects’ number', '2b 0e 01 01'],
      ['another kind of encapsulated answer', '2b 0d 01'],
      ['an answer to another function', '03 02 00 01'],
    ])('%s is no identification', (_what, bytes) => {
      expect(typeof identityAnswer(asked, hex(bytes))).toBe('string');
    });
    it('one that counts the objects of all parts in each: what is there counts', () => {
      expect(identityAnswer(asked, hex('2b 0e 01 01 ff 01 03 00 01 41'))).toEqual({ objects: [[0, 'A']], next: 1 });
    });
    it('an exception is one', () => {
      expect(identityAnswer(asked, hex('ab 01'))).toEqual({ exception: 1 });
    });
  });
});
