import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Varbind } from '#core/ports.ts';
import { type DecodeSpec, decode, fromVarbind, type Raw } from '#services/collector/decode.ts';
import { sampleProfiles } from './support/profiles.ts';

const spec = (point: string, more: Partial<DecodeSpec> = {}): DecodeSpec =>
  ({ point, sentinels: {}, inverted: false, ...more }) as DecodeSpec;

type Row = readonly [raw: Raw, DecodeSpec, value: unknown, quality: string, why: string];
const rows: Row[] = [
  [60, spec('battery.runtime', { unit: 'min' }), 3600, 'good', 'L35: minutes become seconds'],
  [
    65_535,
    spec('battery.runtime', { unit: 'min', cap: 86_400 }),
    86_400,
    'implausible',
    'L5: 65535 is capped, not believed',
  ],
  [
    65_535,
    spec('battery.runtime', { sentinels: { '65535': 'ceiling' } }),
    null,
    'missing',
    'L5: a sentinel is no value',
  ],
  [-1, spec('battery.runtime', { sentinels: { '-1': 'not measured' } }), null, 'missing', 'L5: -1 is no value'],
  [
    0,
    spec('battery.runtime', { sentinels: { '0': 'unknown' } }),
    null,
    'missing',
    'L5: 0 is no value where the profile says so',
  ],
  [0, spec('battery.on_battery_time'), 0, 'good', '0 is a value where no sentinel says otherwise'],
  [2730, spec('battery.voltage', { scale: 0.1, unit: 'V' }), 273, 'good', 'tenths of a volt without binary dust'],
  [231, spec('input.voltage', { scale: 0.1 }), 23.1, 'good', '231 × 0.1 is 23.1, not 23.100000000000001'],
  [77, spec('ambient.temperature', { unit: '°F' }), 25, 'good', 'L35: Fahrenheit'],
  [298.15, spec('ambient.temperature', { unit: 'K' }), 25, 'good', 'kelvin'],
  [1008.8, spec('ambient.pressure', { unit: 'hPa' }), 100_880, 'good', 'hPa to Pa'],
  [117, spec('input.realpower', { scale: 0.01, unit: 'kW' }), 1170, 'good', 'hundredths of a kilowatt'],
  [706, spec('input.energy', { scale: 0.1, unit: 'kWh' }), 70_600, 'good', 'tenths of kWh to Wh'],
  [3015, spec('sensor.voltage', { unit: 'mV' }), 3.015, 'good', 'millivolts'],
  [255, spec('battery.charge'), 255, 'implausible', 'a charge over 100 % is kept for people and not believed'],
  ['6553.5', spec('ambient.humidity'), 6553.5, 'implausible', 'humidity beyond its range'],
  ['21,5', spec('ambient.temperature'), 21.5, 'good', 'a comma for the decimal point'],
  ['23.5 C', spec('ambient.temperature'), 23.5, 'good', 'a unit behind the number'],
  ['n/a', spec('ambient.temperature'), null, 'implausible', 'a word is no number'],
  ['1.2.3', spec('ambient.temperature'), null, 'implausible', 'a version is no number'],
  [Number.NaN, spec('ambient.temperature'), null, 'implausible', 'NaN'],
  ['', spec('ambient.temperature'), null, 'implausible', 'an empty text is no number'],
  [true, spec('ambient.temperature'), null, 'implausible', 'a truth is no number'],
  [true, spec('room.door', { inverted: true }), false, 'good', 'contact closed is door closed'],
  ['ON', spec('room.smoke'), true, 'good', 'truth as a word'],
  [2, spec('room.smoke'), null, 'implausible', '2 is neither true nor false'],
  [5, spec('room.leak', { bit: 2 }), true, 'good', 'bit 2 of 101'],
  [5, spec('room.leak', { bit: 1 }), false, 'good', 'bit 1 of 101'],
  [2, spec('outlet.1.status', { map: { '1': 'off', '2': 'on' } }), 'on', 'good', 'enumeration'],
  [9, spec('outlet.1.status', { map: { '1': 'off', '2': 'on' } }), null, 'implausible', 'outside the enumeration'],
  [
    'constructor',
    spec('outlet.1.status', { map: { '1': 'off' } }),
    null,
    'implausible',
    'no inherited key is a map entry',
  ],
  [null, spec('battery.charge'), null, 'missing', 'noSuchObject'],
  ['', spec('device.model'), null, 'missing', 'an empty name is no name'],
  [10n ** 30n, spec('input.energy'), 1e30, 'implausible', 'a Counter64 beyond all reason'],
];

describe('decoding', () => {
  it.each(rows)('of %s by %o gives %s, %s (%s)', (raw, how, value, quality) => {
    const decoded = decode(raw, how);
    expect({ value: decoded.value, quality: decoded.quality }).toEqual({ value, quality });
    if (quality !== 'good') expect(decoded.reason).toBeTruthy();
  });

  it('never throws and never lets an impossible number pass as good, whatever a device says', () => {
    const specs = sampleProfiles().flatMap((profile) => [...profile.snmp.points, ...profile.mqtt.points]);
    const anything = fc.oneof(
      fc.double(),
      fc.integer(),
      fc.bigInt(),
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.boolean(),
      fc.constantFrom(null, '__proto__', 'toString', '1e999', '-0', '٣'),
    );
    fc.assert(
      fc.property(fc.constantFrom(...specs), anything, (how, raw) => {
        const decoded = decode(raw, { ...how, point: how.point.replace('{index}', '1') });
        if (decoded.quality !== 'good') return decoded.reason !== undefined;
        return decoded.value !== null && (typeof decoded.value !== 'number' || Number.isFinite(decoded.value));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('an SNMP value', () => {
  const float = new Uint8Array([0x9f, 0x78, 4, 0x41, 0xbc, 0, 0]);
  it.each<[Varbind['type'], Varbind['value'], Raw, string]>([
    ['Opaque', float, 23.5, 'NET-SNMP-TC::Float'],
    ['Opaque', new Uint8Array([0x9f, 0x78, 4, 0x41]), null, 'a truncated float'],
    ['OctetString', new TextEncoder().encode('APC\u0000'), 'APC', 'a trailing NUL'],
    ['OctetString', new Uint8Array([0xff, 0xfe]), '��', 'not UTF-8'],
    ['NoSuchInstance', null, null, 'an exception'],
    ['Counter64', 2n ** 60n, 2n ** 60n, 'a great counter'],
  ])('%s %s becomes %s (%s)', (type, value, expected) => {
    expect(fromVarbind({ oid: '1.3', type, value })).toEqual(expected);
  });

  it('of any bytes is read without throwing', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom<Varbind['type']>('OctetString', 'Opaque'),
        (value, type) => {
          fromVarbind({ oid: '1.3', type, value });
        },
      ),
    );
  });
});
