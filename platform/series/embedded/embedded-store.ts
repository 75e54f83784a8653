import { BUCKET_FIGURES, type TableQuery, tableOf, toBuckets } from '#core/bucket-table.ts';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { Clock, Log, Metrics, SeriesStore } from '#core/ports.ts';
import { DEFAULT_SETTINGS, type SeriesSettings } from '#core/series.ts';
import { type Duration, instant } from '#core/time.ts';
import { createSystemClock } from '../../clock/system-clock.ts';
import { silentLog } from '../../log.ts';
import { storeDown } from '../../sqlite.ts';
import { type CheckReport, checkStore } from './check.ts';
import { toSamples } from './columns.ts';
import { copyStore } from './copy-store.ts';
import { keepUp, openEngine } from './engine.ts';
import { buckets, changes, goodNumbers, quantiles, raw, seriesEnds } from './queries.ts';
import { createNumbering, toRejections } from './reading-batch.ts';
import type { WorthKeeping } from './units.ts';
import type { Retention } from './upkeep.ts';

export interface EmbeddedOptions {
  /** By series, from the configuration; asked anew at each opening. Default: five minutes, no band. */
  readonly settings?: SeriesSettings;
  /** By class; what is not named is kept for ever. */
  readonly retention?: Retention;
  /** Readings wait in the log for so long before they are sealed. Default an hour. */
  readonly sliceLength?: Duration;
  /** Or until there are so many. Default 1,000,000, about 25 MB of memory. */
  readonly mostInHead?: number;
  /** Decoded history kept at hand. Default 32 MB. */
  readonly cacheBytes?: number;
  /** The file grows no further; SQLite's max_page_count. */
  readonly mostPages?: number;
  readonly log?: Log;
  readonly metrics?: Metrics;
}

export interface EmbeddedHere extends EmbeddedOptions {
  /** Real time: it paces the upkeep and says what is old. Default: the system's. */
  readonly clock?: Clock;
  /** Samples a bucket from which on a level is kept beside the samples; for tests. */
  readonly worthKeeping?: WorthKeeping;
  /** Called before each step that changes the file: tests end the process there. */
  readonly onStep?: (step: string) => void;
}

export interface EmbeddedExtras {
  /** Copies the store as it is to a file while it goes on. Throws STORE_DOWN. */
  backup(file: string): Promise<void>;
  /** Reads everything and compares: checksums, order, rollups with samples. Goes on beside writing, for minutes on a large store. */
  check(): Promise<CheckReport>;
  /** Seals all that waits, thins by retention, gives free pages back: at once and not in slices. Throws STORE_DOWN. */
  settle(): Promise<void>;
}

export type EmbeddedStore = SeriesStore & EmbeddedExtras;

export const DEFAULT_LIMIT = 10_000;

/**
 * History in one SQLite file, on the thread that calls: for tests, commands and tools. A service uses
 * `openEmbeddedStoreInWorker`. Throws STORE_TOO_NEW or STORE_DOWN.
 */
export function openEmbeddedStore(file: string, options: EmbeddedHere = {}): EmbeddedStore {
  const settings = options.settings ?? DEFAULT_SETTINGS;
  const engine = openEngine(file, {
    ...options,
    clock: options.clock ?? createSystemClock(),
    log: options.log ?? silentLog,
    metrics: options.metrics ?? null,
    retention: options.retention ?? {},
  });
  const { core } = engine;
  for (const series of core.series.all()) series.wanted = { hold: settings.hold(series), band: settings.band(series) };
  const numbering = createNumbering(settings);
  const stop = keepUp(engine);
  const asking = async <T>(work: () => T | Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw error instanceof ZhishouError ? error : storeDown(file, messageOf(error));
    }
  };
  const columns = ({ band, ...query }: TableQuery) =>
    asking(() => {
      const own = { hold: settings.hold(query), band: settings.band(query) };
      return buckets(core, { ...query, own, band: band ?? null });
    });
  return {
    write: async (readings) => {
      const numbered = numbering.batchOf(readings);
      engine.define(numbered.fresh);
      const [refusals = []] = engine.write([numbered.batch]);
      const rejected = toRejections(numbered, refusals);
      return { written: readings.length - rejected.length, rejected };
    },
    raw: ({ limit = DEFAULT_LIMIT, ...range }) => asking(() => toSamples(raw(core, range, limit))),
    changes: ({ limit = DEFAULT_LIMIT, ...range }) => asking(() => toSamples(changes(core, range, limit))),
    buckets: async (query) => toBuckets(await columns({ ...query, figures: BUCKET_FIGURES })),
    table: async (query) => tableOf(await columns(query)),
    quantiles: ({ shares, ...range }) => asking(() => quantiles(goodNumbers(core, range), shares)),
    series: () =>
      asking(() =>
        seriesEnds(core).map(({ firstAt, lastAt, ...key }) => ({
          ...key,
          firstAt: instant(firstAt),
          lastAt: instant(lastAt),
        })),
      ),
    status: engine.status,
    backup: (target) => asking(() => copyStore(core, target)),
    check: () => asking(() => checkStore(core)),
    settle: () => asking(engine.settle),
    close: async () => {
      stop();
      engine.close();
    },
  };
}
