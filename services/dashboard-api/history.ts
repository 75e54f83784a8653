import type { HistoryResponse } from '#core/api.ts';
import { ZhishouError } from '#core/errors.ts';
import { definePoint } from '#core/points.ts';
import type { SeriesStore } from '#core/ports.ts';
import type { SeriesBucket } from '#core/series.ts';
import { between, type Duration, hours, type Instant, milliseconds, minus, toIso } from '#core/time.ts';

/** A point's past for a chart: numbers in at most so many buckets, words and truths as the moments of change. */
export interface HistoryQuery {
  readonly device: string;
  readonly point: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly points: number;
}

/** What was measured just now is worth so much waiting of whoever looks at a curve; never more. */
export const SETTLE_LIMIT = milliseconds(500);

const LONGEST = hours(400 * 24);
const FINEST_STEP = milliseconds(1000);

export async function readHistory(
  series: Pick<SeriesStore, 'buckets' | 'changes'>,
  query: HistoryQuery,
): Promise<HistoryResponse> {
  const { device, point, from, to, points } = query;
  const definition = definePoint(point);
  if (definition === null) throw new ZhishouError('NOT_FOUND', point, 'no such point in the registry');
  const length = between(from, to);
  if (length <= 0) throw new ZhishouError('BAD_REQUEST', 'from', 'must be before to');
  if (length > LONGEST) throw new ZhishouError('BAD_REQUEST', 'from', 'at most 400 days before to');
  const step = stepFor(length, points);
  const base = { device, point, unit: definition.unit, from: toIso(from), to: toIso(to), stepS: step / 1000 };
  if (definition.kind === 'number') {
    const buckets = await series.buckets({ device, point, from, to, step: { every: step } });
    return { ...base, buckets: buckets.flatMap((one) => toAnswer(one, step) ?? []), changes: [], truncated: false };
  }
  // One more than is shown tells whether there are more.
  const changes = await series.changes({ device, point, from, to, limit: points + 1 });
  return {
    ...base,
    buckets: [],
    changes: changes.slice(-points).map(({ at, value, quality }) => ({ at: toIso(at), value, quality })),
    truncated: changes.length > points,
  };
}

/** A bucket that a reading before it reaches into has a mean by time and no reading of its own. */
function toAnswer(bucket: SeriesBucket, step: Duration): HistoryResponse['buckets'][number] | null {
  const mean = bucket.timeMean ?? bucket.mean;
  if (mean === null) return null;
  return {
    at: toIso(bucket.from),
    mean,
    min: bucket.min ?? mean,
    max: bucket.max ?? mean,
    count: bucket.count,
    coverage: Math.round((bucket.coveredS / (step / 1000)) * 1000) / 1000,
  };
}

/** Whole seconds. One step more than fits is needed when the range begins inside a step. */
const stepFor = (length: Duration, points: number): Duration =>
  milliseconds(Math.max(FINEST_STEP, Math.ceil(length / Math.max(1, points - 1) / 1000) * 1000));

/** From the request's texts to instants; `now` is the site's clock. */
export function historyRange(
  from: Instant | null,
  to: Instant | null,
  now: Instant,
): { readonly from: Instant; readonly to: Instant } {
  const end = to ?? now;
  return { from: from ?? minus(end, hours(1)), to: end };
}
