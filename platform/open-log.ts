import { pino } from 'pino';
import type { Clock, Log } from '#core/ports.ts';
import { toIso } from '#core/time.ts';

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
