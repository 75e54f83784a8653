import { messageOf, ZhishouError } from '#core/errors.ts';
import type { Cancel, Clock, Log, Metrics } from '#core/ports.ts';
import type { Random } from '#core/random.ts';
import type { Reading } from '#core/reading.ts';
import { type Duration, hours, minutes, seconds } from '#core/time.ts';
import { limitLog } from '../../log.ts';
import { type Cursor, loadCursor, saveCursor } from './cursors.ts';
import { beginningOf, type Position, type Stretch, touches } from './position.ts';
import { SpoolReader, type SpoolSlice } from './reader.ts';
import { isFull, makeRoom, type RoomMade } from './room-keeper.ts';
import { type Segment, segmentName } from './segment-file.ts';
import { openSegments, Segments } from './segments.ts';
import type { SpoolFiles } from './spool-files.ts';
import type { SpoolStatus } from './spool-status.ts';
import { createTail } from './tail.ts';
import { createSpoolWriter, type SpoolWriter } from './writer.ts';

/**
 * The spool: readings wait on the disk, in order, until every store has them. Adding never waits. A power cut loses what was
 * added in the last moments: at most a second in memory plus `syncEvery` in files not yet on the disk; a kill of the process
 * loses the second in memory alone.
 */
export interface Spool {
  /** The folder is in order; later than the start when the disk does not answer at first. */
  readonly opened: Promise<void>;
  add(readings: readonly Reading[]): void;
  /** Resolves when what was added up to now can be read, or the disk has refused it. */
  flush(): Promise<void>;
  read(from: Position, most: number, to?: Position | null): Promise<SpoolSlice>;
  /** Where the next reading will stand. */
  end(): Position;
  bytesBetween(from: Position, to: Position | null): number;
  /** Removes the segments that none of these stretches needs. */
  release(needed: readonly Stretch[]): Promise<void>;
  /** Who says what is still needed: asked before anything is thinned, so that nothing counts as given up that every store has. */
  keepFor(needed: () => readonly Stretch[]): void;
  loadCursor(store: string): Promise<Cursor | null>;
  saveCursor(store: string, cursor: Cursor): Promise<void>;
  /** Called when more can be read. */
  onAppended(listener: () => void): Cancel;
  status(): SpoolStatus;
  close(): Promise<void>;
}

export interface SpoolOptions {
  readonly files: SpoolFiles;
  /** Real time. */
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly limitBytes: number;
  readonly keepFreeBytes?: number;
  readonly syncEvery?: Duration;
  readonly syncBytes?: number;
  readonly segmentBytes?: number;
  /** Readings in memory while the disk takes none; about 200 bytes each. */
  readonly mostWaiting?: number;
  /** While another process has the folder, which keeps the same readings: the newest, 4 MB. */
  readonly mostStandingBy?: number;
}

const DEFAULTS = {
  keepFreeBytes: 0,
  syncEvery: seconds(1),
  syncBytes: 1024 * 1024,
  segmentBytes: 1024 * 1024,
  mostWaiting: 100_000,
  mostStandingBy: 20_000,
} as const;
const UPKEEP_EVERY = minutes(1);
/** What was given up is told for so long: people look now and then. */
const TOLD_FOR = hours(1);

/** Throws STORE_TOO_NEW. A disk that does not answer is no reason not to start: readings wait in memory until it does. */
export async function openSpool(given: SpoolOptions): Promise<Spool> {
  const spool = new RunningSpool({ ...DEFAULTS, ...given });
  await spool.prepare();
  return spool;
}

/** A cursor may name a segment that a power cut took: its number must not come again, or what is new would count as delivered. */
async function firstFreeNumber(files: SpoolFiles, segments: Segments): Promise<number> {
  const numbers = segments.all().map(({ number }) => number);
  for (const { name } of await files.list()) {
    const store = /^(.+)\.cursor$/.exec(name)?.[1];
    const cursor = store === undefined ? null : await loadCursor(files, store);
    if (cursor !== null) numbers.push(cursor.live.segment);
  }
  return Math.max(0, ...numbers) + 1;
}

interface Settled extends SpoolOptions {
  readonly keepFreeBytes: number;
  readonly syncEvery: Duration;
  readonly syncBytes: number;
  readonly segmentBytes: number;
  readonly mostWaiting: number;
  readonly mostStandingBy: number;
}

