import { expect, test } from 'vitest';
import type { Reading, Value } from '#core/reading.ts';
import { keptValue, refusal, seriesClass, toSample } from '#core/series.ts';
import { instant } from '#core/time.ts';

const READING: Reading = {
  device: 'ups-1',
  point: 'ups.load',
  value: 41,
  quality: 'good',
  measuredAt: instant(1000),
  receivedAt: instant(1001),
  changedAt: instant(1000),
  simulated: true,
};

test.each<[why: string, change: Partial<Reading>, refused: RegExp | null]>([
  ['an ordinary reading', {}, null],
  ['nothing measured', { value: null, quality: 'missing' }, null],
  ['no number: kept as null', { value: Number.NaN }, null],
  ['any letters', { device: '机房 🔥 "a,b=c\\' }, null],
  ['a text with line breaks is a value, not a name', { value: 'a\nb' }, null],
  ['the first moment', { measuredAt: instant(0) }, null],
  ['the last moment', { measuredAt: instant(Date.UTC(2199, 11, 31, 23, 59, 59, 999)) }, null],
  ['rounded to the first moment', { measuredAt: instant(-0.4) }, null],
  ['no device', { device: '' }, /device/],
  ['a line break in a name would be a second line of line protocol', { point: 'a\nb' }, /point/],
  ['half a pair is not UTF-8', { point: 'a\ud83d' }, /point/],
  ['a name without end', { device: 'x'.repeat(501) }, /device/],
  ['before 1970: the device’s clock is broken', { measuredAt: instant(-86_400_000) }, /1970/],
  ['no time', { measuredAt: instant(Number.NaN) }, /1970/],
  ['seconds taken for milliseconds and multiplied', { measuredAt: instant(1.7e15) }, /2200/],
  ['a book', { value: 'x'.repeat(4001) }, /text/],
])('what history takes: %s', (_why, change, refused) => {
  const reason = refusal({ ...READING, ...change });
  if (refused === null) expect(reason).toBeNull();
  else expect(reason).toMatch(refused);
});

test.each<[value: Value | null, kept: Value | null]>([
  [-0, 0],
  [Number.POSITIVE_INFINITY, null],
  [false, false],
  ['', ''],
  [null, null],
  [0.1, 0.1],
])('%s is kept as %s', (value, kept) => {
  expect(keptValue(value)).toBe(kept);
});

test('a sample stands at the whole millisecond at which it was measured', () => {
  expect(toSample({ ...READING, measuredAt: instant(1000.6) })).toEqual({ at: 1001, value: 41, quality: 'good' });
});

test.each([
  ['ups.load', 'power'],
  ['battery.charge', 'battery'],
  ['ambient.temperature', 'environment'],
  ['room.smoke', 'state'],
  ['ups.status', 'state'],
  ['nobody.knows', 'other'],
])('%s belongs to %s', (point, expected) => {
  expect(seriesClass(point)).toBe(expected);
});
