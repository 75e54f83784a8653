import { parse } from 'csv-parse/sync';
import { ZhishouError } from '#core/errors.ts';
import type { Quality, Reading } from '#core/reading.ts';
import { fromIso } from '#core/time.ts';
import { fromCell, fromNameCell } from './csv-values.ts';
import { importedReading } from './imported-reading.ts';
import { type NumberedLine, numberedLines } from './numbered-lines.ts';
import { type ImportedRecord, type Parsed, readRecords } from './records.ts';

const QUALITIES: readonly string[] = ['good', 'stale', 'frozen', 'implausible', 'missing'] satisfies Quality[];
const NEEDED = ['time', 'device', 'point', 'value'] as const;

/**
 * Readings of a CSV file as exportCsv writes it. The columns may stand in any order and others beside them; without `quality`
 * all are good. Throws BAD_REQUEST when the first line does not name the needed columns.
 */
export async function* importCsv(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly ImportedRecord<Reading>[]> {
  const lines = numberedLines(chunks);
  const header = await lines.next();
  const [first, ...others] = header.done === true ? [] : header.value;
  const columns = columnsOf(first?.text ?? '');
  yield* readRecords(chain(others, lines), (text) => parseReading(text, columns));
}

async function* chain(
  first: readonly NumberedLine[],
  rest: AsyncIterable<readonly NumberedLine[]>,
): AsyncGenerator<readonly NumberedLine[]> {
  if (first.length > 0) yield first;
  yield* rest;
}

type Columns = Readonly<Record<(typeof NEEDED)[number] | 'quality', number>>;

function columnsOf(line: string): Columns {
  const cells = cellsOf(line.replace(/^\ufeff/, ''));
  const names = Array.isArray(cells) ? cells.map((cell) => cell.trim().toLowerCase()) : [];
  const missing = NEEDED.filter((name) => !names.includes(name));
  if (missing.length > 0)
    throw new ZhishouError(
      'BAD_REQUEST',
      'line 1',
      `the columns ${missing.join(', ')} are not named in the first line`,
    );
  const place = (name: string): number => names.indexOf(name);
  return {
    time: place('time'),
    device: place('device'),
    point: place('point'),
    value: place('value'),
    quality: place('quality'),
  };
}

function parseReading(text: string, columns: Columns): Parsed<Reading> {
  const cells = cellsOf(text);
  if (!Array.isArray(cells)) return cells;
  const [time, device, point, value] = NEEDED.map((name) => cells[columns[name]]);
  if (time === undefined || device === undefined || point === undefined || value === undefined)
    return { bad: `${cells.length} columns are too few` };
  const at = fromIso(time.trim());
  if (at === null) return { bad: 'the time is not ISO 8601 with its offset, as 2026-01-05T00:00:00Z' };
  const quality = columns.quality < 0 ? 'good' : (cells[columns.quality] ?? '').trim();
  if (!QUALITIES.includes(quality)) return { bad: `quality is none of ${QUALITIES.join(', ')}` };
  return importedReading(
    { device: fromNameCell(device), point: fromNameCell(point) },
    { at, value: fromCell(value), quality: quality as Quality },
  );
}

function cellsOf(text: string): string[] | Exclude<Parsed<never>, { value: never }> {
  const line = text.endsWith('\r') ? text.slice(0, -1) : text;
  // Most lines: the library is ten times slower on them, one line at a time.
  if (!line.includes('"')) return line.split(',');
  if (line.split('"').length % 2 === 0) return 'unfinished';
  try {
    const [cells = []] = parse(line, { record_delimiter: NO_DELIMITER, relax_column_count: true }) as string[][];
    return cells;
  } catch {
    return { bad: 'the quotes are not as RFC 4180 has them' };
  }
}

/** The record's end is known already; within quotes CR and LF belong to the text. */
const NO_DELIMITER = '\u0000\u0001 no record ends so \u0001\u0000';
