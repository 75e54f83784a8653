import { ZhishouError } from '#core/errors.ts';
import type { SnmpType } from '#core/ports.ts';

/** A device's management information as data: what it serves and where each value comes from in the world. */

export type MibValue = number | string;

export interface MibScalar {
  /** `UPS-MIB::upsBatteryStatus`. */
  readonly name: string;
  /** Without the instance `.0`. */
  readonly oid: string;
  readonly type: SnmpType;
  readonly read: () => MibValue;
  /** It always says what it says first. */
  readonly constant?: true;
  /** Checks the value (throws BAD_REQUEST) without acting; then acts when `commit`. */
  readonly write?: (value: MibValue, commit: boolean) => void;
}

export interface MibColumn {
  readonly name: string;
  readonly number: number;
  readonly type: SnmpType;
  readonly read: (index: number) => MibValue;
  /** A row always says what it says first. */
  readonly constant?: true;
  readonly write?: (index: number, value: MibValue, commit: boolean) => void;
}

/** A conceptual table with one integer index. */
export interface MibTable {
  readonly name: string;
  /** The OID of the …Entry. */
  readonly entry: string;
  /** The index column, when it can be read; RFC 1628's cannot. */
  readonly columns: readonly MibColumn[];
  /** The rows' indices now, ascending; the same list while they are the same. */
  readonly rows: () => readonly number[];
}

export interface DeviceMib {
  readonly scalars: readonly MibScalar[];
  readonly tables: readonly MibTable[];
}

export interface Notification {
  readonly oid: string;
  readonly name: string;
  readonly varbinds: readonly { readonly oid: string; readonly type: SnmpType; readonly value: MibValue }[];
}

/** One simulated device as its network card sees it. */
export interface SnmpFace {
  readonly device: string;
  readonly mib: DeviceMib;
  /** Its card has power; else nothing answers. */
  readonly alive: () => boolean;
  /** Hundredths of seconds since its start. */
  readonly upTime: () => number;
  /** Starts watching the world and hands over what it would send as traps. */
  readonly watch: (notify: (notification: Notification) => void) => () => void;
}

/** For `write`: what is not one of the allowed values is refused. */
export function requireOneOf(name: string, value: MibValue, allowed: readonly MibValue[]): void {
  if (!allowed.includes(value))
    throw new ZhishouError('BAD_REQUEST', name, `${value} is not one of ${allowed.join(', ')}`);
}

export const constant = (name: string, oid: string, type: SnmpType, value: MibValue): MibScalar => ({
  name,
  oid,
  type,
  read: () => value,
  constant: true,
});

/** SNMPv2-MIB's system group. */
export const systemGroup = (
  description: string,
  objectId: string,
  sysName: string,
  upTime: () => number,
): readonly MibScalar[] => [
  constant('SNMPv2-MIB::sysDescr', '1.3.6.1.2.1.1.1', 'OctetString', description),
  constant('SNMPv2-MIB::sysObjectID', '1.3.6.1.2.1.1.2', 'OID', objectId),
  { name: 'SNMPv2-MIB::sysUpTime', oid: '1.3.6.1.2.1.1.3', type: 'TimeTicks', read: upTime },
  constant('SNMPv2-MIB::sysContact', '1.3.6.1.2.1.1.4', 'OctetString', 'simulated'),
  constant('SNMPv2-MIB::sysName', '1.3.6.1.2.1.1.5', 'OctetString', sysName),
  constant('SNMPv2-MIB::sysLocation', '1.3.6.1.2.1.1.6', 'OctetString', 'simulated room'),
];
