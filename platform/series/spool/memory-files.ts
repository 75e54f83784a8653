import type { SpoolFiles } from './spool-files.ts';

/** The spool's folder in memory: simulations, drills, and the tests' disk that dies. */
export interface MemoryFiles extends SpoolFiles {
  /** What a power cut leaves: all that was synced, and of the rest of each file as many bytes as `kept` says. */
  afterPowerCut(kept: (name: string, unsynced: number) => number): MemoryFiles;
  /** The bytes themselves, to be spoilt. */
  content(name: string): Uint8Array;
}

interface MemoryFile {
  bytes: Uint8Array;
  length: number;
  synced: number;
}

export function createMemoryFiles(files: Map<string, MemoryFile> = new Map()): MemoryFiles {
  const need = (name: string): MemoryFile => {
    const file = files.get(name);
    if (file === undefined) throw Object.assign(new Error(`ENOENT: ${name}`), { code: 'ENOENT' });
    return file;
  };
  return {
    hold: async () => {},
    letGo: async () => {},
    list: async () => [...files].map(([name, { length }]) => ({ name, bytes: length })),
    async create(name) {
      if (files.has(name)) throw Object.assign(new Error(`EEXIST: ${name}`), { code: 'EEXIST' });
      const file: MemoryFile = { bytes: new Uint8Array(1024), length: 0, synced: 0 };
      files.set(name, file);
      return {
        append: async (bytes) => append(file, bytes),
        async sync() {
          file.synced = file.length;
        },
        close: async () => {},
      };
    },
    async read(name, from, length) {
      const file = need(name);
      return Uint8Array.from(file.bytes.subarray(from, Math.min(file.length, from + length)));
    },
    async truncate(name, bytes) {
      const file = need(name);
      file.length = Math.min(file.length, bytes);
      file.synced = file.length;
    },
    async replace(name, content) {
      files.set(name, { bytes: Uint8Array.from(content), length: content.length, synced: content.length });
    },
    async remove(name) {
      files.delete(name);
    },
    freeBytes: async () => null,
    afterPowerCut(kept) {
      const left = new Map<string, MemoryFile>();
      for (const [name, { bytes, length, synced }] of files) {
        const end = synced + Math.min(length - synced, kept(name, length - synced));
        if (end > 0 || synced > 0)
          left.set(name, { bytes: Uint8Array.from(bytes.subarray(0, end)), length: end, synced: end });
      }
      return createMemoryFiles(left);
    },
    content(name) {
      const { bytes, length } = need(name);
      return bytes.subarray(0, length);
    },
  };
}

function append(file: MemoryFile, bytes: Uint8Array): void {
  if (file.length + bytes.length > file.bytes.length) {
    const larger = new Uint8Array(Math.max(2 * file.bytes.length, file.length + bytes.length));
    larger.set(file.bytes.subarray(0, file.length));
    file.bytes = larger;
  }
  file.bytes.set(bytes, file.length);
  file.length += bytes.length;
}
