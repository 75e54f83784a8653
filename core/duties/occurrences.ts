import type { Device } from '../config/device.ts';
import type { Duty } from '../config/duties.ts';
import type { CalendarFile } from '../config/rota.ts';
import { selects } from '../config/selector.ts';
import { atClock, localDate, minutesOf } from '../rota/local-days.ts';
import type { Text } from '../text.ts';
import { type Instant, minutes, plus } from '../time.ts';
import { datesOf } from './dates.ts';
import { createOfficeDays, FARTHEST_MOVE, type OfficeDays } from './office-days.ts';

/**
 * One duty on one day. Its name hangs on the day that the rule named, so that it stays the same when holidays move it:
 * `cleaning@2026-10-01` is done on 2026-10-08.
 */
export interface Occurrence {
  /** `patrol@2026-11-23`, `battery-test@2026-05-13.ups-1`, `reinspection@2026-0017.1`. */
  readonly id: string;
  readonly duty: Duty;
  /** The site's day on which it is due: `2026-11-23`. */
  readonly day: string;
  readonly from: Instant;
  readonly due: Instant;
  /** From here on it is missed for good. */
  readonly missed: Instant;
  readonly device: string | null;
  readonly entry: { readonly register: string; readonly entry: string } | null;
  readonly about: { readonly label: Text; readonly path: string } | null;
  /** What it is for has come about elsewhere: the register's entry went on. */
  readonly settled: { readonly at: Instant; readonly by: string; readonly byName: string } | null;
}

/** What duties are reckoned by. */
export interface DutySite {
  readonly zone: string;
  readonly calendar: CalendarFile;
  readonly devices: readonly Device[];
  readonly office: OfficeDays;
}

export const dutySite = (config: {
  readonly site: { readonly time_zone: string };
  readonly calendar: CalendarFile;
  readonly devices: readonly Device[];
}): DutySite => ({
  zone: config.site.time_zone,
  calendar: config.calendar,
  devices: config.devices,
  office: createOfficeDays(config.calendar),
});

/** What the calendar makes due from one time up to another, in order. Each by itself hangs on the rule alone, not on the time asked for. */
export function occurrences(duty: Duty, site: DutySite, from: Instant, to: Instant): readonly Occurrence[] {
  const margin = FARTHEST_MOVE + 1;
  const first = localDate(from, site.zone).subtract({ days: margin });
  const last = localDate(to, site.zone).add({ days: margin });
  return daysOf(duty, site.office, first, last)
    .flatMap(({ date, day }) => onDay(duty, site, date.toString(), day))
    .filter(({ due }) => from <= due && due < to)
    .sort((a, b) => a.due - b.due || (a.id < b.id ? -1 : 1));
}

interface NamedDay {
  /** As the rule named it, and as holidays moved it. */
  readonly date: Temporal.PlainDate;
  readonly day: Temporal.PlainDate;
}

/** In season, with holidays. Of two that come together on one day one is enough: the day's own, else the earlier one. */
function daysOf(
  { when, season, holidays }: Duty,
  office: OfficeDays,
  first: Temporal.PlainDate,
  last: Temporal.PlainDate,
): readonly NamedDay[] {
  const named = datesOf(when, office, first, last)
    .filter((date) => season === undefined || office.inSeason(date, season))
    .flatMap((date): NamedDay[] => {
      if (holidays === 'as-they-are') return [{ date, day: date }];
      if (holidays === 'skip') return office.isHoliday(date) ? [] : [{ date, day: date }];
      const day = office.nextWorked(date, holidays === 'next-working-day' ? 1 : -1);
      return day === null ? [] : [{ date, day }];
    });
  const kept = new Map<string, NamedDay>();
  for (const one of named) {
    const day = one.day.toString();
    if (!kept.has(day) || one.date.equals(one.day)) kept.set(day, one);
  }
  return [...kept.values()];
}

