import type { CalendarFile } from '../config/rota.ts';
import { createSpecialDays } from '../rota/holidays.ts';
import { calendarDays } from '../rota/working-time.ts';

/** The office's days as duties ask for them; each is looked up once. */
export interface OfficeDays {
  /** Some hours of it are worked; 调休 days too. */
  isWorked(date: Temporal.PlainDate): boolean;
  /** A public holiday, or one of the office's own; not a usual weekend. */
  isHoliday(date: Temporal.PlainDate): boolean;
  /** False too for a season that calendar.yaml does not have. */
  inSeason(date: Temporal.PlainDate, season: string): boolean;
  /** The nearest worked day from here on, the day itself included; null: none within a month. */
  nextWorked(date: Temporal.PlainDate, step: 1 | -1): Temporal.PlainDate | null;
}

/** The longest holidays are nine days. Farther away it would be another month's. */
export const FARTHEST_MOVE = 31;

export function createOfficeDays(calendar: CalendarFile): OfficeDays {
  const specialOf = createSpecialDays(calendar);
  const known = new Map<string, boolean>();
  const isWorked = (date: Temporal.PlainDate): boolean => {
    const name = date.toString();
    const before = known.get(name);
    if (before !== undefined) return before;
    const worked = calendarDays(calendar, date, 1)[0]?.worked ?? false;
    known.set(name, worked);
    return worked;
  };
  return {
    isWorked,
    isHoliday: (date) => specialOf(date.toString())?.kind === 'holiday',
    inSeason(date, season) {
      const span = calendar.seasons[season];
      if (span === undefined) return false;
      const day = date.toString().slice(5);
      return span.from <= span.to ? span.from <= day && day <= span.to : day >= span.from || day <= span.to;
    },
    nextWorked(date, step) {
      for (let n = 0; n <= FARTHEST_MOVE; n++) {
        const tried = date.add({ days: n * step });
        if (isWorked(tried)) return tried;
      }
      return null;
    },
  };
}
