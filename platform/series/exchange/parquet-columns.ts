import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { SchemaElement } from 'hyparquet';

/**
 * History as a table of Apache Parquet: what DuckDB, pandas and Spark read by themselves. A value stands in the column of its
 * kind, the two others are null; all three where nothing was measured.
 */
export const PARQUET_COLUMNS = ['time', 'device', 'point', 'number', 'truth', 'text', 'quality'] as const;
export type ParquetColumn = (typeof PARQUET_COLUMNS)[number];

const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const;
const LEAVES: Readonly<Record<ParquetColumn, Omit<SchemaElement, 'name'>>> = {
  time: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', repetition_type: 'REQUIRED' },
  device: { ...text, repetition_type: 'REQUIRED' },
  point: { ...text, repetition_type: 'REQUIRED' },
  number: { type: 'DOUBLE', repetition_type: 'OPTIONAL' },
  truth: { type: 'BOOLEAN', repetition_type: 'OPTIONAL' },
  text: { ...text, repetition_type: 'OPTIONAL' },
  quality: { ...text, repetition_type: 'REQUIRED' },
};

export const PARQUET_SCHEMA: SchemaElement[] = [
  { name: 'history', num_children: PARQUET_COLUMNS.length },
  ...PARQUET_COLUMNS.map((name) => ({ name, ...LEAVES[name] })),
];

/** Node's own, quicker than any in JavaScript. */
export const zstd = (bytes: Uint8Array): Uint8Array =>
  zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 3 } });

export const unzstd = (bytes: Uint8Array, length: number): Uint8Array =>
  zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, length) });
