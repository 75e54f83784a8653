import { messageOf, ZhishouError } from '#core/errors.ts';
import type { Cancel, Clock } from '#core/ports.ts';
import type { Random } from '#core/random.ts';
import type { Reading } from '#core/reading.ts';
import { type Duration, milliseconds, seconds } from '#core/time.ts';
import { ReadingEncoder } from './reading-codec.ts';
import { SEGMENT_HEADER, type Segment, segmentName } from './segment-file.ts';
import type { Segments } from './segments.ts';
import type { AppendFile, SpoolFiles } from './spool-files.ts';
import type { Tail } from './tail.ts';
import { WaitingReadings } from './waiting-readings.ts';

/** Memory → file. One write at a time, off the caller's turn; what the disk does not take waits in memory, bounded. */
export interface SpoolWriter {
  add(readings: readonly Reading[]): void;
  /** Resolves when what was added up to now is in the file, or the disk has refused it. */
  flush(): Promise<void>;
  /** Everything into the file and onto the disk, as far as it takes it. */
  close(): Promise<void>;
  readonly active: Segment | null;
  readonly waiting: number;
  readonly written: number;
  readonly lost: number;
  /** Why the disk takes nothing now. */
  error(): string | null;
}

export interface WriterOptions {
  readonly files: SpoolFiles;
  readonly segments: Segments;
  readonly clock: Clock;
  readonly random: Random;
  /** Puts the folder in order before the first write; resolves to the number of the first segment. */
  readonly prepare: () => Promise<number>;
  readonly segmentBytes: number;
  readonly syncEvery: Duration;
  readonly syncBytes: number;
  readonly mostWaiting: number;
  /** While another process keeps the history: what came since it was last seen, so that nothing is missing when this one takes over. */
  readonly mostStandingBy: number;
  readonly tail: Tail;
  readonly onAppended: () => void;
  /** A segment is full and closed. */
  readonly onSealed: () => void;
  readonly onTrouble: (error: unknown) => void;
}

const WRITE_EVERY = seconds(1);
/** Encoding them takes about a millisecond; between two frames the event loop has its turn. */
const FRAME_READINGS = 4096;
const LONGEST_PAUSE = seconds(30);
/** How often a stand-by looks whether the other one is gone: what came between has to fit in memory. */
const LOOK_EVERY = seconds(5);
/** A disk that has not answered for so long is told of. */
const HUNG_AFTER = seconds(10);

export function createSpoolWriter(options: WriterOptions): SpoolWriter {
  const writer = new Writer(options);
  return {
    add: (readings) => writer.add(readings),
    flush: () => writer.flush(),
    close: () => writer.close(),
    get active() {
      return writer.open?.segment ?? null;
    },
    get waiting() {
      return writer.waiting.count;
    },
    get written() {
      return writer.written;
    },
    get lost() {
      return writer.waiting.dropped;
    },
    error: () => writer.error(),
  };
}

interface OpenSegment {
  readonly segment: Segment;
  readonly file: AppendFile;
  readonly encoder: ReadingEncoder;
}

