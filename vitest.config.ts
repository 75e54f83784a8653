import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';

/** Tests mirror the source under test/; integration suites start real peers, so they get more than the default time. */
export default defineConfig({
  plugins: [vue()],
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // Of a page that counts seconds nothing moves for one: vitest's own second of patience is a coin's toss.
    expect: { poll: { timeout: 15_000, interval: 50 } },
  },
});
