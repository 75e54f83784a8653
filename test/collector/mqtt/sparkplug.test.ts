import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metricValue, readSparkplug } from '#services/collector/mqtt/sparkplug-payload.ts';
import { readings, refusal } from './run.ts';
import { type MetricSpec, sparkplugBytes } from './sparkplug-bytes.ts';

const BIRTH = 'spBv1.0/g/NBIRTH/e';
const DATA = 'spBv1.0/g/NDATA/e';
const birth = (...metrics: MetricSpec[]) => [BIRTH, sparkplugBytes({ seq: 0, metrics })] as const;
const data = (...metrics: MetricSpec[]) => [DATA, sparkplugBytes({ seq: 1, metrics })] as const;

describe('Sparkplug B', () => {
  it.each([
    ['Int8', 1, { int: -5 & 0xff }, -5],
    ['Int16 in two’s complement', 2, { int: -300 }, -300],
    ['Int32', 3, { int: -1 }, -1],
    ['Int64', 4, { long: -40n }, -40],
    ['UInt32', 7, { int: 0xffffffff }, 4_294_967_295],
    ['Float', 9, { float: 12.3 }, 12.3],
    ['Double', 10, { double: 0.1 }, 0.1],
    ['Boolean', 11, { boolean: true }, true],
    ['String', 12, { string: 'x' }, 'x'],
  ] as const)('reads %s', (_title, datatype, value, expected) => {
    const [metric] = readSparkplug(sparkplugBytes({ metrics: [{ name: 'm', datatype, ...value }] })).metrics;
    expect(metric?.value).not.toBeNull();
    expect(metricValue(metric?.value ?? { kind: 'other' }, metric?.datatype ?? null)).toBe(expected);
  });

  it('takes unit and datatype from the birth when data comes by alias alone', () => {
    const named = birth({ name: 'Rack/Temperature', alias: 3, datatype: 3, int: 70, properties: { engUnit: '°F' } });
    expect(readings(named, data({ alias: 3, int: -4 }))).toEqual(['g/e ambient.Rack.temperature -20 °C']);
  });

  it('an alias that no birth named asks for a new birth; one of an earlier session is void', () => {
    expect(refusal(data({ alias: 9, double: 1 }))).toMatch(/asked for a new one/);
    const first = birth({ name: 'Temperature', alias: 9, datatype: 10, double: 20 });
    expect(
      refusal(first, birth({ name: 'Humidity', alias: 4, datatype: 10, double: 40 }), data({ alias: 9, double: 1 })),
    ).toMatch(/asked for a new one/);
  });

  it('null and bad quality give no value', () => {
    expect(refusal(data({ name: 'Temperature', datatype: 10, isNull: true }))).toMatch(/no value/);
    expect(refusal(data({ name: 'Temperature', datatype: 10, double: 0, properties: { Quality: 0 } }))).toMatch(
      /quality/,
    );
  });

  it('an old will of a node that was born again is no news', () => {
    const bdSeq = (long: number): MetricSpec => ({ name: 'bdSeq', datatype: 4, long });
    const death = ['spBv1.0/g/NDEATH/e', sparkplugBytes({ metrics: [bdSeq(1)] })] as const;
    expect(refusal(birth(bdSeq(2)), death)).toMatch(/earlier session/);
    expect(readings(birth(bdSeq(1)), death)).toEqual(['g/e device.responding false']);
  });

  it('every cut and every flipped byte ends in a payload or in a refusal, never otherwise', () => {
    const whole = sparkplugBytes({
      timestamp: 1e12,
      seq: 1,
      metrics: [{ name: 'Temperature', alias: 1, datatype: 9, float: 21.5 }],
    });
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, byte, end) => {
        const bytes = whole.slice(0, end);
        bytes[at] = byte;
        const text = refusal([DATA, bytes]);
        return typeof text === 'string';
      }),
    );
    for (let end = 1; end < whole.length; end++) {
      const cut = refusal([DATA, whole.slice(0, end)]);
      // A cut between two fields leaves a whole, shorter payload.
      expect(cut).toMatch(/cut off|no value|read: /);
    }
  });
});
