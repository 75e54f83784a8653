import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createNutLineReader, encodeLine, parseLine } from '#platform/nut/nut-words.ts';

describe('a line of the NUT protocol', () => {
  const rows: readonly [line: string, expected: unknown, reason: string][] = [
    ['GET VAR ups ups.status', ['GET', 'VAR', 'ups', 'ups.status'], 'words between blanks'],
    ['  LIST \t UPS  ', ['LIST', 'UPS'], 'any number of blanks'],
    ['', [], 'an empty line has no word'],
    ['VAR ups ups.mfr "Big \\"B\\" Power"', ['VAR', 'ups', 'ups.mfr', 'Big "B" Power'], 'escaped quotes'],
    ['SET VAR ups x "a\\\\b"', ['SET', 'VAR', 'ups', 'x', 'a\\b'], 'an escaped backslash'],
    ['PASSWORD ""', ['PASSWORD', ''], 'an empty word is a word'],
    ['PASSWORD pa#ss=1', ['PASSWORD', 'pa#ss=1'], 'upsmon sends passwords without quotes'],
    ['PASSWORD "秘密 1"', ['PASSWORD', '秘密 1'], 'UTF-8'],
    ['A\\ B', ['A B'], 'a blank can be escaped without quotes, as parseconf has it'],
    ['A\\', ['A'], 'a backslash at the end escapes nothing'],
  ];
  it.each(rows)('%j is %j (%s)', (line, words) => {
    expect(parseLine(line)).toEqual({ words });
  });

  const bad: readonly [line: string, problem: string, reason: string][] = [
    ['PASSWORD "open', 'open-quote', 'a quote that nobody closes'],
    ['GET\u0000VAR', 'not-text', 'NUL'],
    ['\u0016\u0003\u0001', 'not-text', 'the first bytes of TLS'],
    ['x '.repeat(40), 'too-many-words', 'more words than any command has'],
  ];
  it.each(bad)('%j is refused: %s (%s)', (line, problem) => {
    expect(parseLine(line)).toEqual({ problem });
  });

  it('says after encoding what it said before, for every text without control characters', () => {
    const word = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !/[\p{Cc}\ufffd]/u.test(text));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), (words) => {
        const line = encodeLine(words);
        expect(line.endsWith('\n')).toBe(true);
        expect(line.slice(0, -1)).not.toContain('\n');
        expect(parseLine(line.slice(0, -1))).toEqual({ words });
      }),
    );
  });

  it('cannot be made to say two lines by a line end in a word', () => {
    expect(encodeLine(['PASSWORD', 'x\nFSD ups'])).toBe('PASSWORD "x FSD ups"\n');
  });
});

describe('the reader of lines', () => {
  it('gives the same lines however the bytes are cut', () => {
    const line = fc.string({ maxLength: 30 }).map((text) => text.replaceAll(/\p{Cc}/gu, ' '));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 10 }), fc.array(fc.integer({ min: 1, max: 7 })), (lines, cuts) => {
        const bytes = Buffer.from(lines.map((one) => `${one}\n`).join(''));
        const whole = createNutLineReader(1000).push(bytes);
        const pieces = createNutLineReader(1000);
        const parts: unknown[] = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const length = cuts[i % Math.max(1, cuts.length)] ?? 3;
          parts.push(...pieces.push(bytes.subarray(at, at + length)));
          at += length;
        }
        expect(parts).toEqual(whole);
        expect(whole).toHaveLength(lines.length);
      }),
    );
  });

  it('never holds more than one line, never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 20 }), (chunks) => {
        const reader = createNutLineReader(64);
        for (const chunk of chunks) {
          for (const line of reader.push(chunk)) expect('words' in line || 'problem' in line).toBe(true);
          expect(reader.held).toBeLessThanOrEqual(64);
        }
      }),
    );
  });

  it('tells a line that is too long once, and takes the next one as it is', () => {
    const reader = createNutLineReader(10);
    const lines = [
      ...reader.push(Buffer.from('x'.repeat(30))),
      ...reader.push(Buffer.from('x'.repeat(30))),
      ...reader.push(Buffer.from('\nVER\r\n')),
      ...reader.push(Buffer.from(`${'y'.repeat(11)}\nHELP\n`)),
    ];
    expect(lines).toEqual([{ problem: 'too-long' }, { words: ['VER'] }, { problem: 'too-long' }, { words: ['HELP'] }]);
  });
});
