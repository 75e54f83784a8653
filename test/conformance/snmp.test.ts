import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ProbeResult } from '#core/survey.ts';
import { createSnmpTransport } from '#platform/snmp/snmp-transport.ts';
import { probe } from '#services/collector/probe.ts';
import { sampleProfiles } from '../collector/support/profiles.ts';
import { startSnmpsim } from '../collector/support/programs.ts';
import { haveRecordings, RECORDINGS, readExpected } from '../collector/support/snmprec.ts';
import { describeReal } from '../support/real.ts';
import { acceptedReason } from './accepted-disagreements.ts';
import { probeRecording, recordedDevices } from './read-recording.ts';
import { addToTally, emptyTally, matchedShare, measureDevice } from './snmp-measure.ts';

/**
 * Any device that a machine room has, known by nothing but its address: 126 recordings of real devices, each value against
 * another product's reading of the same object. `npm run conformance -- snmp` tells the same device by device.
 */
const names = recordedDevices();
if (!haveRecordings) console.info('skipped: recordings of real devices; they lie beside the repository, not in it');

describe.skipIf(!haveRecordings)('126 recorded devices, probed with nothing but their address', () => {
  it('are all recognised', async () => {
    const strangers: string[] = [];
    for (const name of names) if ((await probeRecording(name)).recognised === null) strangers.push(name);
    expect(strangers).toEqual([]);
  });

  it('have no value read wrong: each disagreement has its reason', async () => {
    const wrong: string[] = [];
    for (const name of names) {
      for (const { sensor, verdict, told } of measureDevice(readExpected(name).sensors, await probeRecording(name))) {
        if (verdict !== 'wrong' || acceptedReason(name, sensor.oid) !== null) continue;
        wrong.push(`${name} ${sensor.oid} ${sensor.descr}: expected ${sensor.value} ${sensor.unit}, told ${told}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('tell at least 97 of 100 values that another product found in them', async () => {
    const tally = emptyTally();
    for (const name of names) {
      const result = await probeRecording(name);
      addToTally(tally, result.recognised !== null, measureDevice(readExpected(name).sensors, result));
    }
    expect(matchedShare(tally)).toBeGreaterThanOrEqual(0.97);
  });
});

describeReal('snmpsimd', 'the recordings as snmpsim serves them, over UDP with its own limits', () => {
  it.skipIf(!haveRecordings)('are read as from memory, value by value', { timeout: 120_000 }, async () => {
    const texts = new Map(
      names.map((name) => [name, readFileSync(join(RECORDINGS, 'snmp', `${name}.snmprec`), 'utf8')]),
    );
    const snmpsim = await startSnmpsim('1.3.6.1.2.1.1.1.0|4|ready\n', texts);
    try {
      const profiles = sampleProfiles();
      for (const name of names) {
        const url = `snmp://127.0.0.1:${snmpsim.port}?community=${encodeURIComponent(name)}&timeout=5s`;
        const result = await probe(url, { snmp: createSnmpTransport(), profiles });
        expect(told(result), name).toEqual(told(await probeRecording(name)));
      }
    } finally {
      await snmpsim.stop();
    }
  });
});

const told = ({ recognised, points }: ProbeResult): unknown => ({
  recognised,
  points: points.map(({ name, oid, value, quality }) => `${name} ${oid} ${String(value)} ${quality}`).sort(),
});
