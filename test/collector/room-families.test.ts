import { describe, expect, it } from 'vitest';
import { probe } from '#services/collector/probe.ts';
import { createFakeAgent } from './support/fake-agent.ts';
import { sampleProfiles } from './support/profiles.ts';

/**
 * Families of room sensors and coolers that no recording shows: made-up values in the objects that their makers' MIBs define.
 * OIDs are written below 1.3.6.1.4.1.
 */
type Objects = Readonly<Record<string, number | string>>;
type Row = readonly [family: string, identity: string, objects: Objects, told: readonly string[]];

const AKCP = '3854.3.5';
const STE2 = '21796.4.9.3.1';
const MUX = '3699.1.1.11.1';
const CARE = '9839.2.1';
const COMET = '22626.1.5.2';
const CMC3 = '2606.7.4.2.2.1';
const CMC3_UNITS = '2606.7.2';

const FAMILIES: readonly Row[] = [
  [
    'akcp-sensorprobe',
    '3854.3.2.1',
    {
      [`${AKCP}.2.1.2.0.0.0.0.0`]: 'Rack',
      [`${AKCP}.2.1.4.0.0.0.0.0`]: 74,
      [`${AKCP}.2.1.5.0.0.0.0.0`]: 'F',
      [`${AKCP}.2.1.6.0.0.0.0.0`]: 2,
      [`${AKCP}.2.1.8.0.0.0.0.0`]: 1,
      [`${AKCP}.2.1.20.0.0.0.0.0`]: 743,
      [`${AKCP}.9.1.6.0.0.0.1.0`]: 4,
      [`${AKCP}.9.1.8.0.0.0.1.0`]: 1,
    },
    ['ambient.temperature 23.5', 'room.leak true'],
  ],
  [
    'hwg-ste',
    '21796.4.9',
    {
      [`${STE2}.3.1`]: 1,
      [`${STE2}.5.1`]: 219,
      [`${STE2}.7.1`]: 1,
      [`${STE2}.3.2`]: 0,
      [`${STE2}.5.2`]: 300,
      [`${STE2}.7.2`]: 4,
    },
    ['ambient.temperature 21.9', 'ambient.humidity missing'],
  ],
  [
    'nti-enviromux',
    '3699.1.1.11',
    {
      [`${MUX}.3.1.1.2.1`]: 1,
      [`${MUX}.3.1.1.6.1`]: 254,
      [`${MUX}.3.1.1.8.1`]: 'C',
      [`${MUX}.3.1.1.9.1`]: 1,
      [`${MUX}.5.1.1.2.8`]: 9,
      [`${MUX}.5.1.1.7.8`]: 0,
      [`${MUX}.5.1.1.10.8`]: 3,
    },
    ['ambient.1.temperature 25.4', 'room.leak true'],
  ],
  [
    'vutlan-didactum',
    '46501',
    {
      '46501.5.2.1.4.201001': 'temperature',
      '46501.5.2.1.7.201001': '23.5',
      '46501.5.1.1.4.106001': 'smoke',
      '46501.5.1.1.7.106001': 1,
    },
    ['ambient.201001.temperature 23.5', 'room.106001.smoke true'],
  ],
  [
    'comet-websensor',
    '1723.2.1.2',
    { [`${COMET}.1.3.0`]: 234, [`${COMET}.1.9.0`]: '°C', [`${COMET}.2.3.0`]: 455, [`${COMET}.2.9.0`]: '%RH' },
    ['ambient.temperature 23.4', 'ambient.humidity 45.5'],
  ],
  [
    'kentix',
    '332.11.6',
    { '37954.2.1.1.1.0': 231, '37954.2.1.2.1.0': 405 },
    ['ambient.temperature 23.1', 'ambient.humidity 40.5'],
  ],
  [
    'uniflair-crac',
    '9839.1',
    {
      [`${CARE}.2.1.0`]: 221,
      [`${CARE}.2.20.0`]: 220,
      [`${CARE}.1.1.0`]: 1,
      [`${CARE}.1.28.0`]: 1,
      [`${CARE}.1.27.0`]: 0,
    },
    ['ambient.temperature 22.1', 'cooling.status fault', 'device.alarms no-air-flow', 'room.leak false'],
  ],
  [
    'interseptor',
    '19011.1.3.2',
    { '19011.1.3.2.1.2.16.0': 2, '19011.1.3.2.1.3.1.1.1.3.1': 7700, '19011.1.3.2.1.3.1.1.1.4.1': 3 },
    ['ambient.temperature 25', 'ambient.1.temperature.status normal'],
  ],
  [
    'rittal-cmc3',
    '2606.7',
    {
      [`${CMC3_UNITS}.1.0`]: 1,
      [`${CMC3}.3.1.2`]: 'Smoke.Value',
      [`${CMC3}.4.1.2`]: 2,
      [`${CMC3}.5.1.2`]: '',
      [`${CMC3}.7.1.2`]: 1,
      [`${CMC3}.11.1.2`]: 1,
      [`${CMC3}.3.2.2`]: 'Temperature.Value',
      [`${CMC3}.4.2.2`]: 2,
      [`${CMC3}.5.2.2`]: 'degree F',
      [`${CMC3}.7.2.2`]: -100,
      [`${CMC3}.11.2.2`]: 7700,
    },
    ['room.smoke true', 'ambient.temperature 25'],
  ],
];

describe('room sensors and coolers by the objects of their MIBs', () => {
  const profiles = sampleProfiles();
  it.each(FAMILIES)('%s', async (family, identity, objects, told) => {
    const agent = createFakeAgent();
    agent.put('1.3.6.1.2.1.1.2.0', 'OID', `1.3.6.1.4.1.${identity}`);
    for (const [oid, value] of Object.entries(objects)) {
      if (typeof value === 'number') agent.put(`1.3.6.1.4.1.${oid}`, 'Integer', value);
      else agent.put(`1.3.6.1.4.1.${oid}`, 'OctetString', new TextEncoder().encode(value));
    }
    const { recognised, points } = await probe('snmp://127.0.0.1?community=public', {
      snmp: agent.transport,
      profiles,
    });
    expect(recognised).toBe(family);
    const lines = points.map(({ name, value, quality }) => {
      if (quality !== 'good') return `${name} ${quality}`;
      return `${name} ${typeof value === 'number' ? Math.round(value * 100) / 100 : value}`;
    });
    expect(lines).toEqual(expect.arrayContaining([...told]));
  });
});
