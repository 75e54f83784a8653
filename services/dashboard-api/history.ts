import type { HistoryResponse } from '#core/api.ts';
import { ZhishouError } from '#core/errors.ts';
import { definePoint } from '#core/points.ts';
import type { SeriesPoint, SeriesStore } from '#core/ports.ts';
import { between, type Duration, hours, type Instant, instant, milliseconds, minus, toIso } from '#core/time.ts';

/** A point's past for a chart: numbers in at most so many buckets, words and truths as the moments of change. */
export interface HistoryQuery {
  readonly device: string;
  readonly point: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly points: number;
}

const LONGEST = hours(400 * 24);
const FINEST_STEP = milliseconds(1000);
/** Rows read to find the changes among; about 11 days of a point each 10 s. */
const MOST_ROWS = 100_000;

export function readHistory(series: SeriesStore, query: HistoryQuery): HistoryResponse {
  const { device, point, from, to, points } = query;
  const definition = definePoint(point);
  if (definition === null) throw new ZhishouError('NOT_FOUND', point, 'no such point in the registry');
  const length = between(from, to);
  if (length <= 0) throw new ZhishouError('BAD_REQUEST', 'from', 'must be before to');
  if (length > LONGEST) throw new ZhishouError('BAD_REQUEST', 'from', 'at most 400 days before to');
  const step = stepFor(length, points);
  const base = { device, point, unit: definition.unit, from: toIso(from), to: toIso(to), stepS: step / 1000 };
  if (definition.kind === 'number') {
    // Buckets begin at whole steps, so that those of neighbouring requests fall together.
    const aligned = instant(Math.floor(from / step) * step);
    const buckets = series.buckets({ device, point, from: aligned, to, step });
    return {
      ...base,
      buckets: buckets.map((bucket) => ({
        at: toIso(bucket.from),
        mean: bucket.mean,
        min: bucket.min,
        max: bucket.max,
        count: bucket.count,
      })),
      changes: [],
      truncated: false,
    };
  }
  const rows = series.raw({ device, point, from, to, limit: MOST_ROWS });
  const changes = changesOf(rows);
  return {
    ...base,
    buckets: [],
    changes: changes
      .slice(-points)
      .map((change) => ({ at: toIso(change.at), value: change.value, quality: change.quality })),
    truncated: changes.length > points || rows.length >= MOST_ROWS,
  };
}

/** Whole seconds. One step more than fits is needed when the range begins inside a step. */
const stepFor = (length: Duration, points: number): Duration =>
  milliseconds(Math.max(FINEST_STEP, Math.ceil(length / Math.max(1, points - 1) / 1000) * 1000));

/** The first row and each that differs from the one before. */
const changesOf = (rows: readonly SeriesPoint[]): readonly SeriesPoint[] =>
  rows.filter((row, index) => {
    const before = rows[index - 1];
    return before === undefined || before.value !== row.value || before.quality !== row.quality;
  });

/** From the request's texts to instants; `now` is the site's clock. */
export function historyRange(
  from: Instant | null,
  to: Instant | null,
  now: Instant,
): { readonly from: Instant; readonly to: Instant } {
  const end = to ?? now;
  return { from: from ?? minus(end, hours(1)), to: end };
}
