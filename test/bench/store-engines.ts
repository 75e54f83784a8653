import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as realSleep } from 'node:timers/promises';
import { hours, instant } from '#core/time.ts';
import { makeTemporaryFolder } from '#platform/environment.ts';
import { openEmbeddedStore } from '#platform/series/embedded/embedded-store.ts';
import { bytesBelow, type Peer, startInflux, startVictoriaMetrics } from './peers.ts';
import { type Batch, deviceOf, pointOf, toLines, toReadings } from './store-data.ts';
import { askInProcesses, type FirstYear } from './store-first-year.ts';

/** One store as the bench sees it. What `prepare` makes is made before the watch runs. */
export interface Engine<Prepared = unknown> {
  readonly name: string;
  prepare(batch: Batch): Prepared;
  write(prepared: Prepared): Promise<void> | void;
  /** Everything written is in its files as it will stay. */
  settle(): Promise<void>;
  bytes(): number;
  /** CPU used so far in seconds; null: this process's. */
  cpuS: (() => number) | null;
  /** The hourly means of the first `series` series, as [series][hour]. */
  hourlyMeans(series: number, from: number, to: number): Promise<readonly (readonly number[])[]>;
  /** The readings of one series in one hour. */
  rawHour(series: number, from: number): Promise<number>;
  /** The year asked for as the first question of a process, several times; the store is closed by it. */
  firstYears?(): Promise<readonly FirstYear[]>;
  stop(): Promise<void>;
}

const HOUR_MS = 3_600_000;

export function embeddedEngine(): Engine<ReturnType<typeof toReadings>> {
  const folder = makeTemporaryFolder('zhishou-bench-embedded-');
  const store = openEmbeddedStore(join(folder.path, 'series.sqlite'));
  const key = (series: number) => ({ device: deviceOf(series), point: pointOf(series) });
  return {
    name: 'embedded',
    prepare: toReadings,
    write: async (readings) => void (await store.write(readings)),
    settle: () => store.settle(),
    bytes: () => bytesBelow(folder.path),
    cpuS: null,
    async hourlyMeans(series, from, to) {
      const range = { from: instant(from), to: instant(to), step: { every: hours(1) } };
      const tables = await Promise.all(
        Array.from({ length: series }, (_, one) => store.table({ ...key(one), ...range, figures: ['mean'] })),
      );
      return tables.map((table) => Array.from({ length: table.length }, (_, place) => table.figure(place, 'mean')));
    },
    rawHour: async (series, from) =>
      (await store.raw({ ...key(series), from: instant(from), to: instant(from + HOUR_MS) })).length,
    async firstYears() {
      await store.close();
      return askInProcesses(join(folder.path, 'series.sqlite'));
    },
    async stop() {
      await store.close();
      folder.remove();
    },
  };
}

/** One row a reading, the obvious way to do it. */
export function rowsEngine(): Engine<Batch> {
  const folder = makeTemporaryFolder('zhishou-bench-rows-');
  const database = new DatabaseSync(join(folder.path, 'rows.sqlite'));
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE TABLE sample (series INTEGER, at INTEGER, value REAL, quality TEXT, PRIMARY KEY (series, at)) WITHOUT ROWID`);
  const insert = database.prepare('INSERT OR REPLACE INTO sample VALUES (?, ?, ?, ?)');
  const means = database.prepare(
    `SELECT avg(value) AS mean FROM sample WHERE series = ? AND at >= ? AND at < ? GROUP BY at / ${HOUR_MS} ORDER BY at / ${HOUR_MS}`,
  );
  const raw = database.prepare(
    'SELECT at, value, quality FROM sample WHERE series = ? AND at >= ? AND at < ? ORDER BY at',
  );
  return {
    name: 'SQLite plain rows',
    prepare: (batch) => batch,
    write({ series, at, value }) {
      database.exec('BEGIN');
      for (let i = 0; i < series.length; i++) insert.run(series[i] ?? 0, at[i] ?? 0, value[i] ?? 0, 'good');
      database.exec('COMMIT');
    },
    settle: async () => database.exec('PRAGMA wal_checkpoint(TRUNCATE)'),
    bytes: () => bytesBelow(folder.path),
    cpuS: null,
    hourlyMeans: async (series, from, to) =>
      Array.from({ length: series }, (_, one) => means.all(one, from, to).map(({ mean }) => Number(mean))),
    rawHour: async (series, from) => raw.all(series, from, from + HOUR_MS).length,
    async stop() {
      database.close();
      folder.remove();
    },
  };
}

async function post(url: string, body: string): Promise<void> {
  const answer = await fetch(url, { method: 'POST', body });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status} ${text.slice(0, 200)}`);
}

