import { messageOf, ZhishouError } from '#core/errors.ts';
import type { Cancel, Clock, Log, Metrics, SeriesStore } from '#core/ports.ts';
import type { Random } from '#core/random.ts';
import type { Reading } from '#core/reading.ts';
import type { SeriesWriteResult } from '#core/series.ts';
import { type Duration, type Instant, milliseconds, minutes, seconds } from '#core/time.ts';
import { limitLog } from '../../log.ts';
import type { Cursor } from '../spool/cursors.ts';
import { comparePositions, type Position, START, type Stretch } from '../spool/position.ts';
import type { SpoolSlice } from '../spool/reader.ts';
import type { Spool } from '../spool/spool.ts';

/**
 * Spool → one store, in order, each reading at least once; the cursor moves only when the store has taken them. A store that
 * was away long gets what is new at once and what it missed beside it, at a rate that leaves the machine to others.
 */
export interface Delivery {
  start(): Promise<void>;
  /** The stretches that it still needs. */
  needed(): readonly Stretch[];
  /** Resolves when everything before this place is in the store, or the wall clock has passed `limit`. */
  reached(place: Position, limit: Duration): Promise<boolean>;
  status(): DeliveryStatus;
  /** Ends after the write that is under way, keeps the cursor. */
  stop(): Promise<void>;
}

export interface DeliveryStatus {
  /** `behind`: it takes readings and has not all of them yet. */
  readonly state: 'ok' | 'behind' | 'failing';
  readonly store: string;
  readonly delivered: number;
  /** Readings that it will never take. */
  readonly rejected: number;
  readonly waitingBytes: number;
  /** When the oldest reading that it does not have was measured, as far as that is known; null: it has all. */
  readonly since: Instant | null;
  readonly error: string | null;
}

export interface DeliveryOptions {
  /** As the configuration calls it; the cursor's name. */
  readonly name: string;
  readonly store: Pick<SeriesStore, 'write' | 'status'>;
  readonly spool: Spool;
  /** Real time. */
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Readings a second while catching up. */
  readonly catchUpRate: number;
  /** The cursor has moved: segments may be free. */
  readonly onProgress: () => void;
}

/** Handing them to a store takes some milliseconds of this thread. */
const BATCH = 4096;
/** More than this behind is a stretch of its own: what is new does not wait for it. About 40,000 readings. */
const LONG_BEHIND_BYTES = 256 * 1024;
/** Outages upon outages: beyond this what is new waits its turn. */
const MOST_STRETCHES = 16;
const FIRST_PAUSE = seconds(1);
const LONGEST_PAUSE = minutes(1);
/** A kill costs that much delivered twice. */
const SAVE_EVERY = seconds(10);
/** A batch that the store refuses for its content is halved until the one reading is found. */
const TRIES_OF_ONE = 3;

export function createDelivery(options: DeliveryOptions): Delivery {
  return new RunningDelivery(options);
}

