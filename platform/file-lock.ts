import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { messageOf, ZhishouError } from '#core/errors.ts';

/**
 * Holds a file for one owner until it lets go. SQLite's lock on a file is the system's own: it goes with the process, however
 * that ends, and it keeps out a second owner in the same process too. Nothing else may open the file.
 *
 * Throws STORE_DOWN with `held` while somebody else has it, and as it is when the file cannot be made.
 */
export function lockFile(file: string, held: string): () => void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!/locked/.test(messageOf(error))) throw error;
    throw new ZhishouError('STORE_DOWN', file, held);
  }
  return () => {
    if (database.isOpen) database.close();
  };
}
