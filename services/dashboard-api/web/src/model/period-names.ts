import type { Period } from '#core/paperwork/period-report.ts';

/** Names of weeks, months, quarters and years by the calendar alone; browsers have no Temporal yet. Dates are `2026-11-09`. Pure. */

const DAY = 86_400_000;
const two = (n: number): string => String(n).padStart(2, '0');
const utc = (date: string): number => Date.parse(`${date}T00:00:00Z`);
const dateOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** The period that a day lies in: `2026-W46` (ISO 8601), `2026-11`, `2026-Q4`, `2026`. */
export function periodOn(period: Period, date: string): string {
  const at = utc(date);
  const [year, month] = [new Date(at).getUTCFullYear(), new Date(at).getUTCMonth()];
  if (period === 'monthly') return `${year}-${two(month + 1)}`;
  if (period === 'quarterly') return `${year}-Q${Math.floor(month / 3) + 1}`;
  return period === 'yearly' ? String(year) : weekOn(at);
}

/** The week that has the Thursday belongs to the Thursday's year. */
function weekOn(at: number): string {
  const thursday = at + (3 - ((new Date(at).getUTCDay() + 6) % 7)) * DAY;
  const year = new Date(thursday).getUTCFullYear();
  return `${year}-W${two(Math.floor((thursday - Date.UTC(year, 0, 1)) / (7 * DAY)) + 1)}`;
}

/** First day and the day after the last; null: no such name. */
export function daysOf(period: Period, name: string): { readonly from: string; readonly to: string } | null {
  const [, year = '', rest = ''] = /^(\d{4})(?:-(?:[WQ])?(\d{1,2}))?$/.exec(name) ?? [];
  if (year === '') return null;
  const [y, n] = [Number(year), Number(rest)];
  if (period === 'weekly') {
    const fourth = Date.UTC(y, 0, 4);
    const from = fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * DAY + (n - 1) * 7 * DAY;
    return { from: dateOf(from), to: dateOf(from + 7 * DAY) };
  }
  const [first, months] = period === 'monthly' ? [n - 1, 1] : period === 'quarterly' ? [(n - 1) * 3, 3] : [0, 12];
  return { from: dateOf(Date.UTC(y, first, 1)), to: dateOf(Date.UTC(y, first + months, 1)) };
}

/** The next one, or the one before. */
export function periodBeside(period: Period, name: string, step: 1 | -1): string | null {
  const days = daysOf(period, name);
  if (days === null) return null;
  return periodOn(period, step === 1 ? days.to : dateOf(utc(days.from) - DAY));
}
