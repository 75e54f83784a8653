import { ZhishouError } from '#core/errors.ts';
import type { SeriesStore } from '#core/ports.ts';
import type { SeriesBucket, SeriesEntry, SeriesSample, SeriesSettings } from '#core/series.ts';
import { bucketEdges, createFigures, goodNumber, quantilesOfNumbers } from '#core/series-math.ts';
import { type Instant, instant } from '#core/time.ts';
import { heldSince } from './held-since.ts';
import { literal } from './influx-ql.ts';
import type { Contact } from './influx-session.ts';
import { anyOf, decodeTag, encodeTag, MEASUREMENTS, toMs } from './line-layout.ts';
import { bucketsFromRollups } from './rollup-reader.ts';
import { PAGE, pagesOf } from './sample-rows.ts';

/** Answers questions from raw rows read page by page, as series-math says: the server's own sums mean other things. */

const DEFAULT_LIMIT = 10_000;
/** More than a year at 10 s; eight bytes each. */
const MOST_NUMBERS = 4_000_000;

type Query<Method extends 'raw' | 'changes' | 'buckets' | 'quantiles'> = Parameters<SeriesStore[Method]>[0];

export async function readRaw(contact: Contact, query: Query<'raw'>): Promise<readonly SeriesSample[]> {
  const { limit = DEFAULT_LIMIT } = query;
  const found: SeriesSample[] = [];
  if (limit <= 0) return found;
  for await (const samples of pagesOf(contact, query, Math.min(PAGE, limit + 2))) {
    found.push(...samples);
    if (found.length >= limit) break;
  }
  return found.slice(0, limit);
}

export async function readChanges(contact: Contact, query: Query<'changes'>): Promise<readonly SeriesSample[]> {
  const { from, to, limit = DEFAULT_LIMIT } = query;
  if (limit <= 0) return [];
  const first = await heldSince(contact, query, from);
  let before = first;
  let changes: SeriesSample[] = first === null ? [] : [first];
  for await (const samples of pagesOf(contact, { ...query, from: instant(Math.floor(from) + 1), to }, PAGE)) {
    for (const sample of samples) {
      if (before === null || before.value !== sample.value || before.quality !== sample.quality) changes.push(sample);
      before = sample;
    }
    // The newest count: what cannot be asked for any more goes.
    if (changes.length > 2 * limit) changes = changes.slice(-limit);
  }
  return changes.slice(-limit);
}

export async function readBuckets(
  contact: Contact,
  query: Query<'buckets'>,
  settings: SeriesSettings,
  now: Instant,
): Promise<readonly SeriesBucket[]> {
  const edges = bucketEdges(query.from, query.to, query.step);
  const [start, end] = [edges[0] as Instant, edges.at(-1) as Instant];
  if (edges.length < 2) return [];
  const hold = settings.hold(query);
  const figures = createFigures(edges, hold, query.band ?? settings.band(query));
  const from = instant(start - hold);
  for await (const samples of pagesOf(contact, { ...query, from, to: end }, PAGE)) samples.forEach(figures.add);
  return bucketsFromRollups(contact, query, edges, figures.end(), now);
}

export async function readQuantiles(contact: Contact, query: Query<'quantiles'>): Promise<readonly (number | null)[]> {
  let numbers = new Float64Array(PAGE);
  let count = 0;
  for await (const samples of pagesOf(contact, query, PAGE)) {
    if (count + samples.length > numbers.length) {
      if (numbers.length * 2 > MOST_NUMBERS)
        throw new ZhishouError(
          'TOO_LARGE',
          query.device,
          `more than ${MOST_NUMBERS / 2} readings: ask for a shorter range`,
        );
      const larger = new Float64Array(numbers.length * 2);
      larger.set(numbers);
      numbers = larger;
    }
    for (const sample of samples) {
      const value = goodNumber(sample);
      if (value !== null) numbers[count++] = value;
    }
  }
  return quantilesOfNumbers(numbers.subarray(0, count).sort(), query.shares);
}

export async function readSeries(contact: Contact): Promise<readonly SeriesEntry[]> {
  const found = new Map<string, SeriesEntry>();
  const { ql, prepared } = contact;
  const all = [
    ql.source(prepared.rawPolicy, anyOf(MEASUREMENTS)),
    ...Array.from(prepared.apart, ([measurement, { rawPolicy }]) => ql.source(rawPolicy, anyOf([measurement]))),
  ].join(', ');
  for (const end of ['first', 'last'] as const) {
    // Every row has a quality, so its first one is the first of all.
    const answer = await contact.ql.select(
      `SELECT ${end}("quality") FROM ${all} WHERE "site" = ${literal(encodeTag(contact.ql.site))} GROUP BY "device", "point"`,
    );
    for (const { tags, columns, values } of answer) {
      // 1.x and 2.x give one series for each pair of tags; 3 may give all in one, with the tags as columns.
      for (const row of values) {
        const [device, point] = ['device', 'point'].map((name) =>
          decodeTag(String(tags[name] ?? row[columns.indexOf(name)] ?? '')),
        ) as [string, string];
        const at = instant(toMs(row[0]));
        const key = JSON.stringify([device, point]);
        const { firstAt = at, lastAt = at } = found.get(key) ?? {};
        const ends = { firstAt: instant(Math.min(firstAt, at)), lastAt: instant(Math.max(lastAt, at)) };
        found.set(key, { device, point, ...ends });
      }
    }
  }
  return [...found.values()].sort((a, b) =>
    a.device === b.device ? (a.point < b.point ? -1 : 1) : a.device < b.device ? -1 : 1,
  );
}
