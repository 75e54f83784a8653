import { join, resolve } from 'node:path';
import type { Config } from '#core/config/config.ts';
import type { HistoryStoreName } from '#core/config/history.ts';
import { ZhishouError } from '#core/errors.ts';
import type { SeriesStore } from '#core/ports.ts';
import { makeTemporaryFolder } from '#platform/environment.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { openInflux } from '#platform/series/write-behind/open-history.ts';
import { settingsOf } from '#platform/series/write-behind/series-settings.ts';
import { configDirectory, describeProblem, loadSite } from './configuration.ts';
import { changeHistory, readHistory } from './history-store.ts';

/** The history that a command works on: the embedded one, or with a configuration one that the site names. */
export interface WhichHistory {
  readonly state: string;
  readonly config: string | null;
  /** Default: the one that the page reads. */
  readonly store?: HistoryStoreName;
}

/** Throws NOT_FOUND, BAD_CONFIGURATION, BAD_REQUEST for a store that the site does not name, or STORE_DOWN. */
export async function readAnyHistory<T>(which: WhichHistory, work: (store: SeriesStore) => Promise<T>): Promise<T> {
  const influx = await influxOf(which);
  return influx === null ? readHistory(which.state, work) : closedAfter(influx, work);
}

/** The embedded one needs the service to be stopped, an InfluxDB does not. Throws CONFLICT, or as readAnyHistory. */
export async function changeAnyHistory<T>(which: WhichHistory, work: (store: SeriesStore) => Promise<T>): Promise<T> {
  const influx = await influxOf(which);
  if (influx !== null) return closedAfter(influx, work);
  return changeHistory(which.state, async (store) => {
    const done = await work(store);
    await store.settle();
    return done;
  });
}

async function closedAfter<T>(store: SeriesStore, work: (store: SeriesStore) => Promise<T>): Promise<T> {
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Null: the embedded one. */
async function influxOf({ state, config: directory, store }: WhichHistory): Promise<SeriesStore | null> {
  if (directory === null) {
    if (store !== 'influxdb') return null;
    throw new ZhishouError('BAD_REQUEST', store, 'give --config: the site’s configuration says where it is');
  }
  const config = configOf(directory);
  const { stores, read } = config.site.history;
  const name = store ?? read ?? stores[0] ?? 'embedded';
  if (!stores.includes(name))
    throw new ZhishouError('BAD_REQUEST', name, `the site keeps its history in ${stores.join(', ')} only`);
  if (name === 'embedded') return null;
  return openInflux({ config, log: silentLog, metrics: createMetrics() }, resolve(state), settingsOf(config));
}

function configOf(given: string): Config {
  const folder = makeTemporaryFolder('zhishou-history-secrets-');
  try {
    const directory = configDirectory(given);
    const { config, problems } = loadSite(directory, {
      secretsDirectory: join(folder.path, 'secrets'),
      profiles: 'named',
    });
    if (config !== null) return config;
    throw new ZhishouError('BAD_CONFIGURATION', directory, problems.map(describeProblem).join('\n'));
  } finally {
    folder.remove();
  }
}
