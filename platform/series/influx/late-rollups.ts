import { messageOf } from '#core/errors.ts';
import type { Clock, Log } from '#core/ports.ts';
import type { Reading } from '#core/reading.ts';
import { hours, type Instant, instant, minutes } from '#core/time.ts';
import { limitLog } from '../../log.ts';
import type { InfluxOptions } from './influx-options.ts';
import type { Session } from './influx-session.ts';
import { fillStatement, LATE } from './rollups.ts';

/**
 * Sums up again what came later than the continuous queries look back: after an outage the spool catches up with a day. The
 * range of the late readings is gathered while they come and summed up when they have stopped coming, or at the end.
 */
export interface LateRollups {
  /** After each write. */
  wrote(readings: readonly Reading[]): void;
  fill(from: Instant, to: Instant): Promise<void>;
  close(): Promise<void>;
}

interface Range {
  readonly from: number;
  readonly to: number;
}
const around = (one: Range, other: Range | null): Range =>
  other === null ? one : { from: Math.min(one.from, other.from), to: Math.max(one.to, other.to) };

/** The server sums up before it answers. */
const FILL_TIMEOUT = minutes(5);
/** Steps of this length in one statement, so that none takes minutes. */
const PART = hours(1);

export function createLateRollups(session: Session, options: InfluxOptions, clock: Clock, log: Log): LateRollups {
  let range: Range | null = null;
  const limited = limitLog(log, clock);
  let filling: Promise<void> = Promise.resolve();

  const fill = async (from: Instant, to: Instant): Promise<void> => {
    const { ql, prepared } = await session.contact();
    const all = [prepared, ...prepared.apart.values()].flatMap(({ rollups }) => rollups);
    for (const rollup of new Map(all.map((one) => [one.policy, one])).values()) {
      const part = Math.max(PART, rollup.size);
      for (let start = Math.floor(from / part) * part; start < to; start += part) {
        const [first, last] = [Math.max(from, start), Math.min(to, start + part)];
        await ql.manage(fillStatement(options.database, rollup, instant(first), instant(last)), FILL_TIMEOUT);
      }
    }
  };
  /** A failure is told and the range kept for the next time. */
  const settle = async (): Promise<void> => {
    if (range === null) return;
    const own = range;
    range = null;
    try {
      await fill(instant(own.from), instant(own.to + 1));
    } catch (error) {
      range = around(own, range);
      limited.warn('late', { reason: messageOf(error) }, 'history: late readings are not yet in the rollups');
    }
  };
  return {
    wrote(readings) {
      if (options.keep === undefined) return;
      const before = clock.now() - LATE;
      let late: Range | null = null;
      for (const { measuredAt: at } of readings) if (at >= 0 && at < before) late = around({ from: at, to: at }, late);
      if (late === null) filling = filling.then(settle);
      else range = around(late, range);
    },
    fill,
    async close() {
      await filling;
      await settle();
    },
  };
}
