/**
 * Frames that public codes and documents give whole, with what they mean. Nothing here is of our own making: the sums are those that
 * other programs and devices computed.
 */
export interface KnownFrame {
  readonly text: string;
  readonly version: number;
  readonly address: number;
  readonly cid1: number;
  readonly code: number;
  readonly infoBytes: number;
  readonly source: string;
}

const row = (
  text: string,
  [version, address, cid1, code, infoBytes]: readonly [number, number, number, number, number],
  source: string,
): KnownFrame => ({ text: `${text}\r`, version, address, cid1, code, infoBytes, source });

const NUT = 'Network UPS Tools, drivers/ydn23.h: a Liebert GXE UPS, GET_DEV_ADDR';
const GO = 'a Go library for Pylontech batteries: frames recorded from US2000B and US3000';
const DAREN = 'daren2mqtt, tests of its protocol: a Daren battery';
const PHP = 'pylonlv (PHP): frames recorded from Pylontech batteries';

export const KNOWN_FRAMES: readonly KnownFrame[] = [
  row('~21012A500000FDA4', [0x21, 1, 0x2a, 0x50, 0], `${NUT}, the question`),
  row('~21012A000000FDA9', [0x21, 1, 0x2a, 0x00, 0], `${NUT}, the answer`),
  row('~2001464F0000FD99', [0x20, 1, 0x46, 0x4f, 0], `${GO}, version asked for`),
  row('~200146000000FDB3', [0x20, 1, 0x46, 0x00, 0], `${GO}, version told`),
  row(
    '~20014600C0405553324B42504C000000020150796C6F6E2D2D2D2D2D2D2D2D2D2D2D2D2D2D2DEF9B',
    [0x20, 1, 0x46, 0x00, 32],
    `${GO}, maker: US2KBPL 2.1 Pylon`,
  ),
  row(
    '~20014600B0D811020F0D6F0D6F0D6D0D6F0D6C0D6E0D6F0D6E0D760D780D760D780D770D780D76050BAF0B7D0B7D0B7D0B7D0000C9B2C35002C35000050F0DEE0DF80DF50DF20DF00DEE0DF60DF60E040E020E030E030E030E040E04050BB90B7D0B7D0B7D0B7D0000D1AEC35002C3500011CD77',
    [0x20, 1, 0x46, 0x00, 108],
    `${GO}, measurements of two US2000B`,
  ),
  row(
    '~2001460010F011020F0D6F0D780D770D770D740D740D740D720D7B0D790D7A0D7A0D790D7A0D77050BCD0BC30BC30BCD0BC3FFFEC9F5FFFF04FFFF010A0126D80121100F0D770D780D790D790D780D780D780D690D7A0D790D760D780D780D790D78050BCD0BC30BC30BCD0BC3FFFEC9FCFFFF04FFFF01060126D8012110C74C',
    [0x20, 1, 0x46, 0x00, 120],
    `${GO}, measurements of two US3000 that give current`,
  ),
  row('~22004A42E00200FD2A', [0x22, 0, 0x4a, 0x42, 1], `${DAREN}, measurements asked for`),
  row('~22014A42E00201FD28', [0x22, 1, 0x4a, 0x42, 1], `${DAREN}, of the second`),
  row('~22014A510000FDA0', [0x22, 1, 0x4a, 0x51, 0], `${DAREN}, maker asked for`),
  row('~22014AB0600A010104FF00FB6B', [0x22, 1, 0x4a, 0xb0, 5], `${DAREN}, counters asked for`),
  row('~20014043E00200FD3B', [0x20, 1, 0x40, 0x43, 1], `${DAREN}: the standard's worked example`),
  row(
    '~20024600F07A11020F0CDE0CDC0CE20CDE0CE30CE30CE30CDF0CD80CDD0CE00CDE0CE20CE10CDF050B870B870B870B870B870000C117FFFF04FFFF00000070BC012110E1E7',
    [0x20, 2, 0x46, 0x00, 61],
    `${PHP}, measurements of one pack`,
  ),
  row('~200246040000FDAE', [0x20, 2, 0x46, 0x04, 0], `${PHP}, a command that it does not know`),
];
