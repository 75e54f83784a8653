import { describe, expect, it } from 'vitest';
import type { Reading, Value } from '#core/reading.ts';
import { instant } from '#core/time.ts';
import type { Segment } from '#platform/series/spool/segment-file.ts';
import { createTail } from '#platform/series/spool/tail.ts';

const SEGMENT: Segment = { number: 3, level: 0, bytes: 100, names: null };
const reading = (value: Value | null, measuredAt = 1_700_000_000_000): Reading => {
  const at = instant(measuredAt);
  const times = { measuredAt: at, receivedAt: at, changedAt: at };
  return { device: 'ups-1', point: 'ups.load', value, quality: 'good', ...times, simulated: false };
};

describe('the end of the spool in memory', () => {
  it('has a frame where it begins and nowhere else, of this segment as it is', () => {
    const tail = createTail();
    const readings = [reading(42.5), reading('OL'), reading(null), reading(true)];
    tail.keep(SEGMENT, 100, 180, readings);
    expect(tail.at(SEGMENT, 100)).toMatchObject({ readings, end: 180 });
    expect(tail.at(SEGMENT, 99)).toBe(null);
    expect(tail.at(SEGMENT, 180)).toBe(null);
    expect(tail.at({ ...SEGMENT, number: 4 }, 100)).toBe(null);
    expect(tail.at({ ...SEGMENT, level: 1 }, 100)).toBe(null);
  });

  it('holds two frames and no more', () => {
    const tail = createTail();
    for (let frame = 0; frame < 6; frame++) tail.keep(SEGMENT, frame * 10, frame * 10 + 10, [reading(frame)]);
    const kept = [0, 10, 20, 30, 40, 50].map((from) => tail.at(SEGMENT, from) !== null);
    expect(kept).toEqual([false, false, false, false, true, true]);
  });

  it.each<[what: string, one: Reading]>([
    ['a time between two milliseconds is rounded on the disk', reading(1, 1_700_000_000_000.5)],
    ['no number becomes nothing', reading(Number.NaN)],
    ['what is no end becomes nothing', reading(Number.POSITIVE_INFINITY)],
    ['half a character becomes another', reading('\ud83d')],
  ])('leaves to the disk what comes back otherwise from there: %s', (_what, one) => {
    const tail = createTail();
    tail.keep(SEGMENT, 100, 180, [reading(1), one]);
    expect(tail.at(SEGMENT, 100)).toBe(null);
  });
});
