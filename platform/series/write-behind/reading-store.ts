import { messageOf } from '#core/errors.ts';
import type { Clock, Log, Metrics, SeriesStore } from '#core/ports.ts';
import { limitLog } from '../../log.ts';

/** The stores as one to read from: the first that answers, in the order given. What is written goes through the spool. */
export type ReadingStore = Pick<SeriesStore, 'raw' | 'changes' | 'buckets' | 'table' | 'quantiles' | 'series'>;

export interface NamedStore {
  readonly name: string;
  readonly store: SeriesStore;
}

export function createReadingStore(
  stores: readonly [NamedStore, ...NamedStore[]],
  parts: { readonly clock: Clock; readonly log: Log; readonly metrics: Metrics },
): ReadingStore {
  const log = limitLog(parts.log, parts.clock);
  const ask = async <T>(question: (store: SeriesStore) => Promise<T>): Promise<T> => {
    let first: unknown;
    for (const [place, { name, store }] of stores.entries()) {
      try {
        return await question(store);
      } catch (error) {
        if (place === 0) first = error;
        parts.metrics.count('zhishou_history_read_failures_total', { store: name });
        log.warn(name, { store: name, error: messageOf(error) }, 'history: the store does not answer');
      }
    }
    throw first;
  };
  return {
    raw: (query) => ask((store) => store.raw(query)),
    changes: (query) => ask((store) => store.changes(query)),
    buckets: (query) => ask((store) => store.buckets(query)),
    table: (query) => ask((store) => store.table(query)),
    quantiles: (query) => ask((store) => store.quantiles(query)),
    series: () => ask((store) => store.series()),
  };
}
