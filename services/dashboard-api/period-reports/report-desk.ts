import type { Config } from '#core/config/config.ts';
import { ZhishouError } from '#core/errors.ts';
import type { Period, PeriodReport } from '#core/paperwork/period-report.ts';
import { type PeriodSpan, periodById, periodNamed } from '#core/period-report/periods.ts';
import type { Clock } from '#core/ports.ts';
import { type Duration, minutes } from '#core/time.ts';
import { chartsOf } from './charts.ts';
import { type GatherInput, gatherReport } from './gather.ts';
import type { PeriodChart } from './seams.ts';

/** Reports of any period on demand, one after the other: two people who ask at once wait for one gathering. */
export interface ReportDesk {
  /** Throws NOT_FOUND for what is no period, BAD_REQUEST for one that has not begun; STORE_DOWN without history. */
  report(id: string): Promise<PeriodReport>;
  charts(report: PeriodReport, ids?: readonly string[]): Promise<readonly PeriodChart[]>;
  span(id: string): PeriodSpan;
  named(period: Period, name: string): PeriodSpan;
}

export interface DeskInput {
  readonly config: Config;
  readonly clock: Clock;
  /** What was measured just now is waited for, a moment. */
  readonly settled: () => Promise<void>;
  /** What is known at this moment. */
  readonly input: () => Omit<GatherInput, 'config' | 'now'>;
}

/** What was gathered a moment ago is what is asked for again: the page, then its charts, then a paper. */
const FRESH: Duration = minutes(1);
const MOST_FRESH = 4;

export function createReportDesk({ config, clock, settled, input }: DeskInput): ReportDesk {
  const zone = config.site.time_zone;
  const fresh = new Map<string, { readonly at: Duration; readonly report: Promise<PeriodReport> }>();
  let last: Promise<unknown> = Promise.resolve();

  const known = (span: PeriodSpan | null, asked: string): PeriodSpan => {
    if (span === null)
      throw new ZhishouError(
        'NOT_FOUND',
        asked,
        'no period: as weekly-2026-W46, monthly-2026-11, quarterly-2026-Q4, yearly-2026',
      );
    if (span.from > clock.now()) throw new ZhishouError('BAD_REQUEST', asked, 'this period has not begun');
    return span;
  };
  const span = (id: string): PeriodSpan => known(periodById(id, zone), id);

  const gather = (of: PeriodSpan): Promise<PeriodReport> => {
    const report = last.then(settled).then(() => gatherReport({ config, now: clock.now(), ...input() }, of));
    last = report.catch(() => {});
    return report;
  };
  return {
    span,
    named: (period, name) => known(periodNamed(period, name, zone), `${period} ${name}`),
    async report(id) {
      const of = span(id);
      const now = clock.monotonic();
      for (const [key, { at }] of fresh) if (now - at > FRESH || fresh.size > MOST_FRESH) fresh.delete(key);
      const found = fresh.get(of.id)?.report ?? gather(of);
      if (!fresh.has(of.id)) {
        fresh.set(of.id, { at: now, report: found });
        // What could not be gathered is tried again by whoever asks next.
        found.catch(() => fresh.delete(of.id));
      }
      return found;
    },
    charts(report, ids) {
      const { measuring, records } = input();
      return chartsOf(measuring, report, config.devices, ids, records);
    },
  };
}