class Writer {
  readonly waiting: WaitingReadings;
  open: OpenSegment | null = null;
  written = 0;
  readonly #options: WriterOptions;
  #number: number | null = null;
  #timer: Cancel | null = null;
  #running: Promise<void> | null = null;
  #failure: { text: string; times: number } | null = null;
  #standsBy = false;
  #askedAt: Duration | null = null;
  #unsynced = 0;
  #syncedAt: Duration;
  #closed = false;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.waiting = new WaitingReadings(options.mostWaiting);
    this.#syncedAt = options.clock.monotonic();
  }

  add(readings: readonly Reading[]): void {
    this.waiting.add(readings);
    this.#later(WRITE_EVERY);
  }

  async flush(): Promise<void> {
    // One under way may have begun before the last were added.
    await this.#running;
    this.#running ??= this.#run();
    await this.#running;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer?.();
    await this.flush();
    await this.#attempt(async () => {
      if (this.open !== null) await this.#seal(this.open);
    });
  }

  error(): string | null {
    const { clock } = this.#options;
    if (this.#askedAt !== null && clock.monotonic() - this.#askedAt > HUNG_AFTER) {
      return `the disk has not answered for ${Math.round((clock.monotonic() - this.#askedAt) / 1000)} s`;
    }
    return this.#failure?.text ?? null;
  }

  #later(delay: Duration): void {
    if (this.#closed || this.#running !== null) return;
    const pause = this.#standsBy ? LOOK_EVERY : this.#failure === null ? delay : this.#pause(this.#failure.times);
    this.#timer ??= this.#options.clock.after(pause, () => {
      this.#timer = null;
      void this.flush();
    });
  }

  #pause(times: number): Duration {
    const longest = Math.min(LONGEST_PAUSE, WRITE_EVERY * 2 ** Math.min(times, 10));
    return milliseconds(longest * this.#options.random.between(0.5, 1));
  }

  async #run(): Promise<void> {
    this.#timer?.();
    this.#timer = null;
    await this.#attempt(() => this.#writeAll());
    this.#running = null;
    if (this.waiting.count > 0) this.#later(WRITE_EVERY);
    else if (this.#unsynced > 0) this.#later(this.#untilSync());
  }

  #untilSync(): Duration {
    const { clock, syncEvery } = this.#options;
    return milliseconds(Math.max(0, this.#syncedAt + syncEvery - clock.monotonic()));
  }

  async #writeAll(): Promise<void> {
    const { segmentBytes, syncBytes, onAppended } = this.#options;
    for (let batch = this.waiting.take(FRAME_READINGS); batch !== null; batch = this.waiting.take(FRAME_READINGS)) {
      this.open ??= await this.#begin();
      const { segment, file, encoder } = this.open;
      const bytes = encoder.encode(batch);
      await file.append(bytes);
      this.waiting.taken();
      this.#options.tail.keep(segment, segment.bytes, segment.bytes + bytes.length, batch);
      segment.bytes += bytes.length;
      this.#unsynced += bytes.length;
      this.written += batch.length;
      this.#recovered();
      onAppended();
      if (segment.bytes >= segmentBytes) await this.#seal(this.open);
      else if (this.#unsynced >= syncBytes) await this.#sync(file);
    }
    if (this.open !== null && this.#unsynced > 0 && this.#untilSync() === 0) await this.#sync(this.open.file);
  }

  async #begin(): Promise<OpenSegment> {
    const number = this.#number ?? (await this.#options.prepare());
    // A number is never used twice: a file that was only half made stays behind.
    this.#number = number + 1;
    const encoder = new ReadingEncoder();
    const segment: Segment = {
      number,
      level: 0,
      bytes: SEGMENT_HEADER.length,
      names: encoder.names(),
    };
    const file = await this.#options.files.create(segmentName(segment));
    try {
      await file.append(SEGMENT_HEADER);
    } catch (error) {
      await file.close().catch(() => {});
      await this.#options.files.remove(segmentName(segment)).catch(() => {});
      throw error;
    }
    this.#options.segments.add(segment);
    return { segment, file, encoder };
  }

  async #sync(file: AppendFile): Promise<void> {
    await file.sync();
    this.#unsynced = 0;
    this.#syncedAt = this.#options.clock.monotonic();
  }

  async #seal({ segment, file, encoder }: OpenSegment): Promise<void> {
    const names = encoder.encodeNames();
    await file.append(names);
    segment.bytes += names.length;
    await this.#sync(file);
    this.open = null;
    segment.names = null;
    await file.close();
    this.#options.onSealed();
  }

  /** After a failure nothing is appended to that file again: its end may be torn, and a failed sync says nothing of the rest. */
  async #attempt(work: () => Promise<void>): Promise<void> {
    this.#askedAt = this.#options.clock.monotonic();
    try {
      await work();
    } catch (error) {
      this.#failure = { text: messageOf(error), times: (this.#failure?.times ?? 0) + 1 };
      this.waiting.giveBack();
      this.#standBy(error instanceof ZhishouError && error.code === 'STORE_DOWN');
      this.#unsynced = 0;
      const left = this.open;
      this.open = null;
      this.#options.onTrouble(error);
      if (left !== null) await this.#abandon(left);
    } finally {
      this.#askedAt = null;
    }
  }

  /** The one that has the folder keeps what it hears; two memories of it would be one too many. */
  #standBy(standsBy: boolean): void {
    this.#standsBy = standsBy;
    const { mostWaiting, mostStandingBy } = this.#options;
    this.waiting.bound(standsBy ? Math.min(mostWaiting, mostStandingBy) : mostWaiting, !standsBy);
  }

  async #abandon({ segment, file }: OpenSegment): Promise<void> {
    segment.names = null;
    await file.close().catch(() => {});
    await this.#options.files.truncate(segmentName(segment), segment.bytes).catch(() => {});
  }

  #recovered(): void {
    this.#failure = null;
    if (this.#standsBy) this.#standBy(false);
    // Each frame that is taken shows that the disk answers.
    this.#askedAt = this.#options.clock.monotonic();
  }
}
