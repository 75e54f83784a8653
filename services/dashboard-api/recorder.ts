import { messageOf } from '#core/errors.ts';
import type { Cancel, Clock, Log, Metrics, SeriesStore } from '#core/ports.ts';
import type { Reading, ReadingBatch } from '#core/reading.ts';
import { type Duration, hours, minus, seconds } from '#core/time.ts';

/** Writes readings to the series store in batches, off the decision path. A failing store is counted and told, never thrown (L40). */
export interface Recorder {
  add(batch: ReadingBatch): void;
  /** Writes what waits; also before a history is asked for. */
  flush(): void;
  start(): void;
  stop(): void;
  status(): {
    readonly state: 'ok' | 'failing';
    readonly written: number;
    readonly lost: number;
    readonly error: string | null;
  };
}

export interface RecorderDependencies {
  readonly series: SeriesStore;
  /** The site's clock: how old a reading is. */
  readonly clock: Clock;
  /** Real time: how often the disk is written. */
  readonly wall: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly keep: Duration;
}

const FLUSH_AFTER = seconds(1);
const FLUSH_AT = 1000;
/** While the store fails so many readings wait (about 30 MB); after that the oldest go. */
const MOST_WAITING = 100_000;
const PRUNE_EVERY = hours(24);

export function createRecorder(deps: RecorderDependencies): Recorder {
  const { series, clock, wall, log, metrics } = deps;
  let waiting: Reading[] = [];
  let written = 0;
  let lost = 0;
  let error: string | null = null;
  const timers: { flush: Cancel | null; prune: Cancel } = { flush: null, prune: () => {} };

  const fail = (thrown: unknown, message: string): void => {
    if (error === null) log.error({ error: messageOf(thrown) }, message);
    error = messageOf(thrown);
    metrics.count('zhishou_recorder_failures_total');
  };
  const flush = (): void => {
    if (waiting.length === 0) return;
    const batch = waiting;
    try {
      series.write(batch);
      waiting = [];
      written += batch.length;
      metrics.count('zhishou_recorder_readings_total', {}, batch.length);
      if (error !== null) log.info({}, 'the series store takes readings again');
      error = null;
    } catch (thrown) {
      fail(thrown, 'the series store does not take readings; they wait, everything else goes on');
    }
  };
  const flushSoon = (): void => {
    timers.flush ??= wall.after(FLUSH_AFTER, () => {
      timers.flush = null;
      flush();
      // The store failed: what waits is tried again.
      if (waiting.length > 0) flushSoon();
    });
  };
  const everyDay = (): void => {
    try {
      series.prune(minus(clock.now(), deps.keep));
    } catch (thrown) {
      fail(thrown, 'the series store could not drop its old readings');
    }
    timers.prune = clock.after(PRUNE_EVERY, everyDay);
  };

  return {
    add(batch) {
      waiting.push(...batch.readings);
      if (waiting.length > MOST_WAITING) {
        const over = waiting.length - MOST_WAITING;
        waiting = waiting.slice(over);
        lost += over;
        metrics.count('zhishou_recorder_lost_total', {}, over);
      }
      // A store that failed is tried once a second, not at each reading.
      if (waiting.length >= FLUSH_AT && error === null) flush();
      if (waiting.length > 0) flushSoon();
    },
    flush,
    start: everyDay,
    stop() {
      timers.flush?.();
      timers.flush = null;
      timers.prune();
      flush();
    },
    status: () => ({ state: error === null ? 'ok' : 'failing', written, lost, error }),
  };
}
