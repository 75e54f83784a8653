import { stringify } from 'csv-stringify/sync';
import type { PeriodReport } from '#core/paperwork/period-report.ts';
import type { TableId } from '#core/report-paper/document.ts';
import { reportTables } from '#core/report-paper/period-document.ts';
import { createPaperWriter } from '#core/report-paper/writer.ts';
import type { Language } from '#core/text.ts';
import { type FileColumn, type FileValue, fileTable } from './file-values.ts';

/** One table of the report as CSV (RFC 4180): the rooms' climate unless another is named; its head alone when it has no rows. */
export function toCsv(report: PeriodReport, language: Language, part: TableId = 'climate'): Buffer {
  const found = reportTables(report, language).find(({ id }) => id === part);
  const { columns, rows } =
    found === undefined ? { columns: [], rows: [] } : fileTable(found, createPaperWriter(report, language));
  const moment = momentWriter(report.timeZone);
  return Buffer.from(
    stringify(
      [
        columns.map(({ label }) => harmless(label)),
        ...rows.map((row) => row.map((value, index) => write(value, columns[index], moment))),
      ],
      // Excel takes a file without the mark for the machine's own code page: Chinese would be noise.
      { bom: true, record_delimiter: '\r\n' },
    ),
  );
}

function write(value: FileValue, column: FileColumn | undefined, moment: (at: number) => string): string {
  if (value === null) return '';
  if (typeof value === 'string') return harmless(value);
  return column?.kind === 'moment' ? moment(value) : String(Number(value.toFixed(6)));
}

/** A text that begins so would be run by a spreadsheet as a formula. */
const harmless = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

/** `2026-11-12T03:20:00+08:00`: read by programs, and by people of the site. */
function momentWriter(timeZone: string): (at: number) => string {
  // sv-SE writes ISO 8601's order.
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  return (at) => {
    const local = format.format(at).replace(' ', 'T');
    const aheadMin = Math.round((Date.parse(`${local}Z`) - at) / 60_000);
    const two = (n: number): string => String(n).padStart(2, '0');
    const zone = `${aheadMin < 0 ? '-' : '+'}${two(Math.floor(Math.abs(aheadMin) / 60))}:${two(Math.abs(aheadMin) % 60)}`;
    return `${local}${zone}`;
  };
}
