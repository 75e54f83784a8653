import { messageOf, ZhishouError } from '#core/errors.ts';
import type { Clock, SeriesStore } from '#core/ports.ts';
import { seconds } from '#core/time.ts';

/**
 * A store that need not be there at the start: a history that cannot be opened is no reason not to watch the room. Until it
 * opens every call throws STORE_DOWN; it is tried again now and then, when somebody asks.
 */
export interface LateStore extends SeriesStore {
  /** The first try; throws STORE_TOO_NEW alone: whoever started the older program stands beside it. */
  tryToOpen(): Promise<void>;
}

const TRY_EVERY = seconds(30);

export function createLateStore(name: string, clock: Clock, open: () => Promise<SeriesStore>): LateStore {
  let store: SeriesStore | null = null;
  let opening: Promise<SeriesStore> | null = null;
  let error: ZhishouError | null = null;
  let triedAt = Number.NEGATIVE_INFINITY;
  let closed = false;

  const get = async (): Promise<SeriesStore> => {
    if (store !== null) return store;
    if (closed) throw new ZhishouError('STORE_DOWN', name, 'it is closed');
    if (opening === null && error !== null && clock.monotonic() - triedAt < TRY_EVERY) throw error;
    triedAt = clock.monotonic();
    opening ??= open();
    try {
      store = await opening;
      error = null;
      return store;
    } catch (thrown) {
      error = thrown instanceof ZhishouError ? thrown : new ZhishouError('STORE_DOWN', name, messageOf(thrown));
      throw error;
    } finally {
      opening = null;
    }
  };
  return {
    async tryToOpen() {
      await get().catch((thrown: unknown) => {
        if (thrown instanceof ZhishouError && thrown.code === 'STORE_TOO_NEW') throw thrown;
      });
    },
    write: async (readings) => (await get()).write(readings),
    raw: async (query) => (await get()).raw(query),
    changes: async (query) => (await get()).changes(query),
    buckets: async (query) => (await get()).buckets(query),
    table: async (query) => (await get()).table(query),
    quantiles: async (query) => (await get()).quantiles(query),
    series: async () => (await get()).series(),
    status: () =>
      store?.status() ?? { state: error === null ? 'ok' : 'failing', store: name, error: error?.message ?? null },
    async close() {
      closed = true;
      await opening?.catch(() => {});
      await store?.close();
    },
  };
}
