import { createReadStream, createWriteStream, renameSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { messageOf, ZhishouError } from '#core/errors.ts';

/** `-` is standard input and output. */
export const STANDARD = '-';

/** Writes pieces of text or bytes as they come; a file appears under its name when it is whole. STORE_DOWN when it cannot be written. */
export async function writePieces(file: string, pieces: AsyncIterable<string | Uint8Array>): Promise<void> {
  if (file === STANDARD) return writeOut(pieces);
  // A device or a pipe is written to: a file must never take the place of /dev/null.
  const draft = isOther(file) ? file : `${file}.unfinished`;
  try {
    await pipeline(Readable.from(pieces), createWriteStream(draft, { mode: 0o600, flush: draft !== file }));
    if (draft !== file) renameSync(draft, file);
  } catch (error) {
    if (draft !== file) rmSync(draft, { force: true });
    throw asStoreDown(file, error);
  }
}

function isOther(file: string): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

async function writeOut(pieces: AsyncIterable<string | Uint8Array>): Promise<void> {
  try {
    await pipeline(Readable.from(pieces), process.stdout, { end: false });
  } catch (error) {
    // Whoever reads has had enough (`| head`).
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw asStoreDown('standard output', error);
  }
}

/** The bytes of a file, a piece at a time. Throws NOT_FOUND, or STORE_DOWN when it cannot be read to its end. */
export async function* readPieces(file: string): AsyncGenerator<Uint8Array> {
  try {
    // Opened first: a stream would tell of a missing file only later.
    if (file !== STANDARD) await (await open(file, 'r')).close();
    yield* file === STANDARD ? process.stdin : createReadStream(file, { highWaterMark: 1 << 20 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new ZhishouError('NOT_FOUND', file);
    throw asStoreDown(file, error);
  }
}

const asStoreDown = (file: string, error: unknown): ZhishouError =>
  error instanceof ZhishouError ? error : new ZhishouError('STORE_DOWN', file, messageOf(error), { cause: error });
