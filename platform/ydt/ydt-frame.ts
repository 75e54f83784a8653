/**
 * The frame of YD/T 1363.3 (电总协议), both ways. Pure; never throws, whatever comes.
 *
 * `~ VER ADR CID1 CID2 LENGTH INFO CHKSUM CR`: SOI 7EH and EOI 0DH are bytes, everything between is hexadecimal text, two
 * characters a byte, capital letters. LENGTH is LCHKSUM (4 bits) and LENID (12 bits), the number of INFO's characters; LCHKSUM and
 * CHKSUM are two's complements of sums: of LENID's three digits, and of the characters between SOI and CHKSUM. In an answer RTN
 * stands in the place of CID2, so an answer does not say which question it answers.
 *
 * Example: `~20014643E00200FD3B\r` asks the battery 01 for its states of pack 00; 18 characters of INFO are LENGTH D012.
 * Source: the worked examples of the standard as Pylontech's and Daren's public codes repeat them; see test/platform/ydt.
 */
export interface YdtFrame {
  /** 20H, 21H, 22H: the version of the protocol. */
  readonly version: number;
  readonly address: number;
  /** The kind of device: 2AH UPS, 60H air conditioner, 46H battery. */
  readonly cid1: number;
  /** CID2 of a question, RTN of an answer. */
  readonly code: number;
  /** INFO's bytes, each of two characters on the line. */
  readonly info: Uint8Array;
}

export type YdtProblem = 'not a frame' | 'not hexadecimal' | 'length checksum' | 'length' | 'checksum';

export const SOI = 0x7e;
export const EOI = 0x0d;
/** LENID has 12 bits. */
export const MOST_INFO_CHARACTERS = 0xfff;
export const MOST_INFO_BYTES = MOST_INFO_CHARACTERS >> 1;
/** SOI, six bytes of header, CHKSUM and EOI. */
const FRAME_CHARACTERS = 1 + 12 + 4 + 1;
export const MOST_FRAME_BYTES = FRAME_CHARACTERS + MOST_INFO_CHARACTERS;

/** LENGTH of so many characters: `lengthField(18)` is D012H. */
export function lengthField(characters: number): number {
  const sum = (characters & 0xf) + ((characters >> 4) & 0xf) + ((characters >> 8) & 0xf);
  return ((-sum & 0xf) << 12) | (characters & MOST_INFO_CHARACTERS);
}

/** CHKSUM of these characters: two's complement of their sum, 16 bits. */
export function checksumOf(characters: Uint8Array): number {
  let sum = 0;
  for (const character of characters) sum += character;
  return -sum & 0xffff;
}

export const hexOf = (value: number, digits = 2): string => value.toString(16).toUpperCase().padStart(digits, '0');

/** `infoText(bytes)` is what stands between LENGTH and CHKSUM. */
export const infoText = (info: Uint8Array): string => Buffer.from(info).toString('hex').toUpperCase();

/** Throws RangeError when INFO is longer than LENID can say. */
export function encodeFrame({ version, address, cid1, code, info }: YdtFrame): Uint8Array {
  if (info.length > MOST_INFO_BYTES) throw new RangeError(`INFO has ${info.length} bytes, ${MOST_INFO_BYTES} at most`);
  const header = [version, address, cid1, code].map((byte) => hexOf(byte)).join('');
  const body = `${header}${hexOf(lengthField(info.length * 2), 4)}${infoText(info)}`;
  return Buffer.from(`~${body}${hexOf(checksumOf(Buffer.from(body, 'latin1')), 4)}\r`, 'latin1');
}

/**
 * One frame with its SOI and EOI. Small letters are read too: devices differ, and the checksum is over the characters as they were
 * sent, so that a capital that became a small letter on the line is refused.
 */
export function decodeFrame(bytes: Uint8Array): YdtFrame | { readonly problem: YdtProblem } {
  if (bytes.length < FRAME_CHARACTERS || bytes[0] !== SOI || bytes.at(-1) !== EOI) return { problem: 'not a frame' };
  const characters = bytes.subarray(1, -1);
  const digits = digitsOf(characters);
  if (digits === null) return { problem: 'not hexadecimal' };
  const byteAt = (place: number): number => ((digits[2 * place] ?? 0) << 4) | (digits[2 * place + 1] ?? 0);
  const length = (byteAt(4) << 8) | byteAt(5);
  const lenid = length & MOST_INFO_CHARACTERS;
  if (length !== lengthField(lenid)) return { problem: 'length checksum' };
  if (lenid !== bytes.length - FRAME_CHARACTERS || lenid % 2 !== 0) return { problem: 'length' };
  const infoBytes = lenid / 2;
  const checksum = (byteAt(6 + infoBytes) << 8) | byteAt(7 + infoBytes);
  if (checksum !== checksumOf(characters.subarray(0, -4))) return { problem: 'checksum' };
  return {
    version: byteAt(0),
    address: byteAt(1),
    cid1: byteAt(2),
    code: byteAt(3),
    info: Uint8Array.from({ length: infoBytes }, (_, i) => byteAt(6 + i)),
  };
}

function digitsOf(characters: Uint8Array): Uint8Array | null {
  const digits = new Uint8Array(characters.length);
  for (const [i, character] of characters.entries()) {
    const digit = digitOf(character);
    if (digit === null) return null;
    digits[i] = digit;
  }
  return digits;
}

function digitOf(character: number): number | null {
  if (character >= 0x30 && character <= 0x39) return character - 0x30;
  if (character >= 0x41 && character <= 0x46) return character - 0x37;
  if (character >= 0x61 && character <= 0x66) return character - 0x57;
  return null;
}

/** RTN: 00–06 of the standard (table of return codes), 80–EF the maker's own. */
const RETURNS: Readonly<Record<number, string>> = {
  1: 'VER: it speaks another version',
  2: 'CHKSUM: the question was damaged on its way',
  3: 'LCHKSUM: the question was damaged on its way',
  4: 'CID2: it does not know the command',
  5: 'the command is not well formed',
  6: 'the data are not valid',
};

/** `RTN 04H (CID2: it does not know the command)`. */
export const returnText = (rtn: number): string =>
  `RTN ${hexOf(rtn)}H (${RETURNS[rtn] ?? (rtn >= 0x80 && rtn <= 0xef ? "the maker's own" : 'not of the standard')})`;
