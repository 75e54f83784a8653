import type { Language } from '#core/text.ts';
import type { PeriodChart } from '../seams.ts';

/** Along a chart: midnights of the site's zone, months of a year, minutes of a discharge; and where nothing is known. */

const DAY = 86_400_000;

export interface TimeAxis {
  /** The chart draws UTC: times are moved so that the site's midnight is UTC's. Where the clocks change within a period, an hour is off. */
  readonly shift: (at: number) => number;
  readonly label: (at: number) => string;
  readonly minIntervalMs: number;
}

export function timeAxisOf({ from, to, timeZone, axis }: PeriodChart, language: Language): TimeAxis {
  if (axis === 'elapsed')
    return {
      shift: (at) => at - from,
      label: (at) => `${Math.round(at / 60_000)} ${language === 'zh' ? '分' : 'min'}`,
      minIntervalMs: 60_000,
    };
  const offset = offsetOf(timeZone, from);
  const days = (to - from) / DAY;
  const tag = language === 'zh' ? 'zh-CN' : 'en-GB';
  const format = new Intl.DateTimeFormat(tag, { timeZone: 'UTC', ...fieldsOf(days) });
  return {
    shift: (at) => at + offset,
    label: (at) => format.format(at),
    minIntervalMs: days > 120 ? 27 * DAY : days > 2 ? DAY : 60_000,
  };
}

function fieldsOf(days: number): Intl.DateTimeFormatOptions {
  if (days <= 2) return { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  if (days <= 10) return { weekday: 'short', day: 'numeric' };
  return days <= 120 ? { month: 'numeric', day: 'numeric' } : { month: 'short' };
}

/** How far the zone's clocks are ahead of UTC, ms. */
function offsetOf(timeZone: string, at: number): number {
  // sv-SE writes ISO 8601's order.
  const local = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(at);
  return Date.parse(`${local.replace(' ', 'T')}Z`) - Math.floor(at / 1000) * 1000;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Shorter ones are seen as a break of the line, if at all. */
const SHORTEST_SHARE = 0.004;

/** Where no line has a value. */
export function gapsOf({ lines, from, to, shape, axis }: PeriodChart): readonly Span[] {
  if (shape === 'bars' || axis === 'elapsed') return [];
  const shortest = (to - from) * SHORTEST_SHARE;
  const [first = [], ...others] = lines.map(({ values }) => missingOf(values, from, to));
  return others.reduce(bothOf, first).filter((gap) => gap.to - gap.from >= shortest);
}

function missingOf(values: PeriodChart['lines'][number]['values'], from: number, to: number): Span[] {
  const gaps: Span[] = [];
  let since: number | null = from;
  for (const [at, value] of values) {
    if (value === null) since ??= at;
    else if (since !== null) {
      gaps.push({ from: since, to: at });
      since = null;
    }
  }
  if (since !== null) gaps.push({ from: since, to });
  return gaps;
}

const bothOf = (one: readonly Span[], other: readonly Span[]): Span[] =>
  one.flatMap((a) =>
    other.flatMap((b) => {
      const both = { from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) };
      return both.to > both.from ? [both] : [];
    }),
  );
