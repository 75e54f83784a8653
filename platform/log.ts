import { pino } from 'pino';
import type { Clock, Log } from '#core/ports.ts';
import { type Duration, minutes, toIso } from '#core/time.ts';

/** The log: JSON lines for machines, or one line per entry for people who look at a terminal. */

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogOptions {
  readonly level?: LogLevel;
  /** Where lines go; default standard error. A path is appended to. */
  readonly file?: string;
  /** `people`: `12:00:01 WARN collector ups-1 does not answer {…}`. Default: people on a terminal, json elsewhere. */
  readonly format?: 'json' | 'people';
  /** Stamps lines with this clock's time, so that a drill's log shows the drill's time. */
  readonly clock?: Clock;
  /** Takes the lines instead of a file: for tests. */
  readonly write?: (line: string) => void;
}

/** Opens the log. */
export function createLog(options: LogOptions = {}): Log {
  const { clock } = options;
  const format = options.format ?? (process.stderr.isTTY && options.file === undefined ? 'people' : 'json');
  const raw = options.write ?? destination(options.file);
  const write = format === 'people' ? (line: string) => raw(forPeople(line)) : raw;
  const logger = pino(
    {
      level: options.level ?? 'info',
      base: null,
      formatters: { level: (label) => ({ level: label }) },
      timestamp: () => `,"time":"${clock === undefined ? new Date().toISOString() : toIso(clock.now())}"`,
    },
    { write },
  );
  return logger;
}

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

function destination(file: string | undefined): (line: string) => void {
  const stream = pino.destination({ dest: file ?? 2, sync: true, mkdir: true });
  return (line) => void stream.write(line);
}

function forPeople(line: string): string {
  const { time, level, msg, service, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const fields = Object.keys(rest).length === 0 ? '' : ` ${JSON.stringify(rest)}`;
  const from = service === undefined ? '' : `${String(service)}: `;
  return `${String(time).slice(11, 19)} ${String(level).toUpperCase().padEnd(5)} ${from}${String(msg)}${fields}\n`;
}
