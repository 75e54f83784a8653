import type { MonthDay, When } from '../config/duties.ts';
import { daysBetween, weekdayOf } from '../rota/local-days.ts';
import type { OfficeDays } from './office-days.ts';

/**
 * The days that a calendar rule names, before holidays are looked at, from the first to the last included. Rules that hang on what
 * people did (`after_done`, `deadline`) name none here.
 * Example: `{half_yearly: {month: 5, weekday: wed, nth: 2}}` → 2026-05-13, 2026-11-11.
 */
export function datesOf(
  when: When,
  office: OfficeDays,
  first: Temporal.PlainDate,
  last: Temporal.PlainDate,
): readonly Temporal.PlainDate[] {
  if (when === 'daily') return daysFrom(first, last);
  if (when === 'weekdays') return daysFrom(first, last).filter(({ dayOfWeek }) => dayOfWeek <= 5);
  if (when === 'working-days') return daysFrom(first, last).filter(office.isWorked);
  if ('weekly' in when)
    return daysFrom(first, last).filter(
      (date) => when.weekly.includes(weekdayOf(date)) && isItsWeek(date, when.every, when.starts),
    );
  const inMonths = (day: MonthDay, isMonth: (month: number) => boolean): readonly Temporal.PlainDate[] =>
    monthsFrom(first, last)
      .filter(({ month }) => isMonth(month))
      .flatMap((month) => dayOf(day, month, office) ?? [])
      .filter((date) => isWithin(date, first, last));
  if ('monthly' in when) return inMonths(when.monthly, () => true);
  if ('quarterly' in when) return inMonths(when.quarterly, (month) => (month - when.quarterly.month) % 3 === 0);
  if ('half_yearly' in when) return inMonths(when.half_yearly, (month) => (month - when.half_yearly.month) % 6 === 0);
  if ('yearly' in when) return inMonths(when.yearly, (month) => month === when.yearly.month);
  return [];
}

const isWithin = (date: Temporal.PlainDate, first: Temporal.PlainDate, last: Temporal.PlainDate): boolean =>
  Temporal.PlainDate.compare(first, date) <= 0 && Temporal.PlainDate.compare(date, last) <= 0;

const daysFrom = (first: Temporal.PlainDate, last: Temporal.PlainDate): Temporal.PlainDate[] =>
  Array.from({ length: Math.max(0, daysBetween(first, last) + 1) }, (_, index) => first.add({ days: index }));

/** The first days of the months that the time touches. */
function monthsFrom(first: Temporal.PlainDate, last: Temporal.PlainDate): Temporal.PlainDate[] {
  const begins = first.with({ day: 1 });
  const count = (last.year - first.year) * 12 + last.month - first.month + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => begins.add({ months: index }));
}

function isItsWeek(date: Temporal.PlainDate, every: number, starts: string | undefined): boolean {
  if (starts === undefined) return true;
  const begins = mondayOf(Temporal.PlainDate.from(starts));
  const weeks = Math.floor(daysBetween(begins, mondayOf(date)) / 7);
  return weeks >= 0 && weeks % every === 0;
}

const mondayOf = (date: Temporal.PlainDate): Temporal.PlainDate => date.subtract({ days: date.dayOfWeek - 1 });

/** Null: the month has no such day (a month without a single working day). */
function dayOf(
  { day, working_day: working, weekday, nth }: MonthDay,
  month: Temporal.PlainDate,
  office: OfficeDays,
): Temporal.PlainDate | null {
  if (day !== undefined)
    return month.with({ day: day === 'last' ? month.daysInMonth : Math.min(day, month.daysInMonth) });
  const days = daysFrom(month, month.with({ day: month.daysInMonth }));
  const fitting =
    working === undefined ? days.filter((date) => weekdayOf(date) === weekday) : days.filter(office.isWorked);
  const wanted = working ?? nth ?? 'last';
  // A month with fewer working days than asked for: its last one.
  return (wanted === 'last' ? null : fitting[wanted - 1]) ?? fitting.at(-1) ?? null;
}
