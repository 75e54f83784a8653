import snmp, { type Varbind as RawVarbind } from 'net-snmp';
import type { SnmpType, Varbind } from '#core/ports.ts';

/** Between net-snmp's varbinds and ours. Counter64 arrives as bytes, opaque values as their raw content. */

const TYPES: ReadonlyMap<number, SnmpType> = new Map<number, SnmpType>([
  [snmp.ObjectType.Integer, 'Integer'],
  [snmp.ObjectType.OctetString, 'OctetString'],
  [snmp.ObjectType.BitString, 'OctetString'],
  [snmp.ObjectType.Null, 'Null'],
  [snmp.ObjectType.OID, 'OID'],
  [snmp.ObjectType.IpAddress, 'IpAddress'],
  [snmp.ObjectType.Counter, 'Counter'],
  [snmp.ObjectType.Gauge, 'Gauge'],
  [snmp.ObjectType.TimeTicks, 'TimeTicks'],
  [snmp.ObjectType.Opaque, 'Opaque'],
  [snmp.ObjectType.Counter64, 'Counter64'],
  [snmp.ObjectType.NoSuchObject, 'NoSuchObject'],
  [snmp.ObjectType.NoSuchInstance, 'NoSuchInstance'],
  [snmp.ObjectType.EndOfMibView, 'EndOfMibView'],
]);

/** Never throws: what cannot be read becomes a Null varbind of the same OID. */
export function fromRaw(raw: RawVarbind): Varbind {
  const type = TYPES.get(raw.type) ?? 'Null';
  return { oid: raw.oid, type, value: contentOf(type, raw.value) };
}

function contentOf(type: SnmpType, value: unknown): Varbind['value'] {
  if (type === 'Counter64') return value instanceof Uint8Array ? counter64(value) : numberOrNull(value);
  if (type === 'OctetString' || type === 'Opaque') {
    if (value instanceof Uint8Array) return value;
    return typeof value === 'string' ? new TextEncoder().encode(value) : null;
  }
  if (type === 'OID' || type === 'IpAddress') return typeof value === 'string' ? value : null;
  return numberOrNull(value);
}

const numberOrNull = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** Big-endian, at most 64 bits and a leading zero; a plain number while it is exact. */
function counter64(bytes: Uint8Array): number | bigint | null {
  if (bytes.length === 0 || bytes.length > 9) return null;
  let total = 0n;
  for (const byte of bytes) total = (total << 8n) | BigInt(byte);
  return total <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(total) : total;
}

/** For SET. */
export function toRaw(varbind: {
  oid: string;
  type: 'Integer' | 'OctetString' | 'Gauge' | 'OID';
  value: number | string;
}): RawVarbind {
  return { oid: varbind.oid, type: snmp.ObjectType[varbind.type], value: varbind.value };
}
