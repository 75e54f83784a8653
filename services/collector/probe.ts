import { ZhishouError } from '#core/errors.ts';
import type { ProbeResult } from '#core/survey.ts';
import { openIpmiProbe } from './probe-ipmi.ts';
import { openModbusProbe } from './probe-modbus.ts';
import { openNutProbe } from './probe-nut.ts';
import { openRedfishProbe } from './probe-redfish.ts';
import type { ProbeDependencies, ProbeSession } from './probe-result.ts';
import { openSnmpProbe } from './probe-snmp.ts';
import { openYdtProbe } from './probe-ydt.ts';

/** By the address's scheme. */
const SESSIONS: Readonly<Record<string, (url: string, deps: ProbeDependencies) => ProbeSession>> = {
  snmp: openSnmpProbe,
  nut: openNutProbe,
  ipmi: openIpmiProbe,
  redfish: openRedfishProbe,
  'redfish+http': openRedfishProbe,
  modbus: openModbusProbe,
  ydt: openYdtProbe,
};

/**
 * `zhishou probe snmp://…`: reads one device once, with no configuration: what is it, what does it tell, what of that is
 * believed? The first thing a person setting up a site uses. Rejects with TIMED_OUT, REFUSED, UNREACHABLE when the device does
 * not answer, BAD_REQUEST for a wrong address.
 */
export async function probe(url: string, deps: ProbeDependencies): Promise<ProbeResult> {
  const session = openProbe(url, deps);
  try {
    return await session.read();
  } finally {
    session.close();
  }
}

/** The same again and again. Throws BAD_REQUEST for a wrong address. */
export function openProbe(url: string, deps: ProbeDependencies): ProbeSession {
  const scheme = /^([a-z0-9+]{1,20}):\/\//.exec(url)?.[1] ?? '';
  const open = Object.hasOwn(SESSIONS, scheme) ? SESSIONS[scheme] : undefined;
  if (open !== undefined) return open(url, deps);
  const known = Object.keys(SESSIONS).map((name) => `${name}://`);
  throw new ZhishouError('BAD_REQUEST', 'probe address', `begin it with ${known.join(', ')}`);
}
