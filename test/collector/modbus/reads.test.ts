import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { profileSchema } from '#core/config/profile.ts';
import { type ModbusSection, modbusSectionSchema } from '#core/config/profile-modbus.ts';
import { profileProblems, resolveProfile } from '#core/config/resolve-profile.ts';
import { nothingLearned, planReads, spanKey, spansOf } from '#services/collector/modbus-reads.ts';

const section = (given: object): ModbusSection => modbusSectionSchema.parse(given);
const points = (...places: [at: number, type?: string, table?: string][]) =>
  places.map(([at, type = 'u16', table = 'holding'], i) => ({
    point: `dc.${i + 1}.number`,
    table,
    at,
    type,
    source: 'made up',
  }));
const plan = (given: object): string[] => {
  const own = section(given);
  return planReads(own, spansOf(own), nothingLearned()).map(({ table, at, length }) => `${table} ${at}+${length}`);
};
const block = (from: number, to: number, table = 'holding') => ({ table, from, to, source: 'made up' });

describe('which questions read a register map', () => {
  it.each([
    ['neighbours in one', { points: points([0], [1], [2]) }, ['holding 0+3']],
    ['not across a hole', { points: points([0], [2]) }, ['holding 0+1', 'holding 2+1']],
    ['across a hole where the map allows it', { points: points([0], [9]), blocks: [block(0, 9)] }, ['holding 0+10']],
    [
      'not over a block’s edge, though side by side',
      { points: points([4], [5]), blocks: [block(0, 4)] },
      ['holding 4+1', 'holding 5+1'],
    ],
    [
      'two blocks side by side are two',
      { points: points([4], [5]), blocks: [block(0, 4), block(5, 9)] },
      ['holding 4+1', 'holding 5+1'],
    ],
    ['tables apart', { points: points([0], [1, 'u16', 'input']) }, ['holding 0+1', 'input 1+1']],
    [
      '125 registers at most',
      { points: points([0], [124], [125]), blocks: [block(0, 200)] },
      ['holding 0+125', 'holding 125+1'],
    ],
    [
      'a long not torn by the limit',
      { points: points([0], [124, 'u32']), blocks: [block(0, 200)] },
      ['holding 0+1', 'holding 124+2'],
    ],
    ['the device’s own limit', { most: 2, points: points([0], [1], [2]) }, ['holding 0+2', 'holding 2+1']],
    [
      'bits far more',
      { points: points([0, 'u16', 'coil'], [1999, 'u16', 'coil']), blocks: [block(0, 1999, 'coil')] },
      ['coil 0+2000'],
    ],
    ['the same register twice is one', { points: points([0], [0]) }, ['holding 0+1']],
    ['numbers of several registers', { points: points([0, 'f32'], [2, 'f64'], [6]) }, ['holding 0+7']],
  ])('%s', (_why, given, reads) => {
    expect(plan(given)).toEqual(reads);
  });

  it('each register that is wanted is read once, no question is longer than the limit, none leaves its block', () => {
    const map = fc
      .record({
        most: fc.integer({ min: 4, max: 125 }),
        at: fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 40 }),
        blocks: fc.array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 20 })), { maxLength: 3 }),
      })
      .map(({ most, at, blocks }) => ({
        most,
        points: points(...at.map((one) => [4 * one, 'u32'] as [number, string])),
        blocks: blocks.map(([from, length]) => block(4 * from, 4 * (from + length) + 3)),
      }));
    fc.assert(
      fc.property(map, (given) => {
        const own = section(given);
        const spans = spansOf(own);
        const reads = planReads(own, spans, nothingLearned());
        expect(reads.flatMap((read) => read.spans.map(spanKey)).sort()).toEqual(spans.map(spanKey).sort());
        for (const { at, length, spans: wanted } of reads) {
          expect(length).toBeLessThanOrEqual(own.most);
          const taken = wanted.reduce((sum, span) => sum + span.length, 0);
          const within = own.blocks.some(({ from, to }) => from <= at && at + length - 1 <= to);
          expect(taken === length || within).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('what a device was found to refuse is not asked again, and where it was cut it stays cut', () => {
    const own = section({ points: points([0], [1], [2], [3]) });
    const spans = spansOf(own);
    const learned = { refused: new Set(['holding 3 1']), cuts: new Set(['holding 2 1']) };
    expect(planReads(own, spans, learned).map(({ at, length }) => [at, length])).toEqual([
      [0, 2],
      [2, 1],
    ]);
  });
});

const profile = (modbus: object, more: object = {}) => profileSchema.safeParse({ id: 'made-up', ...more, modbus });
const messages = (modbus: object): string[] => profile(modbus).error?.issues.map(({ message }) => message) ?? [];

describe('check refuses a register map that cannot be right', () => {
  it.each([
    [
      'two entries over one another',
      { points: points([0, 'u32'], [1]) },
      'dc.1.number (holding 0, u32) and dc.2.number (holding 1, u16) overlap',
    ],
    [
      'the same registers read as different numbers',
      { points: points([0, 'u32'], [0, 'f32']) },
      'dc.1.number (holding 0, u32) and dc.2.number (holding 0, f32) overlap',
    ],
    [
      'a narrow one within a wide one',
      { points: points([0, 'f64'], [2]) },
      'dc.1.number (holding 0, f64) and dc.2.number (holding 2, u16) overlap',
    ],
    [
      'rows over one another',
      {
        points: [
          {
            point: 'dc.{index}.number',
            table: 'input',
            at: 0,
            type: 'u32',
            repeat: { count: 2, step: 1 },
            source: 'x',
          },
        ],
      },
      'dc.{index}.number: rows 1 apart overlap, each takes 2',
    ],
    [
      'beyond the last address',
      { points: points([65_535, 'u32']) },
      'dc.1.number at holding 65535: it reaches beyond address 65535',
    ],
    [
      'a table beyond the last address',
      {
        points: [
          { point: 'dc.{index}.number', table: 'input', at: 65_000, repeat: { count: 100, step: 10 }, source: 'x' },
        ],
      },
      'dc.{index}.number: its last row is beyond address 65535',
    ],
    [
      '{index} without repeat',
      { points: [{ point: 'dc.{index}.number', table: 'input', at: 0, source: 'x' }] },
      'dc.{index}.number: a point has {index} exactly when there is `repeat`',
    ],
    [
      'a coil with a type',
      { points: points([0, 'f32', 'coil']) },
      'dc.1.number at coil 0: a coil is one bit; it has no type and no length',
    ],
    [
      'a length where the type has one',
      { points: [{ point: 'dc.number', table: 'input', at: 0, type: 'u32', length: 3, source: 'x' }] },
      'dc.number at input 0: u32 takes 2 registers; length is for ascii, bcd and bits',
    ],
    [
      'a text without a length',
      { points: [{ point: 'device.model', table: 'input', at: 0, type: 'ascii', source: 'x' }] },
      'device.model at input 0: say how many registers the text takes',
    ],
    [
      'longer than the device gives',
      { most: 4, points: [{ point: 'device.model', table: 'input', at: 0, type: 'ascii', length: 8, source: 'x' }] },
      'device.model at input 0: it takes 8 registers, and the device gives 4 at most',
    ],
    [
      'an entry half outside a block',
      { points: points([4, 'u32']), blocks: [block(0, 4)] },
      'dc.1.number at holding 4 stands half outside block 0–4',
    ],
    [
      'blocks over one another',
      { points: points([0]), blocks: [block(0, 4), block(4, 9)] },
      'block holding 4–9 overlaps block holding 0–4',
    ],
    [
      'a unit that does not convert',
      { points: [{ point: 'input.voltage', table: 'input', at: 0, unit: 'A', source: 'x' }] },
      'A does not convert to V, the unit of input.voltage',
    ],
    [
      'a number as a truth',
      { points: [{ point: 'input.voltage', table: 'input', at: 0, bit: 1, source: 'x' }] },
      'input.voltage is not a truth; bit is for those',
    ],
  ])('%s', (_why, modbus, message) => {
    expect(messages(modbus)).toContain(message);
  });

  it.each([
    [
      'a word and its bits',
      {
        points: [
          ...points([0]),
          { point: 'room.leak', table: 'holding', at: 0, bit: 3, source: 'x' },
          { point: 'room.door', table: 'holding', at: 0, type: 'bits', bit: 4, source: 'x' },
        ],
      },
    ],
    ['the same address of another table', { points: points([0, 'u32'], [1, 'u16', 'input']) }],
    [
      'rows between one another’s',
      {
        points: [
          { point: 'dc.{index}.number', table: 'input', at: 0, repeat: { count: 2, step: 2 }, source: 'x' },
          { point: 'dc.{index}.voltage', table: 'input', at: 1, repeat: { count: 2, step: 2 }, source: 'x' },
        ],
      },
    ],
  ])('and takes %s', (_why, modbus) => {
    expect(messages(modbus)).toEqual([]);
  });

  it('a map that builds on another keeps each one’s word order, and the smaller limit', () => {
    const of = (id: string, modbus: object, more: object = {}) => profileSchema.parse({ id, ...more, modbus });
    const base = of('base', { order: 'CDAB', most: 10, points: points([0, 'f32']) });
    const child = of(
      'child',
      { most: 60, points: [{ ...points([8, 'f32'])[0], point: 'dc.voltage' }] },
      { extends: 'base' },
    );
    expect(profileProblems([base, child])).toEqual([]);
    expect(resolveProfile('child', [base, child])?.modbus).toMatchObject({
      most: 10,
      points: [
        { at: 8, order: 'ABCD' },
        { at: 0, order: 'CDAB' },
      ],
    });
  });
});
