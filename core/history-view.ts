import type { OperationName } from './config/device.ts';
import type { Severity } from './config/rule.ts';
import type { Unit } from './points.ts';
import type { Value } from './reading.ts';
import type { Text } from './text.ts';

/**
 * What charts are drawn of: several points over one range, and what happened meanwhile. Columns instead of a thousand small
 * objects: a year of a point is 20 kB, read at once.
 */

/** Points in one request; two screens of small charts. */
export const MOST_HISTORY_SERIES = 12;
export const MOST_HISTORY_POINTS = 2000;
/** Longer than any retention (`history.keep`). */
export const LONGEST_HISTORY_DAYS = 366 * 25;

/**
 * Numbers are in the columns: bucket i begins at `at[i]`, in seconds since 1970, and has `mean[i]` (weighted by how long each value
 * held), `min[i]`, `max[i]`, `count[i]` readings and `coverage[i]`, the share of it for which a good value is known. A bucket without
 * any is left out: a gap. Words, truths and sets are in `changes`, the first of which may lie before `from`.
 */
export interface HistorySeries {
  readonly device: string;
  readonly point: string;
  readonly unit: Unit;
  readonly kind: 'number' | 'word';
  readonly at: readonly number[];
  readonly mean: readonly number[];
  readonly min: readonly number[];
  readonly max: readonly number[];
  readonly count: readonly number[];
  readonly coverage: readonly number[];
  readonly changes: readonly { readonly at: string; readonly value: Value | null; readonly quality: string }[];
  /** More changed than was asked for: only the newest are here. */
  readonly truncated: boolean;
}

export interface HistoryManyResponse {
  readonly from: string;
  readonly to: string;
  readonly stepS: number;
  /** In the order asked for. */
  readonly series: readonly HistorySeries[];
}

/** `record`: an entry of a register (repairs, visits) or a duty that was done (inspections, tests). */
export const MARK_KINDS = ['incident', 'alert', 'outage', 'maintenance', 'rule', 'record'] as const;
export type MarkKind = (typeof MARK_KINDS)[number];

/** Something that happened, as a mark with words on the charts of the devices it is about. */
export interface HistoryMark {
  /** Of its kind; what a link to it is made of: of a `record` the page's path without its slash, `duties/patrol@2026-11-23`. */
  readonly id: string;
  readonly kind: MarkKind;
  readonly at: string;
  /** Null: a moment, or not over yet when `open`. */
  readonly to: string | null;
  readonly open: boolean;
  readonly title: Text;
  /** In people's own words; null for those who are not signed in. */
  readonly note: string | null;
  /** Empty: the whole site. */
  readonly devices: readonly string[];
  readonly severity: Severity | null;
}

export interface HistoryMarksResponse {
  /** By their beginnings. */
  readonly marks: readonly HistoryMark[];
  /** There were more: the most serious, then the newest are here. */
  readonly truncated: boolean;
}

/** Everything about a device that is not a value: who watches it, what would be done with it, what happened to it. */
export interface DeviceContextResponse {
  readonly device: string;
  readonly rules: readonly {
    readonly id: string;
    readonly title: Text;
    readonly severity: Severity;
    readonly safety: boolean;
    /** What it looks at. */
    readonly points: readonly string[];
    readonly off: boolean;
    /** People have changed its numbers here. */
    readonly changed: boolean;
  }[];
  /** What written plans do with it, in the plan's order. */
  readonly steps: readonly {
    readonly plan: string;
    readonly planTitle: Text;
    readonly step: string;
    readonly title: Text;
    readonly stage: string;
    readonly operation: OperationName;
    /** It says what it would do and does nothing. */
    readonly rehearsed: boolean;
  }[];
  /** Newest first, of the last year. */
  readonly marks: readonly HistoryMark[];
  /** Those of its rules on it that open an incident. */
  readonly opens: readonly { readonly plan: string; readonly title: Text; readonly rules: readonly string[] }[];
}

/** By device: where it is read, without credentials. For people who have signed in: a wall need not know. */
export interface DeviceAddressesResponse {
  readonly addresses: Readonly<Record<string, string>>;
}
