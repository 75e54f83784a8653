import type { HistoryStoreName } from '#core/config/history.ts';
import { ZhishouError } from '#core/errors.ts';
import type { SeriesStore } from '#core/ports.ts';
import type { SeriesStep } from '#core/series.ts';
import { fromIso, type Instant, instant, minus, parseDuration } from '#core/time.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { exportCsv } from '#platform/series/exchange/csv-export.ts';
import { exportWide } from '#platform/series/exchange/csv-wide.ts';
import { exportLines } from '#platform/series/exchange/line-export.ts';
import { exportParquet } from '#platform/series/exchange/parquet-export.ts';
import { writePieces } from '#platform/series/exchange/text-file.ts';
import { readAnyHistory } from './site-history.ts';

export interface ExportOptions {
  readonly state: string;
  readonly from: string;
  readonly to?: string;
  readonly device?: readonly string[];
  readonly point?: readonly string[];
  /** Null: the embedded history of the state directory. */
  readonly config: string | null;
  readonly store?: HistoryStoreName;
  readonly format: 'csv' | 'wide' | 'lines' | 'parquet';
  readonly step: string;
  readonly timeZone: string;
  readonly site: string;
  readonly simulated?: boolean;
  readonly out: string;
}

/** `zhishou export`: history as a file, while the service runs. */
export async function exportHistory(options: ExportOptions): Promise<void> {
  const now = createSystemClock().now();
  const zone = zoneOf(options.timeZone);
  const selection = {
    from: momentOf(options.from, now, zone),
    to: options.to === undefined ? now : momentOf(options.to, now, zone),
    devices: options.device ?? [],
    points: options.point ?? [],
  };
  const step = stepOf(options.step, zone);
  const pieces = (store: SeriesStore): AsyncIterable<string | Uint8Array> => {
    if (options.format === 'parquet') return exportParquet(store, selection);
    if (options.format === 'wide') return exportWide(store, { ...selection, step, timeZone: zone });
    if (options.format === 'lines')
      return exportLines(store, { ...selection, site: options.site, simulated: options.simulated === true });
    return exportCsv(store, selection);
  };
  await readAnyHistory(options, (store) => writePieces(options.out, pieces(store)));
}

function zoneOf(name: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    throw new ZhishouError('BAD_REQUEST', name, 'no time zone has this name; as Asia/Shanghai');
  }
}

/** `2026-01-05T08:00:00+08:00`, `2026-01-05` (its local midnight), or `7d` (before now). */
export function momentOf(text: string, now: Instant, timeZone: string): Instant {
  const back = parseDuration(text);
  if (back !== null) return minus(now, back);
  const day = /^\d{4}-\d\d-\d\d$/.test(text) ? midnight(text, timeZone) : fromIso(text);
  if (day !== null) return day;
  throw new ZhishouError(
    'BAD_REQUEST',
    text,
    'no moment: as 2026-01-05, 2026-01-05T08:00:00+08:00, or 7d for seven days ago',
  );
}

function midnight(text: string, timeZone: string): Instant | null {
  try {
    return instant(Temporal.PlainDate.from(text).toZonedDateTime(timeZone).epochMilliseconds);
  } catch {
    return null;
  }
}

const CALENDAR = ['hour', 'day', 'week', 'month', 'year'] as const;

function stepOf(text: string, timeZone: string): SeriesStep {
  const calendar = CALENDAR.find((name) => name === text);
  if (calendar !== undefined) return { calendar, timeZone };
  const every = parseDuration(text);
  if (every === null || every <= 0)
    throw new ZhishouError('BAD_REQUEST', text, `no step: as 1m, 15m, or one of ${CALENDAR.join(', ')}`);
  return { every };
}
