/** Object identifiers as BER has them (X.690 section 8.19): `1.3.6` is 06 02 2b 06. The same few thousand are asked for again and again. */

const MOST_KNOWN = 50_000;
const MOST_ARC = 2 ** 32 - 1;
/** Longer ones would need another form of length; RFC 2578 section 3.5 has at most 128 arcs. */
const MOST_BYTES = 120;
const OID = 0x06;

const known = new Map<string, Uint8Array | null>();

/** With tag and length; null for what is not written in the usual way, or is too long for it. */
export function oidBytes(oid: string): Uint8Array | null {
  const found = known.get(oid);
  if (found !== undefined) return found;
  if (known.size >= MOST_KNOWN) known.clear();
  const made = encode(oid);
  known.set(oid, made);
  return made;
}

function encode(oid: string): Uint8Array | null {
  const arcs = oid.split('.').map(Number);
  const [first, second] = arcs;
  if (first === undefined || second === undefined || arcs.join('.') !== oid) return null;
  if (!arcs.every((arc) => Number.isInteger(arc) && arc >= 0 && arc <= MOST_ARC)) return null;
  if (first > 2 || second > 39) return null;
  const bytes = [40 * first + second, ...arcs.slice(2).flatMap(arcBytes)];
  return bytes.length > MOST_BYTES ? null : Uint8Array.of(OID, bytes.length, ...bytes);
}

/** Seven bits a byte, all but the last marked. */
function arcBytes(arc: number): number[] {
  const bytes = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift((rest % 128) | 128);
  return bytes;
}
