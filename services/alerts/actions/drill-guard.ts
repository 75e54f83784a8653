import type { Config } from '#core/config/config.ts';
import type { Action } from '#core/config/device.ts';
import { fillUrl } from './fill-url.ts';

/**
 * I9: no real actuator is reachable from a drill. Under a drill, and wherever the site is a simulated room, only what
 * listens on this machine's loopback, or on a host that site.yaml names as simulated, may be acted on; a local command would
 * act on the real machine and is refused, and a magic packet, which nobody can address, goes to loopback only.
 */
export type GuardMode = 'drill' | 'rehearsal' | null;

type Site = Pick<Config, 'site' | 'devices'>;
type Values = Readonly<Record<string, string>>;

/** Why the action may not be carried out; null when it may. */
export function refusalOf(action: Action, config: Site, mode: GuardMode, values: Values = {}): string | null {
  if (mode === 'rehearsal') return 'a rehearsal acts on nothing';
  if (mode === null && !config.site.simulation) return null;
  if (!config.site.simulation) return 'a drill acts on a simulated room only';
  if ('local' in action) return 'a drill runs no command on the real machine';
  return beyondSimulation(action, config, values);
}

/**
 * Why its side-effect-free test may not be made; null when it may. To try every target is what a rehearsal on the real
 * configuration is for; a drill, and a simulated room, reach simulated addresses only, in tests too.
 */
export function testRefusalOf(action: Action, config: Site, mode: GuardMode, values: Values = {}): string | null {
  if (!config.site.simulation) return mode === 'drill' ? 'a drill reaches a simulated room only' : null;
  // Looks at this machine's files and runs nothing.
  return 'local' in action ? null : beyondSimulation(action, config, values);
}

function beyondSimulation(action: Action, config: Site, values: Values): string | null {
  const broadcast = 'wake' in action;
  for (const host of hostsOf(action, config, values)) {
    if (isLoopback(host) || (!broadcast && config.site.simulated_hosts.includes(host))) continue;
    return `${host} is neither on this machine's loopback nor a simulated host of site.yaml: a drill does not reach it`;
  }
  return null;
}

/** Every host that running or testing it would reach. */
function hostsOf(action: Action, { site, devices }: Site, values: Values): string[] {
  if ('ssh' in action) return [action.ssh.host];
  if ('snmp_set' in action)
    return [devices.find((device) => device.id === action.snmp_set.device)?.snmp?.host ?? 'an unknown device'];
  if ('ipmi' in action) return [action.ipmi.host];
  if ('redfish' in action) return [hostOf(action.redfish.url)];
  if ('nut' in action) return [action.nut.host];
  // Whoever can reach our own server may be its client.
  if ('nut_serve' in action) return [site.nut_server?.host ?? 'a NUT server that is not configured'];
  if ('wake' in action) return [action.wake.broadcast];
  if ('http' in action) {
    const { url, test } = action.http;
    return [url, ...(test === undefined ? [] : [test.url])].map((one) => hostOf(fillUrl(one, values)));
  }
  // The broker inside listens where the site says; an outside one is named by its URL.
  return [site.bus.url === undefined ? '127.0.0.1' : hostOf(site.bus.url)];
}

const hostOf = (url: string): string =>
  URL.canParse(url) ? new URL(url).hostname.replace(/^\[(.*)\]$/, '$1') : 'an address that cannot be read';

/** 127.0.0.0/8 (RFC 1122 section 3.2.1.3), ::1 (RFC 4291), localhost (RFC 6761 section 6.3). */
export const isLoopback = (host: string): boolean =>
  /^127(\.\d{1,3}){3}$/.test(host) || host === '::1' || host.toLowerCase() === 'localhost';
