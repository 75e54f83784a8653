import type { HistoryResponse } from '#core/api.ts';
import type { BucketFigure, BucketTable } from '#core/bucket-table.ts';
import { ZhishouError } from '#core/errors.ts';
import { historyStep } from '#core/history-steps.ts';
import { type HistoryManyResponse, type HistorySeries, LONGEST_HISTORY_DAYS } from '#core/history-view.ts';
import { definePoint, type PointDefinition } from '#core/points.ts';
import type { SeriesStore } from '#core/ports.ts';
import type { SeriesBucket, SeriesKey } from '#core/series.ts';
import { between, type Duration, hours, type Instant, milliseconds, minus, minutes, toIso } from '#core/time.ts';

/** Points' pasts for charts: numbers in at most so many buckets, words and truths as the moments of change. */
export interface HistoryRange {
  readonly from: Instant;
  readonly to: Instant;
  readonly points: number;
}
export interface HistoryQuery extends HistoryRange, SeriesKey {}

/** What was measured just now is worth so much waiting of whoever looks at a curve; never more. */
export const SETTLE_LIMIT = milliseconds(500);

const LONGEST = hours(LONGEST_HISTORY_DAYS * 24);
/** With longer buckets than this nobody sees on a curve what came in the last second: such a range is answered at once. */
const FINE = minutes(10);
const JUST_NOW = minutes(1);

type Store = Pick<SeriesStore, 'buckets' | 'changes'>;
type ColumnStore = Pick<SeriesStore, 'table' | 'changes'>;

export async function readHistory(series: Store, query: HistoryQuery): Promise<HistoryResponse> {
  const { device, point, from, to, points } = query;
  const definition = defined(point);
  const step = stepOf(query);
  const base = { device, point, unit: definition.unit, from: toIso(from), to: toIso(to), stepS: step / 1000 };
  if (definition.kind === 'number') {
    const buckets = await series.buckets({ device, point, from, to, step: { every: step } });
    return { ...base, buckets: buckets.flatMap((one) => toAnswer(one, step) ?? []), changes: [], truncated: false };
  }
  return { ...base, buckets: [], ...(await changesOf(series, query, points)) };
}

/** Several points over one range, in columns. Rejects with NOT_FOUND for a point that the registry lacks, BAD_REQUEST for the range. */
export async function readHistories(
  store: ColumnStore,
  keys: readonly SeriesKey[],
  range: HistoryRange,
): Promise<HistoryManyResponse> {
  const { from, to } = range;
  const step = stepOf(range);
  const definitions = keys.map(({ point }) => defined(point));
  const series = await Promise.all(
    keys.map(async (key, place): Promise<HistorySeries> => {
      const definition = definitions[place] ?? defined(key.point);
      const { device, point } = key;
      const base = { device, point, unit: definition.unit };
      if (definition.kind === 'number') {
        const table = await store.table({ device, point, from, to, step: { every: step }, figures: FIGURES });
        return { ...base, kind: 'number', ...columnsOf(table, step), changes: [], truncated: false };
      }
      return { ...base, kind: 'word', ...NO_COLUMNS, ...(await changesOf(store, { ...key, ...range }, range.points)) };
    }),
  );
  return { from: toIso(from), to: toIso(to), stepS: step / 1000, series };
}

const FIGURES = ['timeMean', 'mean', 'min', 'max', 'count', 'coveredS'] as const satisfies readonly BucketFigure[];
const NO_COLUMNS = { at: [], mean: [], min: [], max: [], count: [], coverage: [] };

/** Whether what is still on its way into the store would be seen: then it is waited for, at most SETTLE_LIMIT. */
export function wantsNewest(range: HistoryRange, now: Instant): boolean {
  const step = historyStep(between(range.from, range.to), range.points);
  return step < FINE && between(range.to, now) < JUST_NOW;
}

function defined(point: string): PointDefinition {
  const definition = definePoint(point);
  if (definition === null) throw new ZhishouError('NOT_FOUND', point, 'no such point in the registry');
  return definition;
}

function stepOf({ from, to, points }: HistoryRange): Duration {
  const length = between(from, to);
  if (length <= 0) throw new ZhishouError('BAD_REQUEST', 'from', 'must be before to');
  if (length > LONGEST) throw new ZhishouError('BAD_REQUEST', 'from', `at most ${LONGEST_HISTORY_DAYS} days before to`);
  return historyStep(length, points);
}

async function changesOf(
  series: Pick<SeriesStore, 'changes'>,
  { device, point, from, to }: HistoryQuery,
  most: number,
): Promise<Pick<HistoryResponse, 'changes' | 'truncated'>> {
  // One more than is shown tells whether there are more.
  const changes = await series.changes({ device, point, from, to, limit: most + 1 });
  return {
    changes: changes.slice(-most).map(({ at, value, quality }) => ({ at: toIso(at), value, quality })),
    truncated: changes.length > most,
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

type Columns = Pick<HistorySeries, 'at' | 'mean' | 'min' | 'max' | 'count' | 'coverage'>;

function columnsOf(table: BucketTable<(typeof FIGURES)[number]>, step: Duration): Columns {
  const columns = { at: [], mean: [], min: [], max: [], count: [], coverage: [] } as {
    -readonly [Name in keyof Columns]: number[];
  };
  for (let place = 0; place < table.length; place++) {
    const timeMean = table.figure(place, 'timeMean');
    const mean = Number.isNaN(timeMean) ? table.figure(place, 'mean') : timeMean;
    if (Number.isNaN(mean)) continue;
    const min = table.figure(place, 'min');
    const max = table.figure(place, 'max');
    const [low, high] = [Number.isNaN(min) ? mean : min, Number.isNaN(max) ? mean : max];
    columns.at.push(table.from(place) / 1000);
    columns.mean.push(Math.min(high, Math.max(low, shortened(mean))));
    columns.min.push(low);
    columns.max.push(high);
    columns.count.push(table.figure(place, 'count'));
    columns.coverage.push(Math.round((table.figure(place, 'coveredS') / (step / 1000)) * 1000) / 1000);
  }
  return columns;
}

/** A mean has as many digits as a number can hold, and nobody sees more than four behind the point. */
const shortened = (mean: number): number =>
  Math.abs(mean) < 0.1 ? Number(mean.toPrecision(4)) : Math.round(mean * 10_000) / 10_000;

/** From the request's texts to instants; `now` is the site's clock. */
export function historyRange(
  from: Instant | null,
  to: Instant | null,
  now: Instant,
): { readonly from: Instant; readonly to: Instant } {
  const end = to ?? now;
  return { from: from ?? minus(end, hours(1)), to: end };
}
