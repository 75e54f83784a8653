import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Duration, milliseconds, seconds } from '#core/time.ts';
import { nextTurn, overdue, type UnitState } from '#platform/modbus/turns.ts';

const at = (ms: number): Duration => milliseconds(ms);
const state = (doubtful: boolean, askedAt = 0, notBefore = 0): UnitState => ({
  doubtful,
  askedAt: at(askedAt),
  notBefore: at(notBefore),
});
const waiting = (...units: number[]) => units.map((unit) => ({ unit, since: at(0) }));

describe('whose turn it is on a shared line', () => {
  it.each([
    ['nobody waits', waiting(), {}, 0, null],
    ['the first who came', waiting(3, 1), {}, 0, { place: 0, doubtful: false }],
    [
      'a live one before a doubtful one that came first',
      waiting(3, 1),
      { 3: state(true) },
      0,
      { place: 1, doubtful: false },
    ],
    [
      'of doubtful ones the one whose turn is longest ago',
      waiting(3, 4),
      { 3: state(true, 9), 4: state(true, 2) },
      0,
      { place: 1, doubtful: true },
    ],
    ['a doubtful one after eight live ones', waiting(1, 3), { 3: state(true) }, 8, { place: 1, doubtful: true }],
    [
      'nobody before a late answer cannot come any more',
      waiting(3),
      { 3: state(true, 0, 1500) },
      0,
      { notBefore: 1500 },
    ],
    ['another while one must wait', waiting(3, 1), { 3: state(true, 0, 1500) }, 0, { place: 1, doubtful: false }],
  ])('%s', (_why, queue, units, inARow, turn) => {
    const known = new Map(Object.entries(units).map(([unit, own]) => [Number(unit), own]));
    expect(nextTurn(queue, known, inARow, at(1000))).toEqual(turn);
  });

  it('a live unit never waits for more than one dead one, however many there are', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 2, max: 100 }), { maxLength: 100 }), (dead) => {
        const units = new Map(dead.map((unit) => [unit, state(true)]));
        const turn = nextTurn([...waiting(...dead), ...waiting(1)], units, 0, at(0));
        expect(turn).toEqual({ place: dead.length, doubtful: false });
      }),
    );
  });

  it('only doubtful ones are sent away when they have waited for too long', () => {
    const units = new Map([[2, state(true)]]);
    const late = [
      { unit: 1, since: at(0) },
      { unit: 2, since: at(0) },
      { unit: 2, since: seconds(20) },
    ];
    expect(overdue(late, units, seconds(31))).toEqual([1]);
  });
});
