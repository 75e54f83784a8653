import { printLine, printProgress, setExitCode } from '#platform/environment.ts';
import { importCsv } from '#platform/series/exchange/csv-import.ts';
import { importReadings } from '#platform/series/exchange/import.ts';
import { importLines, type Precision } from '#platform/series/exchange/line-import.ts';
import { readPieces } from '#platform/series/exchange/text-file.ts';
import { changeHistory } from './history-store.ts';

export interface ImportOptions {
  readonly state: string;
  readonly format: 'csv' | 'lines';
  readonly precision: Precision;
  readonly json?: boolean;
}

/** `zhishou import FILE`: readings into history; exit 1 when a line was bad, the others are kept all the same. */
export async function importHistory(file: string, options: ImportOptions): Promise<void> {
  const report = await changeHistory(options.state, async (store) => {
    const pieces = readPieces(file);
    const records = options.format === 'csv' ? importCsv(pieces) : importLines(pieces, options.precision);
    const done = await importReadings(store, records);
    await store.settle();
    return done;
  });
  if (report.bad > 0) setExitCode(1);
  if (options.json === true) {
    await printLine(JSON.stringify(report));
    return;
  }
  for (const { line, reason } of report.told) printProgress(line === null ? reason : `${file}:${line}: ${reason}`);
  if (report.bad > report.told.length) printProgress(`and ${report.bad - report.told.length} more`);
  await printLine(`${report.written} readings kept, ${report.bad} lines bad`);
}
