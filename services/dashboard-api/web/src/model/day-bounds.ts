import { addDays } from './rota-calendar.ts';
import { instantAt } from './time-format.ts';

/**
 * A day of the site as two instants: `2026-11-22` in Asia/Shanghai is from 2026-11-21T16:00Z to 2026-11-22T16:00Z; on a day when clocks
 * change it is 23 or 25 hours long. Null for what is no day.
 */
export function dayBounds(day: string, timeZone: string): { readonly from: string; readonly to: string } | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(Date.parse(`${day}T00:00:00Z`))) return null;
  const from = instantAt(timeZone, `${day}T00:00`);
  const to = instantAt(timeZone, `${addDays(day, 1)}T00:00`);
  return from === null || to === null ? null : { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}
