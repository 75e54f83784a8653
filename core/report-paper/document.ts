import type { Figure } from '../paperwork/period-report.ts';

/**
 * A period's report as what is read, in one language: the same parts and the same words for the page, Word, PDF and the terminal, and the same
 * tables for Excel and CSV. A table's values stay values: each reader writes them in its own way (`paper-cell.ts` as people read them).
 */
export interface ReportDocument {
  /** 【模拟】 and what else must stand before a title. */
  readonly marks: readonly string[];
  readonly title: string;
  /** Days, site, when it was made. */
  readonly subtitle: string;
  readonly parts: readonly ReportPart[];
}

export type ReportPart =
  | { readonly kind: 'heading'; readonly id: string; readonly text: string; readonly level?: 2 }
  | { readonly kind: 'text'; readonly text: string; readonly quiet?: boolean; readonly strong?: boolean }
  | { readonly kind: 'list'; readonly items: readonly ReportItem[] }
  | { readonly kind: 'figures'; readonly items: readonly KeyFigure[] }
  /** `chart`: its id; left out by a reader that has no such chart. */
  | { readonly kind: 'chart'; readonly chart: string; readonly title: string }
  | { readonly kind: 'table'; readonly table: ReportTable };

export interface ReportItem {
  readonly text: string;
  /** Of the page that tells more. */
  readonly path: string | null;
}

export interface KeyFigure {
  readonly label: string;
  readonly value: string;
  /** `▲0.4`, or empty. */
  readonly change: string;
  readonly pressing: boolean;
}

export interface ReportTable {
  readonly id: TableId;
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** More rows than this are told on paper by their number alone: Excel and CSV have all. */
  readonly most?: number;
}

/** Names of the sheets and of CSV's `part`. */
export const TABLE_IDS = [
  'climate',
  'temperature',
  'humidity',
  'dew-point',
  'excursions',
  'ups',
  'battery-tests',
  'cooling',
  'power',
  'network',
  'services',
  'incidents',
  'drills',
  'alarms',
  'frequent-alarms',
  'pages-per-person',
  'duties',
  'missed-duties',
  'repairs',
  'changes',
  'decisions',
  'tasks',
  'on-duty',
  'gaps',
] as const;
export type TableId = (typeof TABLE_IDS)[number];

export interface Column {
  readonly label: string;
  /** Stands in the head: of temperatures °C; lengths are hours in files. */
  readonly unit?: string;
  /** `share`: 0 to 1, written as %. `length`: seconds. `moment`: ISO 8601 UTC, written in the site's zone. */
  readonly kind: 'text' | 'number' | 'share' | 'length' | 'moment';
  /** After the point; 1 when not told. */
  readonly digits?: number;
  /** Where a text stands under numbers. */
  readonly align?: 'end';
  /** Share of the paper's width. */
  readonly width: number;
  /** `note`: on paper it stands small below the column before it. */
  readonly on?: 'note' | 'paper' | 'files';
  /** What a row's coverage weakens. */
  readonly covered?: boolean;
  /** The coverage itself. */
  readonly coverage?: boolean;
}

export type Value = string | number | null | Figure;

export interface Row {
  readonly values: readonly Value[];
  /** 0 to 1; null: nothing to cover. */
  readonly coverage?: number | null;
  /** Late, failed, below what is needed. */
  readonly pressing?: boolean;
  readonly path?: string | null;
  /** After the point, where a row's values differ in it from the column's. */
  readonly digits?: number;
}

/** Below this a figure is marked where it stands. */
export const ENOUGH_COVERAGE = 0.95;

export const isFigure = (value: Value | undefined): value is Figure => typeof value === 'object' && value !== null;
