import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createSnmpTransport } from '#platform/snmp/snmp-transport.ts';
import { probe } from '#services/collector/probe.ts';
import { describeReal } from '../../support/real.ts';
import { sampleProfiles } from '../support/profiles.ts';
import { startSnmpsim } from '../support/programs.ts';
import { haveRecordings, RECORDINGS } from '../support/snmprec.ts';

describeReal('snmpsimd', 'probing recordings of real devices that snmpsim serves', () => {
  it.skipIf(!haveRecordings).each([
    ['netmanplus_mct20', 'riello-ups', ['ups.status', 'OL']],
    ['liebert_weblbds', 'liebert-lgp-cooling', ['cooling.status', 'on']],
    ['apc_ap8959eu3', 'apc-rpdu2', ['input.realpower', 270]],
  ] as const)('%s is recognised as %s and read over UDP', async (name, profile, [point, value]) => {
    const snmpsim = await startSnmpsim(readFileSync(join(RECORDINGS, 'snmp', `${name}.snmprec`), 'utf8'));
    try {
      const url = `snmp://127.0.0.1:${snmpsim.port}?community=device&timeout=2s`;
      const result = await probe(url, { snmp: createSnmpTransport(), profiles: sampleProfiles() });
      expect(result.recognised).toBe(profile);
      expect(result.points.find((one) => one.name === point)).toMatchObject({ value, quality: 'good' });
    } finally {
      await snmpsim.stop();
    }
  });
});
