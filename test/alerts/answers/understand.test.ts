import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { peopleFileSchema } from '#core/config/people.ts';
import { seededRandom } from '#core/random.ts';
import { peopleAt, sameAddress } from '#services/alerts/answers/addresses.ts';
import { newCode } from '#services/alerts/answers/codes.ts';
import { understand } from '#services/alerts/answers/understand.ts';

describe('what people write from their telephones', () => {
  it.each([
    ['K7', 'K7', 'the bare code'],
    ['k7', 'K7', 'small letters'],
    ['k 7', 'K7', 'the telephone put a space in'],
    ['Ｋ７', 'K7', 'full-width letters of a Chinese keyboard'],
    ['确认 K7', 'K7', 'with the word'],
    ['确认K7！', 'K7', 'without a space, with a mark'],
    ['K7 收到，正在路上', 'K7', 'something else said beside it'],
    ['ack k7 thanks', 'K7', 'English'],
    ['K234', 'K234', 'a longer code'],
    ['1', null, 'the key of a call'],
    ['ok', null, 'no code'],
    ['OK.', null, 'a mark'],
    ['收到', null, 'no code'],
    ['好的，收到', null, 'two words'],
    ['  确认。 ', null, 'spaces and a mark'],
    ['got it', null, 'filler words'],
  ])('%j acknowledges %s: %s', (text, code, _why) => {
    expect(understand(text)).toEqual({ kind: 'acknowledge', code });
  });

  it.each([
    ['K7 不行，我在外地', 'a refusal is no acknowledgement, whatever code it names'],
    ['没收到', 'the word for received with its negation'],
    ['no', 'no'],
    ["k7 can't", 'a refusal'],
    ['K7 M4', 'two codes: which?'],
    ['', 'nothing'],
    ['2', 'another key'],
    ['谁啊', 'a question'],
    ['您的验证码是 1234', 'a message of somebody else'],
    ['I1 O0', 'letters that no code has'],
  ])('%j is not taken for an acknowledgement: %s', (text) => {
    expect(understand(text).kind).toBe('unclear');
  });

  it('never throws, and takes no code out of a longer word', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200, unit: 'grapheme' }), (text) => {
        expect(['acknowledge', 'unclear']).toContain(understand(text).kind);
      }),
    );
    expect(understand('BK78A').kind).toBe('unclear');
  });
});

describe('codes', () => {
  it('are unique, short while few are open, and have nothing in them that looks like something else', () => {
    const taken = new Set<string>();
    const random = seededRandom(3);
    for (let i = 0; i < 600; i++) {
      const code = newCode(taken, random);
      expect(taken.has(code)).toBe(false);
      expect(code).toMatch(/^[A-HJ-NP-Z][2-9]{1,3}$/);
      expect(understand(code)).toEqual({ kind: 'acknowledge', code });
      taken.add(code);
    }
    expect([...taken].filter((code) => code.length === 2)).toHaveLength(96);
  });
});

describe('whose number it is', () => {
  const SAME = [
    '+86 138 0000 0001',
    '13800000001',
    '0086-13800000001',
    '86 13800000001',
    'tel:+8613800000001',
    '138 0000 0001',
  ];

  it.each(SAME)('%s is one number with the others', (written) => {
    expect(sameAddress(written)).toBe('13800000001');
  });

  it.each([
    ['sip:13800000001@pbx.example', '13800000001', 'a telephone system'],
    ['+861058880001', '01058880001', 'a land line with the country’s code'],
    ['010-58880001', '01058880001', 'the same at home'],
    ['+44 20 7946 0000', '442079460000', 'another country'],
    ['Lin@Example.com', 'lin@example.com', 'mail'],
  ])('%s is %s: %s', (written, same) => {
    expect(sameAddress(written)).toBe(same);
  });

  const { people } = peopleFileSchema.parse({
    people: [
      { id: 'a', name: 'A', phone: '+86 138 0000 0001', routes: [{ channel: 'mail', to: 'a@example.com' }] },
      { id: 'b', name: 'B', routes: [{ channel: 'sms', to: '138 0000 0002' }] },
      { id: 'c', name: 'C', routes: [{ channel: 'sms', to: '010-58880001' }] },
      { id: 'd', name: 'D', routes: [{ channel: 'sms', to: '010-58880001' }] },
    ],
    contacts: {},
  });

  it.each([
    ['sms', '+8613800000002', ['b'], 'the route'],
    ['voice', '13800000002', ['b'], 'a route of another channel'],
    ['sms', '13800000001', ['a'], 'the telephone number'],
    ['sms', '01058880001', ['c', 'd'], 'a number that two share'],
    ['sms', '13900000009', [], 'nobody'],
    ['sms', '', [], 'nothing'],
  ])('over %s from %s it is %j: %s', (channel, from, ids) => {
    expect(peopleAt(people, channel, from).map(({ id }) => id)).toEqual(ids);
  });
});
