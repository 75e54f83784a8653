import { crc32 } from 'node:zlib';
import type { Position, Stretch } from './position.ts';
import type { SpoolFiles } from './spool-files.ts';

/** What a store still has to get: the stretches left behind, oldest first, then everything from `live` on. */
export interface Cursor {
  readonly behind: readonly Stretch[];
  readonly live: Position;
}

const nameOf = (store: string): string => `${store}.cursor`;

/** Null: never kept, or spoilt: the store then gets again all that is left, which it takes as the same. */
export async function loadCursor(files: SpoolFiles, store: string): Promise<Cursor | null> {
  const there = (await files.list()).find(({ name }) => name === nameOf(store));
  if (there === undefined || there.bytes > 64 * 1024) return null;
  const text = new TextDecoder().decode(await files.read(nameOf(store), 0, there.bytes));
  const [checksum, body = ''] = text.split('\n');
  if (checksum !== crc32(body).toString(16)) return null;
  return JSON.parse(body) as Cursor;
}

export function saveCursor(files: SpoolFiles, store: string, cursor: Cursor): Promise<void> {
  const body = JSON.stringify(cursor);
  return files.replace(nameOf(store), new TextEncoder().encode(`${crc32(body).toString(16)}\n${body}\n`));
}
