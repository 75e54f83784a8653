import { stringify } from 'csv-stringify/sync';
import writeXlsxFile from 'write-excel-file/node';
import { toNameCell } from '#platform/series/exchange/csv-values.ts';
import type { RegisterTable, TableColumn, TableValue } from './register-table.ts';

/** A register for other programs: CSV (RFC 4180) and Excel. A text that a spreadsheet would run as a formula is one no more. */
export function toCsv({ columns, rows }: RegisterTable): Buffer {
  const write = (value: TableValue): string => (typeof value === 'string' ? toNameCell(value) : String(value ?? ''));
  return Buffer.from(
    stringify(
      [columns.map(({ label }) => toNameCell(label)), ...rows.map((row) => row.map(write))],
      // Excel takes a file without the mark for the machine's own code page: Chinese would be noise.
      { bom: true, record_delimiter: '\r\n', quoted_match: /[\r\n]/ },
    ),
  );
}

export async function toXlsx({ title, columns, rows }: RegisterTable): Promise<Buffer> {
  const head = columns.map(({ label }) => ({
    value: label,
    fontWeight: 'bold' as const,
    wrap: true,
    alignVertical: 'top' as const,
    backgroundColor: '#EEF1F4',
  }));
  const sheet = {
    sheet: sheetName(title),
    stickyRowsCount: 1,
    columns: columns.map(({ width }) => ({ width })),
    data: [head, ...rows.map((row) => row.map((value, index) => cellOf(value, columns[index])))],
  };
  return writeXlsxFile([sheet], { fontFamily: 'Microsoft YaHei', fontSize: 10 }).toBuffer();
}

function cellOf(value: TableValue, column: TableColumn | undefined) {
  if (value === null || value === '') return null;
  if (typeof value === 'number')
    return { value, type: Number, format: column?.kind === 'money' ? '#,##0.00' : '0.##########' };
  return { value, type: String, wrap: true, alignVertical: 'top' as const };
}

/** ECMA-376 18.2.19: 31 characters, none of these. */
const sheetName = (title: string): string =>
  [...title.replaceAll(/[\\/?*[\]:']/g, ' ')].slice(0, 31).join('') || 'register';
