import type { HistoryStatus } from '#platform/series/write-behind/history.ts';

/** What the recorder of readings knows that it does not do as it should; null: all is kept. */
export function troubleOf({ spool, stores }: HistoryStatus): string | null {
  if (spool.state !== 'ok' || spool.givenUp === 'lost') return spool.error ?? 'readings are not kept';
  const failing = stores.filter(({ state }) => state === 'failing').map(({ store }) => store);
  return failing.length === 0 ? null : `the history takes nothing: ${failing.join(', ')}`;
}
