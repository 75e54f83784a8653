import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, ZhishouError } from '#core/errors.ts';
import { readBytes } from './files.ts';

/** The files of archived reports, a folder each; written once, all of a report's or none, and read-only from then on. */
export interface ReportFiles {
  /** What lay there without being listed (a power cut in the middle) gives way. Throws STORE_DOWN. */
  write(id: string, files: readonly { readonly name: string; readonly bytes: Uint8Array }[]): void;
  /** Null: it is gone. */
  read(id: string, name: string): Uint8Array | null;
  /** Another one when the file has been touched. */
  mark(id: string, name: string): string;
}

const MOST_BYTES = 64 * 1024 * 1024;
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;

/** Null: in memory, for as long as the process. Names are plain: no folder of their own, nothing hidden. */
export const createReportFiles = (folder: string | null): ReportFiles =>
  folder === null ? inMemory() : inFolder(folder);

function inFolder(folder: string): ReportFiles {
  const pathOf = (id: string, name: string): string => join(folder, plain(id), plain(name));
  return {
    write(id, files) {
      const [place, draft] = [join(folder, plain(id)), join(folder, `${plain(id)}.unfinished`)];
      try {
        for (const leftover of [draft, place]) rmSync(leftover, { recursive: true, force: true });
        mkdirSync(draft, { recursive: true, mode: 0o700 });
        for (const { name, bytes } of files) writeOnce(join(draft, plain(name)), bytes);
        sync(draft);
        renameSync(draft, place);
        sync(folder);
      } catch (error) {
        if (error instanceof ZhishouError) throw error;
        throw new ZhishouError('STORE_DOWN', place, messageOf(error), { cause: error });
      }
    },
    read: (id, name) => readBytes(pathOf(id, name), MOST_BYTES),
    mark(id, name) {
      const found = statSync(pathOf(id, name), { bigint: true, throwIfNoEntry: false });
      return found === undefined ? 'gone' : `${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}`;
    },
  };
}

function plain(name: string): string {
  if (!PLAIN.test(name)) throw new ZhishouError('BAD_REQUEST', name, 'is no plain name of a file');
  return name;
}

function writeOnce(path: string, bytes: Uint8Array): void {
  const handle = openSync(path, 'wx', 0o400);
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(handle, bytes, written);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function sync(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function inMemory(): ReportFiles {
  const kept = new Map<string, Uint8Array>();
  const keyOf = (id: string, name: string): string => `${plain(id)}/${plain(name)}`;
  return {
    write(id, files) {
      for (const { name, bytes } of files) kept.set(keyOf(id, name), Uint8Array.from(bytes));
    },
    read: (id, name) => kept.get(keyOf(id, name)) ?? null,
    mark: (id, name) => String(kept.has(keyOf(id, name))),
  };
}
