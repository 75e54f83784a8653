import { afterAll, describe, expect, it } from 'vitest';
import { makeSite, removeSites, type SiteCopy } from './fixture.ts';

afterAll(removeSites);

const PROFILE = (id: string, at: number, more = ''): string => `
id: ${id}
${more}
modbus:
  points:
    - { point: ambient.${id}.temperature, table: holding, at: ${at}, type: s32, source: made up }
`;

const ROPES = `
id: ropes
modbus:
  points:
    - point: room.rope-{index}.leak
      table: discrete
      at: 0
      repeat: { count: 8, step: 1 }
      combine: { point: room.leak, by: any }
      source: made up
`;

/** The small site with Modbus sensors added: each a line of YAML behind its id. */
function siteWith(sensors: Record<string, string>): SiteCopy {
  const lines = Object.entries(sensors).map(([id, rest]) => `  - { id: ${id}, name: ${id}, kind: sensor, ${rest} }\n`);
  return makeSite()
    .write('profiles/th-a.yaml', PROFILE('th-a', 0))
    .write('profiles/th-b.yaml', PROFILE('th-b', 1, 'extends: th-a'))
    .write('profiles/ropes.yaml', ROPES)
    .edit('devices.yaml', /^devices:\n/m, `devices:\n${lines.join('')}`);
}

describe('Modbus devices among themselves', () => {
  it('several units on one line, and the same unit on another, are fine', () => {
    const site = siteWith({
      m1: 'profile: th-a, modbus: { host: 10.9.9.9, unit: 1, framing: rtu }',
      m2: 'profile: th-a, modbus: { host: 10.9.9.9, unit: 2, framing: rtu }',
      m3: 'profile: th-a, modbus: { host: 10.9.9.8, unit: 1 }',
    });
    expect(site.problems()).toEqual([]);
  });

  it.each([
    [
      'two framings on one port',
      {
        m1: 'profile: th-a, modbus: { host: 10.9.9.9, unit: 1 }',
        m2: 'profile: th-a, modbus: { host: 10.9.9.9, unit: 2, framing: rtu }',
      },
      /devices\.yaml:\d+:\d+ 10\.9\.9\.9:502 speaks rtu for m2 and tcp for m1; one port speaks one of them \| write tcp/,
    ],
    [
      'one unit as two devices',
      {
        m1: 'profile: th-a, modbus: { host: 10.9.9.9, unit: 7 }',
        m2: 'profile: th-a, modbus: { host: 10.9.9.9, unit: 7 }',
      },
      /10\.9\.9\.9:502 unit 7 is m1 already \| give the unit number/,
    ],
    [
      'registers that overlap what the map builds on',
      { m1: 'profile: th-b, modbus: { host: 10.9.9.9 }' },
      /th-b with what it builds on: .*overlap \| mend the profile/,
    ],
    [
      'a profile of another protocol',
      { m1: 'profile: some-ups, modbus: { host: 10.9.9.9 }' },
      /the profile some-ups has no Modbus registers \| name a profile with a register map/,
    ],
    [
      'two ways of being asked',
      { m1: 'profile: th-a, modbus: { host: 10.9.9.9 }, snmp: { host: 10.9.9.9, community: public }' },
      /m1 is read by snmp and by modbus; a device is asked in one way/,
    ],
    [
      'O-WTR-1: a leak controller whose ropes together alarm nobody',
      { m1: 'profile: ropes, modbus: { host: 10.9.9.9 }' },
      /m1 tells room\.leak, but no safety rule listens/,
    ],
    ['a unit that cannot be', { m1: 'profile: th-a, modbus: { host: 10.9.9.9, unit: 256 }' }, /devices\.yaml:\d+:\d+/],
    [
      'a duration without a unit',
      { m1: 'profile: th-a, modbus: { host: 10.9.9.9, timeout: "500" }' },
      /write it with a unit/,
    ],
  ] as const)('%s is told', (_what, sensors, expected) => {
    expect(siteWith(sensors).problems()).toContainEqual(expect.stringMatching(expected));
  });
});
