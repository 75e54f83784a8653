import type { ReportsConfig, ReportTime } from '../config/reports.ts';
import { PERIODS, type Period } from '../paperwork/period-report.ts';
import { atClock, localDate } from '../rota/local-days.ts';
import type { Instant } from '../time.ts';
import { type PeriodSpan, periodAt, periodsLater } from './periods.ts';

/** When which report is to be made. Pure: the same question after a restart has the same answer. */

/** A week's report at `Mon 07:00` is made on the Monday after it, by the clocks of that day. */
export function madeAt({ to }: PeriodSpan, { days, hour, minute }: ReportTime, zone: string): Instant {
  return atClock(localDate(to, zone).add({ days }), Temporal.PlainTime.from({ hour, minute }), zone);
}

/** How far back what is missing is made up for: a monitor that was away over the holidays. */
const LOOK_BACK: Readonly<Record<Period, number>> = { weekly: 8, monthly: 3, quarterly: 2, yearly: 1 };

export interface Due {
  readonly span: PeriodSpan;
  readonly at: Instant;
}

/** Those whose time has come, oldest first, and when the next one's comes; null: none is asked for. */
export function dueReports(
  config: ReportsConfig,
  now: Instant,
  zone: string,
): { readonly due: readonly Due[]; readonly next: Instant | null } {
  const due: Due[] = [];
  let next: Instant | null = null;
  for (const period of PERIODS) {
    const at = config[period]?.at;
    if (at === undefined) continue;
    const present = periodAt(period, now, zone);
    for (let back = LOOK_BACK[period]; back >= 0; back--) {
      const span = periodsLater(present, -back, zone);
      const moment = madeAt(span, at, zone);
      if (moment <= now) due.push({ span, at: moment });
      else if (next === null || moment < next) next = moment;
    }
  }
  return { due: due.sort((a, b) => a.at - b.at || (a.span.id < b.span.id ? -1 : 1)), next };
}
