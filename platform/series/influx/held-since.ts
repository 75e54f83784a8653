import type { SeriesKey, SeriesSample } from '#core/series.ts';
import { type Instant, instant } from '#core/time.ts';
import { identifier, literal, moment } from './influx-ql.ts';
import type { Contact } from './influx-session.ts';
import { fieldOf, qualityText } from './line-layout.ts';
import { onePerMoment, PAGE, selectRows } from './sample-rows.ts';

/**
 * The sample whose value and quality held at a moment, at the time at which they began; null when nothing was measured
 * until then. Three small questions however long it held: what held, when was it last otherwise, what came then.
 */
export async function heldSince(contact: Contact, key: SeriesKey, at: Instant): Promise<SeriesSample | null> {
  const [held] = await newest(contact, key, ` AND time <= ${moment(instant(Math.floor(at)))}`);
  if (held === undefined) return null;
  const otherwise = await lastOtherwise(contact, key, held);
  const after = otherwise === null ? '' : ` AND time > ${moment(otherwise)}`;
  const rows = await selectRows(contact, key, `${after} AND time <= ${moment(held.at)} ORDER BY time ASC LIMIT 2`);
  return onePerMoment(key, rows)[0] ?? held;
}

async function newest(contact: Contact, key: SeriesKey, when: string): Promise<readonly SeriesSample[]> {
  const rows = await selectRows(contact, key, `${when} ORDER BY time DESC LIMIT 2`);
  return onePerMoment(key, rows);
}

async function lastOtherwise(contact: Contact, key: SeriesKey, held: SeriesSample): Promise<Instant | null> {
  const differs = differing(key, held);
  if (differs === null) return lastOtherwiseByPages(contact, key, held);
  const [found] = await newest(contact, key, ` AND time < ${moment(held.at)} AND (${differs})`);
  return found?.at ?? null;
}

/** Rows of another value or quality, as InfluxQL; null when it has no way to write this value. */
function differing({ point }: SeriesKey, { value, quality }: SeriesSample): string | null {
  const otherQuality = `"quality" != ${literal(qualityText(point, value, quality))}`;
  if (value === null) return otherQuality;
  const text = literalOf(value);
  return text === null ? null : `${otherQuality} OR ${identifier(fieldOf(value))} != ${text}`;
}

/** InfluxQL's numbers have no exponent, and its texts no control characters. */
function literalOf(value: number | boolean | string): string | null {
  if (typeof value === 'string') return /\p{Cc}/u.test(value) ? null : literal(value);
  const text = String(value);
  return text.includes('e') ? null : text;
}

async function lastOtherwiseByPages(contact: Contact, key: SeriesKey, held: SeriesSample): Promise<Instant | null> {
  for (let before = held.at; ; ) {
    const rows = await selectRows(contact, key, ` AND time < ${moment(before)} ORDER BY time DESC LIMIT ${PAGE}`);
    const samples = onePerMoment(key, rows);
    const other = samples.find(({ value, quality }) => value !== held.value || quality !== held.quality);
    if (other !== undefined) return other.at;
    const last = samples.at(-1);
    if (rows.length < PAGE || last === undefined) return null;
    before = last.at;
  }
}