function onDay(duty: Duty, site: DutySite, name: string, day: Temporal.PlainDate): Occurrence[] {
  const plain = { ...windowOf(duty, site.zone, day), duty, day: day.toString(), entry: null, settled: null };
  const { link, for_each: each } = duty;
  if (each === undefined)
    return [{ ...plain, id: `${duty.id}@${name}`, device: null, about: link === undefined ? null : link }];
  return site.devices
    .filter((device) => selects(each, device))
    .map((device) => ({
      ...plain,
      id: `${duty.id}@${name}.${device.id}`,
      device: device.id,
      about: {
        label: device.name,
        path:
          duty.done_by === 'battery-test' ? `/battery-tests?ups=${device.id}` : (link?.path ?? `/devices/${device.id}`),
      },
    }));
}

/** From and due on the site's own clock: where summer time takes an hour away, it is never due before it may be done. */
export function windowOf(
  { from, due, opens, late_until: late }: Duty,
  zone: string,
  day: Temporal.PlainDate,
): Pick<Occurrence, 'from' | 'due' | 'missed'> {
  const overnight = opens === 0 && due <= from;
  const begins = atClock(day.subtract({ days: opens }), Temporal.PlainTime.from(from), zone);
  const ends = atClock(overnight ? day.add({ days: 1 }) : day, Temporal.PlainTime.from(due), zone);
  const least = opens > 0 || overnight ? minutes(1) : minutes(minutesOf(due) - minutesOf(from));
  const dueAt = ends > begins ? ends : plus(begins, least);
  return { from: begins, due: dueAt, missed: plus(dueAt, late) };
}

export interface LastTime {
  readonly at: Instant;
  /** Nobody did it: it is asked for again at once, not after so many days. */
  readonly isMissed: boolean;
}

/** When a duty that follows its own last time is due next: once known, and then as far ahead as looked. */
export function afterDone(
  duty: Duty,
  site: DutySite,
  /** Null: never. */
  last: LastTime | null,
  to: Instant,
): readonly Occurrence[] {
  if (typeof duty.when === 'string' || !('after_done' in duty.when)) return [];
  const { days, first } = duty.when.after_done;
  const found: Occurrence[] = [];
  const next = last?.isMissed === true ? duty.opens + 1 : days;
  let date = last === null ? Temporal.PlainDate.from(first) : localDate(last.at, site.zone).add({ days: next });
  while (found.length < MOST_AHEAD) {
    const step = duty.holidays === 'previous-working-day' ? -1 : 1;
    const moves = duty.holidays === 'next-working-day' || duty.holidays === 'previous-working-day';
    const day = (moves ? site.office.nextWorked(date, step) : null) ?? date;
    const made = onDay(duty, site, date.toString(), day);
    if (made.length === 0 || made.every(({ due }) => due >= to)) break;
    found.push(...made);
    date = date.add({ days });
  }
  return found;
}
const MOST_AHEAD = 100;

/** A deadline of a register's entry, each time that it runs. */
export interface FollowedEntry {
  readonly entry: string;
  /** Which time it is: `2`. */
  readonly part: string;
  readonly label: Text;
  readonly path: string;
  /** Until when, by the register. */
  readonly at: Instant;
  /** When it ceased to run, and by whom. */
  readonly left: { readonly at: Instant; readonly by: string; readonly byName: string } | null;
}

/** What an entry makes due; null: nothing. A deadline on a day that is not worked is kept the working day before. */
export function ofEntry(duty: Duty, site: DutySite, followed: FollowedEntry): Occurrence | null {
  const asked = followedBy(duty);
  if (asked === null) return null;
  const date = localDate(followed.at, site.zone);
  const moves = duty.holidays === 'next-working-day' || duty.holidays === 'previous-working-day';
  const day = (moves ? site.office.nextWorked(date, duty.holidays === 'next-working-day' ? 1 : -1) : null) ?? date;
  const window = windowOf(duty, site.zone, day);
  // Settled before anybody was asked: there was nothing to do.
  if (followed.left !== null && followed.left.at < window.from) return null;
  return {
    ...window,
    id: `${duty.id}@${followed.entry}.${followed.part}`,
    duty,
    day: day.toString(),
    device: null,
    entry: { register: asked.register, entry: followed.entry },
    about: { label: followed.label, path: followed.path },
    settled: followed.left,
  };
}

/** Which deadline of which register a duty hangs on; null: on none. */
export const followedBy = ({ when }: Pick<Duty, 'when'>): { register: string; deadline: string } | null =>
  typeof when === 'object' && 'deadline' in when ? when.deadline : null;
