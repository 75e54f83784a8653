import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ProbeResult } from '#core/survey.ts';
import { probe } from '#services/collector/probe.ts';
import { createFakeAgent } from '../collector/support/fake-agent.ts';
import { sampleProfiles } from '../collector/support/profiles.ts';
import { haveRecordings, RECORDINGS, readRecording } from '../collector/support/snmprec.ts';

/** The names of the recorded devices; none where the recordings are not beside the repository. */
export const recordedDevices = (): readonly string[] =>
  haveRecordings
    ? readdirSync(join(RECORDINGS, 'snmp'))
        .filter((name) => name.endsWith('.snmprec'))
        .map((name) => name.slice(0, -'.snmprec'.length))
    : [];

const PROFILES = sampleProfiles();
const results = new Map<string, Promise<ProbeResult>>();

/** Probes a recording with nothing but its address, over memory. */
export function probeRecording(name: string): Promise<ProbeResult> {
  const known = results.get(name);
  if (known !== undefined) return known;
  const { transport } = createFakeAgent(readRecording(name));
  const result = probe('snmp://127.0.0.1?community=public', { snmp: transport, profiles: PROFILES });
  results.set(name, result);
  return result;
}
