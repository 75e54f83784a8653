import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Quality, Value } from '#core/reading.ts';
import { seriesClass } from '#core/series.ts';
import {
  decodeTag,
  encodeTag,
  MEASUREMENTS,
  measurementOf,
  toLine,
  toSample,
} from '#platform/series/influx/line-layout.ts';
import { readingOf, START } from './store-under-test.ts';

const QUALITIES: readonly Quality[] = ['good', 'stale', 'frozen', 'implausible', 'missing'];

describe('how a reading stands in the database', () => {
  const rows: readonly (readonly [why: string, point: string, value: Value | null, quality: Quality, line: string])[] =
    [
      ['a number is a float', 'ups.load', 41, 'good', 'zhishou_power,… value=41,quality="good"'],
      ['in every notation', 'battery.charge', 1e-7, 'good', 'zhishou_battery,… value=1e-7,quality="good"'],
      ['a truth is a boolean', 'room.smoke', true, 'stale', 'zhishou_state,… truth=true,quality="stale"'],
      [
        'a word is a string',
        'ups.status',
        'OB "x" \\',
        'good',
        'zhishou_state,… word="OB \\"x\\" \\\\",quality="good"',
      ],
      ['nothing measured has a quality alone', 'ups.load', null, 'missing', 'zhishou_power,… quality="missing null"'],
      [
        'another kind than the point’s says so',
        'ups.load',
        'on',
        'good',
        'zhishou_power,… word="on",quality="good word"',
      ],
      ['a number that is none is nothing', 'ups.load', Number.NaN, 'good', 'zhishou_power,… quality="good null"'],
    ];
  for (const [why, point, value, quality, line] of rows) {
    it(why, () => {
      const written = toLine('hq', readingOf(START, value, point, quality));
      expect(written.replace(/,site=[^ ]* /, ',… ')).toBe(`${line} ${START}`);
    });
  }

  it('every class has a measurement of its own', () => {
    expect(MEASUREMENTS).toHaveLength(new Set(MEASUREMENTS).size);
    fc.assert(
      fc.property(fc.string(), (point) => {
        expect(MEASUREMENTS).toContain(measurementOf(point));
        expect(measurementOf(point)).toBe(`zhishou_${seriesClass(point)}`);
      }),
    );
  });

  it('a tag comes back letter by letter, and has nothing that would end a line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(decodeTag(encodeTag(name))).toBe(name);
        expect(encodeTag(name)).not.toMatch(/[\\\n\r]/);
      }),
    );
  });

  it('whatever was written there before, the last written counts: fields that are left over from it do not', () => {
    const value: fc.Arbitrary<Value | null> = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
      fc.boolean(),
      fc.string(),
      fc.constant(null),
    );
    const write = fc.tuple(value, fc.constantFrom(...QUALITIES));
    fc.assert(
      fc.property(
        fc.constantFrom('ups.load', 'room.smoke', 'ups.status', 'unknown.point'),
        fc.array(write, { minLength: 1, maxLength: 5 }),
        (point, writes) => {
          // InfluxDB merges fields: a row by hand, as it would keep it.
          const row: Record<string, unknown> = { time: START };
          for (const [one, quality] of writes) {
            const line = toLine('hq', readingOf(START, one, point, quality));
            const text = /quality="([^"]*)" \d+$/.exec(line)?.[1];
            if (one !== null)
              row[typeof one === 'number' ? 'value' : typeof one === 'boolean' ? 'truth' : 'word'] = one;
            row.quality = text;
          }
          const columns = ['time', 'value', 'truth', 'word', 'quality', 'simulated'].map((name) => row[name] ?? null);
          const [last, quality] = writes.at(-1) as [Value | null, Quality];
          expect(toSample({ point }, columns)).toEqual({ at: START, value: last, quality });
        },
      ),
    );
  });

  it('a row of somebody else is no sample', () => {
    expect(toSample({ point: 'ups.load' }, [START, 1, null, null, null, null])).toBeNull();
    expect(toSample({ point: 'ups.load' }, [START, 1, null, null, 'excellent', null])).toBeNull();
  });
});
