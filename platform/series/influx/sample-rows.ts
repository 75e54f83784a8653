import type { SeriesKey, SeriesRange, SeriesSample } from '#core/series.ts';
import { hours, instant } from '#core/time.ts';
import { identifier, literal, moment, rowsOf } from './influx-ql.ts';
import type { Contact } from './influx-session.ts';
import { preparedFor } from './influx-setup.ts';
import { encodeTag, isSimulated, measurementOf, SAMPLE_COLUMNS, toMs, toSample } from './line-layout.ts';

/** The rows of one series as samples: every question about it is answered from these. */

export const PAGE = 10_000;
/**
 * How far one question looks: a day at 10 s is nearly a page. For each question the server opens all that lies within, so a
 * year would be opened for every page of it (58 days in pages: 11.4 s, in windows 2.5 s). It grows where there is little.
 */
const FIRST_WINDOW = hours(24);
/** Nothing is kept from before or after. */
const EARLIEST = 0;
const LATEST = Date.UTC(2200, 0, 1);

/** `FROM … WHERE` of one series in a retention policy (null: where the server has it by default), to be followed by ` AND …`. */
export function seriesClauseIn({ ql }: Contact, { device, point }: SeriesKey, policy: string | null): string {
  const [site, d, p] = [ql.site, device, point].map((name) => literal(encodeTag(name)));
  return `FROM ${ql.source(policy, identifier(measurementOf(point)))} WHERE "site" = ${site} AND "device" = ${d} AND "point" = ${p}`;
}

const COLUMNS = SAMPLE_COLUMNS.map(identifier).join(', ');
const ROW: readonly string[] = ['time', ...SAMPLE_COLUMNS];

/** Rows as they stand; `rest` is the end of the statement: ` AND time … ORDER BY … LIMIT …`. */
export async function selectRows(
  contact: Contact,
  key: SeriesKey,
  rest: string,
): Promise<readonly (readonly unknown[])[]> {
  const [series] = await contact.ql.select(
    `SELECT ${COLUMNS} ${seriesClauseIn(contact, key, preparedFor(contact.prepared, measurementOf(key.point)).rawPolicy)}${rest}`,
  );
  return rowsOf(series, ROW);
}

/** The samples of a range in the order of time, one a moment, page by page. */
export async function* pagesOf(
  contact: Contact,
  range: SeriesRange,
  page: number,
): AsyncGenerator<readonly SeriesSample[]> {
  const to = Math.min(range.to, LATEST);
  let window: number = FIRST_WINDOW;
  for (let from: number = Math.max(range.from, EARLIEST); from < to; ) {
    const end = Math.min(to, from + window);
    const when = ` AND time >= ${moment(instant(from))} AND time < ${moment(instant(end))} ORDER BY time ASC LIMIT ${page}`;
    const rows = await selectRows(contact, range, when);
    const full = rows.length >= page;
    const last = toMs(rows.at(-1)?.[0]);
    // The last moment of a full page may go on in the next.
    const whole = full ? rows.filter((row) => toMs(row[0]) < last) : rows;
    yield onePerMoment(range, whole.length === 0 ? rows : whole);
    if (!full) from = end;
    else from = whole.length === 0 ? last + 1 : last;
    if (full) window = Math.max(1000, window / 2);
    else if (rows.length < page / 8) window *= 8;
  }
}

/** A real device goes before a simulated one of the same name. */
export function onePerMoment(key: SeriesKey, rows: readonly (readonly unknown[])[]): readonly SeriesSample[] {
  const samples: SeriesSample[] = [];
  let simulated = false;
  for (const row of rows) {
    const sample = toSample(key, row);
    if (sample === null) continue;
    const again = samples.at(-1)?.at === sample.at;
    if (!again) samples.push(sample);
    else if (simulated) samples[samples.length - 1] = sample;
    if (!again || simulated) simulated = isSimulated(row);
  }
  return samples;
}
