import type { AlarmWeek } from '../alarm-figures/view.ts';
import type { AlarmSummary } from '../paperwork/period-report.ts';
import { sameText } from '../text.ts';
import type { PeriodSpan } from './periods.ts';

/** The alarm figures are kept by whole weeks; a month's are those of the weeks that begin in it. */
export interface AlarmSum {
  readonly weeks: number;
  readonly alarms: number;
  readonly perDay: number;
  readonly worstTenMinutes: number;
  readonly floodShare: number;
  readonly stale: number;
  readonly chattering: number;
  readonly bySeverity: AlarmSummary['bySeverity'];
  readonly pages: readonly { readonly person: string; readonly pages: number }[];
  readonly mostFrequent: AlarmSummary['mostFrequent'];
}

const WEEK_MS = 7 * 86_400_000;
/** Where the clocks are changed a week is an hour longer or shorter. */
const SLACK_MS = 2 * 3_600_000;
const MOST_FREQUENT = 5;

/** `missing`: weeks of the period are not there any more (or not yet). */
export function weeksWithin(
  weeks: readonly AlarmWeek[],
  { from, to }: Pick<PeriodSpan, 'from' | 'to'>,
): { readonly weeks: readonly AlarmWeek[]; readonly missing: boolean } {
  const own = weeks.filter((week) => Date.parse(week.from) >= from && Date.parse(week.from) < to);
  const expected = Math.floor((to - from + SLACK_MS) / WEEK_MS);
  return { weeks: own, missing: own.length < expected };
}

/** Null: no week. `perDay` and `floodShare` are means over the weeks, the rest sums; `worstTenMinutes` is the worst of all. */
export function sumOfWeeks(weeks: readonly AlarmWeek[]): AlarmSum | null {
  if (weeks.length === 0) return null;
  const total = (of: (week: AlarmWeek) => number): number => weeks.reduce((sum, week) => sum + of(week), 0);
  return {
    weeks: weeks.length,
    alarms: total(({ alarms }) => alarms),
    perDay: total(({ aDay }) => aDay) / weeks.length,
    worstTenMinutes: Math.max(...weeks.map(({ worst }) => worst.alarms)),
    floodShare: total(({ flood }) => flood.share) / weeks.length,
    stale: total(({ stale }) => stale.count),
    chattering: total(({ chattering }) => chattering.count),
    bySeverity: {
      low: total(({ severities }) => severities.low),
      medium: total(({ severities }) => severities.medium),
      high: total(({ severities }) => severities.high),
    },
    pages: [
      ...Map.groupBy(
        weeks.flatMap(({ people }) => people),
        ({ person }) => person,
      ),
    ]
      .map(([person, all]) => ({ person, pages: all.reduce((sum, { pages }) => sum + pages, 0) }))
      .sort((a, b) => b.pages - a.pages || (a.person < b.person ? -1 : 1)),
    mostFrequent: frequentOf(weeks),
  };
}

function frequentOf(weeks: readonly AlarmWeek[]): AlarmSummary['mostFrequent'] {
  const actors = Map.groupBy(
    weeks.flatMap(({ badActors }) => badActors),
    ({ rule, device }) => `${rule}|${device}`,
  );
  return [...actors.values()]
    .map((all) => ({
      title: all[0]?.title ?? sameText(''),
      count: all.reduce((sum, { alarms }) => sum + alarms, 0),
      suggestion: all.find(({ suggestion }) => suggestion !== null)?.suggestion ?? null,
    }))
    .sort((a, b) => b.count - a.count)
    .slice(0, MOST_FREQUENT);
}
