import type { BucketColumns } from '#core/bucket-table.ts';
import type { ErrorCode } from '#core/errors.ts';
import type { CheckReport } from './check.ts';
import type { Columns } from './columns.ts';
import type { Batch, Definition, EngineOptions, Refusal } from './engine.ts';
import type { BucketsQuery, Ends, Range } from './queries.ts';
import type { OwnSettings } from './series-table.ts';

/** What the store's thread and its owner say to each other. Columns are handed over, not copied. */

/** Plain values only: functions do not cross threads. */
export type ThreadOptions = Omit<EngineOptions, 'clock' | 'log' | 'metrics' | 'onStep' | 'onOvertaken'>;
export interface ThreadStart {
  readonly file: string;
  readonly options: ThreadOptions;
}

export interface Questions {
  readonly write: { ask: { fresh: readonly Definition[]; batch: Batch }; answer: readonly Refusal[] };
  readonly define: { ask: readonly Definition[]; answer: null };
  /** For the series that the file has already. */
  readonly settings: { ask: readonly (readonly [device: string, point: string, OwnSettings])[]; answer: null };
  readonly raw: { ask: { range: Range; limit: number }; answer: Columns };
  readonly changes: { ask: { range: Range; limit: number }; answer: Columns };
  readonly buckets: { ask: BucketsQuery; answer: BucketColumns };
  readonly quantiles: { ask: { range: Range; shares: readonly number[] }; answer: readonly (number | null)[] };
  readonly series: { ask: null; answer: readonly Ends[] };
  readonly backup: { ask: string; answer: null };
  readonly check: { ask: null; answer: CheckReport };
  readonly settle: { ask: null; answer: null };
  readonly warmUp: { ask: null; answer: null };
  readonly close: { ask: null; answer: null };
}
export type QuestionName = keyof Questions;

export type Asked = {
  [Name in QuestionName]: { readonly id: number; readonly name: Name; readonly ask: Questions[Name]['ask'] };
}[QuestionName];

export interface ToldError {
  readonly code: ErrorCode;
  readonly subject: string;
  readonly detail: string;
}

export type Told =
  | { readonly kind: 'opened'; readonly series: readonly (readonly [device: string, point: string])[] }
  | { readonly kind: 'failed'; readonly error: ToldError }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly error: ToldError }
  | {
      readonly kind: 'log';
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly fields: Record<string, unknown>;
      readonly message: string;
    }
  | {
      readonly kind: 'count';
      readonly name: string;
      readonly labels: Readonly<Record<string, string>> | undefined;
      readonly by: number | undefined;
    };

export const buffersOf = ({ at, num, tag }: Columns): ArrayBuffer[] =>
  [at, num, tag].map(({ buffer }) => buffer as ArrayBuffer);
