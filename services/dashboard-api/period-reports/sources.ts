import type { DutyFigures } from '#core/paperwork/duty-view.ts';
import type { DecisionLine, PeriodReport, RegisterLine } from '#core/paperwork/period-report.ts';
import type { Happening } from '#core/period-report/excursions.ts';
import type { Instant } from '#core/time.ts';

/** What other parts of the paperwork tell of a span of time; a site without one of them simply has none of its lines. */
export interface ReportSources {
  readonly duties?: (from: Instant, to: Instant) => DutyLines | Promise<DutyLines>;
  readonly registers?: (from: Instant, to: Instant) => RegisterLines | Promise<RegisterLines>;
  /** Decisions of the last meeting that was closed before `to`, and what became of them. */
  readonly decisions?: (from: Instant, to: Instant) => readonly DecisionLine[];
}

export interface DutyLines {
  readonly figures: DutyFigures;
  readonly missed: PeriodReport['missedDuties'];
}
export interface RegisterLines {
  /** Open ones, and those that were closed in the span. */
  readonly repairs: readonly RegisterLine[];
  readonly changes: readonly RegisterLine[];
  /** Entries of any register, for what happened at the same time. */
  readonly entries: readonly Happening[];
}
