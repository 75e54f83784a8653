import { WEEKDAYS } from '../config/rota.ts';
import { type Instant, instant } from '../time.ts';

/** Days and clock times of the site's own zone as instants. */

export type Weekday = (typeof WEEKDAYS)[number];

/**
 * A clock time of a day. One that summer time jumps over comes as much later as the clocks jump, one that comes twice is the first
 * of both: so each clock time of each day is one instant, and they follow each other in order.
 */
export const atClock = (date: Temporal.PlainDate, time: Temporal.PlainTime, zone: string): Instant =>
  instant(date.toZonedDateTime({ timeZone: zone, plainTime: time }).epochMilliseconds);

export const localDate = (at: Instant, zone: string): Temporal.PlainDate =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDate();

export const weekdayOf = (date: Temporal.PlainDate): Weekday => WEEKDAYS[date.dayOfWeek - 1] ?? 'mon';

export const daysBetween = (from: Temporal.PlainDate, until: Temporal.PlainDate): number =>
  from.until(until, { largestUnit: 'days' }).days;

/** `08:30` is 510. */
export function minutesOf(clockTime: string): number {
  const [hour = 0, minute = 0] = clockTime.split(':').map(Number);
  return hour * 60 + minute;
}
