import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';
import { keptFiles } from './precache.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The page is built to `dist/` beside this file and served by the dashboard service. */
export default defineConfig({
  root: here('.'),
  plugins: [vue(), keptFiles(here('public'))],
  define: {
    __VUE_OPTIONS_API__: 'false',
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_I18N_FULL_INSTALL__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
  },
  build: {
    ...{
      outDir: 'dist',
      emptyOutDir: true,
      target: 'es2022',
      sourcemap: false,
      modulePreload: { polyfill: false },
    },
    rolldownOptions: {
      // The wall is a page of its own: a screen loads nothing of the others.
      input: { index: here('index.html'), wall: here('wall.html'), sw: here('src/worker/sw.ts') },
      // A service worker's name is its identity, and where it stands how far it reaches.
      output: { entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js') },
    },
  },
});
