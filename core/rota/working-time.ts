import { type CalendarFile, WEEKDAYS } from '../config/rota.ts';
import { type Instant, instant } from '../time.ts';
import { createSpecialDays, type SpecialDay } from './holidays.ts';
import { minutesOf, weekdayOf } from './local-days.ts';

/** Is the office working? Asked for every event of an incident, so a day's hours are looked up once a day. */
export function createWorkingTime(calendar: CalendarFile, zone: string): (at: Instant) => boolean {
  const shiftsOf = createShifts(calendar);
  let day: WorkingDay | null = null;
  return (at) => {
    if (day === null || at < day.from || at >= day.until) day = workingDay(shiftsOf, zone, at);
    // Shifts begin and end on whole minutes.
    const minute = Math.floor((at - day.from) / 60_000) + day.firstMinute;
    return day.shifts.some(([from, to]) => from <= minute && minute < to);
  };
}

export type Shift = readonly [fromMinute: number, toMinute: number];

export interface CalendarDay {
  /** `2026-10-10`. */
  readonly date: string;
  /** Some hours of it are worked. */
  readonly worked: boolean;
  readonly special: SpecialDay | null;
}

/** Days as the calendar has them, for people to look at. */
export function calendarDays(calendar: CalendarFile, from: Temporal.PlainDate, days: number): CalendarDay[] {
  const shiftsOf = createShifts(calendar);
  const specialOf = createSpecialDays(calendar);
  return Array.from({ length: days }, (_, index) => {
    const date = from.add({ days: index });
    return { date: date.toString(), worked: shiftsOf(date).length > 0, special: specialOf(date.toString()) };
  });
}

/** A time in which the local clock makes no jump: the whole day; on the days on which summer time begins or ends, one minute. */
interface WorkingDay {
  readonly from: Instant;
  readonly until: Instant;
  /** The minute of the local day at `from`. */
  readonly firstMinute: number;
  readonly shifts: readonly Shift[];
}

const MINUTES_OF_DAY = 24 * 60;

function workingDay(shiftsOf: (date: Temporal.PlainDate) => readonly Shift[], zone: string, at: Instant): WorkingDay {
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  const today = local.toPlainDate();
  const midnight = local.startOfDay();
  const next = midnight.add({ days: 1 });
  const isWhole = midnight.offsetNanoseconds === next.offsetNanoseconds && midnight.hour + midnight.minute === 0;
  const minute = local.hour * 60 + local.minute;
  const thisMinute = Math.floor(at / 60_000) * 60_000;
  // A shift may go past midnight: its first part is today's, its second came with yesterday.
  const begun = shiftsOf(today).map(([begins, ends]): Shift => [begins, begins < ends ? ends : MINUTES_OF_DAY]);
  const left = shiftsOf(today.subtract({ days: 1 })).flatMap(([begins, ends]): Shift[] =>
    begins >= ends ? [[0, ends]] : [],
  );
  const shifts = [...begun, ...left];
  return isWhole
    ? { from: instant(midnight.epochMilliseconds), until: instant(next.epochMilliseconds), firstMinute: 0, shifts }
    : { from: instant(thisMinute), until: instant(thisMinute + 60_000), firstMinute: minute, shifts };
}

/** The hours worked on a date, in minutes of the day. 调休 days have the hours of the week's first working day. */
function createShifts(calendar: CalendarFile): (date: Temporal.PlainDate) => readonly Shift[] {
  const specialOf = createSpecialDays(calendar);
  const onDay = (day: (typeof WEEKDAYS)[number] | undefined): readonly Shift[] =>
    calendar.working_hours
      .filter(({ days }) => day !== undefined && days.includes(day))
      .map(({ from, to }) => [minutesOf(from), minutesOf(to)]);
  const usual = onDay(WEEKDAYS.find((day) => onDay(day).length > 0));
  return (date) => {
    const special = specialOf(date.toString());
    if (special?.kind === 'holiday') return [];
    const own = onDay(weekdayOf(date));
    return special?.kind === 'worked' && own.length === 0 ? usual : own;
  };
}
