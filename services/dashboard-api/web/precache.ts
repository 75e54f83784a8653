import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/** Puts the list of files that the service worker keeps into it: all that the page needs but the charts, which are large and say nothing without a connection. */

const WORKER = 'sw.js';
const PLACE = '__KEPT_FILES__';
const PUBLIC_FILES = ['icon.svg', 'icon-192.png', 'badge.png', 'app.webmanifest'];
/** Not worth a telephone's time at night. */
const LARGEST = 200_000;

export function keptFiles(publicFolder: string): Plugin {
  return {
    name: 'kept-files',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const worker = bundle[WORKER];
        if (worker?.type !== 'chunk') return;
        const files = Object.values(bundle)
          .map((file) => ({ name: file.fileName, content: file.type === 'chunk' ? file.code : file.source }))
          .filter(({ name, content }) => name !== WORKER && !name.startsWith('.') && content.length <= LARGEST)
          .map(({ name, content }) => ({
            url: `/${name}`,
            // A name with a hash in it says itself which it is.
            revision: name.startsWith('assets/') ? null : hash(content),
          }));
        const own = PUBLIC_FILES.map((name) => ({
          url: `/${name}`,
          revision: hash(readFileSync(join(publicFolder, name))),
        }));
        worker.code = worker.code.replace(PLACE, JSON.stringify([...files, ...own]));
      },
    },
  };
}

const hash = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex').slice(0, 16);
