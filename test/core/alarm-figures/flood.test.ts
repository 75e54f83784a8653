import { describe, expect, it } from 'vitest';
import { floodsOf, worstTenMinutes } from '#core/alarm-figures/flood.ts';
import { instant } from '#core/time.ts';

const every = (step: number, n: number, from = 0): number[] => Array.from({ length: n }, (_, i) => from + i * step);
const at = (seconds: readonly number[]) => seconds.map((s) => instant(s * 1000));
const floods = (seconds: readonly number[], until = 100_000) =>
  floodsOf(at(seconds), instant(until * 1000)).map(({ from, to }) => [from / 1000, to / 1000]);

describe('a flood begins with more than ten alarms in ten minutes and ends with fewer than five (EEMUA 191)', () => {
  it.each<[reason: string, alarms: number[], expected: number[][]]>([
    ['nothing came', [], []],
    ['ten in ten minutes are no flood', every(10, 10), []],
    // Eleven at 0…100 s; at 600 s the first leaves; the seventh leaves at 660 s, and four are left.
    ['the eleventh begins it, the fifth before last ends it', every(10, 11), [[100, 660]]],
    ['eleven at once', every(0, 11), [[0, 600]]],
    ['the first leaves as the eleventh comes: ten minutes are ten', [...every(10, 10), 600], []],
    ['a second before, the eleventh is within ten minutes', [...every(10, 10), 599], [[599, 660]]],
    // One each 100 s keeps six or seven in ten minutes: it goes on until they stop at 2,000 s.
    ['five and more keep it going', [...every(10, 11), ...every(100, 19, 200)], [[100, 2200]]],
    [
      'two apart',
      [...every(10, 11), ...every(10, 11, 5000)],
      [
        [100, 660],
        [5100, 5660],
      ],
    ],
  ])('%s', (_reason, alarms, expected) => {
    expect(floods(alarms)).toEqual(expected);
  });

  it('one that goes on lasts until now', () => {
    expect(floods(every(10, 11), 300)).toEqual([[100, 300]]);
  });
});

it('the worst ten minutes hold what came within less than ten minutes, and say when they began', () => {
  expect(worstTenMinutes([])).toEqual({ alarms: 0, from: null });
  expect(worstTenMinutes(at([0, 600]))).toEqual({ alarms: 1, from: 0 });
  expect(worstTenMinutes(at([0, 1000, 1100, 1599, 1600]))).toEqual({ alarms: 3, from: 1_000_000 });
});
