import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { snmpPointSchema } from '#core/config/profile.ts';
import { captured } from '#core/config/profile-snmp.ts';
import { decode } from '#services/collector/decode.ts';
import { toldDecoderOf } from '#services/collector/snmp-told.ts';

describe('which rows of a table an entry takes, by their index', () => {
  it.each<[match: string, index: string, names: readonly string[] | null, why: string]>([
    ['*.*.4', '1.12.4', ['1', '12'], 'the stars name the row'],
    ['*.*.4', '1.12.5', null, 'another number'],
    ['*.4', '1.12.4', null, 'more numbers than the pattern has'],
    ['*.*.*', '1.2', null, 'fewer numbers than the pattern has'],
    ['*.$', '7.3.65.66.49', ['7', 'AB1'], 'a text is told by its length'],
    ['$', '6.0.14.211.0.173.33', ['000ed300ad21'], 'octets that are no letters are shown in hexadecimal'],
    ['$.*', '2.65.66.9', ['AB', '9'], 'something after the text'],
    ['*.$', '7.3.65.66', null, 'shorter than it says'],
    ['*.$', '7.1.65.66', null, 'longer than it says'],
  ])('%s and %s: %j, %s', (match, index, names) => {
    expect(captured(match, index)).toEqual(names);
  });
});

describe('a value that another object says is none', () => {
  const spec = snmpPointSchema.parse({
    point: 'ambient.1.temperature',
    oid: '1.3.6.1.4.1.1.1',
    unit: '°C',
    valid_from: { oid: '1.3.6.1.4.1.1.2', not: ['-1'] },
    source: 'made up',
  });
  const read = (state: number | null) =>
    toldDecoderOf(spec, { unit: null, scale: null, valid: '1.3.6.1.4.1.1.2.1' })(0, () => state);

  it('an unplugged sensor that reads 0 has no value, and the reason says who told so', () => {
    expect(read(-1)).toEqual({
      value: null,
      quality: 'missing',
      reason: 'the device says that it has no value: "-1"',
    });
  });

  it('is believed in any other state, and when the device does not tell one', () => {
    expect(read(4)).toEqual({ value: 0, quality: 'good' });
    expect(read(null)).toEqual({ value: 0, quality: 'good' });
  });

  it('with `is`, only those states are believed', () => {
    const strict = { ...spec, valid_from: { oid: '1.3.6.1.4.1.1.2', is: ['2'] } };
    const states = [2, 3, null].map(
      (state) => toldDecoderOf(strict, { unit: null, scale: null, valid: '1.3.6.1.4.1.1.2.1' })(0, () => state).quality,
    );
    expect(states).toEqual(['good', 'missing', 'missing']);
  });
});

describe('a value whose unit and scale the device tells', () => {
  const spec = snmpPointSchema.parse({
    point: 'ambient.1.temperature',
    oid: '1.3.6.1.4.1.1.1',
    sentinels: { '-999': 'not connected' },
    unit_from: { oid: '1.3.6.1.4.1.1.2', map: { '1': '°C', '2': '°F' } },
    scale_from: { oid: '1.3.6.1.4.1.1.3', as: 'digits' },
    source: 'made up',
  });
  const read = toldDecoderOf(spec, { unit: 'u', scale: 's', valid: null });

  it('means what it would if the profile said them, however they change from poll to poll', () => {
    const step = fc.record({
      raw: fc.oneof(fc.integer({ min: -1000, max: 3000 }), fc.constantFrom(-999, null, 'n/a')),
      unit: fc.constantFrom(1, 2),
      digits: fc.nat({ max: 3 }),
    });
    fc.assert(
      fc.property(step, ({ raw, unit, digits }) => {
        const said = { ...spec, unit: unit === 1 ? ('°C' as const) : ('°F' as const), scale: 1 / 10 ** digits };
        expect(read(raw, (oid) => (oid === 'u' ? unit : digits))).toEqual(decode(raw, said));
      }),
      { numRuns: 300 },
    );
  });

  it('is none in any unit when it is none, and none to believe without a known unit or scale (L35)', () => {
    const readAs = (raw: number, unit: number, digits: string) => read(raw, (oid) => (oid === 'u' ? unit : digits));
    expect(readAs(-999, 7, 'x').quality).toBe('missing');
    expect(readAs(20, 7, '0').reason).toContain('no known unit');
    expect(readAs(20, 1, 'x').reason).toContain('no known scale');
    expect(readAs(20, 1, '0')).toEqual({ value: 20, quality: 'good' });
  });
});
