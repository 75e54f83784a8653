import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { SeriesStore } from '#core/ports.ts';
import type { SeriesSettings } from '#core/series.ts';
import { type EmbeddedStore, openEmbeddedStore } from '#platform/series/embedded/embedded-store.ts';
import { openEmbeddedStoreInWorker } from '#platform/series/embedded/store-worker.ts';
import { createMemorySeriesStore } from '#platform/series/memory-series-store.ts';
import { seriesStoreContract } from './series-store.contract.ts';
import { CONTRACT_SETTINGS } from './series-store-support.ts';

/** The stores of this machine; the InfluxDB adapter runs the same suite in test/platform/series/influx. */

const folder = mkdtempSync(join(tmpdir(), 'zhishou-series-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;

seriesStoreContract('memory', createMemorySeriesStore);
embedded('embedded', (file, settings) => openEmbeddedStore(file, { settings }));
embedded('embedded, sealing every few readings, next to no cache, every level kept', (file, settings) =>
  openEmbeddedStore(file, {
    settings,
    mostInHead: 40,
    cacheBytes: 2000,
    worthKeeping: { minute: 0, quarter: 0, hour: 0, day: 0 },
  }),
);
embedded('embedded, with the levels that a few readings are worth', (file, settings) =>
  openEmbeddedStore(file, {
    settings,
    mostInHead: 40,
    worthKeeping: { minute: 2, quarter: 2, hour: 2, day: 2 },
  }),
);
// Each opening starts a thread: half a second.
embedded('embedded, in a thread of its own', (file, settings) => openEmbeddedStoreInWorker(file, { settings }), {
  slow: true,
  reopenEvery: 12,
});

/** Between any two writes it may be sealed, closed and opened again, or both. */
function embedded(
  name: string,
  open: (file: string, settings: SeriesSettings) => EmbeddedStore | Promise<EmbeddedStore>,
  { slow = false, reopenEvery = 2 } = {},
): void {
  const file = join(folder, `${++made}.sqlite`);
  let turn = 0;
  seriesStoreContract(name, (settings) => open(file, settings), {
    slow,
    async disturb(store: SeriesStore) {
      turn++;
      if (turn % 3 !== 1) await (store as EmbeddedStore).settle();
      if (turn % reopenEvery !== 0) return store;
      await store.close();
      return open(file, CONTRACT_SETTINGS);
    },
  });
}
