import { testsIn } from '../config/condition.ts';
import type { Config } from '../config/config.ts';
import { type CalendarFile, WEEKDAYS } from '../config/rota.ts';
import type { Rule } from '../config/rule.ts';
import { conditionsOf } from '../config/rule-for.ts';
import type { Value } from '../reading.ts';
import { createSpecialDays } from '../rota/holidays.ts';
import type { Rota } from '../rota/rota.ts';
import { type Instant, instant, minutes, plus } from '../time.ts';
import type { Observation } from './observation.ts';

/**
 * The site's calendar as points that any rule may ask: `calendar.working`, `calendar.holiday`, `calendar.season`,
 * `calendar.time`, `calendar.weekday`. Nobody tells of them; each answer says until when it holds.
 */
export interface CalendarLook {
  /** Null: no point of the calendar, or nobody knows. `steady` is the time of rules, `wall` the clock's. */
  observe(point: string, steady: Instant, wall: Instant): Observation | null;
}

export const isOfCalendar = (point: string): boolean => point.startsWith('calendar.');

/** The wall clock may be set: what holds by it is looked at again before long. */
const LONGEST = minutes(10);

interface Day {
  /** What is the same from the first instant up to the second. */
  readonly from: Instant;
  readonly until: Instant;
  readonly values: Readonly<Record<string, Value>>;
}

type Slice = Pick<Config, 'calendar'> & { readonly site: Pick<Config['site'], 'time_zone'> };

/** `rota`: who knows the working hours. Without it nobody does. */
export function createCalendarLook(
  config: Slice,
  rules: readonly Rule[],
  rota: Pick<Rota, 'isWorkingTime'> | undefined,
): CalendarLook {
  const turns = turnsOf(config.calendar, rules);
  const specialOf = createSpecialDays(config.calendar);
  let part: Day | null = null;

  function partAt(wall: Instant): Day {
    const local = Temporal.Instant.fromEpochMilliseconds(wall).toZonedDateTimeISO(config.site.time_zone);
    const date = local.toPlainDate();
    const midnight = local.startOfDay();
    const time = local.toPlainTime().toString({ smallestUnit: 'minute' });
    const starts = turns.map((turn) =>
      instant(date.toZonedDateTime({ timeZone: config.site.time_zone, plainTime: turn }).epochMilliseconds),
    );
    const until = Math.min(midnight.add({ days: 1 }).epochMilliseconds, ...starts.filter((start) => start > wall));
    const from = Math.max(midnight.epochMilliseconds, ...starts.filter((start) => start <= wall));
    const monthDay = date.toString().slice(5);
    return {
      from: instant(from),
      until: instant(until),
      values: {
        'calendar.holiday': specialOf(date.toString())?.kind === 'holiday',
        'calendar.season': seasonsOn(config.calendar, monthDay).join(' '),
        'calendar.time': time,
        'calendar.weekday': WEEKDAYS[date.dayOfWeek - 1] ?? '',
        ...(rota === undefined ? {} : { 'calendar.working': rota.isWorkingTime(wall) }),
      },
    };
  }

  return {
    observe(point, steady, wall) {
      if (part === null || wall < part.from || wall >= part.until) part = partAt(wall);
      const value = part.values[point];
      if (value === undefined) return null;
      const until = plus(steady, Math.min(LONGEST, part.until - wall) as typeof LONGEST);
      const seen = { value, quality: 'good', goodAt: steady, changedAt: steady, simulated: false } as const;
      return { ...seen, staleAt: plus(until, LONGEST), until };
    },
  };
}

/** Every time of day at which something begins or ends. */
function turnsOf(calendar: CalendarFile, rules: readonly Rule[]): readonly string[] {
  const tests = rules.flatMap((rule) => conditionsOf(rule).flatMap(testsIn));
  const asked = tests.flatMap(({ between }) => between ?? []);
  return [...new Set([...calendar.working_hours.flatMap(({ from, to }) => [from, to]), ...asked])].sort();
}

/** `heating: {from: 11-15, to: 03-15}` goes over the year's end. */
const seasonsOn = ({ seasons }: CalendarFile, monthDay: string): string[] =>
  Object.entries(seasons ?? {}).flatMap(([name, { from, to }]) => {
    const holds = from <= to ? from <= monthDay && monthDay <= to : from <= monthDay || monthDay <= to;
    return holds ? [name] : [];
  });
