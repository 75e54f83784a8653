import { messageOf, ZhishouError } from '#core/errors.ts';
import type { Cancel, Clock, Log, Metrics } from '#core/ports.ts';
import type { SeriesStatus } from '#core/series.ts';
import { type Duration, hours, milliseconds, minutes, seconds } from '#core/time.ts';
import { lockFile } from '../../file-lock.ts';
import { limitLog } from '../../log.ts';
import { openDatabase, storeDown } from '../../sqlite.ts';
import { type Core, createCore } from './core.ts';
import type { LogBatch } from './log-codec.ts';
import { addToHeads, createLogTable, readLog } from './log-table.ts';
import { moveRows } from './move-rows.ts';
import { MIGRATIONS, NEW_FILE } from './schema.ts';
import type { OwnSettings, Series } from './series-table.ts';
import { WORTH_KEEPING, type WorthKeeping } from './units.ts';
import { createSealer, giveBack, type Retention, renew, thin } from './upkeep.ts';

/** The embedded store without its port: everything at once, on the thread that calls. */

export interface EngineOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics | null;
  readonly retention: Retention;
  /** Readings wait in the log and in memory for so long before they are sealed. Default an hour. */
  readonly sliceLength?: Duration;
  /** Or until there are so many: 17 bytes of memory each. Default 1,000,000. */
  readonly mostInHead?: number;
  /** What is kept decoded. Default 32 MB. */
  readonly cacheBytes?: number;
  /** The file grows no further; for tests of a full disk. */
  readonly mostPages?: number;
  /** Samples a bucket from which on a level is kept; for tests. */
  readonly worthKeeping?: WorthKeeping;
  readonly onStep?: (step: string) => void;
  /** Another program has opened the store to write, past the lock: this one writes no more and has to be opened anew. */
  readonly onOvertaken?: () => void;
}

/** A series as the writer numbers it. */
export interface Definition {
  readonly index: number;
  readonly device: string;
  readonly point: string;
  readonly settings: OwnSettings;
}

/** Readings as they come; `series` holds the writer's numbers. */
export type Batch = LogBatch;

/** A place in a batch that is never taken, and why. */
export type Refusal = readonly [place: number, reason: string];

export interface Engine {
  readonly core: Core;
  define(definitions: readonly Definition[]): void;
  /** All batches in one commit, durable on return; what is refused by batch. Throws STORE_DOWN: nothing was kept. */
  write(batches: readonly Batch[]): readonly (readonly Refusal[])[];
  /** Seals all that waits, thins, gives free pages back. Throws STORE_DOWN. */
  settle(): void;
  /** One slice of upkeep; says when the next is due. Never throws. */
  step(): Duration;
  status(): SeriesStatus;
  close(): void;
}

const SLICE_LENGTH = hours(1);
const MOST_IN_HEAD = 1_000_000;
const CACHE_BYTES = 32 << 20;
/** Retention and settings are looked at so often. */
const ROUND_EVERY = minutes(30);
const AT_ONCE = milliseconds(1);
const IDLE = seconds(5);
const AFTER_FAILURE = seconds(30);

const HELD = 'another process writes this history: it has to end first';

/** Throws STORE_TOO_NEW, or STORE_DOWN, also while another process has the store open. */
export function openEngine(file: string, options: EngineOptions): Engine {
  const letGo = file === ':memory:' ? () => {} : lockStore(file);
  try {
    const engine = openLocked(file, options);
    return {
      ...engine,
      close() {
        engine.close();
        letGo();
      },
    };
  } catch (error) {
    letGo();
    throw error;
  }
}

function lockStore(file: string): () => void {
  try {
    return lockFile(`${file}-lock`, HELD);
  } catch (error) {
    throw storeDown(file, error);
  }
}

function openLocked(file: string, options: EngineOptions): Engine {
  const database = openDatabase(file, { migrations: MIGRATIONS, synchronous: 'FULL', newFile: NEW_FILE });
  try {
    if (options.mostPages !== undefined) database.exec(`PRAGMA max_page_count = ${options.mostPages}`);
    const core = createCore(database, file, {
      clock: options.clock,
      log: options.log,
      metrics: options.metrics,
      cacheBytes: options.cacheBytes ?? CACHE_BYTES,
      worthKeeping: options.worthKeeping ?? WORTH_KEEPING,
      onStep: options.onStep ?? (() => {}),
      onOvertaken: options.onOvertaken ?? (() => {}),
    });
    moveRows(core);
    readLog(core);
    return createEngine(core, options);
  } catch (error) {
    database.close();
    throw error instanceof ZhishouError ? error : storeDown(file, error);
  }
}

