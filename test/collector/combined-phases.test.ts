import { describe, expect, it } from 'vitest';
import { type Profile, profileSchema } from '#core/config/profile.ts';
import { probe } from '#services/collector/probe.ts';
import { createFakeAgent } from './support/fake-agent.ts';

/** A made-up MIB: 1.3.6.1.4.1.99999.{phase}.0, the voltage of a phase; −1 where there is none. */
const ROOT = '1.3.6.1.4.1.99999';
const phase = (number: number) => ({
  ...{ point: `input.L${number}.voltage`, oid: `${ROOT}.${number}.0`, unit: 'V', sentinels: { '-1': 'not measured' } },
  ...{ combine: { point: 'input.voltage', by: 'max' }, source: 'MADE-UP-MIB::voltage' },
});
const PROFILE: Profile = profileSchema.parse({
  id: 'made-up',
  recognise: [{ probe: `${ROOT}.1.0` }],
  snmp: { points: [1, 2, 3].map(phase) },
});

async function read(...volts: readonly (number | null)[]): Promise<string[]> {
  const agent = createFakeAgent();
  for (const [place, value] of volts.entries())
    if (value !== null) agent.put(`${ROOT}.${place + 1}.0`, 'Integer', value);
  const { points } = await probe('snmp://127.0.0.1?community=public', { snmp: agent.transport, profiles: [PROFILE] });
  return points
    .filter(({ name }) => name.startsWith('input.'))
    .map(({ name, value, quality }) => `${name} ${quality === 'good' ? value : quality}`);
}

describe('phases that a MIB tells as scalars', () => {
  it('are told each, and the input is all of them together', async () => {
    expect(await read(221, 235, 228)).toEqual([
      'input.L1.voltage 221',
      'input.L2.voltage 235',
      'input.L3.voltage 228',
      'input.voltage 235',
    ]);
  });

  it('of a UPS with one phase: the others are no value, the input is that one', async () => {
    expect(await read(221, -1, -1)).toEqual([
      'input.L1.voltage 221',
      'input.L2.voltage missing',
      'input.L3.voltage missing',
      'input.voltage 221',
    ]);
  });

  it('where the device has one only, it is the input', async () => {
    expect(await read(221, null, null)).toEqual(['input.voltage 221']);
  });
});
