import type { SeriesBucket, SeriesKey } from '#core/series.ts';
import { addSum, emptySum, toFigures } from '#core/series-math.ts';
import { type Instant, instant } from '#core/time.ts';
import { moment } from './influx-ql.ts';
import type { Contact } from './influx-session.ts';
import { preparedFor } from './influx-setup.ts';
import { measurementOf, toMs } from './line-layout.ts';
import { PAGE, seriesClauseIn } from './sample-rows.ts';

type KeptRollup = Contact['prepared']['rollups'][number];

/**
 * Fills in from the rollups what is older than the raw readings: count, mean, min and max. Seconds covered and the
 * time-weighted mean are not known there: 0 and null. Where both know something, the one that has seen more readings counts.
 *
 * `raw` are the buckets out of raw readings; `edges` those of the whole question.
 */
export async function bucketsFromRollups(
  contact: Contact,
  key: SeriesKey,
  edges: readonly Instant[],
  raw: readonly SeriesBucket[],
  now: Instant,
): Promise<readonly SeriesBucket[]> {
  const { rawKeep, rollups } = preparedFor(contact.prepared, measurementOf(key.point));
  const [start] = edges as readonly [Instant];
  if (rawKeep === null || start >= now - rawKeep) return raw;
  const old = edges.filter((_, place) => place === 0 || (edges[place - 1] as Instant) < now - rawKeep);
  const rollup = rollupFor(rollups, old, now);
  if (rollup === null) return raw;
  const byStart = new Map(raw.map((bucket) => [bucket.from, bucket]));
  for (const bucket of await readRollup(contact, key, rollup, old)) {
    if (bucket.count > (byStart.get(bucket.from)?.count ?? 0)) byStart.set(bucket.from, bucket);
  }
  return [...byStart.values()].sort((a, b) => a.from - b.from);
}

/** The coarsest whose steps meet every edge, and of those that fit one that reaches back far enough, if any does. */
function rollupFor(rollups: readonly KeptRollup[], edges: readonly Instant[], now: Instant): KeptRollup | null {
  const fitting = rollups.filter(({ size }) => edges.every((edge) => edge % size === 0));
  const start = edges[0] as Instant;
  const reaching = fitting.filter(({ keep }) => keep === null || start >= now - keep);
  return reaching.at(-1) ?? fitting.at(-1) ?? null;
}

async function readRollup(
  contact: Contact,
  key: SeriesKey,
  rollup: KeptRollup,
  edges: readonly Instant[],
): Promise<readonly SeriesBucket[]> {
  const sums = edges.slice(1).map(() => emptySum());
  let place = 0;
  for await (const [time, count, mean, min, max] of rowsOf(contact, key, rollup, edges)) {
    const at = toMs(time);
    while (place + 1 < sums.length && at >= (edges[place + 1] as Instant)) place++;
    const sum = sums[place];
    if (sum === undefined || !(Number(count) > 0)) continue;
    const [n, average, low, high] = [count, mean, min, max].map(Number) as [number, number, number, number];
    addSum(sum, { ...emptySum(), count: n, total: n * average, min: low, max: high });
  }
  return sums.flatMap((sum, index) =>
    sum.count === 0 ? [] : [{ from: edges[index] as Instant, to: edges[index + 1] as Instant, ...toFigures(sum) }],
  );
}

async function* rowsOf(
  contact: Contact,
  key: SeriesKey,
  rollup: KeptRollup,
  edges: readonly Instant[],
): AsyncGenerator<readonly unknown[]> {
  const to = edges.at(-1) as Instant;
  const clause = seriesClauseIn(contact, key, rollup.policy);
  for (let from = edges[0] as Instant; from < to; ) {
    const when = ` AND time >= ${moment(from)} AND time < ${moment(to)} ORDER BY time ASC LIMIT ${PAGE}`;
    const [series] = await contact.ql.select(`SELECT "count", "mean", "min", "max" ${clause}${when}`);
    const rows = series?.values ?? [];
    yield* rows;
    if (rows.length < PAGE) return;
    from = instant(toMs(rows.at(-1)?.[0]) + 1);
  }
}
