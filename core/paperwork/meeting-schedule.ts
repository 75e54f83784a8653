import type { MeetingConfig } from '../config/meeting.ts';
import type { CalendarFile } from '../config/rota.ts';
import { atClock, localDate } from '../rota/local-days.ts';
import { calendarDays } from '../rota/working-time.ts';
import type { Instant } from '../time.ts';

/** When the meeting is. On a holiday it is on the next working day; where no day is worked at all the day itself is as good as any. */
export interface MeetingTime {
  /** The day in the site's zone: `2026-11-23`. */
  readonly id: string;
  readonly at: Instant;
}

/** A long holiday is over within three weeks. */
const LONGEST_HOLIDAY = 21;

export interface MeetingSite {
  readonly meeting: Pick<MeetingConfig, 'at'>;
  readonly calendar: CalendarFile;
  readonly timeZone: string;
}

/** Those from so many weeks before the instant until so many after it, in order; each day once. */
export function meetingTimes(
  site: MeetingSite,
  around: Instant,
  weeksBefore: number,
  weeksAfter: number,
): MeetingTime[] {
  const { weekday, hour, minute } = site.meeting.at;
  const today = localDate(around, site.timeZone);
  const first = today.add({ days: weekday - today.dayOfWeek - 7 * weeksBefore });
  const weeks = weeksBefore + weeksAfter + 1;
  const days = calendarDays(site.calendar, first, 7 * weeks + LONGEST_HOLIDAY);
  const byDay = new Map<string, MeetingTime>();
  for (let week = 0; week < weeks; week++) {
    const day = first.add({ days: 7 * week });
    const worked = days.slice(7 * week, 7 * week + LONGEST_HOLIDAY).find((one) => one.worked);
    const held = worked === undefined ? day : Temporal.PlainDate.from(worked.date);
    const at = atClock(held, Temporal.PlainTime.from({ hour, minute }), site.timeZone);
    byDay.set(held.toString(), { id: held.toString(), at });
  }
  return [...byDay.values()].sort((a, b) => a.at - b.at);
}

/** The one that goes on or is next: the last before the instant until its week is over, and the first after it. */
export function currentTimes(site: MeetingSite, now: Instant): { last: MeetingTime | null; next: MeetingTime | null } {
  const all = meetingTimes(site, now, 4, 3);
  return { last: all.findLast(({ at }) => at <= now) ?? null, next: all.find(({ at }) => at > now) ?? null };
}
