import type { HistoryStoreName } from '#core/config/history.ts';
import type { Reading } from '#core/reading.ts';
import { printLine, printProgress, setExitCode } from '#platform/environment.ts';
import { importCsv } from '#platform/series/exchange/csv-import.ts';
import { importReadings } from '#platform/series/exchange/import.ts';
import { importLines, type Precision } from '#platform/series/exchange/line-import.ts';
import { importParquet } from '#platform/series/exchange/parquet-import.ts';
import type { ImportedRecord } from '#platform/series/exchange/records.ts';
import { readPieces } from '#platform/series/exchange/text-file.ts';
import { changeAnyHistory } from './site-history.ts';

export interface ImportOptions {
  readonly state: string;
  /** Null: the embedded history of the state directory. */
  readonly config: string | null;
  readonly store?: HistoryStoreName;
  readonly format: 'csv' | 'lines' | 'parquet';
  readonly precision: Precision;
  readonly json?: boolean;
}

/** `zhishou import FILE`: readings into history; exit 1 when a line was bad, the others are kept all the same. */
export async function importHistory(file: string, options: ImportOptions): Promise<void> {
  const report = await changeAnyHistory(options, (store) => importReadings(store, recordsOf(file, options)));
  if (report.bad > 0) setExitCode(1);
  if (options.json === true) {
    await printLine(JSON.stringify(report));
    return;
  }
  for (const { line, reason } of report.told) printProgress(line === null ? reason : `${file}:${line}: ${reason}`);
  if (report.bad > report.told.length) printProgress(`and ${report.bad - report.told.length} more`);
  await printLine(`${report.written} readings kept, ${report.bad} lines bad`);
}

function recordsOf(
  file: string,
  { format, precision }: ImportOptions,
): AsyncIterable<readonly ImportedRecord<Reading>[]> {
  if (format === 'parquet') return importParquet(file);
  return format === 'csv' ? importCsv(readPieces(file)) : importLines(readPieces(file), precision);
}
