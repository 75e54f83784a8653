import { refusalText } from './influx-ql.ts';

/** What the server said to a request of lines that it did not take whole. */
export interface WriteAnswer {
  readonly status: number;
  readonly body: string;
  /** The header Retry-After, seconds or a date (RFC 9110 section 10.2.3). */
  readonly retryAfter?: string | undefined;
}

export type WriteRefusal =
  /** Nothing is known to be kept: all of it later. `retryAfter` as the header has it. */
  | { readonly kind: 'down'; readonly detail: string; readonly retryAfter: string | null }
  /** The database, bucket or policy is gone. */
  | { readonly kind: 'missing'; readonly detail: string }
  | { readonly kind: 'too-large'; readonly detail: string }
  | LineRefusal;

export interface LineRefusal {
  readonly kind: 'lines';
  readonly detail: string;
  /** The lines that are refused for ever, by their place, each with the reason. */
  readonly bad: ReadonlyMap<number, string>;
  /** What became of the others: `unknown` when the server did not name the bad ones so that they can be told. */
  readonly rest: 'written' | 'unwritten' | 'unknown';
}

/**
 * Reads the refusal of each generation.
 *
 * - 1.x writes the good lines and says 400 `partial write: …`: either each line that it cannot read (`unable to parse '<line>':
 *   <reason>`, joined by line breaks, `dropped=0`), or one reason and a number: `points beyond retention policy dropped=2`,
 *   `field type conflict: input field "value" on measurement "m" is type float, already exists as type integer dropped=3`.
 *   All seen with 1.6.7; without `partial write` nothing was written.
 * - 2.x: 400 `unable to parse …` and nothing is written; 422 with the words of 1.x for what was dropped, the rest is written (OSS v2 manual,
 *   "Troubleshoot issues writing data"). Newer: `dropped 2 points outside retention policy of duration 1h0m0s …`.
 * - 3: 400 `{"error": "partial write of line protocol occurred", "data": [{"original_line", "line_number", "error_message"}]}` with at most
 *   100 lines, the rest is written; `parsing failed …` with one such object when nothing was (3 Core, "Troubleshoot issues
 *   writing data").
 * - VictoriaMetrics says 204 and skips what it cannot read, telling its own log alone.
 */
export function judgeRefusal(answer: WriteAnswer, lines: readonly string[]): WriteRefusal {
  const { status, body, retryAfter = null } = answer;
  const detail = `HTTP ${status}: ${refusalText(body)}`;
  if (status === 413) return { kind: 'too-large', detail };
  if (status === 401 || status === 403)
    return { kind: 'down', detail: `it refuses the credentials (${detail})`, retryAfter };
  if ((status === 400 || status === 422) && ABOUT_LINES.test(body))
    return lineRefusal(detail, fullText(body), lines, body);
  if (status === 404 || /(database|bucket|retention policy|organization)\b.{0,200}\bnot found/i.test(body))
    return { kind: 'missing', detail };
  return { kind: 'down', detail, retryAfter };
}

/** Anything else that is refused concerns the request as a whole: no line is thrown away for it. */
const ABOUT_LINES =
  /partial write|unable to parse|field type|line protocol|parsing failed|max-\w+-per|exceeded|unprocessable/i;

function lineRefusal(detail: string, text: string, lines: readonly string[], body: string): LineRefusal {
  const partial = /partial write/i.test(text);
  const byThree = namedByThree(body, lines);
  const named = byThree ?? namedByOne(text, lines);
  if (named.size > 0)
    return {
      kind: 'lines',
      detail,
      bad: named,
      rest: partial && (byThree === null || named.size < MOST_NAMED) ? 'written' : 'unwritten',
    };
  const dropped = droppedLines(text, lines);
  if (partial && dropped !== null) return { kind: 'lines', detail, bad: dropped, rest: 'written' };
  return { kind: 'lines', detail, bad: new Map(), rest: 'unknown' };
}

/** 3 names at most this many; the rest may have more. Lines of 1.x are all named. */
const MOST_NAMED = 100;

function fullText(body: string): string {
  try {
    const parsed = JSON.parse(body) as { error?: unknown; message?: unknown };
    return `${String(parsed.error ?? '')}${String(parsed.message ?? '')}`;
  } catch {
    return body;
  }
}

function namedByOne(text: string, lines: readonly string[]): ReadonlyMap<number, string> {
  const bad = new Map<number, string>();
  const parts = text.split("unable to parse '").slice(1);
  if (parts.length === 0) return bad;
  const places = new Map(lines.map((line, place) => [line, place]));
  for (const part of parts) {
    // A line may have quotes of its own; the reason has none that a colon follows.
    const end = part.lastIndexOf("': ");
    const place = places.get(part.slice(0, end));
    if (place !== undefined)
      bad.set(
        place,
        part
          .slice(end + 3)
          .replace(/\s*dropped=\d+\s*$/, '')
          .trim(),
      );
  }
  return bad;
}

interface NamedLine {
  readonly line_number?: unknown;
  readonly error_message?: unknown;
}

/** Null when the answer is not of 3's form. By number, from 1: the text it quotes is its own rendering, without quotation marks and cut. */
function namedByThree(body: string, lines: readonly string[]): ReadonlyMap<number, string> | null {
  let data: unknown;
  try {
    data = (JSON.parse(body) as { data?: unknown } | null)?.data;
  } catch {
    return null;
  }
  if (data === undefined || data === null) return null;
  const bad = new Map<number, string>();
  for (const { line_number, error_message } of (Array.isArray(data) ? data : [data]) as NamedLine[]) {
    const place = Number(line_number) - 1;
    if (lines[place] !== undefined) bad.set(place, String(error_message ?? 'refused').slice(0, 300));
  }
  return bad;
}

/** Lines that are counted and not named: the oldest ones by their time, or those that have the field in question. Null when the number fits neither. */
function droppedLines(text: string, lines: readonly string[]): ReadonlyMap<number, string> | null {
  const count = Number(/dropped=(\d+)/.exec(text)?.[1] ?? /dropped (\d+) points?/.exec(text)?.[1] ?? Number.NaN);
  if (!(count > 0 && count <= lines.length)) return null;
  const reason = text
    .replace(/^.*?partial write:\s*/is, '')
    .replace(/\s*dropped=\d+.*$/s, '')
    .slice(0, 300);
  const marked = (places: readonly number[]): ReadonlyMap<number, string> =>
    new Map(places.map((place) => [place, reason]));
  if (/(beyond|outside) retention policy/i.test(text) && !/upper bound/i.test(text)) {
    const byAge = lines.map((line, place) => ({ at: timeOf(line), place })).sort((a, b) => a.at - b.at);
    return marked(byAge.slice(0, count).map(({ place }) => place));
  }
  const conflict = /field type conflict: input field "(.+?)" on measurement "(.+?)" is type/.exec(text);
  const [, field = '', measurement = ''] = conflict ?? [];
  const places = lines.flatMap((line, place) =>
    line.startsWith(`${measurement},`) && (line.includes(` ${field}=`) || line.includes(`,${field}=`)) ? [place] : [],
  );
  return conflict !== null && places.length === count ? marked(places) : null;
}

const timeOf = (line: string): number => Number(line.slice(line.lastIndexOf(' ') + 1));

/** Milliseconds to wait by a Retry-After header; null without a usable one. */
export function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const until = Date.parse(header);
  return Number.isNaN(until) ? null : Math.max(0, until - now);
}
