import type { PeriodReport } from '#core/paperwork/period-report.ts';
import type { Language, Text } from '#core/text.ts';
import type { Instant } from '#core/time.ts';

/** Between the figures of a period's report (gather, archive, schedule), its papers (`paper/`) and its mail. */

export const PAPER_FORMATS = ['docx', 'pdf', 'xlsx', 'csv', 'md'] as const;
export type PaperFormat = (typeof PAPER_FORMATS)[number];

/** `application/pdf` and so on, for answers and mail. */
export const PAPER_TYPES: Readonly<Record<PaperFormat | 'json', string>> = {
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  pdf: 'application/pdf',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  csv: 'text/csv; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
  json: 'application/json; charset=utf-8',
};

/**
 * One chart of a report with everything that is drawn, in no language. Ids are those of `RoomClimate.charts` (`core-temperature`,
 * `core-humidity`, `core-dew-point`) and of `BatteryTestLine.chart` (`battery-bt-ups-1-2026-11-23`); `ups-load` besides.
 */
export interface PeriodChart {
  readonly id: string;
  readonly title: Text;
  readonly unit: string;
  /** `bars`: one a day. Lines when not told. */
  readonly shape?: 'bars';
  /** Minutes since `from` and not the time of day: a discharge beside an earlier one. */
  readonly axis?: 'elapsed';
  readonly from: Instant;
  readonly to: Instant;
  readonly timeZone: string;
  /** By time in ms since 1970; null ends a line: a gap stays a gap. At most 500 values a line, 8 lines. */
  readonly lines: readonly {
    readonly name: Text;
    readonly values: readonly (readonly [at: number, value: number | null])[];
  }[];
  /** Limits of the standard, as lines across. */
  readonly limits: readonly { readonly value: number; readonly label: Text }[];
  /** Incidents of the period; at most 12. */
  readonly marks: readonly { readonly at: Instant; readonly to: Instant | null; readonly label: Text }[];
}

export interface RenderOptions {
  readonly language: Language;
  readonly format: PaperFormat;
  /** Those with data, in the order of the paper. */
  readonly charts: readonly PeriodChart[];
}

/** What is archived once is never drawn again: the same report gives the same words. Rejects when it cannot be drawn. */
export type RenderReport = (report: PeriodReport, options: RenderOptions) => Promise<Uint8Array>;

export interface MailRecipient {
  /** A person's id. */
  readonly person: string;
  readonly name: Text;
  readonly address: string;
  readonly language: Language;
}

export interface ReportMail {
  /** The same for each try of the same mail to the same person: becomes the Message-ID. */
  readonly key: string;
  readonly report: PeriodReport;
  readonly to: MailRecipient;
  /** In the recipient's language, as they were archived. */
  readonly files: readonly { readonly name: string; readonly type: string; readonly bytes: Uint8Array }[];
  /** The page of the report; null: the site has no public address. */
  readonly url: string | null;
}

/** `refused` is for good (no such mailbox, too large), `failed` may be tried again. Never rejects. */
export interface MailOutcome {
  readonly result: 'sent' | 'failed' | 'refused';
  readonly detail: string | null;
}

export type MailReport = (mail: ReportMail) => Promise<MailOutcome>;
