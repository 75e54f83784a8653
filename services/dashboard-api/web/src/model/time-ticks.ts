import { lengthOfView, type View } from './chart-view.ts';
import { type Locale, monthOf, shortDate, timeOfDay, yearOf, zoneOffsetMinutes } from './time-format.ts';

/** Where a time axis has its marks and what they say: on whole units of the site's own wall clock, whatever the browser's. Pure. */
export interface Tick {
  readonly at: number;
  readonly label: string;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14].map((n) => n * DAY),
];
/** Then months and years, by how many. */
const MONTHS = [1, 2, 3, 6, 12, 24, 60, 120];
const MONTH = 30.4 * DAY;

export function timeTicks(view: View, most: number, place: Locale): readonly Tick[] {
  const least = lengthOfView(view) / Math.max(1, most);
  const step = STEPS.find((one) => one >= least);
  return step === undefined ? monthTicks(view, least, place) : evenTicks(view, step, place);
}

function evenTicks(view: View, step: number, place: Locale): readonly Tick[] {
  const offset = zoneOffsetMinutes(place.timeZone, view.from) * MINUTE;
  const ticks: Tick[] = [];
  // Weeks begin on Monday: the first of January 1970 was a Thursday.
  const base = step >= 7 * DAY ? 4 * DAY : 0;
  for (let local = Math.ceil((view.from + offset - base) / step) * step + base; ; local += step) {
    // The offset is that of the tick's own day: clocks may have been put forward in between.
    const at = local - zoneOffsetMinutes(place.timeZone, local - offset) * MINUTE;
    if (at > view.to) return ticks;
    if (at >= view.from) ticks.push({ at, label: labelAt(at, local, step, place) });
  }
}

function labelAt(at: number, local: number, step: number, place: Locale): string {
  if (step >= DAY || local % DAY === 0) return shortDate(place, at);
  return timeOfDay(place, at, step < MINUTE);
}

function monthTicks(view: View, least: number, place: Locale): readonly Tick[] {
  const by = MONTHS.find((months) => months * MONTH >= least) ?? 240;
  const offset = zoneOffsetMinutes(place.timeZone, view.from) * MINUTE;
  const first = new Date(view.from + offset);
  const start = first.getUTCFullYear() * 12 + first.getUTCMonth();
  const ticks: Tick[] = [];
  for (let month = Math.floor(start / by) * by; ; month += by) {
    const local = Date.UTC(Math.floor(month / 12), month % 12, 1);
    const at = local - zoneOffsetMinutes(place.timeZone, local) * MINUTE;
    if (at > view.to) return ticks;
    if (at < view.from) continue;
    ticks.push({ at, label: month % 12 === 0 || by >= 12 ? yearOf(place, at) : monthOf(place, at) });
  }
}
