import type { Config } from '#core/config/config.ts';
import type { Action } from '#core/config/device.ts';

/**
 * I9: no real actuator is reachable from a drill. Under a drill, and wherever the site is a simulated room, only what
 * listens on this machine's loopback, or on a host that site.yaml names as simulated, may be acted on; a local command would act on the real machine and is refused.
 */
export type GuardMode = 'drill' | 'rehearsal' | null;

/** Why the action may not be carried out; null when it may. */
export function refusalOf(action: Action, config: Pick<Config, 'site' | 'devices'>, mode: GuardMode): string | null {
  if (mode === 'rehearsal') return 'a rehearsal acts on nothing';
  if (mode === null && !config.site.simulation) return null;
  if (!config.site.simulation) return 'a drill acts on a simulated room only';
  const host = addressOf(action, config);
  if (host === null) return 'a drill runs no command on the real machine';
  if (isLoopback(host) || config.site.simulated_hosts.includes(host)) return null;
  return `${host} is neither on this machine's loopback nor a simulated host of site.yaml: a drill does not reach it`;
}

function addressOf(action: Action, { site, devices }: Pick<Config, 'site' | 'devices'>): string | null {
  if ('ssh' in action) return action.ssh.host;
  if ('snmp_set' in action) {
    return devices.find((device) => device.id === action.snmp_set.device)?.snmp?.host ?? 'an unknown device';
  }
  if ('local' in action) return null;
  // The broker inside listens where the site says; an outside one is named by its URL.
  return site.bus.url === undefined ? '127.0.0.1' : new URL(site.bus.url).hostname.replace(/^\[(.*)\]$/, '$1');
}

/** 127.0.0.0/8 (RFC 1122 section 3.2.1.3), ::1 (RFC 4291), localhost (RFC 6761 section 6.3). */
export const isLoopback = (host: string): boolean =>
  /^127(\.\d{1,3}){3}$/.test(host) || host === '::1' || host.toLowerCase() === 'localhost';
