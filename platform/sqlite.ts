import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { messageOf, ZhishouError } from '#core/errors.ts';

/** One step of a store's history; its place in the list plus one is the version it leads to. Never change one that was released. */
export type Migration = string | ((database: DatabaseSync) => void);

export interface OpenDatabaseOptions {
  readonly migrations: readonly Migration[];
  /** FULL waits for the disk at each commit: what was acknowledged survives a power cut. NORMAL may lose the last moments, never more. */
  readonly synchronous: 'FULL' | 'NORMAL';
  /** Pragmas that a file takes only while it is new: page_size, auto_vacuum. */
  readonly newFile?: string;
}

/** Another process may hold the file for the length of one commit. */
const BUSY_TIMEOUT_MS = 5000;

/**
 * Opens a store's database in WAL mode and brings it to the newest version.
 *
 * Throws STORE_TOO_NEW when a newer program wrote it, and STORE_DOWN when it cannot be opened or is no database.
 */
export function openDatabase(file: string, options: OpenDatabaseOptions): DatabaseSync {
  let database: DatabaseSync | null = null;
  try {
    if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true });
    database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
    if (options.newFile !== undefined) database.exec(options.newFile);
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${options.synchronous}; PRAGMA foreign_keys = ON;`);
    migrate(database, file, options.migrations);
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof ZhishouError) throw error;
    throw storeDown(file, error);
  }
}

/** Frames of the write-ahead log after which a commit copies them itself: only when the idle copying never came round. */
const MOST_FRAMES = 16_384;
const IDLE_AFTER_MS = 5000;

/**
 * Copying the write-ahead log into the file takes some milliseconds of disk, and SQLite does it within whichever commit
 * fills the log: perhaps the one that an alarm waits for. Here it is done between messages instead; call after each commit.
 */
export function copyWhenIdle(database: DatabaseSync): () => void {
  if (database.location() === null) return () => {};
  database.exec(`PRAGMA wal_autocheckpoint = ${MOST_FRAMES}`);
  let waiting = false;
  const copy = (): void => {
    waiting = false;
    if (!database.isOpen || database.isTransaction) return;
    try {
      database.prepare('PRAGMA wal_checkpoint(PASSIVE)').get();
    } catch {
      // A full disk: nothing is lost, it stays in the log and is copied another time; the next commit tells of the disk.
    }
  };
  return () => {
    if (waiting) return;
    waiting = true;
    setTimeout(copy, IDLE_AFTER_MS).unref();
  };
}

/** All or none; a write that fails for want of disk is STORE_DOWN. Transactions nest by savepoints. */
export function inTransaction<T>(database: DatabaseSync, file: string, work: () => T): T {
  const nested = database.isTransaction;
  run(database, file, nested ? 'SAVEPOINT inner_work' : 'BEGIN IMMEDIATE');
  try {
    const result = work();
    run(database, file, nested ? 'RELEASE inner_work' : 'COMMIT');
    return result;
  } catch (error) {
    // SQLite has rolled back by itself after some errors (disk full).
    if (database.isTransaction) database.exec(nested ? 'ROLLBACK TO inner_work; RELEASE inner_work' : 'ROLLBACK');
    throw isSqliteError(error) ? storeDown(file, error) : error;
  }
}

export const storeDown = (file: string, cause: unknown): ZhishouError =>
  new ZhishouError('STORE_DOWN', file, messageOf(cause), { cause });

const isSqliteError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR';

function run(database: DatabaseSync, file: string, statement: string): void {
  try {
    database.exec(statement);
  } catch (error) {
    throw storeDown(file, error);
  }
}

/** The step and the bump of the version are one transaction, so a power cut leaves the old version or the new one. */
function migrate(database: DatabaseSync, file: string, migrations: readonly Migration[]): void {
  while (versionOf(database) !== migrations.length) {
    inTransaction(database, file, () => {
      // Read again: another process may have been first.
      const version = versionOf(database);
      if (version > migrations.length) {
        throw new ZhishouError(
          'STORE_TOO_NEW',
          file,
          `it has version ${version}, this program knows ${migrations.length}; start the newer program again or restore a backup`,
        );
      }
      const migration = migrations[version];
      if (migration === undefined) return;
      if (typeof migration === 'string') database.exec(migration);
      else migration(database);
      database.exec(`PRAGMA user_version = ${version + 1}`);
    });
  }
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0);
}
