import type { Clock, Log } from '#core/ports.ts';
import { type Duration, minutes } from '#core/time.ts';

/** What is done with a log, without what opens one (open-log.ts): the history's thread needs no logging library. */

/** Says nothing. */
export const silentLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLog,
};

/** Writes the first of a kind at once and then one a minute with the number of those left out, not a thousand. */
export interface LimitedLog {
  warn(key: string, fields: Record<string, unknown>, message: string): void;
  error(key: string, fields: Record<string, unknown>, message: string): void;
}

const MOST_KEYS = 1000;

/** Bounds how often entries with the same key are written. Keys are kinds (`bad-json zigbee2mqtt`), never contents. */
export function limitLog(log: Log, clock: Clock, every: Duration = minutes(1)): LimitedLog {
  const kinds = new Map<string, { until: number; leftOut: number }>();
  const write = (level: 'warn' | 'error', key: string, fields: Record<string, unknown>, message: string): void => {
    const now = clock.monotonic();
    const kind = kinds.get(key);
    if (kind !== undefined && now < kind.until) {
      kind.leftOut++;
      return;
    }
    if (kind === undefined && kinds.size >= MOST_KEYS) kinds.clear();
    kinds.set(key, { until: now + every, leftOut: 0 });
    const leftOut = kind?.leftOut ?? 0;
    log[level](leftOut === 0 ? fields : { ...fields, leftOut }, message);
  };
  return {
    warn: (key, fields, message) => write('warn', key, fields, message),
    error: (key, fields, message) => write('error', key, fields, message),
  };
}
