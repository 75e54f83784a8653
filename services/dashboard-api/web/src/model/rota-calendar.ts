import type { RotaLayerView, RotaSpanView } from '#core/rota/rota-response.ts';
import { instantAt, zoneOffsetMinutes } from './time-format.ts';

/** Months and weeks as people see them, on the site's own dates. Dates are `2026-11-23`. Pure. */

export const addDays = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

export const dateAt = (timeZone: string, at: number): string =>
  new Date(at + zoneOffsetMinutes(timeZone, at) * 60_000).toISOString().slice(0, 10);

/** What a date-and-time field shows for an instant: `2026-11-25T09:30`. */
export const fieldAt = (timeZone: string, at: number): string =>
  new Date(at + zoneOffsetMinutes(timeZone, at) * 60_000).toISOString().slice(0, 16);

/** The Monday at or before the date. */
export const mondayOf = (date: string): string => addDays(date, -((new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7));

/** The first of the month `months` later. */
export function addMonths(date: string, months: number): string {
  const [year = 0, month = 1] = date.split('-').map(Number);
  return new Date(Date.UTC(year, month - 1 + months, 1)).toISOString().slice(0, 10);
}

/** Mondays of the weeks that a month touches. */
export function weeksOfMonth(date: string): string[] {
  const first = mondayOf(`${date.slice(0, 7)}-01`);
  const end = addMonths(date, 1);
  const weeks: string[] = [];
  for (let monday = first; monday < end; monday = addDays(monday, 7)) weeks.push(monday);
  return weeks;
}

export const daysOfWeek = (monday: string): string[] => Array.from({ length: 7 }, (_, index) => addDays(monday, index));

/** A part of a week's row that one person, or nobody, has. Places are days from Monday's midnight, 0 to 7. */
export interface Bar {
  readonly key: string;
  readonly start: number;
  readonly end: number;
  readonly span: RotaSpanView;
  /** It began in the week before, it goes on in the next. */
  readonly before: boolean;
  readonly after: boolean;
}

export function barsOf(layer: Pick<RotaLayerView, 'spans'>, monday: string, timeZone: string): Bar[] {
  const edges = Array.from({ length: 8 }, (_, day) => midnight(addDays(monday, day), timeZone));
  const [begins = 0, ends = 0] = [edges[0], edges[7]];
  return joined(layer.spans).flatMap((span): Bar[] => {
    const [from, to] = [Date.parse(span.from), Date.parse(span.to)];
    if (to <= begins || from >= ends) return [];
    const start = placeOf(Math.max(from, begins), edges);
    const end = placeOf(Math.min(to, ends), edges);
    return [{ key: `${span.from} ${span.why}`, start, end, span, before: from < begins, after: to > ends }];
  });
}

const midnight = (date: string, timeZone: string): number => instantAt(timeZone, `${date}T00:00`) ?? 0;

/** Days that are shorter or longer for the clocks' sake are as wide as the others. */
function placeOf(at: number, edges: readonly number[]): number {
  const day = Math.max(
    0,
    edges.findLastIndex((edge) => edge <= at),
  );
  const [from = 0, to = from + 1] = [edges[day], edges[day + 1]];
  return day + (at - from) / (to - from);
}

/** Parts of one turn that one person has for one reason are one bar. */
export function joined(spans: readonly RotaSpanView[]): RotaSpanView[] {
  const list: RotaSpanView[] = [];
  for (const span of spans) {
    const last = list.at(-1);
    const same = last?.person === span.person && last.turn === span.turn && last.change === span.change;
    if (last !== undefined && same && last.why === span.why) list[list.length - 1] = { ...last, to: span.to };
    else list.push(span);
  }
  return list;
}
