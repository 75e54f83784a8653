import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  createReadStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { messageOf, ZhishouError } from '#core/errors.ts';
import { type Instant, toIso } from '#core/time.ts';
import { VERSION } from '../version.ts';
import { type BackupFile, type Manifest, writeManifest } from './manifest.ts';

/**
 * A copy of the state directory while the services run: each SQLite store as it is at one moment, every other file as it is.
 *
 * The journal comes first: what another store has more than the journal is what a kill between two writes would have left,
 * and that is what the services are made for. Appears under its name whole or not at all.
 *
 * Throws NOT_FOUND without a state directory, CONFLICT when the folder holds something already, STORE_DOWN when the copy
 * cannot be written.
 */
export async function makeBackup(stateDirectory: string, folder: string, now: Instant): Promise<Manifest> {
  const target = resolve(folder);
  if (!existsSync(stateDirectory))
    throw new ZhishouError('NOT_FOUND', stateDirectory, 'there is no such state directory');
  refuseUnlessEmpty(target);
  const draft = `${target}.unfinished-${randomBytes(4).toString('hex')}`;
  try {
    mkdirSync(draft, { recursive: true, mode: 0o700 });
    const files: BackupFile[] = [];
    for (const path of journalFirst(filesOf(resolve(stateDirectory), [target, draft]))) {
      const copied = await copy(join(stateDirectory, path), join(draft, path));
      if (copied !== null) files.push({ path: path.split(sep).join('/'), ...copied });
    }
    const manifest: Manifest = { format: 1, program: VERSION, madeAt: toIso(now), files };
    writeManifest(draft, manifest);
    renameSync(draft, target);
    return manifest;
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw new ZhishouError('STORE_DOWN', folder, messageOf(error), { cause: error });
  }
}

export function refuseUnlessEmpty(folder: string): void {
  if (existsSync(folder) && (!statSync(folder).isDirectory() || readdirSync(folder).length > 0))
    throw new ZhishouError('CONFLICT', folder, 'it exists already and is not an empty directory; name a new one');
}

/** Paths below the folder. What SQLite keeps beside a database is in the copy already; locks are their owner's alone; `except` are folders of ours. */
function filesOf(root: string, except: readonly string[]): string[] {
  const found: string[] = [];
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (except.includes(path)) continue;
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile() && !/-(wal|shm|journal)$|^(.*-)?lock$/.test(entry.name)) found.push(relative(root, path));
    }
  };
  walk(root);
  return found.sort();
}

const journalFirst = (paths: readonly string[]): readonly string[] => [
  ...paths.filter((path) => path === 'journal.sqlite'),
  ...paths.filter((path) => path !== 'journal.sqlite'),
];

async function copy(from: string, to: string): Promise<Omit<BackupFile, 'path'> | null> {
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  const kind = isSqlite(from) ? 'sqlite' : 'file';
  if (kind === 'sqlite') await copyDatabase(from, to);
  else if (!copyPlain(from, to)) return null;
  chmodSync(to, 0o600);
  sync(to);
  return { bytes: statSync(to).size, sha256: await hashFile(to), kind };
}

/** In one step, on another thread: a copy in many steps begins anew whenever a service writes, so perhaps never ends. */
const ALL_PAGES = 2 ** 31 - 1;

/** The store as it is at one moment, as a single file, while others write to it. */
export async function copyDatabase(from: string, to: string): Promise<void> {
  const source = new DatabaseSync(from, { readOnly: true, timeout: 10_000 });
  try {
    await backup(source, to, { rate: ALL_PAGES });
  } finally {
    source.close();
  }
  // A single file that can be read where nothing may be written; the service turns the log on again when it opens it.
  const made = new DatabaseSync(to);
  made.exec('PRAGMA journal_mode = DELETE');
  made.close();
}

/** False when it has gone meanwhile, as the spool's files do once they are read. */
function copyPlain(from: string, to: string): boolean {
  try {
    copyFileSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

function isSqlite(file: string): boolean {
  const head = Buffer.alloc(16);
  const handle = openSync(file, 'r');
  try {
    readSync(handle, head, 0, 16, 0);
  } finally {
    closeSync(handle);
  }
  return head.toString('latin1') === 'SQLite format 3\0';
}

function sync(file: string): void {
  const handle = openSync(file, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** SHA-256 in hexadecimal, of a file of any size. */
export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
