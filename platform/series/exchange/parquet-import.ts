import { type FileHandle, open } from 'node:fs/promises';
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { Quality, Reading, Value } from '#core/reading.ts';
import { instant } from '#core/time.ts';
import { importedReading } from './imported-reading.ts';
import { PARQUET_COLUMNS, unzstd } from './parquet-columns.ts';
import type { ImportedRecord, Parsed } from './records.ts';

const QUALITIES: readonly string[] = ['good', 'stale', 'frozen', 'implausible', 'missing'] satisfies Quality[];
const NEEDED = ['time', 'device', 'point'] as const;
/** A row group is read whole: a larger one, made by somebody else, would need more memory than a service should take. */
const MOST_ROWS = 2_000_000;

/**
 * Readings of a Parquet file as exportParquet writes it, a row group at a time; a record's line is its row, from 1 on. Columns
 * may be missing but time, device and point; without `quality` all are good. Throws NOT_FOUND, or BAD_REQUEST for no such file.
 */
export async function* importParquet(path: string): AsyncGenerator<readonly ImportedRecord<Reading>[]> {
  const handle = await openFile(path);
  try {
    const file = await asBuffer(handle);
    const metadata = await asked(path, () => parquetMetadataAsync(file));
    const columns = columnsOf(path, metadata);
    let rowStart = 0;
    for (const { num_rows } of metadata.row_groups) {
      const rowEnd = rowStart + Number(num_rows);
      if (rowEnd - rowStart > MOST_ROWS)
        throw new ZhishouError('BAD_REQUEST', path, `a row group has more than ${MOST_ROWS} rows: write smaller ones`);
      const from = rowStart;
      const rows = await asked(path, () =>
        parquetReadObjects({ file, metadata, columns, rowStart: from, rowEnd, compressors: { ZSTD: unzstd } }),
      );
      yield rows.map((row, i) => ({ line: from + i + 1, ...parseRow(row) }));
      rowStart = rowEnd;
    }
  } finally {
    await handle.close();
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new ZhishouError('NOT_FOUND', path);
    throw new ZhishouError('STORE_DOWN', path, messageOf(error), { cause: error });
  }
}

async function asBuffer(handle: FileHandle): Promise<AsyncBuffer> {
  const { size } = await handle.stat();
  return {
    byteLength: size,
    async slice(start, end = size) {
      const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
      if (bytesRead < bytes.length) throw new Error('it ends too early');
      return bytes.buffer;
    },
  };
}

/** What the library cannot read is a file that is none, or a damaged one. */
async function asked<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new ZhishouError('BAD_REQUEST', path, `cannot be read as Parquet: ${messageOf(error)}`, { cause: error });
  }
}

function columnsOf(path: string, { schema }: FileMetaData): string[] {
  const names = schema.slice(1).map(({ name }) => name);
  const missing = NEEDED.filter((name) => !names.includes(name));
  if (missing.length > 0) throw new ZhishouError('BAD_REQUEST', path, `it has no column ${missing.join(', ')}`);
  return PARQUET_COLUMNS.filter((name) => names.includes(name));
}

type Row = Readonly<Record<string, unknown>>;
type Outcome = Exclude<Parsed<Reading>, string>;

function parseRow(row: Row): Outcome {
  const { time, device, point, quality = 'good' } = row;
  if (!(time instanceof Date)) return { bad: 'the time is no timestamp' };
  if (typeof device !== 'string' || typeof point !== 'string') return { bad: 'device or point is no text' };
  if (typeof quality !== 'string' || !QUALITIES.includes(quality))
    return { bad: `quality is none of ${QUALITIES.join(', ')}` };
  const value = pickValue(row);
  if (value === undefined) return { bad: 'more than one of number, truth, text, or one of another type' };
  const parsed = importedReading(
    { device, point },
    { at: instant(time.getTime()), value, quality: quality as Quality },
  );
  return typeof parsed === 'string' ? { bad: parsed } : parsed;
}

/** Undefined: it cannot be told. */
function pickValue({ number, truth, text }: Row): Value | null | undefined {
  const given = [number, truth, text].filter((one) => one !== null && one !== undefined);
  const [value = null] = given;
  if (given.length > 1) return undefined;
  if (typeof value === 'bigint') return Number(value);
  if (value === number && typeof value === 'number') return value;
  if (value === truth && typeof value === 'boolean') return value;
  if (value === text && typeof value === 'string') return value;
  return value === null ? null : undefined;
}
