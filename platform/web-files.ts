import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** The built page's files: small, few, kept in memory with their compressed forms; a rebuilt file is noticed by its time. */

export interface WebFile {
  readonly type: string;
  readonly etag: string;
  readonly plain: Buffer;
  /** Null when it would not be smaller. */
  readonly brotli: Buffer | null;
  readonly gzip: Buffer | null;
}

export interface WebFiles {
  /** The file at a URL path such as `/assets/index-abc.js`; null when there is none. */
  get(path: string): Promise<WebFile | null>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.wasm': 'application/wasm',
  '.mp3': 'audio/mpeg',
  '.ogg': 'audio/ogg',
  '.wav': 'audio/wav',
};
const COMPRESSIBLE = /^(text\/|application\/(json|manifest|wasm)|image\/svg)/;

const MOST_FILES = 500;
const MOST_BYTES = 20_000_000;

const brotli = promisify(brotliCompress);
const gzipped = promisify(gzip);

export function openWebFiles(root: string): WebFiles {
  const kept = new Map<string, { changedMs: number; size: number; file: Promise<WebFile> }>();
  return {
    async get(path) {
      const name = safeName(path);
      const type = name === null ? undefined : TYPES[extname(name)];
      if (name === null || type === undefined) return null;
      const full = join(root, name);
      const found = await stat(full).catch(() => null);
      if (found === null || !found.isFile() || found.size > MOST_BYTES) return null;
      const before = kept.get(name);
      if (before !== undefined && before.changedMs === found.mtimeMs && before.size === found.size) return before.file;
      if (kept.size >= MOST_FILES) kept.clear();
      const file = load(full, type);
      kept.set(name, { changedMs: found.mtimeMs, size: found.size, file });
      file.catch(() => kept.delete(name));
      return file.catch(() => null);
    },
  };
}

/** Keeps a path inside the root: no `..`, no hidden files, no NUL, no drive letters. */
function safeName(path: string): string | null {
  if (!/^\/[\w./@-]{1,300}$/.test(path)) return null;
  const name = normalize(path);
  return name.split('/').some((part) => part.startsWith('.')) ? null : name;
}

async function load(full: string, type: string): Promise<WebFile> {
  const plain = await readFile(full);
  const worth = COMPRESSIBLE.test(type) && plain.length > 1000;
  const [small, zipped] = worth
    ? await Promise.all([
        brotli(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } }),
        gzipped(plain, { level: 6 }),
      ])
    : [null, null];
  return {
    type,
    etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
    plain,
    brotli: small !== null && small.length < plain.length ? small : null,
    gzip: zipped !== null && zipped.length < plain.length ? zipped : null,
  };
}
