import writeXlsxFile from 'write-excel-file/node';
import type { PeriodReport } from '#core/paperwork/period-report.ts';
import type { ReportTable } from '#core/report-paper/document.ts';
import { keyFigures } from '#core/report-paper/key-figures.ts';
import { periodDocument, reportTables } from '#core/report-paper/period-document.ts';
import { createPaperWriter } from '#core/report-paper/writer.ts';
import type { Language } from '#core/text.ts';
import { type FileColumn, type FileValue, fileTable } from './file-values.ts';

/** The report as Excel: a sheet a part that has anything, numbers as numbers, moments as dates of the site's zone, the head fixed. */
export async function toXlsx(report: PeriodReport, language: Language): Promise<Uint8Array> {
  const writer = createPaperWriter(report, language);
  const sheets = reportTables(report, language)
    .filter(({ rows }) => rows.length > 0)
    .map((table) => sheetOf(table, report.timeZone, writer));
  return writeXlsxFile([coverSheet(report, language), ...sheets], {
    fontFamily: 'Microsoft YaHei',
    fontSize: 10,
  }).toBuffer();
}

/** What the file is, and the paragraph on top. */
function coverSheet(report: PeriodReport, language: Language) {
  const { marks, title, subtitle } = periodDocument(report, language);
  const writer = createPaperWriter(report, language);
  const lines = [`${marks.join('')}${title}`, subtitle, report.summary[language], report.id];
  return {
    sheet: language === 'zh' ? '摘要' : 'Summary',
    columns: [{ width: 28 }, { width: 24 }, { width: 40 }],
    data: [
      ...lines.map((value, index) => [
        {
          value,
          wrap: true,
          columnSpan: 3,
          ...(index === 0 ? { fontWeight: 'bold' as const, fontSize: 14 } : {}),
          ...(index === 2 ? { height: 64, alignVertical: 'top' as const } : {}),
        },
      ]),
      ...keyFigures(writer).map(({ label, value, change }) => [{ value: label }, { value }, { value: change }]),
    ],
  };
}

function sheetOf(table: ReportTable, timeZone: string, writer: ReturnType<typeof createPaperWriter>) {
  const { columns, rows } = fileTable(table, writer);
  const local = localClock(timeZone);
  const head = columns.map(({ label }) => ({
    value: label,
    fontWeight: 'bold' as const,
    wrap: true,
    alignVertical: 'top' as const,
    backgroundColor: '#EEF1F4',
  }));
  return {
    sheet: sheetName(table.title),
    stickyRowsCount: 1,
    columns: columns.map(({ kind, label }) => ({ width: widthOf(kind, label) })),
    data: [head, ...rows.map((row) => row.map((value, index) => cellOf(value, columns[index], local)))],
  };
}

/** Excel knows no zones: a date is written as the site's clock showed it. */
function cellOf(value: FileValue, column: FileColumn | undefined, local: (at: number) => Date) {
  if (value === null || column === undefined) return null;
  if (column.kind === 'moment' && typeof value === 'number')
    return { value: local(value), type: Date, format: 'yyyy-mm-dd hh:mm' };
  if (typeof value !== 'number') return { value, type: String, wrap: true, alignVertical: 'top' as const };
  return { value, type: Number, format: formatOf(column) };
}

function formatOf({ kind, digits }: FileColumn): string {
  const decimals = digits === 0 ? '' : `.${'0'.repeat(digits)}`;
  if (kind === 'share') return `0${decimals}%`;
  return kind === 'hours' ? '0.00' : `#,##0${decimals}`;
}

function widthOf(kind: FileColumn['kind'], label: string): number {
  if (kind === 'text') return label.length > 8 ? 34 : 28;
  return kind === 'moment' ? 18 : 14;
}

/** At most 31 characters and none of these (ECMA-376, 18.2.19, as Excel takes it). */
const sheetName = (title: string): string => title.replaceAll(/[\\/?*[\]:]/g, ' ').slice(0, 31);

function localClock(timeZone: string): (at: number) => Date {
  // sv-SE writes ISO 8601's order.
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  return (at) => new Date(`${format.format(at).replace(' ', 'T')}Z`);
}
