import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { messageOf, ZhishouError } from '#core/errors.ts';
import { makeTemporaryFolder } from '../environment.ts';
import { openJournal } from '../journal.ts';
import { openRegisterStore } from '../register-store.ts';
import { hashFile, refuseUnlessEmpty } from './make-backup.ts';
import { type BackupFile, type Manifest, readManifest } from './manifest.ts';

export interface Damage {
  readonly path: string;
  readonly reason: string;
}

/**
 * Reads every byte of a backup: the hashes of its manifest, SQLite's own check of each store, the journal's chain. Changes
 * nothing in it. Throws NOT_FOUND when it is no whole backup.
 */
export async function verifyBackup(folder: string): Promise<{ manifest: Manifest; damages: readonly Damage[] }> {
  const manifest = readManifest(folder);
  const damages: Damage[] = [];
  for (const file of manifest.files) {
    const reason = await damageOf(folder, file);
    if (reason !== null) damages.push({ path: file.path, reason });
  }
  return { manifest, damages };
}

async function damageOf(folder: string, { path, bytes, sha256, kind }: BackupFile): Promise<string | null> {
  const file = join(folder, path);
  if (!existsSync(file)) return 'missing';
  const { size } = statSync(file);
  if (size !== bytes) return `${size} bytes instead of ${bytes}`;
  if ((await hashFile(file)) !== sha256) return 'its content was changed';
  if (kind !== 'sqlite') return null;
  return checkDatabase(file) ?? checkChain(file, path);
}

function checkDatabase(file: string): string | null {
  try {
    const database = new DatabaseSync(file, { readOnly: true });
    try {
      const found = String(database.prepare('PRAGMA integrity_check(1)').get()?.integrity_check);
      return found === 'ok' ? null : found;
    } finally {
      database.close();
    }
  } catch (error) {
    return messageOf(error);
  }
}

/** The stores that are chained, each by its own rule. On a copy: opening one may bring it to a newer version. */
function checkChain(file: string, path: string): string | null {
  const check = { 'journal.sqlite': journalTrouble, 'registers.sqlite': registersTrouble }[path];
  if (check === undefined) return null;
  const temporary = makeTemporaryFolder('zhishou-verify-');
  try {
    const copied = join(temporary.path, path);
    copyFileSync(file, copied);
    return check(copied);
  } catch (error) {
    return messageOf(error);
  } finally {
    temporary.remove();
  }
}

function journalTrouble(file: string): string | null {
  const journal = openJournal(file);
  try {
    const broken = journal.verify();
    return broken === null ? null : `record ${broken.seq}: ${broken.reason}`;
  } finally {
    journal.close();
  }
}

function registersTrouble(file: string): string | null {
  const store = openRegisterStore(file);
  try {
    const broken = store.verify();
    return broken === null ? null : `${broken.register}, change ${broken.seq}: ${broken.reason}`;
  } finally {
    store.close();
  }
}

/**
 * Makes a state directory of a backup that is whole. Throws CONFLICT when the directory holds something already, BAD_REQUEST
 * when the backup is damaged: then nothing is made.
 */
export async function restoreBackup(folder: string, stateDirectory: string): Promise<Manifest> {
  const target = resolve(stateDirectory);
  refuseUnlessEmpty(target);
  const { manifest, damages } = await verifyBackup(folder);
  const [first] = damages;
  if (first !== undefined) throw new ZhishouError('BAD_REQUEST', first.path, first.reason);
  const draft = `${target}.unfinished`;
  try {
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { recursive: true, mode: 0o700 });
    for (const { path } of manifest.files) {
      mkdirSync(dirname(join(draft, path)), { recursive: true, mode: 0o700 });
      copyFileSync(join(folder, path), join(draft, path));
    }
    renameSync(draft, target);
    return manifest;
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw new ZhishouError('STORE_DOWN', stateDirectory, messageOf(error), { cause: error });
  }
}
