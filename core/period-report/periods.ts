import { PERIODS, type Period } from '../paperwork/period-report.ts';
import { localDate } from '../rota/local-days.ts';
import { type Instant, instant } from '../time.ts';

/**
 * Weeks, months, quarters and years of the site. A week is ISO 8601's: from Monday 00:00 of the site's own zone to the next, so 167
 * to 169 hours long where the clocks are changed; `2026-W53` begins on 28 December.
 */
export interface PeriodSpan {
  /** `weekly-2026-W46`. */
  readonly id: string;
  readonly period: Period;
  /** `2026-W46`, `2026-11`, `2026-Q4`, `2026`. */
  readonly name: string;
  readonly from: Instant;
  /** Exclusive. */
  readonly to: Instant;
}

/** History is kept from 1970 on, and no calendar of ours goes beyond 2199. */
const FIRST_YEAR = 1971;
const LAST_YEAR = 2199;

const LENGTH: Readonly<Record<Period, { weeks?: number; months?: number; years?: number }>> = {
  weekly: { weeks: 1 },
  monthly: { months: 1 },
  quarterly: { months: 3 },
  yearly: { years: 1 },
};

/** The period that a moment lies in. */
export function periodAt(period: Period, at: Instant, zone: string): PeriodSpan {
  return spanFrom(period, firstDay(period, localDate(at, zone)), zone);
}

/** Null: no such period. Example: `periodNamed('weekly', '2026-W46', 'Asia/Shanghai')` begins on 9 November. */
export function periodNamed(period: Period, name: string, zone: string): PeriodSpan | null {
  const day = FIRST_DAY[period](name);
  return day === null || day.year < FIRST_YEAR || day.year > LAST_YEAR ? null : spanFrom(period, day, zone);
}

/** By its id, `weekly-2026-W46`; null: none. */
export function periodById(id: string, zone: string): PeriodSpan | null {
  const period = PERIODS.find((one) => id.startsWith(`${one}-`));
  return period === undefined ? null : periodNamed(period, id.slice(period.length + 1), zone);
}

/** So many periods later; earlier when negative. */
export function periodsLater({ period, from }: PeriodSpan, count: number, zone: string): PeriodSpan {
  const { weeks = 0, months = 0, years = 0 } = LENGTH[period];
  const day = localDate(from, zone).add({ weeks: weeks * count, months: months * count, years: years * count });
  return spanFrom(period, day, zone);
}

function spanFrom(period: Period, day: Temporal.PlainDate, zone: string): PeriodSpan {
  const name = nameOf(period, day);
  const start = (date: Temporal.PlainDate): Instant => instant(date.toZonedDateTime(zone).epochMilliseconds);
  return { id: `${period}-${name}`, period, name, from: start(day), to: start(day.add(LENGTH[period])) };
}

function firstDay(period: Period, day: Temporal.PlainDate): Temporal.PlainDate {
  if (period === 'weekly') return day.subtract({ days: day.dayOfWeek - 1 });
  if (period === 'monthly') return day.with({ day: 1 });
  if (period === 'quarterly') return day.with({ day: 1, month: day.month - ((day.month - 1) % 3) });
  return day.with({ day: 1, month: 1 });
}

const two = (n: number): string => String(n).padStart(2, '0');

function nameOf(period: Period, day: Temporal.PlainDate): string {
  if (period === 'weekly') return `${day.yearOfWeek}-W${two(day.weekOfYear ?? 0)}`;
  if (period === 'monthly') return `${day.year}-${two(day.month)}`;
  if (period === 'quarterly') return `${day.year}-Q${(day.month + 2) / 3}`;
  return String(day.year);
}

const date = (year: number, month: number, day: number): Temporal.PlainDate =>
  Temporal.PlainDate.from({ year, month, day });

const FIRST_DAY: Readonly<Record<Period, (name: string) => Temporal.PlainDate | null>> = {
  weekly(name) {
    const [, year, week] = /^(\d{4})-W(\d\d)$/.exec(name) ?? [];
    if (year === undefined || week === undefined || week === '00') return null;
    // 4 January is in the first week.
    const monday = firstDay('weekly', date(Number(year), 1, 4)).add({ weeks: Number(week) - 1 });
    return monday.yearOfWeek === Number(year) ? monday : null;
  },
  monthly(name) {
    const [, year, month] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(name) ?? [];
    return year === undefined ? null : date(Number(year), Number(month), 1);
  },
  quarterly(name) {
    const [, year, quarter] = /^(\d{4})-Q([1-4])$/.exec(name) ?? [];
    return year === undefined ? null : date(Number(year), Number(quarter) * 3 - 2, 1);
  },
  yearly: (name) => (/^\d{4}$/.test(name) ? date(Number(name), 1, 1) : null),
};
