import snmp, { type Request, type Session, type Varbind } from 'net-snmp';
import { oidBytes } from './oid-bytes.ts';

/**
 * GETs of SNMPv1 and v2c, in the plainest form that a question and its answer may have, without net-snmp's codec, which takes
 * most of a poll's time: it writes and reads each OID as text. Here they are compared as bytes with those that were asked for.
 *
 * Whatever is otherwise in the least (an error status, another object, an unusual length, a type with a text in it, v3) is left
 * to net-snmp as ever; so are time-outs, repetitions and all other requests.
 */
export function quicken(session: Session): void {
  if (session.version === snmp.Version3) return;
  const send = session.send;
  const community = Buffer.from(session.community);
  session.send = function (this: Session, request, noWait) {
    request.message.buffer ??= questionBytes(request, community) ?? undefined;
    return send.call(this, request, noWait);
  };
}

/** True: it was a plain answer to a GET under way, which has it now. */
export function takePlain(session: Session, bytes: Buffer): boolean {
  if (session.version === snmp.Version3) return false;
  const reader = new PlainReader(bytes);
  const version = reader.enter(SEQUENCE) === bytes.length ? reader.integer(INTEGER) : Number.NaN;
  const community = reader.octets(OCTETS);
  if (reader.enter(RESPONSE) !== bytes.length) return false;
  const id = reader.integer(INTEGER);
  const status = reader.integer(INTEGER);
  const place = reader.integer(INTEGER);
  if (status !== 0 || Number.isNaN(place) || reader.enter(SEQUENCE) !== bytes.length) return false;
  const request = session.reqs[id];
  if (request === undefined || request.message.pdu.type !== snmp.PduType.GetRequest) return false;
  const { message } = request;
  if (message.version !== version || community?.toString() !== message.community) return false;
  const varbinds = answersTo(message.pdu.varbinds, reader);
  if (varbinds === null) return false;
  session.unregisterRequest(id);
  request.responseCb(null, varbinds);
  return true;
}

const INTEGER = 0x02;
const OCTETS = 0x04;
const NULL = 0x05;
const SEQUENCE = 0x30;
const RESPONSE = 0xa2;

function answersTo(asked: readonly { readonly oid: string }[], reader: PlainReader): Varbind[] | null {
  const varbinds: Varbind[] = [];
  // By place: an iterator is an object each time until the code is compiled for good.
  for (let i = 0; i < asked.length; i++) {
    const { oid } = asked[i] as { oid: string };
    const known = oidBytes(oid);
    const end = reader.enter(SEQUENCE);
    if (known === null || !reader.skip(known)) return null;
    const type = reader.tag;
    const value = reader.value(type);
    if (value === undefined || reader.at !== end) return null;
    varbinds.push({ oid, type, value });
  }
  return reader.at === reader.bytes.length ? varbinds : null;
}

/** Never reads past the end; once something is unusual, nothing fits any more. */
class PlainReader {
  readonly bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get tag(): number {
    return this.bytes[this.at] ?? -1;
  }

  /** Past tag and length; where its content ends, −1 when it is another or does not fit. */
  enter(tag: number): number {
    const { bytes } = this;
    if (bytes[this.at] !== tag) return this.#lost();
    let length = bytes[this.at + 1] ?? -1;
    this.at += 2;
    if (length === 0x81 || length === 0x82) {
      const wide = length === 0x82;
      length = wide ? (bytes[this.at] ?? 0) * 256 + (bytes[this.at + 1] ?? 0) : (bytes[this.at] ?? 0);
      this.at += wide ? 2 : 1;
    } else if (length < 0 || length > 127) return this.#lost();
    const end = this.at + length;
    return end <= bytes.length ? end : this.#lost();
  }

