import { createMemorySeriesStore } from '#platform/series/memory-series-store.ts';
import { seriesStoreContract } from './series-store.contract.ts';

seriesStoreContract('memory', createMemorySeriesStore);
