import { backup, DatabaseSync } from 'node:sqlite';
import type { Core } from './core.ts';

/** More than any file has. */
const ALL_PAGES = 2 ** 31 - 1;

/**
 * Copies the store as it is now while it goes on: by a connection of its own and in one step, because a copy made in several
 * begins anew whenever something is written between two of them.
 */
export async function copyStore({ database, file }: Core, target: string): Promise<void> {
  if (database.location() === null) {
    await backup(database, target);
    return;
  }
  const source = new DatabaseSync(file, { readOnly: true });
  try {
    await backup(source, target, { rate: ALL_PAGES });
  } finally {
    source.close();
  }
}
