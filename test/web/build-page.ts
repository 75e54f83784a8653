import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Manifest } from 'vite';

/** The page, built afresh into a folder of its own, with what each part weighs. */
export interface BuiltPage {
  readonly folder: string;
  /** Files that the overview loads before anything is shown: its scripts, style sheets and index.html. */
  readonly firstLoad: readonly { readonly file: string; readonly gzipBytes: number }[];
  /** The same of the wall, with its words in one language. */
  readonly wallLoad: BuiltPage['firstLoad'];
  readonly manifest: Manifest;
  remove(): Promise<void>;
}

const WEB = join(import.meta.dirname, '../../services/dashboard-api/web');

export async function buildPage(): Promise<BuiltPage> {
  const folder = await mkdtemp(join(tmpdir(), 'zhishou-page-'));
  // Under the test runner Vite would bundle Vue's development build.
  const environment = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  await build({
    root: WEB,
    configFile: join(WEB, 'vite.config.ts'),
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true, manifest: true },
  });
  process.env.NODE_ENV = environment;
  const manifest = JSON.parse(readFileSync(join(folder, '.vite/manifest.json'), 'utf8')) as Manifest;
  const loadOf = (page: string, ...more: readonly string[]): BuiltPage['firstLoad'] => {
    const files = new Set([page]);
    const visit = (key: string): void => {
      const chunk = manifest[key];
      if (chunk === undefined || files.has(chunk.file)) return;
      files.add(chunk.file);
      for (const style of chunk.css ?? []) files.add(style);
      for (const imported of chunk.imports ?? []) visit(imported);
    };
    for (const key of [page, ...more]) visit(key);
    return [...files].map((file) => ({ file, gzipBytes: gzipSync(readFileSync(join(folder, file))).length }));
  };
  return {
    folder,
    manifest,
    firstLoad: loadOf('index.html'),
    wallLoad: loadOf('wall.html', 'src/locales/wall-zh.ts'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
