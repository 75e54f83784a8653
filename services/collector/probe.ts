import { ZhishouError } from '#core/errors.ts';
import type { ProbeDependencies, ProbeResult } from './probe-result.ts';
import { probeSnmp } from './probe-snmp.ts';

/** By the address's scheme. */
const WAYS: Readonly<Record<string, (url: string, deps: ProbeDependencies) => Promise<ProbeResult>>> = {
  snmp: probeSnmp,
};

/**
 * `zhishou probe snmp://…`: reads one device once, with no configuration: what is it, what does it tell, what of that is
 * believed? The first thing a person setting up a site uses. Rejects with TIMED_OUT, REFUSED, UNREACHABLE when the device does
 * not answer, BAD_REQUEST for a wrong address.
 */
export async function probe(url: string, deps: ProbeDependencies): Promise<ProbeResult> {
  const scheme = /^([a-z0-9+]{1,20}):\/\//.exec(url)?.[1] ?? '';
  const way = Object.hasOwn(WAYS, scheme) ? WAYS[scheme] : undefined;
  if (way !== undefined) return way(url, deps);
  const known = Object.keys(WAYS).map((name) => `${name}://`);
  throw new ZhishouError('BAD_REQUEST', 'probe address', `begin it with ${known.join(', ')}`);
}
