import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { messageOf, ZhishouError } from '#core/errors.ts';

/** The whole file as text; null when there is none. TOO_LARGE above `mostBytes`, STORE_DOWN when it cannot be read. */
export function readText(file: string, mostBytes = 16 * 1024 * 1024): string | null {
  try {
    const { size } = statSync(file);
    if (size > mostBytes) throw new ZhishouError('TOO_LARGE', file, `${size} bytes; at most ${mostBytes} are read`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof ZhishouError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new ZhishouError('STORE_DOWN', file, messageOf(error), { cause: error });
  }
}

/** Replaces the file so that after a power cut it is the old one or the new one, whole; makes its folder. */
export function writeAtomically(file: string, content: string | Uint8Array, mode = 0o600): void {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    const handle = openSync(draft, 'wx', mode);
    try {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content;
      for (let written = 0; written < bytes.length; ) written += writeSync(handle, bytes, written);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(draft, file);
    syncFolder(dirname(file));
  } catch (error) {
    removeDraft(draft);
    throw new ZhishouError('STORE_DOWN', file, messageOf(error), { cause: error });
  }
}

/** What could not be written can perhaps not be removed either; the first reason is the one to tell. */
function removeDraft(draft: string): void {
  try {
    rmSync(draft, { force: true });
  } catch {
    // told by the caller
  }
}

/** The new name is durable only when the folder is on the disk too. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
