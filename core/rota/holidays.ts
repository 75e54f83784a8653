import china from 'chinese-days/dist/chinese-days.json' with { type: 'json' };
import type { CalendarFile } from '../config/rota.ts';
import { sameText, type Text } from '../text.ts';

/**
 * 法定节假日 and 调休: the State Council's days as the package `chinese-days` holds them, joined with calendar.yaml's own lines,
 * which win. Only its table is used: its functions count days in the machine's own time zone.
 */
export interface SpecialDay {
  readonly kind: 'holiday' | 'worked';
  /** What it is called, where that is known. */
  readonly name: Text | null;
  readonly source: 'national' | 'own';
}

/** `"National Day,国庆节,3"` by date. */
type Table = Readonly<Record<string, string>>;
const NATIONAL: { readonly holidays: Table; readonly workdays: Table } = china;
const NATIONAL_YEARS: ReadonlySet<number> = new Set(
  Object.keys(NATIONAL.holidays).map((date) => Number(date.slice(0, 4))),
);

type Lines = Pick<CalendarFile, 'national_holidays' | 'holidays' | 'working_days' | 'years_by_hand'>;

/** What is special about a local date, `2026-10-10`; null for a day like any other of its name. */
export function createSpecialDays(calendar: Lines): (date: string) => SpecialDay | null {
  const holidays = new Set(calendar.holidays);
  const worked = new Set(calendar.working_days);
  const national = calendar.national_holidays === 'china';
  return (date) => {
    const name = national ? nameOf(NATIONAL.holidays[date] ?? NATIONAL.workdays[date]) : null;
    if (holidays.has(date)) return { kind: 'holiday', name, source: 'own' };
    if (worked.has(date)) return { kind: 'worked', name, source: 'own' };
    if (!national) return null;
    if (date in NATIONAL.holidays) return { kind: 'holiday', name, source: 'national' };
    return date in NATIONAL.workdays ? { kind: 'worked', name, source: 'national' } : null;
  };
}

function nameOf(entry: string | undefined): Text | null {
  if (entry === undefined) return null;
  const [en = '', zh = ''] = entry.split(',');
  return zh === '' ? sameText(en) : { zh, en };
}

/** False: national days are asked for, and neither the package nor calendar.yaml has those of the year. */
export const holidaysKnown = (calendar: Lines, year: number): boolean =>
  calendar.national_holidays !== 'china' || NATIONAL_YEARS.has(year) || calendar.years_by_hand.includes(year);
