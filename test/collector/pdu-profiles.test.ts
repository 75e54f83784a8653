import { describe, expect, it } from 'vitest';
import type { Varbind } from '#core/ports.ts';
import { probe } from '#services/collector/probe.ts';
import { createFakeAgent } from './support/fake-agent.ts';
import { sampleProfiles } from './support/profiles.ts';

/**
 * PDUs that no recording is there of: agents made up after their makers' MIBs, `{ OID below enterprises: integer or text }`.
 */
type Objects = Readonly<Record<string, string | number>>;

const PROFILES = sampleProfiles();
const ENTERPRISES = '1.3.6.1.4.1.';

const varbind = ([oid, value]: [string, string | number]): Varbind =>
  typeof value === 'number'
    ? { oid: ENTERPRISES + oid, type: 'Integer', value }
    : { oid: ENTERPRISES + oid, type: 'OctetString', value: new TextEncoder().encode(value) };

async function read(identity: string, objects: Objects) {
  const { transport } = createFakeAgent([
    { oid: '1.3.6.1.2.1.1.2.0', type: 'OID', value: ENTERPRISES + identity },
    { oid: '1.3.6.1.2.1.1.3.0', type: 'TimeTicks', value: 4200 },
    ...Object.entries(objects).map(varbind),
  ]);
  const { recognised, points } = await probe('snmp://127.0.0.1?community=public', {
    snmp: transport,
    profiles: PROFILES,
  });
  const good = points.filter(({ quality }) => quality === 'good');
  return { recognised, values: Object.fromEntries(good.map(({ name, value }) => [name, value])) };
}

const VARIABLE = '31770.2.2.8';
const GUDE = '28507.38.1.5.1.2.1';
const DATABUS = '31034.12.1.1.2';

const CASES: readonly [
  maker: string,
  identity: string,
  objects: Objects,
  profile: string,
  expected: Readonly<Record<string, unknown>>,
][] = [
  [
    'Bachmann BlueNet: the exponent is in another column, the kind of value at the end of the index',
    '31770.2.1',
    {
      [`${VARIABLE}.2.1.9.0.0.0.1.255.255.0.1`]: -2,
      [`${VARIABLE}.2.1.9.0.0.0.1.255.255.0.19`]: -1,
      [`${VARIABLE}.2.1.9.0.1.64.4.255.2.1.0`]: -1,
      [`${VARIABLE}.2.1.9.0.4.0.0.255.255.0.7`]: -1,
      [`${VARIABLE}.4.1.4.0.0.0.1.255.255.0.1`]: 2,
      [`${VARIABLE}.4.1.4.0.0.0.1.255.255.0.19`]: 7,
      [`${VARIABLE}.4.1.4.0.0.0.1.255.4.0.51`]: 20,
      [`${VARIABLE}.4.1.5.0.0.0.1.255.255.0.1`]: 23410,
      [`${VARIABLE}.4.1.5.0.0.0.1.255.255.0.19`]: 1602,
      [`${VARIABLE}.4.1.5.0.1.64.4.255.2.1.0`]: 260,
      [`${VARIABLE}.4.1.5.0.4.0.0.255.255.0.7`]: 16,
    },
    'bachmann-bluenet2',
    {
      'meter.0-0-1-255-255.voltage': 234.1,
      'outlet.0-0-1-255-4.status': 'off',
      'ambient.0-64-4-255-2.temperature': 26,
      'meter.0-0-0-255-255.residual-ac.current': 0.0016,
    },
  ],
  [
    'Gude: mA and thousandths; a channel that is not active tells nothing',
    '28507.38',
    {
      '28507.38.1.3.1.2.1.2.1': 'NAS',
      '28507.38.1.3.1.2.1.3.1': 1,
      [`${GUDE}.2.1`]: 1,
      [`${GUDE}.2.2`]: 0,
      [`${GUDE}.3.1`]: 12_500,
      [`${GUDE}.5.1`]: 730,
      [`${GUDE}.6.1`]: 228,
      [`${GUDE}.6.2`]: 0,
      [`${GUDE}.8.1`]: 912,
    },
    'gude-epc',
    {
      'outlet.1.status': 'on',
      'meter.1.energy': 12_500,
      'meter.1.current': 0.73,
      'meter.1.voltage': 228,
      'meter.1.powerfactor': 0.912,
    },
  ],
  [
    'Enlogic: unit, phase, breaker, outlet',
    '38446.1.1',
    {
      '38446.1.2.4.1.2.1': 'Row A',
      '38446.1.2.4.1.4.1': 1475,
      '38446.1.2.4.1.9.1': 20_450,
      '38446.1.3.4.1.3.1.1': 2,
      '38446.1.3.4.1.5.1.1': 685,
      '38446.1.4.4.1.5.1.2': 342,
      '38446.1.5.4.1.4.1.7': 0,
    },
    'enlogic-pdu',
    {
      'pdu.1.realpower': 1475,
      'pdu.1.energy': 2_045_000,
      'phase.1-1.current.status': 'high',
      'phase.1-1.current': 6.85,
      'breaker.1-2.current': 3.42,
      'outlet.1-7.status': 'off',
    },
  ],
  [
    'Raritan Dominion PX: an outlet that is being cycled has no state',
    '13742.4',
    {
      '13742.4.1.1.12.0': 'DPXR20A-16',
      '13742.4.1.2.2.1.3.1': 1,
      '13742.4.1.2.2.1.3.2': 2,
      '13742.4.1.2.2.1.4.1': 6854,
      '13742.4.1.2.2.1.6.1': 222_000,
      '13742.4.3.3.1.2.13': 10,
      '13742.4.3.3.1.17.13': 1,
      '13742.4.3.3.1.41.13': 245,
    },
    'raritan-px1',
    {
      'device.model': 'DPXR20A-16',
      'outlet.1.status': 'on',
      'outlet.1.current': 6.854,
      'outlet.1.voltage': 222,
      'ambient.13.temperature': 24.5,
    },
  ],
  [
    'Schleifenbauer: sensors are told apart by a letter',
    '31034.11.3',
    {
      [`${DATABUS}.8.2.1.2.1.1`]: 'T',
      [`${DATABUS}.8.2.1.2.1.2`]: 'H',
      [`${DATABUS}.8.2.1.3.1.1`]: 2350,
      [`${DATABUS}.8.2.1.3.1.2`]: 4100,
      [`${DATABUS}.8.1.1.2.1`]: 0,
    },
    'schleifenbauer-dpm',
    { 'ambient.1-1.temperature': 23.5, 'ambient.1-2.humidity': 41 },
  ],
  [
    'Raritan EMX: unit and digits in columns; a contact is its state',
    '13742.8',
    {
      '13742.8.1.2.1.1.2.1': 10,
      '13742.8.1.2.1.1.2.2': 17,
      '13742.8.1.2.1.1.4.1': 'Cold aisle',
      '13742.8.1.2.1.1.11.1': 14,
      '13742.8.1.2.1.1.12.1': 1,
      '13742.8.2.1.1.1.2.1': 4,
      '13742.8.2.1.1.1.2.2': 11,
      '13742.8.2.1.1.1.3.1': 770,
      '13742.8.2.1.1.1.3.2': 0,
    },
    'raritan-emx',
    { 'ambient.1.temperature': 25, 'ambient.1.status': 'normal', 'room.leak': true },
  ],
];

describe('PDUs after their makers’ MIBs', () => {
  it.each(CASES)('%s', async (_maker, identity, objects, profile, expected) => {
    const { recognised, values } = await read(identity, objects);
    expect(recognised).toBe(profile);
    expect(values).toEqual(expected);
  });
});
