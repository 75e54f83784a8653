import { type FileHandle, mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFile } from '../../file-lock.ts';
import type { AppendFile, SpoolFiles } from './spool-files.ts';

/** The spool's folder on a disk. Nothing here waits in the caller's turn: all of it runs on the thread pool. */
export function createDiskFiles(folder: string): SpoolFiles {
  const path = (name: string): string => join(folder, name);
  let letGo: (() => void) | null = null;
  return {
    async hold() {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      letGo ??= lockFile(path('lock'), 'another process keeps the history of this state directory');
    },
    async letGo() {
      letGo?.();
      letGo = null;
    },
    async list() {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const names = await readdir(folder);
      return Promise.all(names.map(async (name) => ({ name, bytes: (await stat(path(name))).size })));
    },
    async create(name) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      return appendFile(await open(path(name), 'wx', 0o600), folder);
    },
    read: (name, from, length) => withFile(path(name), 'r', (file) => readWhole(file, from, length)),
    truncate: (name, bytes) =>
      withFile(path(name), 'r+', async (file) => {
        await file.truncate(bytes);
        await file.sync();
      }),
    async replace(name, content) {
      const draft = path(`${name}.draft`);
      try {
        await withFile(draft, 'w', async (file) => {
          await file.writeFile(content);
          await file.sync();
        });
        await rename(draft, path(name));
      } catch (error) {
        await rm(draft, { force: true }).catch(() => {});
        throw error;
      }
      await syncFolder(folder);
    },
    remove: (name) => rm(path(name), { force: true }),
    async freeBytes() {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize;
    },
  };
}

function appendFile(file: FileHandle, folder: string): AppendFile {
  let named = false;
  return {
    append: (bytes) => file.writeFile(bytes),
    async sync() {
      await file.datasync();
      if (!named) await syncFolder(folder);
      named = true;
    },
    close: () => file.close(),
  };
}

async function readWhole(file: FileHandle, from: number, length: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafe(length);
  let got = 0;
  while (got < length) {
    const { bytesRead } = await file.read(bytes, got, length - got, from + got);
    if (bytesRead === 0) break;
    got += bytesRead;
  }
  return bytes.subarray(0, got);
}

/** A new name is durable only when the folder is on the disk too. */
const syncFolder = (folder: string): Promise<void> => withFile(folder, 'r', (handle) => handle.sync());

async function withFile<T>(path: string, flags: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, flags, 0o600);
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}
