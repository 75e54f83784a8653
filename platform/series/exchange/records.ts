import type { NumberedLine } from './numbered-lines.ts';

/** What a parser says of the text of a record: what it is, why it is none, a comment, or that a text in quotes goes on in the next line. */
export type Parsed<T> = { readonly value: T } | { readonly bad: string } | 'nothing' | 'unfinished';

export type ImportedRecord<T> = { readonly line: number } & ({ readonly value: T } | { readonly bad: string });

/** A record with a text of many lines ends within so many characters … */
const LONGEST_RECORD = 24_000;
/** … and within so many lines with a quote. */
const MOST_TRIES = 64;

/**
 * Puts lines together to records. A quote that somebody forgot to close would swallow the rest of the file: when no end is
 * found, or the whole is no record, the first line alone is bad and the next one is tried for itself.
 */
export async function* readRecords<T>(
  lines: AsyncIterable<readonly NumberedLine[]>,
  parse: (text: string) => Parsed<T>,
): AsyncGenerator<readonly ImportedRecord<T>[]> {
  let waiting: readonly NumberedLine[] = [];
  for await (const more of lines) {
    const all = waiting.length === 0 ? more : [...waiting, ...more];
    const { records, used } = take(all, parse, false);
    waiting = all.slice(used);
    if (records.length > 0) yield records;
  }
  if (waiting.length > 0) yield take(waiting, parse, true).records;
}

/** All records that are whole; `ended` when no further line will come. */
function take<T>(
  lines: readonly NumberedLine[],
  parse: (text: string) => Parsed<T>,
  ended: boolean,
): { records: ImportedRecord<T>[]; used: number } {
  const records: ImportedRecord<T>[] = [];
  let used = 0;
  while (used < lines.length) {
    const found = recordAt(lines, used, parse, ended);
    if (found === 'waiting') break;
    if (found.parsed !== 'nothing') records.push({ line: lines[used]?.line ?? 0, ...found.parsed });
    used += found.length;
  }
  return { records, used };
}

interface Found<T> {
  readonly parsed: Exclude<Parsed<T>, 'unfinished'>;
  /** Lines. */
  readonly length: number;
}

function recordAt<T>(
  lines: readonly NumberedLine[],
  start: number,
  parse: (text: string) => Parsed<T>,
  ended: boolean,
): Found<T> | 'waiting' {
  let text = lines[start]?.text ?? null;
  if (text === null) return { parsed: { bad: 'too long, or not UTF-8' }, length: 1 };
  const alone = text.trim() === '' ? 'nothing' : parse(text);
  if (alone !== 'unfinished') return { parsed: alone, length: 1 };
  const unclosed: Found<T> = { parsed: { bad: 'a quote is not closed' }, length: 1 };
  let tries = 0;
  for (let end = start + 1; end < lines.length; end++) {
    const next = lines[end]?.text ?? null;
    if (next === null || text.length + next.length > LONGEST_RECORD) return unclosed;
    text += `\n${next}`;
    // Only a quote can end it.
    if (!next.includes('"')) continue;
    const parsed = parse(text);
    if (parsed !== 'unfinished')
      return parsed === 'nothing' || 'bad' in parsed ? unclosed : { parsed, length: end + 1 - start };
    if (++tries >= MOST_TRIES) return unclosed;
  }
  return ended ? unclosed : 'waiting';
}
