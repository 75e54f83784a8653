import type { Figure } from '../paperwork/period-report.ts';
import { type Column, ENOUGH_COVERAGE, isFigure, type ReportTable, type Row, type Value } from './document.ts';
import { type PaperWriter, sayChange } from './writer.ts';

/** A table as people read it: a figure with its change, a moment small below it, `*` where the record has holes. */
export interface PaperTable {
  readonly columns: readonly {
    readonly label: string;
    readonly width: number;
    readonly align: 'start' | 'end';
  }[];
  readonly rows: readonly (readonly PaperCell[])[];
  readonly paths: readonly (string | null)[];
  /** Rows that are told by their number alone. */
  readonly more: number;
  /** A `*` stands somewhere. */
  readonly weak: boolean;
}

export interface PaperCell {
  readonly text: string;
  readonly note: string;
  readonly strong: boolean;
}

export function paperTable(table: ReportTable, writer: PaperWriter): PaperTable {
  const shown = table.rows.slice(0, table.most ?? table.rows.length);
  const places = table.columns
    .map((column, index) => ({ column, index }))
    .filter(({ column }) => column.on !== 'files' && column.on !== 'note');
  return {
    columns: places.map(({ column }) => ({
      label: headOf(column),
      width: column.width,
      align: column.align ?? (column.kind === 'text' || column.kind === 'moment' ? 'start' : 'end'),
    })),
    rows: shown.map((row) => places.map(({ column, index }) => cellOf(table, row, column, index, writer))),
    paths: shown.map(({ path }) => path ?? null),
    more: table.rows.length - shown.length,
    weak: shown.some(isWeak),
  };
}

const isWeak = ({ coverage }: Row): boolean => typeof coverage === 'number' && coverage < ENOUGH_COVERAGE;

const headOf = ({ label, unit, kind }: Column): string =>
  unit === undefined || kind === 'length' || kind === 'share' ? label : `${label} ${unit}`;

function cellOf(table: ReportTable, row: Row, column: Column, index: number, writer: PaperWriter): PaperCell {
  const value = row.values[index] ?? null;
  const { digits = column.digits } = row;
  const written = digits === undefined ? column : { ...column, digits };
  // A length is long in words: how it changed stands below it.
  const below = column.kind === 'length' && isFigure(value);
  const notes = below ? [sayChange(value, sizeOf(column, writer))] : [];
  for (let next = index + 1; table.columns[next]?.on === 'note'; next++) {
    const note = table.columns[next];
    const beside = row.values[next] ?? null;
    if (note !== undefined && beside !== null) notes.push(writeValue(beside, note, writer));
  }
  const text = writeValue(below ? value.value : value, written, writer);
  const weak = isWeak(row) && (column.covered === true || column.coverage === true) && text !== NOTHING;
  return {
    text: weak ? `${text}\u00a0*` : text,
    note: notes.filter((note) => note !== '').join(' · '),
    strong: (row.pressing === true && index === 0) || (weak && column.coverage === true),
  };
}

const NOTHING = '—';

function writeValue(value: Value, column: Column, writer: PaperWriter): string {
  if (isFigure(value)) return writeFigure(value, column, writer);
  if (value === null) return column.kind === 'text' || column.kind === 'moment' ? '' : NOTHING;
  if (typeof value === 'string') return column.kind === 'moment' ? writer.moment(value) : value;
  return sizeOf(column, writer)(value);
}

function writeFigure(figure: Figure, column: Column, writer: PaperWriter): string {
  const write = sizeOf(column, writer);
  if (figure.value === null) return NOTHING;
  const change = sayChange(figure, write);
  return change === '' ? write(figure.value) : `${write(figure.value)} ${change.replaceAll(' ', '\u00a0')}`;
}

function sizeOf({ kind, digits = 1 }: Column, writer: PaperWriter): (size: number) => string {
  if (kind === 'share') return (size) => writer.percent(size, digits);
  if (kind === 'length') return (size) => (size === 0 ? '0' : writer.length(size));
  // Thousands have no tenths.
  return (size) => writer.number(size, Math.abs(size) >= 1000 ? 0 : digits);
}
