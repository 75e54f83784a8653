import type { Value } from '#core/reading.ts';

/**
 * Values as the cells of a CSV file: numbers and truths as they are, nothing measured as an empty cell, texts as texts.
 *
 * A text that would be taken for something else has an apostrophe in front, as spreadsheets have it: one that looks like a
 * number or a truth, an empty one, and one that a spreadsheet would run as a formula (=HYPERLINK…, OWASP "CSV Injection").
 * Reading takes one apostrophe away, so every text comes back letter by letter.
 */
export function toCell(value: Value | null): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  return fromCell(value) === value ? toNameCell(value) : `'${value}`;
}

export const toNameCell = (name: string): string => (RUN_OR_QUOTED.test(name) ? `'${name}` : name);

/** With the full-width signs that Excel takes for the plain ones. */
const RUN_OR_QUOTED = /^['=+\-@\t\r\n＝＋－＠]/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

export function fromCell(cell: string): Value | null {
  if (cell.startsWith("'")) return cell.slice(1);
  const plain = cell.trim();
  if (plain === '' || plain === 'NaN' || plain === 'null') return null;
  if (NUMBER.test(plain)) return Number(plain);
  if (/^true$/i.test(plain)) return true;
  if (/^false$/i.test(plain)) return false;
  return cell;
}

export const fromNameCell = (cell: string): string => (cell.startsWith("'") ? cell.slice(1) : cell);
