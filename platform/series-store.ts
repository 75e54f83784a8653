import type { DatabaseSync } from 'node:sqlite';
import type { Cancel, Clock, Log, Metrics, SeriesStore } from '#core/ports.ts';
import type { Quality, Reading, Value } from '#core/reading.ts';
import { DEFAULT_SETTINGS, type SeriesSample, type SeriesSettings } from '#core/series.ts';
import { bucketEdges, changesOf, figuresByBucket, quantilesOf } from '#core/series-math.ts';
import { type Duration, type Instant, instant, minus, seconds } from '#core/time.ts';
import { createSystemClock } from './clock/system-clock.ts';
import { limitLog, silentLog } from './log.ts';
import { inTransaction, openDatabase } from './sqlite.ts';

/**
 * History on SQLite, one row a reading.
 *
 * `write` only puts into a buffer; rows reach the file in slices at most a second later, so a slow disk holds up nobody.
 * A reading is placed at the time it was measured; the same time again replaces it (late and repeated messages).
 */
export interface SeriesStoreOptions {
  /** Real time: it paces the disk. Default: the system's. */
  readonly clock?: Clock;
  readonly log?: Log;
  readonly metrics?: Metrics;
  readonly settings?: SeriesSettings;
}

const MIGRATIONS = [
  `CREATE TABLE series (id INTEGER PRIMARY KEY, device TEXT NOT NULL, point TEXT NOT NULL, UNIQUE (device, point)) STRICT;
   CREATE TABLE sample (
     series INTEGER NOT NULL REFERENCES series, at INTEGER NOT NULL, value ANY, quality TEXT NOT NULL, truth INTEGER NOT NULL,
     PRIMARY KEY (series, at)
   ) STRICT, WITHOUT ROWID;`,
];

const FLUSH_EVERY = seconds(1);
/** Rows in one transaction: a few milliseconds. */
const SLICE = 2000;
/** About a minute of 1,000 devices; what a disk that takes nothing would pile up beyond is dropped, oldest first. */
const MOST_BUFFERED = 200_000;
const DEFAULT_LIMIT = 10_000;

/** Opens or makes the store; `:memory:` gives one without a file. Throws STORE_TOO_NEW or STORE_DOWN. */
export function openSeriesStore(file: string, options: SeriesStoreOptions = {}): SeriesStore {
  const database = openDatabase(file, { migrations: MIGRATIONS, synchronous: 'NORMAL' });
  const writer = createWriter(database, file, options);
  const settings = options.settings ?? DEFAULT_SETTINGS;
  const rows = database.prepare(
    `SELECT at, value, quality, truth FROM sample JOIN series ON id = series
     WHERE device = ? AND point = ? AND at >= ? AND at < ? ORDER BY at LIMIT ?`,
  );
  const samples = (key: SeriesKey, from: Instant, to: Instant, limit = -1): readonly SeriesSample[] => {
    writer.flush();
    return rows.all(key.device, key.point, from, to, limit).map(toSampleOf);
  };
  return {
    async write(readings) {
      writer.add(readings);
      return { written: readings.length, rejected: [] };
    },
    raw: async ({ from, to, limit = DEFAULT_LIMIT, ...key }) => samples(key, from, to, limit),
    async changes({ from, to, limit = DEFAULT_LIMIT, ...key }) {
      const all = changesOf(samples(key, EVER, to));
      const first = all.findLast(({ at }) => at <= from);
      return [...(first === undefined ? [] : [first]), ...all.filter(({ at }) => at > from)].slice(-limit);
    },
    async buckets({ from, to, step, band, ...key }) {
      const edges = bucketEdges(from, to, step);
      const hold = settings.hold(key);
      const [first = from, last = to] = [edges[0], edges.at(-1)];
      return figuresByBucket(samples(key, minus(first, hold), last), edges, hold, band ?? settings.band(key));
    },
    quantiles: async ({ from, to, shares, ...key }) => quantilesOf(samples(key, from, to), shares),
    async series() {
      writer.flush();
      return database
        .prepare(
          `SELECT device, point, (SELECT min(at) FROM sample WHERE series = id) AS firstAt,
             (SELECT max(at) FROM sample WHERE series = id) AS lastAt
           FROM series WHERE firstAt IS NOT NULL ORDER BY device, point`,
        )
        .all()
        .map((row) => ({ ...row }) as unknown as SeriesRow);
    },
    status: () => ({ state: 'ok', store: 'sqlite', error: null }),
    async close() {
      if (!database.isOpen) return;
      writer.close();
      database.close();
    },
  };
}

