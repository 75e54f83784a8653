import { ByteReader, ByteWriter, DamagedError, seal, unseal } from './bytes.ts';
import { decodeValues, encodeValues } from './chunk-codec.ts';
import type { Columns } from './columns.ts';
import { readInts, writeInts } from './number-columns.ts';

/** Readings of many series as they came, not in order: what one row of the log holds. */
export interface LogBatch extends Columns {
  /** The series' number of each. */
  readonly series: Float64Array;
}

/** No row is longer: the most memory that one may ask for when it is read. */
export const MOST_IN_ROW = 65_536;

export function encodeLog(batch: LogBatch): Uint8Array {
  const out = new ByteWriter();
  out.varint(batch.at.length);
  writeInts(out, batch.series, 'quick');
  writeInts(out, batch.at, 'quick');
  out.bytes(encodeValues(batch, 'quick'));
  return seal(out.finish());
}

/** Throws DamagedError. */
export function decodeLog(sealed: Uint8Array): LogBatch {
  const body = unseal(sealed);
  const from = new ByteReader(body);
  const n = from.varint();
  if (n > MOST_IN_ROW) throw new DamagedError('more readings than a row has');
  const series = readInts(from, new Float64Array(n));
  const at = readInts(from, new Float64Array(n));
  return { series, ...decodeValues(from.rest(), at) };
}
