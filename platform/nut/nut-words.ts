/**
 * Lines of the NUT protocol (RFC 9271 section 4): words between blanks; a word with blanks in it stands in double quotes, in
 * which `\"` is a quote and `\\` a backslash. Example: `VAR ups ups.mfr "Big \"B\" Power"` is `['VAR', 'ups', 'ups.mfr', 'Big "B" Power']`.
 */
export type NutLine = { readonly words: readonly string[] } | { readonly problem: NutLineProblem };

export type NutLineProblem = 'too-long' | 'too-many-words' | 'open-quote' | 'not-text';

/** A word as it goes on the wire. Line ends and other control characters cannot be written in this protocol: each becomes a blank. */
export function encodeWord(word: string): string {
  const clean = word.replaceAll(/\p{Cc}/gu, ' ');
  return /^[^\s"\\#=]+$/.test(clean) ? clean : quoteWord(clean);
}

/** A word in quotes, whether it needs them or not: the values of variables and the descriptions. */
export function quoteWord(word: string): string {
  return `"${word.replaceAll(/\p{Cc}/gu, ' ').replaceAll(/["\\]/g, '\\$&')}"`;
}

export const encodeLine = (words: readonly string[]): string => `${words.map(encodeWord).join(' ')}\n`;

const BLANK = 0x20;
const TAB = 0x09;

/** One line without its end. `#` and `=` are ordinary characters here: upsmon sends passwords without quotes. */
export function parseLine(line: string, mostWords = 32): NutLine {
  const words: string[] = [];
  let word: string | null = null;
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const code = line.charCodeAt(i);
    if ((code < BLANK && code !== TAB) || code === 0x7f || code === 0xfffd) return { problem: 'not-text' };
    const character = line[i] ?? '';
    if (character === '\\') {
      i++;
      // A backslash at the very end escapes nothing: upsd drops it too.
      if (i < line.length) word = (word ?? '') + line[i];
    } else if (character === '"') {
      quoted = !quoted;
      word ??= '';
    } else if (!quoted && (code === BLANK || code === TAB)) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      word = (word ?? '') + character;
    }
    if (words.length > mostWords) return { problem: 'too-many-words' };
  }
  if (quoted) return { problem: 'open-quote' };
  if (word !== null) words.push(word);
  return words.length > mostWords ? { problem: 'too-many-words' } : { words };
}

export interface NutLineReader {
  /** The lines that are whole with these bytes. What is too long is told once and skipped to its end. */
  push(bytes: Uint8Array): readonly NutLine[];
  /** Bytes kept of a line that has no end yet. */
  readonly held: number;
}

/** Cuts a stream of bytes into lines; holds at most one line's worth, whatever is sent. */
export function createNutLineReader(mostBytes: number): NutLineReader {
  let kept: Uint8Array[] = [];
  let held = 0;
  let skipping = false;
  const decoder = new TextDecoder('utf-8');

  function take(part: Uint8Array): NutLine | null {
    const whole = kept.length === 0 ? part : Buffer.concat([...kept, part]);
    const wasSkipping = skipping;
    kept = [];
    held = 0;
    skipping = false;
    if (wasSkipping) return null;
    if (whole.length > mostBytes) return { problem: 'too-long' };
    const end = whole.at(-1) === 0x0d ? whole.length - 1 : whole.length;
    return parseLine(decoder.decode(whole.subarray(0, end)));
  }

  return {
    push(bytes) {
      const lines: NutLine[] = [];
      let from = 0;
      for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, from)) {
        const line = take(bytes.subarray(from, end));
        if (line !== null) lines.push(line);
        from = end + 1;
      }
      const rest = bytes.subarray(from);
      if (rest.length === 0 || skipping) return lines;
      held += rest.length;
      // Copied: the caller may use its buffer again.
      kept.push(Uint8Array.from(rest));
      if (held <= mostBytes) return lines;
      kept = [];
      held = 0;
      skipping = true;
      lines.push({ problem: 'too-long' });
      return lines;
    },
    get held() {
      return held;
    },
  };
}
