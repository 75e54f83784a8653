import { isUtf8 } from 'node:buffer';

/** A line of a file, counted from 1; `text` is null when it is too long to be one of ours or no UTF-8. */
export interface NumberedLine {
  readonly line: number;
  readonly text: string | null;
}

/** More than any record can be: two names of 500 characters and a text of 4,000, each character doubled and in UTF-8. */
const LONGEST_LINE = 64 * 1024;
const LINE_FEED = 10;

/** Splits a file that comes in pieces into lines without their line feed, some at a time; of a line without end nothing is held. */
export async function* numberedLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly NumberedLine[]> {
  let line = 0;
  let rest: Buffer = Buffer.alloc(0);
  let tooLong = false;
  for await (const chunk of chunks) {
    const lines: NumberedLine[] = [];
    let bytes =
      rest.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length) : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, from)) {
      lines.push({ line: ++line, text: tooLong ? null : toText(bytes.subarray(from, end)) });
      tooLong = false;
      from = end + 1;
    }
    bytes = bytes.subarray(from);
    if (bytes.length > LONGEST_LINE) tooLong = true;
    rest = tooLong ? Buffer.alloc(0) : Buffer.from(bytes);
    if (lines.length > 0) yield lines;
  }
  if (rest.length > 0 || tooLong) yield [{ line: ++line, text: tooLong ? null : toText(rest) }];
}

const toText = (bytes: Buffer): string | null =>
  bytes.length > LONGEST_LINE || !isUtf8(bytes) ? null : bytes.toString('utf8');
