import { isBitTable, type ModbusTable } from '#core/config/profile-modbus.ts';

/**
 * Questions and answers without their envelope: Modbus Application Protocol Specification V1.1b3. Pure; what a device says is
 * judged against what it was asked, and never believed beyond that.
 */
const FUNCTIONS: Readonly<Record<ModbusTable, number>> = { coil: 1, discrete: 2, holding: 3, input: 4 };
/** Encapsulated Interface Transport, Read Device Identification (section 6.21). */
const IDENTIFY = 0x2b;
const MEI_TYPE = 0x0e;
const EXCEPTION = 0x80;

/** Section 7. 10 and 11 come from a gateway: it has no way to the unit, or the unit does not answer. */
export const EXCEPTIONS: Readonly<Record<number, string>> = {
  1: 'illegal function',
  2: 'illegal data address',
  3: 'illegal data value',
  4: 'device failure',
  5: 'acknowledge, still busy with it',
  6: 'device busy',
  8: 'memory parity error',
  10: 'gateway path unavailable',
  11: 'gateway target does not respond',
};
export const exceptionName = (code: number): string =>
  `exception ${code}${EXCEPTIONS[code] === undefined ? '' : ` (${EXCEPTIONS[code]})`}`;

export function readQuestion(table: ModbusTable, address: number, count: number): Uint8Array {
  return Uint8Array.of(FUNCTIONS[table], address >> 8, address & 0xff, count >> 8, count & 0xff);
}

/** `code`: 1 basic, 2 regular, 3 extended as a stream from `object` on, 4 that object alone. */
export const identityQuestion = (code: number, object: number): Uint8Array =>
  Uint8Array.of(IDENTIFY, MEI_TYPE, code, object);

/**
 * How long the answer to `question` is that begins with these bytes: 0 while too little has come to say, null when it is no answer
 * to it at all. The one place where RTU frames find their end.
 */
export function answerLength(question: Uint8Array, begun: Uint8Array): number | null {
  const [code] = question;
  if (begun.length === 0) return 0;
  if (code === undefined) return null;
  if (begun[0] === (code | EXCEPTION)) return 2;
  if (begun[0] !== code) return null;
  if (code === IDENTIFY) return identityLength(begun);
  const [, bytes] = begun;
  if (bytes === undefined) return 0;
  return bytes === payloadBytes(question) ? 2 + bytes : null;
}

function payloadBytes(question: Uint8Array): number {
  const count = ((question[3] ?? 0) << 8) | (question[4] ?? 0);
  return (question[0] ?? 0) <= 2 ? Math.ceil(count / 8) : 2 * count;
}

/** Function, MEI type, code, conformity, more follows, next object, number of objects; then each object's id, length and text. */
const IDENTITY_HEAD = 7;
/** A protocol data unit has 253 bytes. */
export const LONGEST_PDU = 253;

function identityLength(begun: Uint8Array): number | null {
  if (begun.length > 1 && begun[1] !== MEI_TYPE) return null;
  if (begun.length < IDENTITY_HEAD) return 0;
  let end = IDENTITY_HEAD;
  for (let left = begun[6] ?? 0; left > 0; left--) {
    const length = begun[end + 1];
    if (length === undefined) return 0;
    end += 2 + length;
    if (end > LONGEST_PDU) return null;
  }
  return end;
}

export type ReadAnswer = { readonly values: readonly number[] } | { readonly exception: number };

/** The registers (0–65535) or bits (0, 1) that were asked for; a text when this is no answer to the question. */
export function readAnswer(
  question: Uint8Array,
  table: ModbusTable,
  count: number,
  pdu: Uint8Array,
): ReadAnswer | string {
  const refused = exceptionOf(question, pdu);
  if (refused !== null) return typeof refused === 'string' ? refused : { exception: refused };
  if (pdu.length !== 2 + payloadBytes(question) || pdu[1] !== pdu.length - 2)
    return `${Math.max(0, pdu.length - 2)} bytes of values instead of ${payloadBytes(question)}`;
  const values = Array.from({ length: count }, (_, i) =>
    isBitTable(table)
      ? ((pdu[2 + (i >> 3)] ?? 0) >> (i & 7)) & 1
      : ((pdu[2 + 2 * i] ?? 0) << 8) | (pdu[3 + 2 * i] ?? 0),
  );
  return { values };
}

function exceptionOf(question: Uint8Array, pdu: Uint8Array): number | string | null {
  const [code = 0] = question;
  if (pdu[0] === (code | EXCEPTION)) {
    const given = pdu[1];
    return pdu.length === 2 && given !== undefined && given > 0 ? given : 'an exception that says nothing';
  }
  return pdu[0] === code ? null : `an answer to function ${pdu[0] ?? 'none'} instead of ${code}`;
}

export type IdentityPart =
  | { readonly exception: number }
  | {
      readonly objects: readonly (readonly [id: number, text: string])[];
      /** The object to ask for next, null when this was all. */
      readonly next: number | null;
    };

export function identityAnswer(question: Uint8Array, pdu: Uint8Array): IdentityPart | string {
  const refused = exceptionOf(question, pdu);
  if (refused !== null) return typeof refused === 'string' ? refused : { exception: refused };
  const broken = 'an identification that is broken off';
  if (pdu[1] !== MEI_TYPE || pdu.length < IDENTITY_HEAD) return broken;
  const objects: (readonly [number, string])[] = [];
  // Some count the objects of all parts in each (the example of section 6.21 can be read so): what is there counts.
  for (let at = IDENTITY_HEAD; at < pdu.length && objects.length < (pdu[6] ?? 0); ) {
    const end = at + 2 + (pdu[at + 1] ?? 0);
    if (at + 1 >= pdu.length || end > pdu.length) return broken;
    const text = new TextDecoder('latin1').decode(pdu.subarray(at + 2, end));
    objects.push([pdu[at] ?? 0, text.replaceAll(/\p{Cc}/gu, '').trim()]);
    at = end;
  }
  return { objects, next: pdu[4] === 0xff ? (pdu[5] ?? null) : null };
}
