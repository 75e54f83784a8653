import snmp, { type ReceivedMessage } from 'net-snmp';
import type { Trap } from '#core/ports.ts';
import { fromRaw } from './varbinds.ts';

const TRAP_OID = '1.3.6.1.6.3.1.1.4.1.0';
const UP_TIME = '1.3.6.1.2.1.1.3.0';
const OID = /^\d+(\.\d+)+$/;
const STANDARD_TRAPS = '1.3.6.1.6.3.1.1.5';

/** A received message as a Trap, null when it names no notification. v1 becomes v2's form by RFC 3584 section 3.1. */
export function toTrap(message: ReceivedMessage): Trap | null {
  const { pdu, rinfo } = message;
  const varbinds = (pdu.varbinds ?? []).map(fromRaw);
  const from = rinfo.address.replace(/^::ffff:/, '');
  const shared = { from, name: pdu.community ?? pdu.user ?? '' };
  if (pdu.type === snmp.PduType.Trap) {
    const oid = v1TrapOid(pdu.enterprise, pdu.generic, pdu.specific);
    return oid === null ? null : { ...shared, oid, varbinds, version: '1', inform: false };
  }
  const named = varbinds.find((varbind) => varbind.oid === TRAP_OID);
  // Cut short, net-snmp's reader makes `0.NaN` of an OID.
  if (typeof named?.value !== 'string' || named.type !== 'OID' || !OID.test(named.value)) return null;
  return {
    ...shared,
    oid: named.value,
    varbinds: varbinds.filter((varbind) => varbind.oid !== TRAP_OID && varbind.oid !== UP_TIME),
    version: pdu.community === undefined ? '3' : '2c',
    inform: pdu.type === snmp.PduType.InformRequest,
  };
}

const isCount = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 0;

/** `1.3.6.1.2.1.33.2` + enterpriseSpecific(6) + 1 is `1.3.6.1.2.1.33.2.0.1`. */
function v1TrapOid(enterprise?: string, generic?: number, specific?: number): string | null {
  if (typeof generic === 'number' && generic >= 0 && generic <= 5) return `${STANDARD_TRAPS}.${generic + 1}`;
  if (typeof enterprise !== 'string' || !OID.test(enterprise) || !isCount(specific)) return null;
  return `${enterprise}.0.${specific}`;
}
