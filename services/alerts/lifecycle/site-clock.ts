import type { Instant } from '#core/time.ts';

/** Instants as people of the site read them. */
export interface SiteClock {
  /** `03:04:05`, with its date (`11-22 03:04:05`) when that is not today. `iso`: of the alert. */
  time(iso: string, now: Instant): string;
}

interface Local {
  /** `2026-11-22`. */
  readonly date: string;
  readonly time: string;
}

/** An alert that nobody acknowledges says its beginning in every message. */
const MOST_KNOWN = 500;

export function createSiteClock(zone: string): SiteClock {
  const known = new Map<string, Local>();
  let today: { readonly date: string; readonly from: number; readonly until: number } | null = null;

  function localOf(iso: string): Local {
    const found = known.get(iso);
    if (found !== undefined) return found;
    const local = Temporal.Instant.from(iso).toZonedDateTimeISO(zone);
    const made = {
      date: local.toPlainDate().toString(),
      time: local.toPlainTime().toString({ smallestUnit: 'second' }),
    };
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(iso, made);
    return made;
  }

  function dateOf(now: Instant): string {
    if (today !== null && now >= today.from && now < today.until) return today.date;
    const local = Temporal.Instant.fromEpochMilliseconds(Math.floor(now)).toZonedDateTimeISO(zone);
    const midnight = local.startOfDay();
    today = {
      date: local.toPlainDate().toString(),
      from: midnight.epochMilliseconds,
      until: midnight.add({ days: 1 }).startOfDay().epochMilliseconds,
    };
    return today.date;
  }

  return {
    time(iso, now) {
      const { date, time } = localOf(iso);
      return date === dateOf(now) ? time : `${date.slice(5)} ${time}`;
    },
  };
}
