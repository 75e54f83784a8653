import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ydtFieldSchema, ydtProblems, ydtSectionSchema } from '#core/config/profile-ydt.ts';
import { readFields, textOf } from '#services/collector/ydt-fields.ts';
import { makerText } from '#services/collector/ydt-identity.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const fields = (...given: readonly object[]) =>
  z.array(ydtFieldSchema).parse(given.map((field) => ({ source: 'table 1', ...field })));
const raws = (given: readonly object[], info: string, more = false) => {
  const read = readFields({ fields: fields(...given), more }, hex(info));
  return 'problem' in read ? read.problem : read.map((one) => one.raws);
};

describe('INFO by its fields', () => {
  it.each([
    [
      'numbers with the most significant byte first',
      [{ type: 'u16' }, { type: 'i16' }, { type: 'u24' }],
      '0102 FFFE 012110',
      [[258], [-2], [74_000]],
    ],
    ['floating point with the least significant byte first (220.1 V)', [{ type: 'f32' }], '9A195C43', [[220.1]]],
    ['floating point the other way round', [{ type: 'f32be' }], '435C199A', [[220.1]]],
    ['so many of a kind', [{ type: 'u8', times: 3 }], '010203', [[1, 2, 3]]],
    [
      'counted parts',
      [{ type: 'u8', id: 'm' }, { type: 'u16', times: { of: 'm' } }, { type: 'u8' }],
      '02 0001 0002 07',
      [[2], [1, 2], [7]],
    ],
    [
      'one less than was counted',
      [{ type: 'u8', id: 'n' }, { type: 'u8' }, { type: 'u8', times: { of: 'n', less: 1 } }],
      '03 01 02 03',
      [[3], [1], [2, 3]],
    ],
    ['text, of which fillers are no part', [{ type: 'text', bytes: 10 }], '50796C6F6E2D2D2D2D2D', [['Pylon']]],
    ['a version of two bytes', [{ type: 'version' }], '0201', [['2.1']]],
    [
      '20H in all bytes is no value',
      [{ type: 'u16' }, { type: 'f32' }, { type: 'u8' }],
      '2020 20202020 20',
      [[null], [null], [null]],
    ],
    ['20H in one byte of two is one', [{ type: 'u16' }], '2021', [[8225]]],
    [
      '20H as a count is none where the length says so',
      [{ type: 'u8', id: 'm' }, { type: 'u8', times: { of: 'm' } }, { type: 'u8' }],
      '20 07',
      [[null], [], [7]],
    ],
  ])('%s', (_what, given, info, expected) => {
    expect(raws(given, info)).toEqual(expected);
  });

  it('20H as a count is thirty-two where as many follow', () => {
    const given = [
      { type: 'u8', id: 'm' },
      { type: 'u8', times: { of: 'm' } },
    ];
    const read = readFields(
      { fields: fields(...given), more: false },
      Uint8Array.of(0x20, ...new Uint8Array(32).fill(5)),
    );
    if ('problem' in read) throw new Error(read.problem);
    expect(read[1]?.raws).toHaveLength(32);
  });

  it('that is shorter, longer or of another layout is refused, with the reason', () => {
    expect(raws([{ type: 'u16' }, { type: 'u16' }], '0001 00')).toBe('INFO has 3 bytes and ends before table 1');
    expect(raws([{ type: 'u16' }], '0001 02')).toBe('INFO has 3 bytes, 2 were expected: another layout');
    expect(raws([{ type: 'u8', is: [2, 4] }], '03')).toBe('table 1 is 3: another layout');
    expect(raws([{ type: 'u16' }], '0001 02', true)).toEqual([[1]]);
  });

  it('never throws and never reads beyond its end, whatever comes', () => {
    const given = fields(
      { type: 'u8', id: 'm' },
      { type: 'u16', times: { of: 'm' } },
      { type: 'u8', id: 'n' },
      { type: 'f32', times: { of: 'n', less: 1 } },
      { type: 'text', bytes: 4 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.boolean(), (info, more) => {
        const read = readFields({ fields: given, more }, info);
        if ('problem' in read) return;
        expect(read.reduce((most, one) => Math.max(most, one.at), 0)).toBeLessThanOrEqual(info.length);
      }),
    );
  });

  it('texts are cut where they stop being printable', () => {
    expect(textOf(hex('5553324B42504C000000'))).toBe('US2KBPL');
    expect(makerText(hex('5553324B42504C000000 0201 50796C6F6E2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D'))).toBe(
      'US2KBPL 2.1 Pylon',
    );
    expect(makerText(hex('49414343 00 35303030'))).toBe('IACC 5000');
  });
});

describe('a section that cannot be right', () => {
  const command = (...given: readonly object[]) => ({
    cid2: '42',
    source: 's',
    fields: given.map((field) => ({ source: 'f', ...field })),
  });
  it.each([
    ['a command without a kind', { commands: [command({ type: 'u8' })] }, /no cid1/],
    [
      'a count that is not there',
      { cid1: '2A', commands: [command({ type: 'u8', times: { of: 'm' } })] },
      /no count m/,
    ],
    ['text without a length', { cid1: '2A', commands: [command({ type: 'text' })] }, /bytes/],
    [
      'a point without {index} of a field in numbers',
      { cid1: '2A', commands: [command({ type: 'u16', times: 3, points: [{ point: 'input.voltage' }] })] },
      /\{index\}/,
    ],
    [
      'a unit that does not convert',
      { cid1: '2A', commands: [command({ type: 'u16', points: [{ point: 'input.voltage', unit: 'kg' }] })] },
      /kg|unit|Invalid/i,
    ],
    [
      'a set of a field that is not there',
      {
        cid1: '2A',
        commands: [command({ type: 'u8' })],
        sets: [{ point: 'ups.status', from: [{ field: 'x', map: { '1': ['OL'] } }] }],
      },
      /no field x/,
    ],
    [
      'two fields of one name',
      { cid1: '2A', commands: [command({ type: 'u8', id: 'a' }, { type: 'u8', id: 'a' })] },
      /twice/,
    ],
  ])('%s', (_what, section, problem) => {
    const parsed = ydtSectionSchema.safeParse(section);
    const told = parsed.success ? ydtProblems(parsed.data).join('; ') : parsed.error.message;
    expect(told).toMatch(problem);
  });
});
