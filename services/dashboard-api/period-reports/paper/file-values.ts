import { type Column, isFigure, type ReportTable, type Value } from '#core/report-paper/document.ts';
import type { PaperWriter } from '#core/report-paper/writer.ts';

/** A table for programs and spreadsheets: a figure of two periods is two columns, lengths are hours, nothing is rounded or decorated. */
export interface FileTable {
  readonly columns: readonly FileColumn[];
  readonly rows: readonly (readonly FileValue[])[];
}

export type FileKind = 'text' | 'number' | 'share' | 'hours' | 'moment';

export interface FileColumn {
  readonly label: string;
  readonly kind: FileKind;
  readonly digits: number;
}

/** A moment is epoch milliseconds. */
export type FileValue = string | number | null;

export function fileTable(table: ReportTable, { say, before }: Pick<PaperWriter, 'say' | 'before'>): FileTable {
  const places = table.columns
    .map((column, index) => ({ column, index }))
    .filter(({ column }) => column.on !== 'paper');
  const cells = places.flatMap(({ column, index }) => {
    const one: FileColumn = { label: headOf(column), kind: kindOf(column), digits: column.digits ?? 1 };
    const read = (pick: (value: Value) => Exclude<Value, object> | null) => (values: readonly Value[]) =>
      toFile(pick(values[index] ?? null), column);
    const now = { column: one, read: read((value) => (isFigure(value) ? value.value : value)) };
    if (!table.rows.some(({ values }) => isFigure(values[index]))) return [now];
    const label = say(`${one.label}（${before}）`, `${one.label}, ${before}`);
    return [now, { column: { ...one, label }, read: read((value) => (isFigure(value) ? value.before : null)) }];
  });
  return {
    columns: cells.map(({ column }) => column),
    rows: table.rows.map(({ values }) => cells.map(({ read }) => read(values))),
  };
}

const headOf = ({ label, unit, kind }: Column): string => {
  const shown = kind === 'length' ? 'h' : kind === 'share' ? '%' : unit;
  return shown === undefined || label.endsWith(shown) ? label : `${label} (${shown})`;
};

function kindOf({ kind }: Column): FileKind {
  return kind === 'length' ? 'hours' : kind;
}

function toFile(value: string | number | null, { kind }: Column): FileValue {
  if (value === null) return null;
  if (kind === 'length' && typeof value === 'number') return value / 3600;
  if (kind === 'moment' && typeof value === 'string') return Date.parse(value);
  return value;
}
