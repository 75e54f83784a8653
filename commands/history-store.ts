import { join, resolve } from 'node:path';
import { ZhishouError } from '#core/errors.ts';
import { copyDatabase } from '#platform/backup/make-backup.ts';
import { isThere, makeTemporaryFolder } from '#platform/environment.ts';
import { openElsewhere } from '#platform/open-elsewhere.ts';
import { type EmbeddedStore, openEmbeddedStore } from '#platform/series/embedded/embedded-store.ts';
import { keptSettings } from '#platform/series/exchange/kept-settings.ts';

/** The embedded history of a state directory, for commands: one process writes to it, and that is the service. */

const FILE = 'series.sqlite';

/** Reads a copy of one moment, whether the service runs or not: nobody is disturbed, nothing is changed. Throws NOT_FOUND. */
export async function readHistory<T>(state: string, work: (store: EmbeddedStore) => Promise<T>): Promise<T> {
  const file = historyFile(state);
  const folder = makeTemporaryFolder('zhishou-history-');
  try {
    const copy = join(folder.path, FILE);
    await copyDatabase(file, copy);
    return await withStore(openEmbeddedStore(copy, { settings: keptSettings(copy) }), work);
  } finally {
    folder.remove();
  }
}

/** Works on the store itself; made where there is none. Throws CONFLICT while the service runs. */
export async function changeHistory<T>(state: string, work: (store: EmbeddedStore) => Promise<T>): Promise<T> {
  const file = join(resolve(state), FILE);
  const other = openElsewhere(file);
  if (other !== null)
    throw new ZhishouError(
      'CONFLICT',
      file,
      `process ${other} has it open: stop the service first, then do this again`,
    );
  return withStore(openEmbeddedStore(file, { settings: keptSettings(file) }), work);
}

export function historyFile(state: string): string {
  const file = join(resolve(state), FILE);
  if (!isThere(file)) throw new ZhishouError('NOT_FOUND', file, 'there is no history yet');
  return file;
}

async function withStore<T>(store: EmbeddedStore, work: (store: EmbeddedStore) => Promise<T>): Promise<T> {
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
