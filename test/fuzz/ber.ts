import type { Varbind } from '#core/ports.ts';

/** BER (X.690), as far as SNMP's answers need it: what goes out here is good; it is spoilt afterwards. */
const TAGS: Readonly<Record<string, number>> = {
  Integer: 0x02,
  OctetString: 0x04,
  Null: 0x05,
  OID: 0x06,
  IpAddress: 0x40,
  Counter: 0x41,
  Gauge: 0x42,
  TimeTicks: 0x43,
  Opaque: 0x44,
  Counter64: 0x46,
  NoSuchObject: 0x80,
  NoSuchInstance: 0x81,
  EndOfMibView: 0x82,
};

export function tlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const length =
    body.length < 0x80
      ? [body.length]
      : body.length < 0x100
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

/** Two's complement, as short as it can be. */
export function integer(value: number | bigint, tag = 0x02): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(value);
  do {
    bytes.unshift(Number(rest & 255n));
    rest >>= 8n;
  } while (rest !== 0n && rest !== -1n);
  const sign = ((bytes[0] ?? 0) & 0x80) !== 0;
  if (rest === 0n && sign) bytes.unshift(0);
  if (rest === -1n && !sign) bytes.unshift(255);
  return tlv(tag, Buffer.from(bytes));
}

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((part) => {
    const groups = [part & 127];
    for (let left = Math.floor(part / 128); left > 0; left = Math.floor(left / 128)) groups.unshift((left & 127) | 128);
    return groups;
  });
  return tlv(0x06, Buffer.from(bytes));
}

export function varbind({ oid: name, type, value }: Varbind): Buffer {
  const tag = TAGS[type] ?? 0x05;
  if (typeof value === 'number' || typeof value === 'bigint') return tlv(0x30, oid(name), integer(value, tag));
  if (value instanceof Uint8Array) return tlv(0x30, oid(name), tlv(tag, value));
  if (type === 'OID') return tlv(0x30, oid(name), oid(String(value)));
  if (type === 'IpAddress') return tlv(0x30, oid(name), tlv(tag, Buffer.from(String(value).split('.').map(Number))));
  return tlv(0x30, oid(name), tlv(tag));
}

/** A GetResponse of SNMPv1 (0) or v2c (1), RFC 3416 section 3. */
export const response = (version: 0 | 1, community: string, id: Uint8Array, varbinds: readonly Varbind[]): Buffer =>
  tlv(
    0x30,
    integer(version),
    tlv(0x04, Buffer.from(community)),
    tlv(0xa2, id, integer(0), integer(0), tlv(0x30, ...varbinds.map(varbind))),
  );

/** The request-id of a v1 or v2c request, as it stands there with its tag and length. */
export function requestId(request: Buffer, community: string): Buffer {
  const pdu = request.indexOf(community) + community.length;
  const long = request[pdu + 1] ?? 0;
  const at = pdu + 2 + (long & 0x80 ? long & 0x7f : 0);
  return request.subarray(at, at + 2 + (request[at + 1] ?? 0));
}
