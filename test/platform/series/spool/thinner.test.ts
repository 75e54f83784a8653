import { describe, expect, it } from 'vitest';
import type { Reading } from '#core/reading.ts';
import { minutes } from '#core/time.ts';
import { Thinner } from '#platform/series/spool/thinner.ts';
import { reading } from './support.ts';

function thin(readings: readonly Reading[]): readonly Reading[] {
  const thinner = new Thinner(minutes(1));
  for (const one of readings) thinner.push(one);
  thinner.end();
  return thinner.take();
}
const told = (readings: readonly Reading[]) => readings.map(({ measuredAt, value }) => [measuredAt % 3_600_000, value]);

describe('thinning keeps', () => {
  const at = (s: number, value: Reading['value'], change: Partial<Reading> = {}) => reading(s * 1000, value, change);
  it.each([
    [
      'the first, the lowest and the highest number of each minute',
      [at(0, 20.1), at(10, 20.1), at(20, 20.4), at(30, 20.2), at(40, 20), at(50, 20.1), at(60, 20.1), at(70, 20.1)],
      [0, 20, 40, 60],
    ],
    ['one of a minute in which nothing changes', [at(0, 5), at(10, 5), at(20, 5)], [0]],
    [
      'each change of a word and each change of a truth',
      [at(0, 'OL'), at(1, 'OL'), at(2, 'OB'), at(3, 'OB'), at(4, 'OL'), at(5, true), at(6, true), at(7, false)],
      [0, 2, 4, 5, 7],
    ],
    [
      'each change of quality, and the first good number after it',
      [
        at(0, 5),
        at(1, 5),
        at(2, 5, { quality: 'stale' }),
        at(3, 5, { quality: 'stale' }),
        at(4, null, { quality: 'missing' }),
        at(5, 5),
        at(6, 5),
      ],
      [0, 2, 4, 5],
    ],
    [
      'each series for itself',
      [at(0, 1), at(0, 2, { point: 'ups.load' }), at(1, 1), at(1, 3, { point: 'ups.load' })],
      [0, 0, 1],
    ],
  ] as const)('%s', (_, readings, kept) => {
    expect(told(thin(readings)).map(([ms]) => Number(ms) / 1000)).toEqual(kept);
  });

  it('the minimum and the maximum of any minute, in the order of time', () => {
    const readings = Array.from({ length: 600 }, (_, i) => at(i, ((i * 7919) % 1000) / 10));
    const kept = thin(readings);
    expect(kept.length).toBeLessThanOrEqual(30);
    for (let minute = 0; minute < 10; minute++) {
      const values = (list: readonly Reading[]) =>
        list
          .filter(({ measuredAt }) => Math.floor((measuredAt % 3_600_000) / 60_000) === minute)
          .map((one) => Number(one.value));
      expect(Math.min(...values(kept))).toBe(Math.min(...values(readings)));
      expect(Math.max(...values(kept))).toBe(Math.max(...values(readings)));
    }
    expect(kept.map(({ measuredAt }) => measuredAt)).toEqual(
      kept.map(({ measuredAt }) => measuredAt).toSorted((a, b) => a - b),
    );
  });
});
