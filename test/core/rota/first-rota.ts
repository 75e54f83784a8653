import type { Config } from '#core/config/config.ts';
import type { Person } from '#core/config/people.ts';
import { type CalendarFile, type RotaFile, WEEKDAYS } from '#core/config/rota.ts';
import type { Rota } from '#core/rota/rota.ts';
import { fromIso, type Instant, instant } from '#core/time.ts';

/**
 * The rota as it was before layers, kept as the measure: whoever wrote a rota.yaml then gets the same answers today.
 *
 * Who is on duty: one person a week, changed at the hand-over in the site's own time, overrides before it.
 *
 * Weeks are counted in calendar days between two hand-overs, so that a change to or from summer time moves nobody's turn.
 * Nobody (before the rota starts, an override of an unknown person) is null, which is an alarm (L25).
 */
type Slice = Pick<Config, 'people' | 'rota' | 'calendar'> & { readonly site: Pick<Config['site'], 'time_zone'> };

export function createFirstRota(config: Slice): Rota {
  const people = new Map(config.people.people.map((person) => [person.id, person]));
  const overrides = config.rota.rota.overrides.map(({ from, to, person }) => ({
    from: fromIso(from) ?? instant(Date.parse(from)),
    to: fromIso(to) ?? instant(Date.parse(to)),
    person,
  }));
  const weekly = weeklyRotation(config.rota, config.site.time_zone);

  /** Asked for every event of an incident, and the same until somebody's turn or an override begins or ends. */
  let duty: { from: Instant; found: { person: Person; until: Instant } } | null = null;
  function dutyAt(at: Instant): { person: Person; until: Instant } | null {
    if (duty !== null && duty.from <= at && at < duty.found.until) return duty.found;
    const found = findDuty(at);
    duty = found === null ? null : { from: at, found };
    return found;
  }
  function findDuty(at: Instant): { person: Person; until: Instant } | null {
    // The last line that covers the instant wins: it was written with the earlier ones in view.
    const override = overrides.findLast(({ from, to }) => from <= at && at < to);
    const changes = overrides.flatMap(({ from, to }) => [from, to]).filter((change) => change > at);
    const turn = override === undefined ? weekly(at) : { person: override.person, until: override.to };
    if (turn === null) return null;
    const person = people.get(turn.person);
    return person === undefined ? null : { person, until: instant(Math.min(turn.until, ...changes)) };
  }

  /** Asked for every event of an incident; a day's hours are looked up once a day. */
  let day: WorkingDay | null = null;

  return {
    dutyAt,
    peopleOf(name, at) {
      if (name !== 'duty') return config.people.people.filter((person) => person.functions.includes(name));
      const duty = dutyAt(at);
      return duty === null ? [] : [duty.person];
    },
    isWorkingTime: (at) => {
      if (day === null || at < day.from || at >= day.until) {
        day = workingDay(config.calendar, config.site.time_zone, at);
      }
      // Shifts begin and end on whole minutes.
      const minute = Math.floor((at - day.from) / 60_000) + day.firstMinute;
      return day.shifts.some(([from, to]) => from <= minute && minute < to);
    },
  };
}

type Turn = { person: string; until: Instant };

function weeklyRotation({ rota }: RotaFile, zone: string): (at: Instant) => Turn | null {
  const day = WEEKDAYS.indexOf(rota.handover.day ?? 'mon') + 1;
  const time = Temporal.PlainTime.from(rota.handover.at);
  const first = onOrBefore(Temporal.PlainDate.from(rota.starts), day);
  const begins = (date: Temporal.PlainDate): Instant =>
    instant(date.toZonedDateTime({ timeZone: zone, plainTime: time }).epochMilliseconds);

  /** Asked several times for every event of an incident, and the same for a week. */
  let last: { from: Instant; turn: Turn } | null = null;

  return (at) => {
    if (last !== null && last.from <= at && at < last.turn.until) return last.turn;
    const today = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDate();
    let handover = onOrBefore(today, day);
    if (at < begins(handover)) handover = handover.subtract({ days: 7 });
    const week = first.until(handover, { largestUnit: 'days' }).days / 7;
    const person = rota.order[week % rota.order.length] as string | undefined;
    if (week < 0 || person === undefined) return null;
    last = { from: begins(handover), turn: { person, until: begins(handover.add({ days: 7 })) } };
    return last.turn;
  };
}

const onOrBefore = (date: Temporal.PlainDate, isoDay: number): Temporal.PlainDate =>
  date.subtract({ days: (date.dayOfWeek - isoDay + 7) % 7 });

/** A time in which the local clock makes no jump: the whole day; on the days on which summer time begins or ends, one minute. */
interface WorkingDay {
  readonly from: Instant;
  readonly until: Instant;
  /** The minute of the local day at `from`. */
  readonly firstMinute: number;
  readonly shifts: readonly (readonly [from: number, to: number])[];
}

const MINUTES_OF_DAY = 24 * 60;

function workingDay(calendar: CalendarFile, zone: string, at: Instant): WorkingDay {
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  const today = local.toPlainDate();
  const midnight = local.startOfDay();
  const next = midnight.add({ days: 1 });
  const isWhole = midnight.offsetNanoseconds === next.offsetNanoseconds && midnight.hour + midnight.minute === 0;
  const minute = local.hour * 60 + local.minute;
  const thisMinute = Math.floor(at / 60_000) * 60_000;
  // A shift may go past midnight: its first part is today's, its second came with yesterday.
  const begun = shiftsOf(calendar, today).map(
    ([begins, ends]) => [begins, begins < ends ? ends : MINUTES_OF_DAY] as const,
  );
  const left = shiftsOf(calendar, today.subtract({ days: 1 })).flatMap(([begins, ends]) =>
    begins >= ends ? [[0, ends] as const] : [],
  );
  const shifts = [...begun, ...left];
  return isWhole
    ? { from: instant(midnight.epochMilliseconds), until: instant(next.epochMilliseconds), firstMinute: 0, shifts }
    : { from: instant(thisMinute), until: instant(thisMinute + 60_000), firstMinute: minute, shifts };
}

/** The hours worked on a date, in minutes of the day. 调休 days have the hours of the week's first working day. */
function shiftsOf(calendar: CalendarFile, date: Temporal.PlainDate): (readonly [from: number, to: number])[] {
  const text = date.toString();
  if (calendar.holidays.includes(text)) return [];
  const usual = WEEKDAYS.find((day) => calendar.working_hours.some(({ days }) => days.includes(day)));
  const own = WEEKDAYS[date.dayOfWeek - 1];
  const onDay = (day: (typeof WEEKDAYS)[number] | undefined) =>
    calendar.working_hours.filter(({ days }) => day !== undefined && days.includes(day));
  const hours = calendar.working_days.includes(text) && onDay(own).length === 0 ? onDay(usual) : onDay(own);
  return hours.map(({ from, to }) => [minutesOf(from), minutesOf(to)]);
}

function minutesOf(clockTime: string): number {
  const [hour = 0, minute = 0] = clockTime.split(':').map(Number);
  return hour * 60 + minute;
}