async function ask<T>(url: string, body: Record<string, string>): Promise<T> {
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(body) });
  if (!answer.ok) throw new Error(`${answer.status} ${(await answer.text()).slice(0, 200)}`);
  return (await answer.json()) as T;
}

/** Until the files have stopped changing. */
async function still(bytes: () => number): Promise<void> {
  for (let before = -1, same = 0; same < 4; ) {
    await realSleep(1000);
    const now = bytes();
    same = now === before ? same + 1 : 0;
    before = now;
  }
}

const patternOf = (series: number, of: (one: number) => string): string =>
  [...new Set(Array.from({ length: series }, (_, one) => of(one)))]
    .map((name) => name.replaceAll('.', '\\.'))
    .join('|');

interface InfluxAnswer {
  readonly results: readonly { readonly series?: readonly { readonly values: readonly (readonly number[])[] }[] }[];
}

export async function influxEngine(): Promise<Engine<string> | null> {
  const peer = await startInflux();
  if (peer === null) return null;
  await ask(`${peer.url}/query`, { q: 'CREATE DATABASE bench' });
  const bytes = (): number => bytesBelow(join(peer.folder, 'data')) + bytesBelow(join(peer.folder, 'wal'));
  const query = async (q: string) => {
    const { results } = await ask<InfluxAnswer>(`${peer.url}/query`, { q, db: 'bench', epoch: 'ms' });
    return results[0]?.series ?? [];
  };
  return {
    name: 'influxdb 1.6',
    prepare: toLines,
    write: (lines) => post(`${peer.url}/write?db=bench&precision=ms`, lines),
    settle: () => still(bytes),
    bytes,
    cpuS: peer.cpuS,
    async hourlyMeans(series, from, to) {
      const found = await query(
        `SELECT mean(value) FROM room WHERE time >= ${from}ms AND time < ${to}ms AND device =~ /^(${patternOf(series, deviceOf)})$/
         AND point =~ /^(${patternOf(series, pointOf)})$/ GROUP BY time(1h), device, point fill(none)`,
      );
      return found.map(({ values }) => values.map(([, mean]) => mean ?? Number.NaN));
    },
    async rawHour(series, from) {
      const [found] = await query(
        `SELECT value FROM room WHERE device = '${deviceOf(series)}' AND point = '${pointOf(series)}' AND time >= ${from}ms AND time < ${from + HOUR_MS}ms`,
      );
      return found?.values.length ?? 0;
    },
    stop: peer.stop,
  };
}

interface VictoriaAnswer {
  readonly data: { readonly result: readonly { readonly values: readonly (readonly [number, string])[] }[] };
}

export async function victoriaEngine(): Promise<Engine<string> | null> {
  const peer: Peer | null = await startVictoriaMetrics();
  if (peer === null) return null;
  const bytes = (): number => bytesBelow(join(peer.folder, 'data')) + bytesBelow(join(peer.folder, 'indexdb'));
  const selector = (series: number): string =>
    `room_value{device=~"${patternOf(series, deviceOf).replaceAll('\\', '\\\\')}",point=~"${patternOf(series, pointOf).replaceAll('\\', '\\\\')}"}`;
  return {
    name: 'VictoriaMetrics',
    prepare: toLines,
    write: (lines) => post(`${peer.url}/write?precision=ms`, lines),
    async settle() {
      await fetch(`${peer.url}/internal/force_flush`);
      await fetch(`${peer.url}/internal/force_merge`);
      await still(bytes);
    },
    bytes,
    cpuS: peer.cpuS,
    async hourlyMeans(series, from, to) {
      // Each mean stands at the end of its hour here; its own cache of answers is left out.
      const { data } = await ask<VictoriaAnswer>(`${peer.url}/api/v1/query_range`, {
        query: `avg_over_time(${selector(series)}[1h])`,
        start: String(from / 1000 + 3600),
        end: String(to / 1000),
        step: '3600',
        nocache: '1',
      });
      return data.result.map(({ values }) => values.map(([, mean]) => Number(mean)));
    },
    async rawHour(series, from) {
      const { data } = await ask<VictoriaAnswer>(`${peer.url}/api/v1/query`, {
        query: `room_value{device="${deviceOf(series)}",point="${pointOf(series)}"}[1h]`,
        time: String((from + HOUR_MS - 1) / 1000),
        nocache: '1',
      });
      return data.result[0]?.values.length ?? 0;
    },
    stop: peer.stop,
  };
}
