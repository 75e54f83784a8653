import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isReadingBatch } from '#services/alerts/reading-shape.ts';
import { makeBatch, makeReading, T0 } from './support.ts';

const batch = makeBatch('ups-1', T0, { 'ups.status': 'OL', 'battery.charge': null, 'ups.load': 40 });
const withReading = (changes: object): unknown => ({
  ...batch,
  readings: [{ ...makeReading('ups-1', 'ups.load', 40, T0), ...changes }],
});

it('takes what the collector publishes, also with keys that a newer one adds', () => {
  expect(isReadingBatch(JSON.parse(JSON.stringify(batch)))).toBe(true);
  expect(isReadingBatch({ ...batch, extra: 1 })).toBe(true);
});

it.each<[string, unknown]>([
  ['nothing', null],
  ['a list', []],
  ['no device', { ...batch, device: '' }],
  ['another cause', { ...batch, cause: 'rumour' }],
  ['readings that are no list', { ...batch, readings: {} }],
  ['too many readings', { ...batch, readings: Array.from({ length: 5001 }, () => batch.readings[0]) }],
  ['an instant that is a text', { ...batch, at: '2026' }],
  ['a reading of another device', withReading({ device: 'ups-2' })],
  ['another quality', withReading({ quality: 'fine' })],
  ['a good reading without a value', withReading({ value: null })],
  ['a value that is a list', withReading({ value: [1] })],
  ['a value that is not finite', withReading({ value: Number.NaN })],
  ['a very long text', withReading({ value: 'x'.repeat(4001) })],
  ['an instant before 1970', withReading({ receivedAt: -1 })],
  ['no mark of simulation', withReading({ simulated: undefined })],
])('refuses %s', (_title, value) => {
  expect(isReadingBatch(value)).toBe(false);
});

it('never throws, whatever arrives', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => typeof isReadingBatch(value) === 'boolean'));
});
