import { stringify } from 'csv-stringify/sync';
import type { SeriesStore } from '#core/ports.ts';
import { toIso } from '#core/time.ts';
import { toCell, toNameCell } from './csv-values.ts';
import { type ExportSelection, exportPages } from './export.ts';

export const CSV_HEADER = ['time', 'device', 'point', 'value', 'quality'] as const;

/** RFC 4180: lines end with CR LF, and a cell with either of the two stands in quotes. */
export const toCsv = (rows: readonly (readonly string[])[]): string =>
  stringify(rows as string[][], { record_delimiter: '\r\n', quoted_match: /[\r\n]/ });

/** One row a reading, in pieces of text: `2026-01-05T00:00:00.000Z,ups-1,ups.load,41.5,good`. */
export async function* exportCsv(store: SeriesStore, selection: ExportSelection): AsyncGenerator<string> {
  yield toCsv([CSV_HEADER]);
  for await (const { key, samples } of exportPages(store, selection)) {
    const [device, point] = [toNameCell(key.device), toNameCell(key.point)];
    yield toCsv(samples.map(({ at, value, quality }) => [toIso(at), device, point, toCell(value), quality]));
  }
}
