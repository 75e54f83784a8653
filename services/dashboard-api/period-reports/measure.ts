import type { BucketFigure, BucketTable } from '#core/bucket-table.ts';
import { tableOf } from '#core/bucket-table.ts';
import { dewPoint } from '#core/formulas.ts';
import {
  type Beyond,
  CLIMATE_FIGURES,
  type ClimateTable,
  estimateBeyond,
  foldBeyond,
  judgeBuckets,
  stretchesOf,
} from '#core/period-report/outside.ts';
import type { PeriodSpan } from '#core/period-report/periods.ts';
import type { SeriesStore } from '#core/ports.ts';
import type { SeriesBand, SeriesEntry, SeriesKey, SeriesSample, SeriesSettings, SeriesStep } from '#core/series.ts';
import { hours, instant, minutes } from '#core/time.ts';

/** What is asked of history for a report. Every question is short; between them whoever else asks has their turn. */
export interface Measuring {
  readonly store: Pick<SeriesStore, 'table' | 'raw' | 'changes' | 'series'>;
  /** With which its rollups are kept. */
  readonly settings: SeriesSettings;
  readonly timeZone: string;
}

/** A week and a month by quarters of an hour, longer ones by hours: history has both ready. */
export const isFine = ({ period }: Pick<PeriodSpan, 'period'>): boolean => period === 'weekly' || period === 'monthly';

export function stepFor(span: PeriodSpan, timeZone: string): SeriesStep {
  if (isFine(span)) return { every: minutes(15) };
  // Where the zone is whole hours from UTC its hours are those of the rollups.
  const whole = span.from % hours(1) === 0 && span.to % hours(1) === 0;
  return whole ? { every: hours(1) } : { calendar: 'hour', timeZone };
}

/** By device and point alone: whoever asks may know limits of its own, and only samples could tell of those. */
export const climateTable = (
  { store, timeZone }: Measuring,
  { device, point }: SeriesKey,
  { from, to, ...span }: PeriodSpan,
): Promise<ClimateTable> =>
  store.table({ device, point, from, to, step: stepFor({ from, to, ...span }, timeZone), figures: CLIMATE_FIGURES });

/** A few figures of the whole span. */
export async function wholeOf<Figure extends BucketFigure>(
  { store, timeZone }: Measuring,
  { device, point }: SeriesKey,
  span: PeriodSpan,
  figures: readonly Figure[],
): Promise<BucketTable<Figure>> {
  const calendar = { weekly: 'week', monthly: 'month', quarterly: 'month', yearly: 'year' } as const;
  return store.table({
    ...{ device, point, from: span.from, to: span.to, figures },
    step: { calendar: calendar[span.period], timeZone },
  });
}

/** `beyond` with every place told, and how many seconds of it are an estimate. */
export interface Judged extends Beyond {
  readonly estimatedS: number;
}

const MOST_SAMPLES = 20_000;

/** Against the standard's limits, which need not be those that history counts by. */
export async function judge(
  measuring: Measuring,
  key: SeriesKey,
  span: PeriodSpan,
  table: ClimateTable,
  band: SeriesBand,
): Promise<Judged> {
  const hold = measuring.settings.hold(key);
  const beyond = judgeBuckets(table, band, hold);
  const own = measuring.settings.band(key);
  const isOwn = own !== null && own.low === band.low && own.high === band.high;
  const unsure = [...new Set([...beyond.first, ...beyond.straddling])].sort((a, b) => a - b);
  const places = new Map(unsure.map((place) => [Number(table.from(place)), place]));
  const straddling = new Set(beyond.straddling);
  let estimatedS = 0;
  const estimate = (place: number): void => {
    const bucket = bucketAt(table, place);
    const known = isOwn ? { belowS: table.figure(place, 'belowS'), aboveS: table.figure(place, 'aboveS') } : null;
    const { outsideS, beyondS } = estimateBeyond(bucket, band, known);
    beyond.outsideS[place] = outsideS;
    beyond.beyondS[place] = beyondS;
    estimatedS += bucket.coveredS;
  };
  if (!isFine(span)) {
    for (const place of beyond.straddling) estimate(place);
    return { ...beyond, estimatedS };
  }
  for (const [from, to] of stretchesOf(table, unsure)) {
    const edges = [...places.keys()].filter((at) => at >= from && at < to);
    const fold = foldBeyond([...edges, to], hold, band);
    for await (const page of pagesOf(measuring, key, from - hold, to)) for (const sample of page) fold.add(sample);
    for (const [index, { outsideS, beyondS, coveredS }] of fold.end().entries()) {
      const place = places.get(edges[index] ?? Number.NaN);
      if (place === undefined) continue;
      // Its samples are gone: retention took them, and the rollups are left.
      if (coveredS < table.figure(place, 'coveredS') - 1) {
        if (straddling.has(place)) estimate(place);
      } else {
        beyond.outsideS[place] = outsideS;
        beyond.beyondS[place] = beyondS;
      }
    }
  }
  return { ...beyond, estimatedS };
}

const bucketAt = (table: ClimateTable, place: number) => {
  const mean = table.figure(place, 'timeMean');
  const [min, max] = [table.figure(place, 'min'), table.figure(place, 'max')];
  return {
    ...{ coveredS: table.figure(place, 'coveredS'), mean },
    ...{ min: Number.isNaN(min) ? mean : min, max: Number.isNaN(max) ? mean : max },
  };
};

/** In pages, so that a month of every second is never in memory at once. */
export async function* pagesOf(
  { store }: Measuring,
  { device, point }: SeriesKey,
  from: number,
  to: number,
): AsyncGenerator<readonly SeriesSample[]> {
  for (let at = from; at < to; ) {
    const page = await store.raw({ device, point, from: instant(at), to: instant(to), limit: MOST_SAMPLES });
    yield page;
    const last = page.at(-1);
    if (page.length < MOST_SAMPLES || last === undefined) return;
    at = last.at + 1;
  }
}

/** Dew points of sensors that tell none, out of the means of the same buckets: Magnus' formula bends little within a quarter of an hour. */
export function dewPointTable(temperature: ClimateTable, humidity: ClimateTable): ClimateTable {
  const byTime = new Map<number, number>();
  for (let place = 0; place < humidity.length; place++) byTime.set(humidity.from(place), place);
  const rows: { from: number; to: number; value: number; coveredS: number }[] = [];
  for (let place = 0; place < temperature.length; place++) {
    const other = byTime.get(temperature.from(place));
    if (other === undefined) continue;
    const value = dewPoint(temperature.figure(place, 'timeMean'), humidity.figure(other, 'timeMean'));
    if (value === null || Number.isNaN(value)) continue;
    const coveredS = Math.min(temperature.figure(place, 'coveredS'), humidity.figure(other, 'coveredS'));
    rows.push({ from: temperature.from(place), to: temperature.figure(place, 'to'), value, coveredS });
  }
  const column = (of: (row: (typeof rows)[number]) => number): Float64Array => Float64Array.from(rows, of);
  const values = column(({ value }) => value);
  const none = column(() => 0);
  return tableOf({
    from: column(({ from }) => from),
    figures: {
      ...{ to: column(({ to }) => to), min: values, max: values, timeMean: values },
      ...{ coveredS: column(({ coveredS }) => coveredS), belowS: none, aboveS: none },
    },
  });
}

/** Of these points, by device and point. */
export type Kept = ReadonlyMap<string, SeriesEntry>;
export const keyOf = ({ device, point }: SeriesKey): string => `${device}/${point}`;
