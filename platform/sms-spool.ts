import { accessSync, constants, lstatSync, mkdirSync, opendirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, ZhishouError } from '#core/errors.ts';
import { type Instant, instant } from '#core/time.ts';
import { writeAtomically } from './files.ts';

/** The folders of gammu-smsd's FILES backend (gammu-smsd-files(7)). Names are plain file names; others are not there. */
export interface SmsSpool {
  /** UNREACHABLE when a folder is not there or may not be used. */
  check(): void;
  has(folder: SpoolFolder, name: string): boolean;
  /** Plain files whose name matches, in the order of their names, at most `most`. */
  list(folder: SpoolFolder, pattern: RegExp, most: number): readonly SpoolFile[];
  /** Null when it is gone or larger than 64 KB. */
  read(folder: SpoolFolder, name: string): Uint8Array | null;
  /** Into the outbox, whole or not at all: the service takes whatever it sees there. STORE_DOWN. */
  put(name: string, text: string): void;
  /** From the outbox to the errors, if it is still there. */
  withdraw(name: string): boolean;
  /** STORE_DOWN. */
  remove(folder: SpoolFolder, name: string): void;
  /** Out of the inbox, kept beside it. STORE_DOWN. */
  take(name: string): void;
  /** Deletes files of that name that are older. */
  tidy(folder: SpoolFolder | 'taken', pattern: RegExp, before: Instant): void;
}

export type SpoolFolder = 'inbox' | 'outbox' | 'sent' | 'error';

export interface SpoolFile {
  readonly name: string;
  readonly size: number;
  readonly changedAt: Instant;
}

const MOST_BYTES = 64 * 1024;
/** What a folder may hold before the rest of it is left for the next look. */
const MOST_ENTRIES = 20_000;
/** Read and written by the service's group; it holds telephone numbers. */
const MODE = 0o660;

export function openSmsSpool(folders: Readonly<Record<SpoolFolder, string>>): SmsSpool {
  const paths = { ...folders, taken: join(folders.inbox, 'taken') };
  const at = (folder: keyof typeof paths, name: string): string => join(paths[folder], name);
  const list = (folder: keyof typeof paths, pattern: RegExp, most: number): readonly SpoolFile[] =>
    namesIn(paths[folder], pattern)
      .sort()
      .slice(0, most)
      .flatMap((name) => plainFile(at(folder, name), name));
  return {
    check() {
      for (const folder of Object.values(folders)) {
        try {
          accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
        } catch (error) {
          throw new ZhishouError('UNREACHABLE', folder, messageOf(error), { cause: error });
        }
      }
    },
    has: (folder, name) => isPlain(name) && plainFile(at(folder, name), name).length > 0,
    list,
    read(folder, name) {
      const [file] = isPlain(name) ? plainFile(at(folder, name), name) : [];
      return file === undefined || file.size > MOST_BYTES ? null : orNull(() => readFileSync(at(folder, name)));
    },
    put(name, text) {
      if (!isPlain(name)) throw new ZhishouError('BAD_REQUEST', name, 'not a file name');
      writeAtomically(at('outbox', name), text, MODE);
    },
    withdraw: (name) => orNull(() => renameSync(at('outbox', name), at('error', name))) !== null,
    remove(folder, name) {
      try {
        rmSync(at(folder, name), { force: true });
      } catch (error) {
        throw new ZhishouError('STORE_DOWN', at(folder, name), messageOf(error), { cause: error });
      }
    },
    take(name) {
      try {
        mkdirSync(paths.taken, { recursive: true, mode: 0o770 });
        renameSync(at('inbox', name), at('taken', name));
      } catch (error) {
        throw new ZhishouError('STORE_DOWN', at('inbox', name), messageOf(error), { cause: error });
      }
    },
    tidy(folder, pattern, before) {
      for (const { name, changedAt } of list(folder, pattern, 200)) {
        if (changedAt < before) orNull(() => rmSync(at(folder, name), { force: true }));
      }
    },
  };
}

const isPlain = (name: string): boolean => /^[^/\0]{1,120}$/.test(name) && !name.startsWith('.');

function namesIn(folder: string, pattern: RegExp): string[] {
  const names: string[] = [];
  const open = orNull(() => opendirSync(folder));
  if (open === null) return names;
  try {
    for (let seen = 0; seen < MOST_ENTRIES; seen++) {
      const entry = open.readSync();
      if (entry === null) break;
      if (entry.isFile() && isPlain(entry.name) && pattern.test(entry.name)) names.push(entry.name);
    }
  } finally {
    open.closeSync();
  }
  return names;
}

/** Links are somebody's trick: they are not followed. */
function plainFile(path: string, name: string): SpoolFile[] {
  const status = orNull(() => lstatSync(path));
  return status?.isFile() === true ? [{ name, size: status.size, changedAt: instant(status.mtimeMs) }] : [];
}

/** The service moves files while we look: what is gone is no error. */
function orNull<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}
