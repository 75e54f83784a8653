import { join } from 'node:path';
import type { Config } from '#core/config/config.ts';
import type { HistoryStoreName } from '#core/config/history.ts';
import { invariant } from '#core/errors.ts';
import type { Clock, Log, Metrics, SeriesStore } from '#core/ports.ts';
import type { Random } from '#core/random.ts';
import type { SeriesSettings } from '#core/series.ts';
import { openEmbeddedStoreInWorker } from '../embedded/store-worker.ts';
import { createMemorySeriesStore } from '../memory-series-store.ts';
import { createDiskFiles } from '../spool/disk-files.ts';
import { createMemoryFiles } from '../spool/memory-files.ts';
import { openSpool } from '../spool/spool.ts';
import type { SpoolFiles } from '../spool/spool-files.ts';
import { type History, startHistory } from './history.ts';
import { createLateStore } from './late-store.ts';
import type { NamedStore } from './reading-store.ts';
import { longestOf, retentionOf } from './retention.ts';
import { settingsOf } from './series-settings.ts';

/** History as the site's configuration wants it. */
export interface HistoryParts {
  readonly config: Pick<Config, 'site' | 'devices' | 'rules'>;
  /** Null: everything in memory, for simulations. */
  readonly stateDirectory: string | null;
  /** Real time. */
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Throws STORE_TOO_NEW; what cannot be opened now for another reason is opened later, and readings wait for it. */
export async function openHistory(parts: HistoryParts): Promise<History> {
  const { config, stateDirectory, clock, random, log, metrics } = parts;
  const { spool: limits, catch_up } = config.site.history;
  const settings = settingsOf(config);
  const files = stateDirectory === null ? createMemoryFiles() : createDiskFiles(join(stateDirectory, 'history-spool'));
  const spool = await openSpool({
    files,
    clock,
    random: random.fork('history'),
    log,
    metrics,
    limitBytes: limits.limit,
    keepFreeBytes: limits.keep_free,
    syncEvery: limits.sync_every,
  });
  const stores =
    stateDirectory === null ? [memoryStore(settings)] : await openStores(parts, stateDirectory, settings, files);
  const [first, ...others] = stores;
  invariant(first !== undefined, 'history has a store');
  return startHistory({
    stores: [first, ...others],
    spool,
    clock,
    random: random.fork('history'),
    log,
    metrics,
    catchUpRate: catch_up,
  });
}

const memoryStore = (settings: SeriesSettings): NamedStore => ({
  name: 'memory',
  store: createMemorySeriesStore(settings),
});

/** In the order in which they are asked. */
async function openStores(
  parts: HistoryParts,
  directory: string,
  settings: SeriesSettings,
  files: SpoolFiles,
): Promise<NamedStore[]> {
  const { stores, read } = parts.config.site.history;
  const names = [...stores].sort((a, b) => Number(b === read) - Number(a === read));
  const opened: NamedStore[] = [];
  for (const name of names) {
    const store = createLateStore(name, parts.clock, async () => {
      // The same process has the spool and the store: two that each had one would wait for each other for ever.
      if (name === 'embedded') await files.hold();
      return openStore(name, parts, directory, settings);
    });
    await store.tryToOpen();
    opened.push({ name, store });
  }
  return opened;
}

async function openStore(
  name: HistoryStoreName,
  { config, log, metrics }: HistoryParts,
  directory: string,
  settings: SeriesSettings,
): Promise<SeriesStore> {
  if (name === 'embedded') {
    const retention = retentionOf(config.site);
    return openEmbeddedStoreInWorker(join(directory, 'series.sqlite'), { settings, retention, log, metrics });
  }
  return openInflux({ config, log, metrics }, directory, settings);
}

/** The InfluxDB that the site names, met at the first call. */
export async function openInflux(
  { config, log, metrics }: Pick<HistoryParts, 'log' | 'metrics'> & { readonly config: Pick<Config, 'site'> },
  directory: string,
  settings: SeriesSettings,
): Promise<SeriesStore> {
  const retention = retentionOf(config.site);
  const { influxdb, ...rest } = config.site.history;
  invariant(
    influxdb !== undefined,
    `the check lets no site pass whose stores are ${rest.stores.join(', ')} without it`,
  );
  // Its libraries are read where such a store is, not at every start.
  const { createInfluxStore } = await import('../influx/influx-store.ts');
  const { url, database, org, user, password, token, ca, manage } = influxdb;
  return createInfluxStore({
    url,
    database,
    site: config.site.id,
    ...(org === undefined ? {} : { organization: org }),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(token === undefined ? {} : { token }),
    ...(ca === undefined ? {} : { ca }),
    ...(manage ? { keep: longestOf(retention), keepByClass: retention } : {}),
    deadLetters: join(directory, 'history-rejected.lp'),
    settings,
    log,
    metrics,
  });
}
