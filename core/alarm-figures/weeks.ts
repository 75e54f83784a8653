import { localDate } from '../rota/local-days.ts';
import { type Instant, instant } from '../time.ts';

/** A week of the site: from its Monday 00:00 to the next, 167 to 169 hours where the clocks are changed. */
export interface Week {
  /** The Monday: `2026-11-16`. */
  readonly id: string;
  readonly from: Instant;
  readonly to: Instant;
  /** The beginning of each of its seven days. */
  readonly days: readonly { readonly date: string; readonly from: Instant }[];
}

export function weekOf(at: Instant, zone: string): Week {
  const date = localDate(at, zone);
  return weekFrom(date.subtract({ days: date.dayOfWeek - 1 }), zone);
}

/** `id`: a Monday. */
export const weekById = (id: string, zone: string): Week => weekFrom(Temporal.PlainDate.from(id), zone);

export const weeksLater = (week: Week, weeks: number, zone: string): Week =>
  weekFrom(Temporal.PlainDate.from(week.id).add({ weeks }), zone);

function weekFrom(monday: Temporal.PlainDate, zone: string): Week {
  const start = (date: Temporal.PlainDate): Instant =>
    instant(date.toZonedDateTime({ timeZone: zone }).epochMilliseconds);
  const days = Array.from({ length: 7 }, (_, index) => monday.add({ days: index }));
  return {
    id: monday.toString(),
    from: start(monday),
    to: start(monday.add({ days: 7 })),
    days: days.map((date) => ({ date: date.toString(), from: start(date) })),
  };
}
