import { describe, expect, it } from 'vitest';
import { type Profile, profileSchema } from '#core/config/profile.ts';
import { probe } from '#services/collector/probe.ts';
import { createFakeAgent } from './support/fake-agent.ts';

/** A made-up MIB: 1.3.6.1.4.1.99999.1.{1 name, 2 value}. */
const NAME = '1.3.6.1.4.1.99999.1.1';
const VALUE = '1.3.6.1.4.1.99999.1.2';

const profileOf = (points: unknown[]): Profile =>
  profileSchema.parse({ id: 'made-up', recognise: [{ probe: `${VALUE}.1` }], snmp: { points } });

async function read(points: unknown[], rows: Readonly<Record<string, readonly [string, number]>>): Promise<string[]> {
  const agent = createFakeAgent();
  for (const [index, [name, value]] of Object.entries(rows)) {
    agent.put(`${NAME}.${index}`, 'OctetString', Buffer.from(name));
    agent.put(`${VALUE}.${index}`, 'Integer', value);
  }
  const { points: told } = await probe('snmp://127.0.0.1?community=public', {
    snmp: agent.transport,
    profiles: [profileOf(points)],
  });
  return told
    .filter(({ name }) => !name.startsWith('device.'))
    .map(({ name, value, quality }) => (quality === 'good' ? `${name} ${value}` : `${name} ${quality}`));
}

const base = { oid: VALUE, table: true, source: 'MADE-UP-MIB::value' };

describe('rows picked by the text of another column', () => {
  it('are named by what the groups of the expression stand for', async () => {
    const points = [
      { ...base, point: 'input.{index}.voltage', where: [{ oid: NAME, like: '^Phase (L\\d)\\.Voltage$' }] },
    ];
    const rows = {
      '1': ['Phase L1.Voltage', 230],
      '2': ['Phase L1.Current', 5],
      '7': ['Phase L2.Voltage', 231],
    } as const;
    expect(await read(points, rows)).toEqual(['input.L1.voltage 230', 'input.L2.voltage 231']);
  });

  it('keep their number where the name is taken: two PDUs behind one controller have an L1 each', async () => {
    const points = [{ ...base, point: 'input.{index}.voltage', where: [{ oid: NAME, like: '(L\\d)' }] }];
    expect(await read(points, { '1': ['L1', 230], '9': ['L1', 229] })).toEqual([
      'input.L1.voltage 230',
      'input.9.voltage 229',
    ]);
  });

  it('are left out by `unlike`', async () => {
    const points = [{ ...base, point: 'ambient.{index}.temperature', where: [{ oid: NAME, unlike: '^System' }] }];
    expect(await read(points, { '1': ['System board', 60], '2': ['Rack', 21] })).toEqual(['ambient.2.temperature 21']);
  });
});

describe('numbers of a table put together', () => {
  it('have another entry as their fall-back: a sum never counts the phases of two MIBs', async () => {
    const point = { ...base, point: 'input.L{index}.current', combine: { point: 'input.current', by: 'sum' } };
    const told = await read([point, { ...point, point: 'input.phase-{index}.current' }], {
      '1': ['', 4],
      '2': ['', 5],
    });
    expect(told).toContain('input.current 9');
  });
});

describe('truths of a table put together by `any`', () => {
  const points = [
    {
      ...base,
      point: 'room.{index}.leak',
      map: { '0': false, '1': true },
      sentinels: { '2': 'no cable plugged in' },
      combine: { point: 'room.leak', by: 'any' },
    },
  ];

  const cases: [why: string, values: number[], expected: string][] = [
    ['one wet rope is a leak', [0, 1, 0], 'room.leak true'],
    ['all dry is dry', [0, 0], 'room.leak false'],
    ['what is not fitted is not asked', [0, 2, 2], 'room.leak false'],
    ['nothing fitted is no value, never dry', [2, 2], 'room.leak missing'],
    ['a word that nobody knows is never dry', [0, 9], 'room.leak implausible'],
    ['a leak is a leak whatever the others say', [9, 1], 'room.leak true'],
  ];
  it.each(cases)('%s', async (_, values, expected) => {
    const rows = Object.fromEntries(values.map((value, i) => [String(i + 1), ['zone', value] as const]));
    expect(await read(points, rows)).toContain(expected);
  });

  it('span the entries of a profile: one wet rope of any table is a leak, and each rope is told beside it', async () => {
    const zone = (of: string, name: string) => ({ ...points[0], where: [{ oid: NAME, is: [of] }], point: name });
    const both = [zone('floor', 'room.floor-{index}.leak'), zone('roof', 'room.roof-{index}.leak')];
    const rows = { '1': ['floor', 0], '2': ['roof', 1] } as const;
    expect(await read(both, rows)).toEqual(['room.floor-1.leak false', 'room.roof-2.leak true', 'room.leak true']);
    expect(await read(both, { '1': ['floor', 0] })).toEqual(['room.leak false']);
    expect(await read(both, { '1': ['floor', 0], '2': ['roof', 9] })).toContain('room.leak implausible');
  });

  it('count what two entries tell of the same rope once, by the one that is good', async () => {
    const [own] = points;
    const rows = { '1': ['zone', 0] } as const;
    expect(await read([{ ...own, map: { '7': true } }, own], rows)).toEqual(['room.leak false']);
  });

  it('are refused for numbers, and numbers by another word for truths', () => {
    const wrong = { ...base, point: 'outlet.{index}.current', combine: { point: 'input.current', by: 'any' } };
    expect(() => profileOf([wrong])).toThrow(/truths are combined by `any`/);
    expect(() => profileOf([{ ...points[0], combine: { point: 'room.leak', by: 'max' } }])).toThrow(/by `any`/);
  });
});
