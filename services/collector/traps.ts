import type { Device } from '#core/config/device.ts';
import type { Profile, TrapDefinition } from '#core/config/profile.ts';
import type { Trap } from '#core/ports.ts';
import { Secret } from '#core/secret.ts';

/**
 * Whose trap is it? By the sender's address and the community or v3 user; where several devices share an address (simulated
 * ones on loopback), by what their profiles send.
 */
export interface TrapTarget {
  readonly device: Device;
  /** Null while the device is not recognised. */
  readonly profile: Profile | null;
}

export interface TrapMatch {
  readonly device: string;
  /** Null: no definition of its profile names it; a hint all the same. */
  readonly definition: TrapDefinition | null;
}

/** SNMPv2-MIB::snmpTraps: coldStart and its kin, sent by any device. */
const STANDARD_TRAPS = '1.3.6.1.6.3.1.1.5';

export function matchTrap(trap: Trap, targets: readonly TrapTarget[], siteCommunity: string | null): TrapMatch[] {
  const senders = targets.filter((target) => isSender(target.device, trap, siteCommunity));
  const named = senders.flatMap(({ device, profile }): TrapMatch[] => {
    const definition = profile?.traps.find((candidate) => trapMatches(candidate.oid, trap.oid));
    return definition === undefined ? [] : [{ device: device.id, definition }];
  });
  if (named.length > 0) return named;
  // Nobody's profile knows it. A standard trap, or one from an address with one device only, is still a hint to look.
  const isStandard = trapMatches(STANDARD_TRAPS, trap.oid);
  if (!isStandard && senders.length !== 1) return [];
  return senders.map(({ device }) => ({ device: device.id, definition: null }));
}

/** Equal, or below the family's OID; `enterprise.0.specific` of a v1 trap counts as `enterprise.specific`. */
export function trapMatches(family: string, oid: string): boolean {
  return isBelow(family, oid) || isBelow(family, oid.replace(/\.0\.(\d+)$/, '.$1'));
}

const isBelow = (family: string, oid: string): boolean => oid === family || oid.startsWith(`${family}.`);

function isSender({ snmp }: Device, trap: Trap, siteCommunity: string | null): boolean {
  if (snmp === undefined) return false;
  if (isAddress(snmp.host) ? snmp.host !== trap.from : snmp.host === 'localhost' && !isLoopback(trap.from))
    return false;
  if (trap.version === '3') return snmp.version === '3' && snmp.user === trap.name;
  const own = snmp.community instanceof Secret ? snmp.community.reveal() : snmp.community;
  return trap.name === own || trap.name === siteCommunity;
}

/** Names are not looked up here: a device given by name is matched by its community or user, and by its profile. */
const isAddress = (host: string): boolean => /^\d{1,3}(\.\d{1,3}){3}$/.test(host) || host.includes(':');
const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';