  #lost(): -1 {
    this.at = Number.POSITIVE_INFINITY;
    return -1;
  }

  /** Signed, of one to five bytes; NaN for anything else. */
  integer(tag: number): number {
    const end = this.enter(tag);
    const length = end - this.at;
    if (end < 0 || length < 1 || length > 5) return Number.NaN;
    let value = this.bytes.readInt8(this.at);
    for (let i = this.at + 1; i < end; i++) value = value * 256 + (this.bytes[i] as number);
    this.at = end;
    return value;
  }

  octets(tag: number): Buffer | null {
    const end = this.enter(tag);
    if (end < 0) return null;
    const octets = this.bytes.subarray(this.at, end);
    this.at = end;
    return octets;
  }

  /** Past exactly these bytes. */
  skip(known: Uint8Array): boolean {
    const { bytes, at } = this;
    for (let i = 0; i < known.length; i++) if (bytes[at + i] !== known[i]) return false;
    this.at = at + known.length;
    return true;
  }

  /** As net-snmp has it; undefined for what is left to it. */
  value(type: number): number | Buffer | null | undefined {
    switch (type) {
      case snmp.ObjectType.Integer:
        return wholeOr(this.integer(type), (value) => value);
      case snmp.ObjectType.Counter:
      case snmp.ObjectType.Gauge:
      case snmp.ObjectType.TimeTicks:
        return wholeOr(this.integer(type), (value) => value >>> 0);
      case snmp.ObjectType.OctetString:
      case snmp.ObjectType.Counter64:
        return this.octets(type) ?? undefined;
      case snmp.ObjectType.Null:
      case snmp.ObjectType.NoSuchObject:
      case snmp.ObjectType.NoSuchInstance:
      case snmp.ObjectType.EndOfMibView:
        return this.enter(type) === this.at ? null : undefined;
      default:
        return undefined;
    }
  }
}

const wholeOr = (value: number, make: (value: number) => number): number | undefined =>
  Number.isNaN(value) ? undefined : make(value);

/** Of a number that is not negative: the first bit is its sign. */
const integerSize = (value: number): number => {
  let size = 1;
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 256)) size++;
  return size;
};

const lengthSize = (length: number): number => (length < 128 ? 1 : length < 256 ? 2 : 3);

const sized = (length: number): number => 1 + lengthSize(length) + length;

/** Null: it is left to net-snmp. */
function questionBytes({ message }: Request, community: Buffer): Buffer | null {
  const { pdu, version } = message;
  if (pdu.type !== snmp.PduType.GetRequest || version === snmp.Version3) return null;
  const oids: Uint8Array[] = [];
  let list = 0;
  const { varbinds } = pdu;
  for (let i = 0; i < varbinds.length; i++) {
    const known = oidBytes((varbinds[i] as { oid: string }).oid);
    if (known === null) return null;
    oids.push(known);
    list += sized(known.length + 2);
  }
  const idSize = integerSize(pdu.id);
  if (!(pdu.id >= 0) || idSize > 4) return null;
  const head = sized(idSize) + 3 + 3;
  const inner = head + sized(list);
  const whole = 3 + sized(community.length) + sized(inner);
  if (whole > 0xffff) return null;
  const out = Buffer.allocUnsafe(sized(whole));
  let at = 0;
  const begin = (tag: number, length: number): void => {
    out[at++] = tag;
    if (length > 255) {
      out[at++] = 0x82;
      out[at++] = length >> 8;
    } else if (length > 127) out[at++] = 0x81;
    out[at++] = length & 255;
  };
  const small = (value: number): void => {
    begin(INTEGER, 1);
    out[at++] = value;
  };
  begin(SEQUENCE, whole);
  small(version);
  begin(OCTETS, community.length);
  at += community.copy(out, at);
  begin(snmp.PduType.GetRequest, inner);
  begin(INTEGER, idSize);
  at = out.writeUIntBE(pdu.id, at, idSize);
  small(0);
  small(0);
  begin(SEQUENCE, list);
  for (let i = 0; i < oids.length; i++) {
    const oid = oids[i] as Uint8Array;
    begin(SEQUENCE, oid.length + 2);
    out.set(oid, at);
    at += oid.length;
    begin(NULL, 0);
  }
  return out;
}