function createEngine(core: Core, options: EngineOptions): Engine {
  const log = createLogTable(core.database);
  const sealer = createSealer(core, log);
  const limited = limitLog(options.log, core.clock);
  const mostInHead = options.mostInHead ?? MOST_IN_HEAD;
  const sliceLength = options.sliceLength ?? SLICE_LENGTH;
  const byIndex: Series[] = [];
  let lastSeal = core.clock.monotonic();
  let lastRound = Number.NEGATIVE_INFINITY;
  let round: Iterator<Series> | null = null;
  let current: Series | null = null;
  let error: string | null = null;

  const append = (batches: readonly Batch[], refusals: readonly Refusal[][]): LogBatch[] => {
    const inserted: Series[] = [];
    const idOf = (index: number): number => {
      const series = byIndex[index] as Series;
      if (series.id === 0) {
        core.series.insert(series);
        inserted.push(series);
      }
      return series.id;
    };
    try {
      return core.transaction(() => {
        const logged = batches.map((batch, i) => without(withIds(batch, idOf), refusals[i] ?? []));
        for (const batch of logged) if (batch.at.length > 0) log.add(batch);
        return logged;
      }, 'durable');
    } catch (thrown) {
      core.series.forget(inserted);
      throw thrown;
    }
  };
  /** On a full disk SQLite's own log may be what fills it, 32 MB at most: copied into the file it is given back. */
  const shrinkLog = (): void => {
    try {
      core.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch {
      // no room even for that; the next failure tries again
    }
  };
  /** The head is full: the writer waits for the sealing. */
  const makeRoom = (): void => {
    if (core.headReadings < mostInHead) return;
    sealer.begin();
    lastSeal = core.clock.monotonic();
    while (core.headReadings >= 1.25 * mostInHead && sealer.busy) sealer.step();
  };
  /** Series by series through retention and changed settings; true while there is more. */
  const roundStep = (): boolean => {
    round ??= core.series.all()[Symbol.iterator]();
    for (;;) {
      current ??= round.next().value ?? null;
      if (current === null) {
        round = null;
        lastRound = core.clock.monotonic();
        return false;
      }
      if (renew(core, current) || thin(core, current, options.retention)) return true;
      current = null;
    }
  };
  const slice = (): boolean => {
    const now = core.clock.monotonic();
    if (!sealer.busy && (core.headReadings >= mostInHead || (core.headReadings > 0 && now - lastSeal >= sliceLength))) {
      sealer.begin();
      lastSeal = now;
    }
    if (sealer.busy) sealer.step();
    else if (round !== null || now - lastRound >= ROUND_EVERY) return roundStep() || giveBack(core);
    else return giveBack(core);
    return true;
  };
  return {
    core,
    define(definitions) {
      for (const { index, device, point, settings } of definitions)
        byIndex[index] = core.series.define(device, point, settings);
    },
    write(batches) {
      try {
        makeRoom();
        const refusals = batches.map((batch) => refusalsOf(core, batch, byIndex));
        for (const batch of append(batches, refusals)) addToHeads(core, batch);
        error = null;
        return refusals;
      } catch (thrown) {
        error = messageOf(thrown);
        core.metrics?.count('zhishou_history_write_failures_total');
        shrinkLog();
        throw thrown instanceof ZhishouError ? thrown : storeDown(core.file, thrown);
      }
    },
    settle() {
      // What came since a pass began needs another.
      while (sealer.busy) sealer.step();
      sealer.begin();
      while (sealer.busy) sealer.step();
      while (roundStep());
      while (giveBack(core, 0, 0));
      core.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    },
    step() {
      try {
        return slice() ? AT_ONCE : IDLE;
      } catch (thrown) {
        core.metrics?.count('zhishou_history_upkeep_failures_total');
        shrinkLog();
        limited.error('upkeep', { err: thrown, file: core.file }, 'history cannot be tidied up; it is tried again');
        return AFTER_FAILURE;
      }
    },
    status: () => ({ state: error === null ? 'ok' : 'failing', store: 'embedded', error }),
    close() {
      if (core.database.isOpen) core.database.close();
    },
  };
}

function withIds(batch: Batch, idOf: (index: number) => number): LogBatch {
  return { ...batch, series: batch.series.map(idOf) };
}

/** What is known of each stays in memory. */
const MOST_SERIES = 1_000_000;
const TOO_OLD = 'history keeps no single readings of that time any more';
const TOO_MANY = `history keeps at most ${MOST_SERIES} series`;

function refusalsOf(core: Core, batch: Batch, byIndex: readonly Series[]): Refusal[] {
  const refusals: Refusal[] = [];
  for (let i = 0; i < batch.at.length; i++) {
    const series = byIndex[batch.series[i] as number] as Series;
    if ((batch.at[i] as number) < series.samplesFrom) refusals.push([i, TOO_OLD]);
    else if (series.id === 0 && core.series.size >= MOST_SERIES) refusals.push([i, TOO_MANY]);
  }
  return refusals;
}

function without(batch: LogBatch, refusals: readonly Refusal[]): LogBatch {
  if (refusals.length === 0) return batch;
  const refused = new Set(refusals.map(([place]) => place));
  const kept = <T extends Float64Array | Uint8Array>(column: T): T => column.filter((_, i) => !refused.has(i)) as T;
  return {
    series: kept(batch.series),
    at: kept(batch.at),
    num: kept(batch.num),
    tag: kept(batch.tag),
    words: batch.words,
  };
}

/** Runs the upkeep of an engine on its clock until it is stopped. */
export function keepUp(engine: Engine): Cancel {
  let cancel: Cancel = () => {};
  let stopped = false;
  const run = (): void => {
    if (!stopped) cancel = engine.core.clock.after(engine.step(), run);
  };
  cancel = engine.core.clock.after(IDLE, run);
  return () => {
    stopped = true;
    cancel();
  };
}