const EVER = instant(Number.MIN_SAFE_INTEGER);

interface SeriesKey {
  readonly device: string;
  readonly point: string;
}
interface SeriesRow {
  device: string;
  point: string;
  firstAt: Instant;
  lastAt: Instant;
}
type Row = Record<string, unknown>;

interface Writer {
  add(readings: readonly Reading[]): void;
  /** Writes all that waits; what cannot be written now stays for the next time. */
  flush(): void;
  close(): void;
}

function createWriter(database: DatabaseSync, file: string, options: SeriesStoreOptions): Writer {
  const clock = options.clock ?? createSystemClock();
  const limited = limitLog(options.log ?? silentLog, clock);
  const findSeries = database.prepare('SELECT id FROM series WHERE device = ? AND point = ?');
  const addSeries = database.prepare('INSERT INTO series (device, point) VALUES (?, ?)');
  const upsert = database.prepare('INSERT OR REPLACE INTO sample VALUES (?, ?, ?, ?, ?)');
  const ids = new Map<string, number>();
  let buffer: Reading[] = [];
  let cancel: Cancel | null = null;

  const idOf = ({ device, point }: Reading): number => {
    const key = `${device}/${point}`;
    const known = ids.get(key);
    if (known !== undefined) return known;
    const id = Number(findSeries.get(device, point)?.id ?? addSeries.run(device, point).lastInsertRowid);
    ids.set(key, id);
    return id;
  };
  const writeSlice = (): boolean => {
    const slice = buffer.slice(0, SLICE);
    try {
      inTransaction(database, file, () => {
        for (const reading of slice) {
          const { value, truth } = toColumns(reading.value);
          upsert.run(idOf(reading), Math.round(reading.measuredAt), value, reading.quality, truth);
        }
      });
    } catch (error) {
      // Ids given in the transaction that failed are void.
      ids.clear();
      options.metrics?.count('zhishou_series_write_failures_total');
      limited.error('series', { err: error, waiting: buffer.length }, 'history cannot be written; it waits in memory');
      return false;
    }
    buffer = buffer.slice(slice.length);
    return true;
  };
  /** One slice a turn of the event loop, the rest later. */
  const turn = (): void => {
    cancel = null;
    const written = writeSlice();
    if (buffer.length > 0) schedule(written ? (1 as Duration) : FLUSH_EVERY);
  };
  const schedule = (delay: Duration): void => {
    cancel ??= clock.after(delay, turn);
  };
  const flush = (): void => {
    while (buffer.length > 0 && writeSlice());
  };
  return {
    add(readings) {
      for (const reading of readings) buffer.push(reading);
      const excess = buffer.length - MOST_BUFFERED;
      if (excess > 0) {
        buffer = buffer.slice(excess);
        options.metrics?.count('zhishou_series_dropped_total', undefined, excess);
        limited.error('full', { dropped: excess }, 'history cannot be written fast enough; the oldest was dropped');
      }
      if (buffer.length > 0) schedule(FLUSH_EVERY);
    },
    flush,
    close() {
      cancel?.();
      flush();
    },
  };
}

/** A truth is kept as 0 or 1 with a flag, so that it takes no part in means. */
function toColumns(value: Value | null): { value: number | string | null; truth: number } {
  if (typeof value === 'boolean') return { value: value ? 1 : 0, truth: 1 };
  return { value: typeof value === 'number' && !Number.isFinite(value) ? null : value, truth: 0 };
}

function toSampleOf({ at, value, quality, truth }: Row): SeriesSample {
  const kept = truth === 1 ? value === 1 : (value as number | string | null);
  return { at: instant(Number(at)), value: kept, quality: quality as Quality };
}
