import { randomInt } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { ZhishouError } from '#core/errors.ts';
import type { Clock, Log, Metrics } from '#core/ports.ts';
import { limitLog } from '../../log.ts';
import { inTransaction } from '../../sqlite.ts';
import { DamagedError } from './bytes.ts';
import { type Cache, createCache } from './cache.ts';
import { type ChunkRow, type ChunkTable, chunkName, createChunkTable } from './chunk-table.ts';
import { type Columns, EMPTY, merge, placeOf, slice, sortColumns } from './columns.ts';
import { createRollupTable, type RollupTable } from './rollup-table.ts';
import { createSeriesTable, type Series, type SeriesTable } from './series-table.ts';
import type { WorthKeeping } from './units.ts';

/** The parts of one open store that its jobs share. */
export interface Core {
  readonly database: DatabaseSync;
  readonly file: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics | null;
  readonly cache: Cache;
  readonly series: SeriesTable;
  readonly chunks: ChunkTable;
  readonly rollups: RollupTable;
  /** Readings in the log that are in no chunk yet. */
  headReadings: number;
  /** Called before each step that changes the file: tests end the process there. */
  readonly onStep: (step: string) => void;
  readonly worthKeeping: WorthKeeping;
  /**
   * All or none; what was decoded is forgotten when it fails. `durable` waits for the disk. Upkeep need not: what it moves was
   * durable in the log before, and a power cut undoes the move and the removal from the log together.
   */
  transaction<T>(work: () => T, durable?: 'durable'): T;
  /** Something in the file is not what was written. */
  tell(place: string, reason: string): void;
  /** The chunk's samples; none, and it is told, when it is damaged. */
  samplesOf(row: ChunkRow): Columns;
}

export interface CoreOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics | null;
  readonly cacheBytes: number;
  readonly onStep: (step: string) => void;
  readonly onOvertaken: () => void;
  readonly worthKeeping: WorthKeeping;
}

export function createCore(database: DatabaseSync, file: string, options: CoreOptions): Core {
  const { clock, log, metrics, onStep, worthKeeping } = options;
  const cache = createCache(options.cacheBytes);
  const limited = limitLog(log, clock);
  const tell = (place: string, reason: string): void => {
    metrics?.count('zhishou_history_damaged_total');
    limited.error(place, { file, place, reason }, 'history is damaged here; the rest is readable');
  };
  const chunks = createChunkTable(database, cache);
  let synchronous = '';
  const fence = createFence(database, file, options.onOvertaken);
  return {
    database,
    file,
    clock,
    log,
    metrics,
    cache,
    series: createSeriesTable(database),
    chunks,
    rollups: createRollupTable(database, cache, tell),
    headReadings: 0,
    onStep,
    worthKeeping,
    transaction(work, durable) {
      try {
        onStep('begin');
        const wanted = durable === 'durable' ? 'FULL' : 'NORMAL';
        if (synchronous !== wanted) database.exec(`PRAGMA synchronous = ${wanted}`);
        synchronous = wanted;
        const result = inTransaction(database, file, () => {
          fence();
          const done = work();
          onStep('commit');
          return done;
        });
        onStep('committed');
        return result;
      } catch (error) {
        cache.clear();
        throw error;
      }
    },
    tell,
    samplesOf(row) {
      try {
        return chunks.read(row);
      } catch (error) {
        if (!(error instanceof DamagedError)) throw error;
        tell(chunkName(row), error.message);
        return EMPTY;
      }
    },
  };
}

/**
 * The lock keeps a second writer out; where it does not (its file was removed, a file system without locks), the last to
 * open the store is its writer, and the others stop before they drop log rows that they never read. The mark is SQLite's
 * application_id, which any file has.
 */
function createFence(database: DatabaseSync, file: string, onOvertaken: () => void): () => void {
  const own = randomInt(1, 2 ** 31);
  database.exec(`PRAGMA application_id = ${own}`);
  const mark = database.prepare('PRAGMA application_id');
  return () => {
    if (mark.get()?.application_id === own) return;
    onOvertaken();
    throw new ZhishouError('STORE_DOWN', file, 'another program has opened this history to write; it is opened anew');
  };
}

/** What waits in the log, in the order of time. */
export function headOf(core: Core, series: Series): Columns {
  if (series.head === null) return EMPTY;
  if (!series.head.rising) {
    const sorted = sortColumns(series.head.view());
    core.headReadings += sorted.length - series.head.length;
    series.head = sorted;
  }
  return series.head.view();
}

/** A stretch of a series' samples, chunk by chunk, so that a year needs no more memory than a day. */
interface Stretch {
  readonly row: ChunkRow | null;
  readonly head: Columns;
}

function stretches(core: Core, series: Series, rows: readonly ChunkRow[]): readonly Stretch[] {
  const head = headOf(core, series);
  if (rows.length === 0) return [{ row: null, head }];
  let from = 0;
  return rows.map((row, i) => {
    const following = rows[i + 1];
    const to = following === undefined ? head.at.length : placeOf(head.at, following.first);
    const part = { row, head: slice(head, from, to) };
    from = to;
    return part;
  });
}

const joined = (core: Core, { row, head }: Stretch): Columns =>
  row === null ? head : merge(core.samplesOf(row), head);

/** Samples in the order of time, at least those of the range; the first and last pieces may reach beyond it. */
export function* samplesIn(core: Core, series: Series, from: number, to: number): Generator<Columns> {
  for (const stretch of stretches(core, series, core.chunks.rows(series.id, from, to))) yield joined(core, stretch);
}

/** The same backwards: the newest piece first, each piece in the order of time. Goes back to the very first sample. */
export function* samplesBackFrom(core: Core, series: Series, to: number): Generator<Columns> {
  const last = core.chunks.before(series.id, to);
  const head = headOf(core, series);
  let until = head.at.length;
  for (let row = last; row !== null; row = core.chunks.before(series.id, row.first)) {
    const from = placeOf(head.at, row.first);
    yield joined(core, { row, head: slice(head, from, until) });
    until = from;
  }
  yield slice(head, 0, until);
}
