import { messageOf } from '#core/errors.ts';
import type { Cancel, Clock, Log, Metrics, SeriesStore } from '#core/ports.ts';
import type { Reading, ReadingBatch } from '#core/reading.ts';
import { seconds } from '#core/time.ts';

/** Writes readings to the series store in batches, off the decision path. A failing store is counted and told, never thrown (L40). */
export interface Recorder {
  add(batch: ReadingBatch): void;
  /** Writes what waits; also before a history is asked for. */
  flush(): Promise<void>;
  stop(): Promise<void>;
  status(): {
    readonly state: 'ok' | 'failing';
    readonly written: number;
    readonly lost: number;
    readonly error: string | null;
  };
}

export interface RecorderDependencies {
  readonly series: SeriesStore;
  /** Real time: how often the disk is written. */
  readonly wall: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

const FLUSH_AFTER = seconds(1);
/** While the store fails so many readings wait (about 30 MB); after that the oldest go. */
const MOST_WAITING = 100_000;

export function createRecorder({ series, wall, log, metrics }: RecorderDependencies): Recorder {
  let waiting: Reading[] = [];
  let written = 0;
  let lost = 0;
  let error: string | null = null;
  let timer: Cancel | null = null;
  let writing: Promise<void> | null = null;

  const write = async (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    try {
      await series.write(batch);
      written += batch.length;
      metrics.count('zhishou_recorder_readings_total', {}, batch.length);
      if (error !== null) log.info({}, 'the series store takes readings again');
      error = null;
    } catch (thrown) {
      waiting = batch.concat(waiting);
      bound();
      if (error === null) {
        log.error({ error: messageOf(thrown) }, 'the series store does not take readings; they wait, all else goes on');
      }
      error = messageOf(thrown);
      metrics.count('zhishou_recorder_failures_total');
    }
  };
  const flush = async (): Promise<void> => {
    await writing;
    if (waiting.length === 0) return;
    writing = write();
    await writing;
    writing = null;
  };
  const bound = (): void => {
    const over = waiting.length - MOST_WAITING;
    if (over <= 0) return;
    waiting = waiting.slice(over);
    lost += over;
    metrics.count('zhishou_recorder_lost_total', {}, over);
  };
  const flushSoon = (): void => {
    timer ??= wall.after(FLUSH_AFTER, async () => {
      await flush();
      timer = null;
      // The store failed: what waits is tried again.
      if (waiting.length > 0) flushSoon();
    });
  };

  return {
    add(batch) {
      waiting.push(...batch.readings);
      bound();
      if (waiting.length > 0) flushSoon();
    },
    flush,
    async stop() {
      timer?.();
      timer = null;
      await flush();
    },
    status: () => ({ state: error === null ? 'ok' : 'failing', written, lost, error }),
  };
}