class RunningSpool implements Spool {
  readonly #options: Settled;
  readonly #segments = new Segments();
  readonly #writer: SpoolWriter;
  readonly #reader: SpoolReader;
  readonly #log: ReturnType<typeof limitLog>;
  readonly #listeners = new Set<() => void>();
  #nextNumber: number | null = null;
  #isOpen = Promise.withResolvers<void>();
  #upkeep: Promise<void> | null = null;
  #needed: (() => readonly Stretch[]) | null = null;
  #cancelUpkeep: Cancel;
  #thinned = 0;
  #lost = 0;
  #spoilt = 0;
  #lostSeen = 0;
  #lostAt: Duration | null = null;
  #thinnedAt: Duration | null = null;

  constructor(options: Settled) {
    const { files, clock, random } = options;
    const segments = this.#segments;
    this.#options = options;
    this.#log = limitLog(options.log, clock);
    const tail = createTail();
    this.#writer = createSpoolWriter({
      ...options,
      segments,
      tail,
      random: random.fork('spool'),
      prepare: () => this.#open(),
      segmentBytes: this.#segmentBytes(),
      onAppended: () => {
        for (const listener of this.#listeners) listener();
      },
      onSealed: () => this.#keepRoom(),
      onTrouble: (error) => this.#tellTrouble(error),
    });
    this.#reader = new SpoolReader({
      files,
      segments,
      tail,
      onSpoilt: (bytes, segment) => this.#tellSpoilt(bytes, segment),
      onLost: (readings) => this.#loseTold(readings),
    });
    this.#cancelUpkeep = clock.after(UPKEEP_EVERY, () => this.#everyMinute());
  }

  /** Throws STORE_TOO_NEW; any other trouble is told, and the first write tries again. */
  async prepare(): Promise<void> {
    try {
      await this.#open();
    } catch (error) {
      if (error instanceof ZhishouError && error.code === 'STORE_TOO_NEW') {
        this.#cancelUpkeep();
        throw error;
      }
      this.#tellTrouble(error);
    }
  }

  async #open(): Promise<number> {
    if (this.#nextNumber !== null) return this.#nextNumber;
    const { files, log } = this.#options;
    await files.hold();
    const bytes = await openSegments(files, this.#segments);
    if (bytes > 0) log.warn({ bytes }, 'the history spool was cut off in a write; the torn end was taken away');
    this.#nextNumber = await firstFreeNumber(files, this.#segments);
    this.#isOpen.resolve();
    return this.#nextNumber;
  }

  #segmentBytes(): number {
    return Math.min(this.#options.segmentBytes, Math.max(4096, this.#options.limitBytes / 8));
  }

  get opened(): Promise<void> {
    return this.#isOpen.promise;
  }

  add(readings: readonly Reading[]): void {
    this.#writer.add(readings);
  }

  flush(): Promise<void> {
    return this.#writer.flush();
  }

  read(from: Position, most: number, to: Position | null = null): Promise<SpoolSlice> {
    return this.#reader.read(from, most, to);
  }

  end(): Position {
    const { last } = this.#segments;
    if (last === undefined) return beginningOf(this.#nextNumber ?? 0, 0);
    return { segment: last.number, level: last.level, offset: last.bytes, skip: 0 };
  }

  bytesBetween(from: Position, to: Position | null): number {
    return this.#segments.bytesBetween(from, to);
  }

  async release(needed: readonly Stretch[]): Promise<void> {
    for (const segment of this.#segments.all()) {
      if (segment === this.#writer.active || needed.some((one) => this.#isNeeded(segment, one))) continue;
      this.#segments.drop(segment);
      this.#nextNumber = Math.max(this.#nextNumber ?? 0, segment.number + 1);
      this.#reader.forget(segment);
      await this.#options.files.remove(segmentName(segment)).catch((error: unknown) => this.#tellTrouble(error));
    }
  }

  /** Who has read it to its end needs it no more. */
  #isNeeded(segment: Segment, stretch: Stretch): boolean {
    if (!touches(stretch, segment.number)) return false;
    const end = { segment: segment.number, level: segment.level, offset: segment.bytes, skip: 0 };
    return this.#segments.bytesBetween(stretch.from, end) > 0;
  }

  keepFor(needed: () => readonly Stretch[]): void {
    this.#needed = needed;
  }

  loadCursor(store: string): Promise<Cursor | null> {
    return loadCursor(this.#options.files, store);
  }

  saveCursor(store: string, cursor: Cursor): Promise<void> {
    return saveCursor(this.#options.files, store, cursor);
  }

  onAppended(listener: () => void): Cancel {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  status(): SpoolStatus {
    const error = this.#writer.error();
    return {
      state: error === null ? 'ok' : 'failing',
      error,
      bytes: this.#segments.bytes(),
      limitBytes: this.#options.limitBytes,
      waiting: this.#writer.waiting,
      written: this.#writer.written,
      thinned: this.#thinned,
      lost: this.#countLost(),
      givenUp: this.#isRecent(this.#lostAt) ? 'lost' : this.#isRecent(this.#thinnedAt) ? 'thinned' : null,
      spoiltBytes: this.#spoilt,
    };
  }

  /** Readings that memory had no place for are counted by the writer; seen here at the next look. */
  #countLost(): number {
    const lost = this.#lost + this.#writer.lost;
    if (lost > this.#lostSeen) this.#lostAt = this.#options.clock.monotonic();
    this.#lostSeen = lost;
    return lost;
  }

  #isRecent(at: Duration | null): boolean {
    return at !== null && this.#options.clock.monotonic() - at < TOLD_FOR;
  }

  async close(): Promise<void> {
    this.#cancelUpkeep();
    await this.#writer.close();
    await this.#upkeep;
    await this.#options.files.letGo();
  }

  #everyMinute(): void {
    const { metrics, clock } = this.#options;
    this.#cancelUpkeep = clock.after(UPKEEP_EVERY, () => this.#everyMinute());
    const { bytes, waiting, lost } = this.status();
    metrics.gauge('zhishou_history_spool_bytes', bytes);
    metrics.gauge('zhishou_history_spool_waiting', waiting);
    metrics.gauge('zhishou_history_lost', lost);
    this.#keepRoom();
  }

  #keepRoom(limitBytes = this.#options.limitBytes): void {
    const { files, keepFreeBytes } = this.#options;
    const make = async (): Promise<void> => {
      if (this.#needed !== null) await this.release(this.#needed());
      await makeRoom({
        files,
        segments: this.#segments,
        active: () => this.#writer.active,
        limitBytes,
        keepFreeBytes,
        leastBytes: this.#options.limitBytes / 16,
        onMade: (made) => this.#tellRoom(made),
      });
    };
    this.#upkeep ??= make()
      .catch((error: unknown) => this.#tellTrouble(error))
      .finally(() => {
        this.#upkeep = null;
      });
  }

  #tellRoom({ thinned, dropped }: RoomMade): void {
    this.#thinned += thinned;
    this.#lost += dropped;
    const { metrics } = this.#options;
    if (thinned > 0) {
      this.#thinnedAt = this.#options.clock.monotonic();
      metrics.count('zhishou_history_thinned_total', {}, thinned);
      this.#log.warn('thin', { thinned }, 'the history spool is full: its oldest readings were thinned');
    }
    if (dropped > 0) {
      metrics.count('zhishou_history_dropped_total', {}, dropped);
      this.#log.error('drop', { dropped }, 'the history spool is full of coarse readings: the oldest were dropped');
    }
  }

  #tellTrouble(error: unknown): void {
    this.#options.metrics.count('zhishou_history_spool_failures_total');
    this.#log.error(
      'disk',
      { error: messageOf(error), waiting: this.#writer?.waiting },
      'the history spool cannot be written; readings wait in memory, all else goes on',
    );
    if (isFull(error)) this.#keepRoom(this.#segments.bytes() - 2 * this.#segmentBytes());
  }

  #tellSpoilt(bytes: number, segment: string): void {
    this.#spoilt += bytes;
    this.#options.metrics.count('zhishou_history_spoilt_bytes_total', {}, bytes);
    this.#log.error('spoilt', { bytes, segment }, 'the history spool has spoilt bytes; they were passed over');
  }

  #loseTold(readings: number): void {
    this.#lost += readings;
    this.#log.error('lost', { readings }, 'readings of the history spool were lost with spoilt bytes');
  }
}
