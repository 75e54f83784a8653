import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { SeriesStore } from '#core/ports.ts';
import type { SeriesSettings } from '#core/series.ts';
import { type EmbeddedHere, type EmbeddedStore, openEmbeddedStore } from '#platform/series/embedded/embedded-store.ts';
import { createMemorySeriesStore } from '#platform/series/memory-series-store.ts';
import { seriesStoreContract } from './series-store.contract.ts';
import { CONTRACT_SETTINGS } from './series-store-support.ts';

/** The stores of this machine; the InfluxDB adapter runs the same suite in test/platform/series/influx. */

const folder = mkdtempSync(join(tmpdir(), 'zhishou-series-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;

seriesStoreContract('memory', createMemorySeriesStore);
embedded('embedded', {});
embedded('embedded, sealing every few readings, next to no cache', { mostInHead: 40, cacheBytes: 2000 });

/** Between any two writes it may be sealed, closed and opened again, or both. */
function embedded(name: string, options: EmbeddedHere): void {
  const file = join(folder, `${++made}.sqlite`);
  const open = (settings: SeriesSettings): EmbeddedStore => openEmbeddedStore(file, { ...options, settings });
  let turn = 0;
  seriesStoreContract(name, open, {
    async disturb(store: SeriesStore) {
      turn++;
      if (turn % 3 !== 1) await (store as EmbeddedStore).settle();
      if (turn % 3 === 0) return store;
      await store.close();
      return open(CONTRACT_SETTINGS);
    },
  });
}