class RunningDelivery implements Delivery {
  readonly #options: DeliveryOptions;
  readonly #log: ReturnType<typeof limitLog>;
  #live: Position = START;
  #behind: Stretch[] = [];
  #batch = BATCH;
  #failures = 0;
  #triesOfOne = 0;
  #error: string | null = null;
  #delivered = 0;
  #rejected = 0;
  #since: Instant | null = null;
  /** Monotonic: when the next stretch of what was missed may go. */
  #catchUpAt = 0;
  #savedAt = 0;
  #unsaved = false;
  #stopped = false;
  #done: Promise<void> = Promise.resolve();
  #wake: (() => void) | null = null;
  #stopListening: Cancel = () => {};
  readonly #waiting = new Set<() => void>();

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#log = limitLog(options.log, options.clock);
  }

  async start(): Promise<void> {
    const { spool } = this.#options;
    this.#stopListening = spool.onAppended(() => this.#wake?.());
    this.#done = this.#run();
  }

  needed(): readonly Stretch[] {
    return [...this.#behind, { from: this.#live, to: null }];
  }

  async reached(place: Position, limit: Duration): Promise<boolean> {
    const { clock, spool } = this.#options;
    const deadline = clock.monotonic() + limit;
    while (spool.bytesBetween(this.#live, place) > 0 && !this.#stopped) {
      const left = milliseconds(deadline - clock.monotonic());
      if (left <= 0) return false;
      await new Promise<void>((resolve) => {
        const cancel = clock.after(left, () => wake());
        const wake = (): void => {
          cancel();
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
    return !this.#stopped;
  }

  status(): DeliveryStatus {
    const { name, spool, store } = this.#options;
    const waitingBytes = this.#waitingBytes();
    const own = store.status();
    const error = this.#error ?? (own.state === 'failing' ? own.error : null);
    const late = this.#behind.length > 0 || spool.bytesBetween(this.#live, null) > LONG_BEHIND_BYTES;
    return {
      state: error !== null ? 'failing' : late ? 'behind' : 'ok',
      store: name,
      delivered: this.#delivered,
      rejected: this.#rejected,
      waitingBytes,
      since: waitingBytes > 0 ? this.#since : null,
      error,
    };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopListening();
    this.#wake?.();
    await this.#done;
    await this.#save();
    for (const wake of [...this.#waiting]) wake();
  }

  #waitingBytes(): number {
    const { spool } = this.#options;
    return this.needed().reduce((sum, { from, to }) => sum + spool.bytesBetween(from, to), 0);
  }

  async #run(): Promise<void> {
    await Promise.race([this.#options.spool.opened, this.#untilStopped()]);
    if (this.#stopped) return;
    await this.#load();
    while (!this.#stopped) {
      try {
        await this.#turn();
      } catch (error) {
        this.#fail(error);
        await this.#rest(this.#pause());
      }
    }
  }

  /** What is new first; then a part of what was missed, if it is time for one; then rest until there is more. */
  async #turn(): Promise<void> {
    const { spool, clock } = this.#options;
    if (this.#error === null) this.#leaveBehind();
    const live = await spool.read(this.#live, this.#batch);
    if (live.readings.length > 0) {
      await this.#deliver(live);
      this.#live = live.next;
      return this.#advanced();
    }
    this.#live = live.next;
    const oldest = this.#behind[0];
    if (oldest === undefined) return this.#rest(null);
    const wait = this.#catchUpAt - clock.monotonic();
    if (wait > 0) return this.#rest(milliseconds(wait));
    await this.#catchUp(oldest);
  }

  async #catchUp(stretch: Stretch): Promise<void> {
    const { spool, clock, catchUpRate } = this.#options;
    const slice = await spool.read(stretch.from, this.#batch, stretch.to);
    if (slice.readings.length === 0) {
      this.#behind.shift();
      if (this.#behind.length === 0) {
        this.#options.log.info({ store: this.#options.name }, 'history: the store has everything it missed');
      }
      return this.#advanced();
    }
    this.#since = slice.readings[0]?.measuredAt ?? null;
    this.#catchUpAt = clock.monotonic() + (slice.readings.length / catchUpRate) * 1000;
    await this.#deliver(slice);
    this.#behind[0] = { from: slice.next, to: stretch.to };
    await this.#advanced();
  }

  /** Far behind: from now on what is new goes first. */
  #leaveBehind(): void {
    const { spool } = this.#options;
    if (spool.bytesBetween(this.#live, null) <= LONG_BEHIND_BYTES) return;
    const to = spool.end();
    const last = this.#behind.at(-1);
    if (last?.to !== undefined && last.to !== null && comparePositions(last.to, this.#live) === 0) {
      this.#behind[this.#behind.length - 1] = { from: last.from, to };
    } else if (this.#behind.length < MOST_STRETCHES) this.#behind.push({ from: this.#live, to });
    else return;
    this.#live = to;
  }

  async #deliver({ readings }: SpoolSlice): Promise<void> {
    const { metrics, name } = this.#options;
    if (this.#behind.length === 0) this.#since = readings[0]?.measuredAt ?? null;
    const { rejected } = await this.#write(readings);
    this.#succeeded();
    this.#delivered += readings.length - rejected.length;
    metrics.count('zhishou_history_delivered_total', { store: name }, readings.length - rejected.length);
    const [first] = rejected;
    if (first === undefined) return;
    this.#reject(rejected.length, `${first.reading.device}/${first.reading.point}`, first.reason);
  }

  /** An error that is none of the store's but of its code is due to what it was given: halved until the one reading is known, which is left out. */
  async #write(readings: readonly Reading[]): Promise<SeriesWriteResult> {
    try {
      const result = await this.#options.store.write(readings);
      this.#triesOfOne = 0;
      return result;
    } catch (error) {
      if (error instanceof ZhishouError && error.code !== 'INVARIANT') throw error;
      this.#batch = Math.max(1, Math.floor(Math.min(this.#batch, readings.length) / 2));
      const [reading] = readings;
      if (readings.length > 1 || reading === undefined || ++this.#triesOfOne < TRIES_OF_ONE) throw error;
      this.#triesOfOne = 0;
      return { written: 0, rejected: [{ reading, reason: messageOf(error) }] };
    }
  }

  #reject(count: number, series: string, reason: string): void {
    const { metrics, name } = this.#options;
    this.#rejected += count;
    metrics.count('zhishou_history_rejected_total', { store: name }, count);
    this.#log.warn(
      'rejected',
      { store: name, count, series, reason },
      'history: the store does not take some readings',
    );
  }

  #succeeded(): void {
    if (this.#error !== null) {
      this.#options.log.info({ store: this.#options.name }, 'history: the store takes readings again');
    }
    this.#error = null;
    this.#failures = 0;
    this.#batch = Math.min(BATCH, this.#batch * 2);
  }

  #fail(error: unknown): void {
    const { metrics, name } = this.#options;
    this.#failures++;
    this.#error = messageOf(error);
    metrics.count('zhishou_history_store_failures_total', { store: name });
    this.#log.error(
      'store',
      { store: name, error: this.#error, waitingBytes: this.#waitingBytes() },
      'history: the store takes no readings; they wait in the spool',
    );
  }

  #pause(): Duration {
    const longest = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(this.#failures - 1, 10));
    return milliseconds(longest * this.#options.random.between(0.5, 1));
  }

  /** Null: until there is something new. */
  async #rest(pause: Duration | null): Promise<void> {
    if (pause === null && this.#unsaved) await this.#saveSoon();
    const { spool, clock } = this.#options;
    if (this.#stopped) return;
    // What came while the last read was under way woke nobody.
    if (pause === null && spool.bytesBetween(this.#live, null) > 0 && this.#error === null) return;
    await new Promise<void>((resolve) => {
      const cancel = pause === null ? () => {} : clock.after(pause, () => done());
      const done = (): void => {
        cancel();
        this.#wake = null;
        resolve();
      };
      // While the store fails only time helps, and the end.
      this.#wake = () => {
        if (this.#error === null || this.#stopped) done();
      };
    });
  }

  #untilStopped(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async #advanced(): Promise<void> {
    this.#unsaved = true;
    for (const wake of [...this.#waiting]) wake();
    await this.#saveSoon();
    this.#options.onProgress();
  }

  async #load(): Promise<void> {
    const { spool, name } = this.#options;
    try {
      const cursor = await spool.loadCursor(name);
      if (cursor === null) return;
      this.#live = cursor.live;
      this.#behind = [...cursor.behind];
    } catch (error) {
      this.#log.error(
        'cursor',
        { store: name, error: messageOf(error) },
        'history: the cursor cannot be read; all again',
      );
    }
  }

  async #saveSoon(): Promise<void> {
    if (this.#options.clock.monotonic() - this.#savedAt >= SAVE_EVERY) await this.#save();
  }

  /** A cursor that could not be kept costs repeated deliveries after a restart, nothing else. */
  async #save(): Promise<void> {
    if (!this.#unsaved) return;
    const { spool, name, clock } = this.#options;
    this.#savedAt = clock.monotonic();
    const cursor: Cursor = { behind: this.#behind, live: this.#live };
    try {
      await spool.saveCursor(name, cursor);
      this.#unsaved = false;
    } catch (error) {
      this.#log.warn('cursor', { store: name, error: messageOf(error) }, 'history: the cursor cannot be kept');
    }
  }
}
