import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { parquetMetadata, parquetSchema } from 'hyparquet';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, expect, it, test } from 'vitest';
import type { SeriesStore } from '#core/ports.ts';
import type { Quality, Reading, Value } from '#core/reading.ts';
import { type Instant, instant } from '#core/time.ts';
import { importReadings } from '#platform/series/exchange/import.ts';
import { exportParquet } from '#platform/series/exchange/parquet-export.ts';
import { importParquet } from '#platform/series/exchange/parquet-import.ts';
import { writePieces } from '#platform/series/exchange/text-file.ts';
import { createMemorySeriesStore } from '#platform/series/memory-series-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'zhishou-parquet-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;
const newFile = (): string => join(folder, `${++made}.parquet`);
const START = instant(Date.UTC(2026, 0, 5));
const EVERYTHING = { from: instant(0), to: instant(Date.UTC(2200, 0, 1)), devices: [], points: [] };

function reading(device: string, point: string, at: Instant, value: Value | null, quality: Quality = 'good'): Reading {
  return { device, point, value, quality, measuredAt: at, receivedAt: at, changedAt: at, simulated: true };
}

async function everything(store: SeriesStore) {
  const series = await store.series();
  return Promise.all(
    series.map(async (key) => ({ key, samples: await store.raw({ ...key, ...EVERYTHING, limit: 1e6 }) })),
  );
}

async function exported(store: SeriesStore): Promise<string> {
  const file = newFile();
  await writePieces(file, exportParquet(store, EVERYTHING));
  return file;
}

/** A made-up table of somebody else's. */
function foreign(columnData: ColumnSource[]): string {
  const file = newFile();
  writeFileSync(file, new Uint8Array(parquetWriteBuffer({ columnData })));
  return file;
}

test('what is exported and imported into an empty store gives the same answers, whatever names and values', async () => {
  const value: fc.Arbitrary<Value | null> = fc.oneof(
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom('', ' ', '=1+1', 'two\nlines', '\u0000', '机房 🔥'),
    fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => text.isWellFormed()),
  );
  const row = fc.record({
    device: fc.constantFrom('ups-1', '机房', 'a,b', ' x '),
    point: fc.constantFrom('ups.load', 'ups.status', 'room.smoke'),
    at: fc.integer({ min: 0, max: 1_000_000 }),
    value,
    quality: fc.constantFrom<Quality>('good', 'stale', 'frozen', 'implausible', 'missing'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 30 }), async (rows) => {
      const [store, other] = [createMemorySeriesStore(), createMemorySeriesStore()];
      await store.write(
        rows.map((one) => reading(one.device, one.point, instant(START + one.at), one.value, one.quality)),
      );
      const report = await importReadings(other, importParquet(await exported(store)));
      expect(report).toMatchObject({ bad: 0, told: [] });
      expect(await everything(other)).toEqual(await everything(store));
    }),
    { numRuns: 60 },
  );
});

it('a long history is written and read in row groups, so that none needs more memory than a group', async () => {
  const [store, other] = [createMemorySeriesStore(), createMemorySeriesStore()];
  for (const device of ['a', 'b'])
    await store.write(
      Array.from({ length: 62_000 }, (_, i) => reading(device, 'ups.load', instant(START + i * 1000), (i % 300) / 10)),
    );
  const pieces: number[] = [];
  for await (const piece of exportParquet(store, EVERYTHING)) pieces.push(piece.length);
  expect(pieces).toHaveLength(3);
  const file = await exported(store);
  const groups: number[] = [];
  for await (const records of importParquet(file)) groups.push(records.length);
  // Whole pages of 5,000: a series' last one is shorter.
  expect(groups).toEqual([50_000, 52_000, 22_000]);
  expect(await importReadings(other, importParquet(file))).toMatchObject({ written: 124_000, bad: 0 });
  expect(await everything(other)).toEqual(await everything(store));
});

it('the columns have the types that other programs know: a time in UTC, texts, numbers, truths', async () => {
  const store = createMemorySeriesStore();
  await store.write([reading('ups-1', 'ups.load', START, 41.5)]);
  const bytes = readFileSync(await exported(store));
  const metadata = parquetMetadata(new Uint8Array(bytes).buffer);
  expect(
    parquetSchema(metadata).children.map(({ element }) => [element.name, element.type, element.converted_type]),
  ).toEqual([
    ['time', 'INT64', 'TIMESTAMP_MILLIS'],
    ['device', 'BYTE_ARRAY', 'UTF8'],
    ['point', 'BYTE_ARRAY', 'UTF8'],
    ['number', 'DOUBLE', undefined],
    ['truth', 'BOOLEAN', undefined],
    ['text', 'BYTE_ARRAY', 'UTF8'],
    ['quality', 'BYTE_ARRAY', 'UTF8'],
  ]);
  expect(metadata.row_groups[0]?.columns[0]?.meta_data?.codec).toBe('ZSTD');
});

const TIMES: ColumnSource = { name: 'time', data: [new Date(START), new Date(START + 1000)], type: 'TIMESTAMP' };
const NAMES: ColumnSource[] = [
  { name: 'device', data: ['d', 'd'], type: 'STRING' },
  { name: 'point', data: ['ups.load', 'ups.load'], type: 'STRING' },
];

it('a table of somebody else’s is taken, packed by Snappy, with fewer columns and whole numbers', async () => {
  const file = foreign([
    TIMES,
    ...NAMES,
    { name: 'number', data: [1n, 2n], type: 'INT64' },
    { name: 'more', data: ['x', 'y'], type: 'STRING' },
  ]);
  const store = createMemorySeriesStore();
  expect(await importReadings(store, importParquet(file))).toMatchObject({ written: 2, bad: 0 });
  const [found] = await everything(store);
  expect(found?.samples.map(({ value, quality }) => [value, quality])).toEqual([
    [1, 'good'],
    [2, 'good'],
  ]);
});

it('a bad row is told by its number, the others are kept', async () => {
  const file = foreign([
    TIMES,
    ...NAMES,
    { name: 'number', data: [1.5, 2.5], type: 'DOUBLE' },
    { name: 'text', data: ['too', null], type: 'STRING' },
  ]);
  const store = createMemorySeriesStore();
  const report = await importReadings(store, importParquet(file));
  expect(report).toMatchObject({ written: 1, bad: 1, told: [{ line: 1, reason: expect.stringContaining('number') }] });
});

it.each([
  ['no Parquet at all', () => writeText('time,device\n'), 'BAD_REQUEST'],
  ['a table without times', () => foreign([...NAMES]), 'BAD_REQUEST'],
  ['a file that is not there', () => join(folder, 'none.parquet'), 'NOT_FOUND'],
])('%s is refused with its name', async (_, make, code) => {
  const file = make();
  await expect(importReadings(createMemorySeriesStore(), importParquet(file))).rejects.toMatchObject({
    code,
    subject: file,
  });
});

it('a file that was cut off is refused', async () => {
  const store = createMemorySeriesStore();
  await store.write(Array.from({ length: 500 }, (_, i) => reading('a', 'ups.load', instant(START + i), i / 10)));
  const bytes = readFileSync(await exported(store));
  const cut = newFile();
  writeFileSync(cut, bytes.subarray(0, bytes.length - 20));
  await expect(importReadings(store, importParquet(cut))).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});

function writeText(text: string): string {
  const file = newFile();
  writeFileSync(file, text);
  return file;
}
