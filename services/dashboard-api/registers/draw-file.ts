import type { Register } from '#core/config/register.ts';
import { ZhishouError } from '#core/errors.ts';
import type { EntryRecord } from '#core/paperwork/register-entry.ts';
import type { WordsOf } from '#core/paperwork/register-words.ts';
import type { Text } from '#core/text.ts';
import { answerOnThread, workOnThreads } from '#platform/worker-pool.ts';
import { listPaper, type Paper, type PaperSite } from './register-paper.ts';
import { MOST_FILE_ROWS, MOST_PAPER_ROWS, registerTable } from './register-table.ts';

/**
 * Files are drawn on a thread of their own, one after the other: a spreadsheet of some thousand entries takes two seconds, and the service that
 * watches the room may live in this process.
 */
export type FileOrder =
  | {
      readonly kind: 'list';
      readonly format: FileFormat;
      readonly register: Register;
      /** Newest first. */
      readonly entries: readonly EntryRecord[];
      readonly filter: string;
      readonly site: Omit<PaperSite, 'words'>;
      readonly names: Names;
    }
  | { readonly kind: 'paper'; readonly format: 'docx' | 'pdf'; readonly paper: Paper };
export type FileFormat = 'csv' | 'xlsx' | 'docx' | 'pdf';

/** What values point to, as plain data. */
export interface Names {
  readonly people: Readonly<Record<string, Text>>;
  readonly devices: Readonly<Record<string, Text>>;
  readonly zone: string;
}

/** Each takes seconds: who comes after so many is told to come again. */
const MOST_WAITING = 10;
let waiting = 0;
let before: Promise<unknown> = Promise.resolve();

/** Rejects with TOO_MANY. */
export async function drawFile(order: FileOrder): Promise<Buffer> {
  if (waiting >= MOST_WAITING) throw new ZhishouError('TOO_MANY', 'files', `${MOST_WAITING} are being made`);
  waiting++;
  const drawn = before.then(() => drawOnThread(order));
  before = drawn.catch(() => {});
  try {
    return await drawn;
  } finally {
    waiting--;
  }
}

async function drawOnThread(order: FileOrder): Promise<Buffer> {
  let made: Uint8Array = new Uint8Array();
  await workOnThreads<FileOrder, Uint8Array>(new URL(import.meta.url), [order], 1, (bytes) => {
    made = bytes;
  });
  return Buffer.from(made.buffer, made.byteOffset, made.byteLength);
}

answerOnThread(draw);

async function draw(order: FileOrder): Promise<Uint8Array> {
  if (order.kind === 'paper') return drawPaper(order.format, order.paper);
  const { format, register, filter, site, names } = order;
  const words = wordsOf(names);
  const isPaper = format === 'docx' || format === 'pdf';
  const most = isPaper ? MOST_PAPER_ROWS : MOST_FILE_ROWS;
  const table = registerTable(register, order.entries, site.language, words, most);
  if (isPaper) return drawPaper(format, listPaper(register, table, filter, { ...site, words }));
  const { toCsv, toXlsx } = await import('./register-files.ts');
  return format === 'csv' ? toCsv(table) : toXlsx(table);
}

async function drawPaper(format: 'docx' | 'pdf', { frame, parts }: Paper): Promise<Uint8Array> {
  // Between threads a Buffer becomes a bare array of bytes.
  const whole = parts.map((part) => (part.kind === 'chart' ? { ...part, png: Buffer.from(part.png) } : part));
  if (format === 'docx') return (await import('../paper/paper-docx.ts')).docxOf(frame, whole);
  return (await import('../paper/paper-pdf.ts')).pdfOf(frame, whole);
}

const wordsOf = ({ people, devices, zone }: Names): WordsOf => ({
  known: {
    person: (id) => (Object.hasOwn(people, id) ? (people[id] ?? null) : null),
    device: (id) => (Object.hasOwn(devices, id) ? (devices[id] ?? null) : null),
  },
  zone,
});
