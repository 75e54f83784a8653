import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRegisters, encodeRegisters, REGISTER_TYPES, WORD_ORDERS } from '#core/registers.ts';

describe('numbers and texts in registers', () => {
  const F32 = 230.5;
  it.each([
    ['high word first', 'f32', 'ABCD', [0x4366, 0x8000], F32],
    ['low word first', 'f32', 'CDAB', [0x8000, 0x4366], F32],
    ['bytes of each register swapped', 'f32', 'BADC', [0x6643, 0x0080], F32],
    ['all bytes backwards', 'f32', 'DCBA', [0x0080, 0x6643], F32],
    ['a float as short as it was meant', 'f32', 'ABCD', [0x41ab, 0x3333], 21.4],
    ['a negative word (−10.1 °C as RenKe writes it)', 's16', 'ABCD', [0xff9b], -101],
    ['the same word, unsigned', 'u16', 'ABCD', [0xff9b], 65_435],
    ['one register with its bytes swapped', 'u16', 'DCBA', [0x3412], 0x1234],
    ['a long, low word first', 's32', 'CDAB', [0xfffe, 0xffff], -2],
    ['eight bytes beyond what a number holds exactly', 'u64', 'ABCD', [0x8000, 0, 0, 1], 9_223_372_036_854_775_809n],
    ['eight bytes, all backwards', 'u64', 'DCBA', [0x0201, 0, 0, 0], 0x0102],
    ['a double', 'f64', 'ABCD', [0x405e, 0xdd2f, 0x1a9f, 0xbe77], 123.456],
    ['decimal digits', 'bcd', 'ABCD', [0x0012, 0x3456], 123_456],
    ['a letter among decimal digits is no number', 'bcd', 'ABCD', [0x00a2], '0x00a2'],
    ['a text filled up behind', 'ascii', 'ABCD', [0x534d, 0x5431, 0x2020, 0], 'SMT1'],
    ['a text filled up in front (APC)', 'ascii', 'ABCD', [0, 0x0041, 0x4243], 'ABC'],
    ['a text with swapped bytes', 'ascii', 'BADC', [0x4d53, 0x3154], 'SMT1'],
    ['nothing but NULs', 'ascii', 'ABCD', [0, 0], ''],
    ['what a text field held before', 'ascii', 'ABCD', [0x4f4b, 0x0058, 0x5858], 'OK'],
  ] as const)('%s', (_why, type, order, registers, value) => {
    expect(decodeRegisters(registers, type, order)).toEqual(value);
  });

  it('each number of each type comes back from registers in each order', () => {
    const whole = (type: string, length: number): fc.Arbitrary<bigint> => {
      const bits = 16 * length;
      if (type === 'bcd') return fc.bigInt(0n, 10n ** BigInt(4 * length) - 1n);
      if (type.startsWith('s')) return fc.bigInt(-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n);
      return fc.bigInt(0n, 2n ** BigInt(bits) - 1n);
    };
    const cases = fc
      .record({
        type: fc.constantFrom(...REGISTER_TYPES),
        order: fc.constantFrom(...WORD_ORDERS),
        own: fc.integer({ min: 1, max: 4 }),
      })
      .chain(({ type, order, own }) => {
        const length = {
          u16: 1,
          s16: 1,
          u32: 2,
          s32: 2,
          u64: 4,
          s64: 4,
          f32: 2,
          f64: 4,
          bcd: own,
          bits: own,
          ascii: own,
        }[type];
        const value: fc.Arbitrary<number | bigint | string> =
          type === 'f32'
            ? fc.integer({ min: -9_999_999, max: 9_999_999 }).map((n) => n / 100_000)
            : type === 'f64'
              ? fc.double({ noNaN: true })
              : type === 'ascii'
                ? fc.stringMatching(/^[!-~]*$/).map((text) => text.slice(0, 2 * length))
                : whole(type, length);
        return fc.record({ type: fc.constant(type), order: fc.constant(order), length: fc.constant(length), value });
      });
    fc.assert(
      fc.property(cases, ({ type, order, length, value }) => {
        const registers = encodeRegisters(value, type, order, length);
        expect(registers).toHaveLength(length);
        expect(registers.every((word) => word >= 0 && word <= 0xffff)).toBe(true);
        const back = decodeRegisters(registers, type, order);
        if (typeof value === 'bigint') expect(BigInt(back)).toBe(value);
        else if (type === 'f32') expect(back).toBeCloseTo(Number(value), 4);
        else expect(back).toEqual(value);
      }),
      { numRuns: 1000 },
    );
  });

  it('whatever stands in registers, decoding never throws', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 4, maxLength: 4 }),
        fc.constantFrom(...REGISTER_TYPES),
        fc.constantFrom(...WORD_ORDERS),
        (registers, type, order) => {
          expect(['number', 'bigint', 'string']).toContain(typeof decodeRegisters(registers, type, order));
        },
      ),
    );
  });
});
