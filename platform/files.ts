import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
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

/** The whole file; null when there is none. TOO_LARGE above `mostBytes`, STORE_DOWN when it cannot be read. */
export function readBytes(file: string, mostBytes: number): Uint8Array | null {
  try {
    const { size } = statSync(file);
    if (size > mostBytes) throw new ZhishouError('TOO_LARGE', file, `${size} bytes; at most ${mostBytes} are read`);
    return readFileSync(file);
  } catch (error) {
    if (error instanceof ZhishouError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new ZhishouError('STORE_DOWN', file, messageOf(error), { cause: error });
  }
}

/** Replaces the file so that after a power cut it is the old one or the new one, whole; makes its folder. */
export function writeAtomically(file: string, content: string | Uint8Array, mode = 0o600): void {
  throughDraft(file, content, mode, (draft) => renameSync(draft, file));
}

/**
 * The text kept in a file; made by `make` when it is not there yet, whole or not at all, readable by its owner only. Of two
 * processes that start at once the first wins and both get its text.
 */
export function keepFile(file: string, make: () => string): string {
  const kept = readText(file);
  if (kept !== null) {
    narrow(file);
    return kept;
  }
  const made = make();
  throughDraft(file, made, 0o600, (draft) => linkUnlessThere(draft, file));
  return readText(file) ?? made;
}

/** A file of another owner or on a read-only mount is somebody else's to protect. */
function narrow(file: string): void {
  try {
    if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
  } catch (error) {
    if (!['EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

/** Unlike a rename, a link never replaces what another process has made meanwhile. */
function linkUnlessThere(draft: string, file: string): void {
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  rmSync(draft, { force: true });
}

/** Writes beside the file, whole and on the disk, and then lets `place` give it its name. */
function throughDraft(file: string, content: string | Uint8Array, mode: number, place: (draft: string) => void): void {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const handle = openSync(draft, 'wx', mode);
    try {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content;
      for (let written = 0; written < bytes.length; ) written += writeSync(handle, bytes, written);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    place(draft);
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
