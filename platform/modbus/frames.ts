import { answerLength, LONGEST_PDU } from './pdu.ts';

/**
 * The two envelopes, both over a TCP connection. Modbus TCP (Messaging on TCP/IP Implementation Guide V1.0b section 3.1.3): a
 * transaction number, 0, the length, the unit. RTU (Modbus over Serial Line V1.02 section 2.5.1): the unit in front, a CRC behind.
 * The silence that ends an RTU frame on a wire does not survive a serial server and TCP; the frame's end is known from the
 * question instead, and its CRC proves it.
 */
export type Framing = 'tcp' | 'rtu';

const TCP_HEAD = 7;

export function tcpFrame(transaction: number, unit: number, pdu: Uint8Array): Uint8Array {
  const length = pdu.length + 1;
  return Uint8Array.of(transaction >> 8, transaction & 0xff, 0, 0, length >> 8, length & 0xff, unit, ...pdu);
}

export interface TcpFrame {
  readonly transaction: number;
  readonly unit: number;
  readonly pdu: Uint8Array;
}

/** Whole frames of a stream; `broken` is why nothing behind it can be believed: the connection is of no use any more. */
export function takeTcpFrames(buffer: Uint8Array): { frames: TcpFrame[]; rest: Uint8Array; broken: string | null } {
  const frames: TcpFrame[] = [];
  let at = 0;
  while (buffer.length - at >= TCP_HEAD) {
    const word = (offset: number): number => ((buffer[at + offset] ?? 0) << 8) | (buffer[at + offset + 1] ?? 0);
    const length = word(4);
    const broken =
      word(2) !== 0
        ? `protocol ${word(2)} instead of 0`
        : length < 2 || length > LONGEST_PDU + 1
          ? `a frame of ${length} bytes`
          : null;
    if (broken !== null) return { frames, rest: new Uint8Array(), broken };
    if (buffer.length - at < 6 + length) break;
    frames.push({ transaction: word(0), unit: buffer[at + 6] ?? 0, pdu: buffer.slice(at + TCP_HEAD, at + 6 + length) });
    at += 6 + length;
  }
  return { frames, rest: buffer.slice(at), broken: null };
}

/** CRC-16 of Modbus over Serial Line V1.02 section 6.2.2: `crc16([0x02, 0x07])` is 0x1241, sent as 41 12. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) crc = (crc >> 8) ^ (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0);
  return crc;
}

const CRC_TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  return crc;
});

export function rtuFrame(unit: number, pdu: Uint8Array): Uint8Array {
  const body = Uint8Array.of(unit, ...pdu);
  const crc = crc16(body);
  return Uint8Array.of(...body, crc & 0xff, crc >> 8);
}

/**
 * The answer to a question among the bytes that came, or what speaks against there being one. Glitches of a line that turns
 * round, late answers of other units and a converter's echo may stand before it; a CRC that fits says which bytes are meant.
 */
export function findRtuAnswer(
  unit: number,
  question: Uint8Array,
  bytes: Uint8Array,
): { pdu: Uint8Array } | { not: string } {
  let not = bytes.length === 0 ? 'nothing' : `${bytes.length} bytes that are no answer to it`;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== unit) {
      if (at === 0 && bytes.length > 1) not = `an answer of unit ${bytes[0]}, or noise`;
      continue;
    }
    const length = answerLength(question, bytes.subarray(at + 1));
    if (length === null) continue;
    if (length === 0 || bytes.length < at + length + 3) {
      not = 'a half answer';
      continue;
    }
    const body = bytes.subarray(at, at + 1 + length);
    const [low = 0, high = 0] = bytes.subarray(at + 1 + length);
    if (crc16(body) === ((high << 8) | low)) return { pdu: body.slice(1) };
    not = 'an answer whose checksum is wrong';
  }
  return { not };
}
