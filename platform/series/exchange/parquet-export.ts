import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { SeriesStore } from '#core/ports.ts';
import { type ExportPage, type ExportSelection, exportPages } from './export.ts';
import { PARQUET_COLUMNS, PARQUET_SCHEMA, type ParquetColumn, zstd } from './parquet-columns.ts';

/** Rows of a row group, and what its last page has more: what is held at once, here and by whoever reads the file. */
const ROWS = 50_000;

/** History as one Parquet file, a row group at a time: series after series, each in the order of time. */
export async function* exportParquet(store: SeriesStore, selection: ExportSelection): AsyncGenerator<Uint8Array> {
  const bytes = new ByteWriter();
  const file = new ParquetWriter({
    writer: bytes,
    schema: PARQUET_SCHEMA,
    codec: 'ZSTD',
    compressors: { ZSTD: zstd },
    createdBy: 'zhishou',
  });
  const take = (): Uint8Array => {
    const piece = bytes.getBytes().slice();
    bytes.index = 0;
    return piece;
  };
  let rows = emptyRows();
  for await (const page of exportPages(store, selection)) {
    addPage(rows, page);
    if (rows.time.length < ROWS) continue;
    await writeGroup(file, rows);
    rows = emptyRows();
    yield take();
  }
  if (rows.time.length > 0) await writeGroup(file, rows);
  await file.finish();
  yield take();
}

type Rows = Readonly<Record<ParquetColumn, unknown[]>>;

const emptyRows = (): Rows => ({ time: [], device: [], point: [], number: [], truth: [], text: [], quality: [] });

function addPage(rows: Rows, { key, samples }: ExportPage): void {
  for (const { at, value, quality } of samples) {
    rows.time.push(BigInt(at));
    rows.device.push(key.device);
    rows.point.push(key.point);
    rows.number.push(typeof value === 'number' ? value : null);
    rows.truth.push(typeof value === 'boolean' ? value : null);
    rows.text.push(typeof value === 'string' ? value : null);
    rows.quality.push(quality);
  }
}

async function writeGroup(file: ParquetWriter, rows: Rows): Promise<void> {
  // Indexes of pages would be held until the end of the file: a row group is small enough to be read whole.
  const columnData = PARQUET_COLUMNS.map((name) => ({ name, data: rows[name], offsetIndex: false }));
  await file.write({ columnData, rowGroupSize: rows.time.length });
}
