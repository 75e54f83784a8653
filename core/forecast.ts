import type { ExhaustionEstimate } from './incident.ts';
import type { Text } from './text.ts';

/**
 * What each thing that a person may say or order now would lead to, by the engine's own forecast: the decision function played on
 * with what was said, with the durations that are expected and the battery's end that is believed, while nobody says anything
 * else. Instants are ISO 8601 UTC. Texts carry clock times of the site and are ready to be read.
 */
export interface Course {
  /** What happens at once. */
  readonly now: Text;
  /** What follows by itself; null: nothing does. */
  readonly later: Text | null;
  /** What is lost for lack of time: backups given up, machines that would still run when the battery ends. */
  readonly late: Text | null;
  /** The shutdown begins · all is down · the battery is empty, or the room at its limit. Null: it does not come to that, or nobody knows. */
  readonly startsAt: string | null;
  readonly downAt: string | null;
  readonly emptyAt: string | null;
  /** Between the end of the shutdown and the battery's; negative when it does not fit. */
  readonly spareS: number | null;
  /** Backups given up, and machines not down in time, by step id. */
  readonly cut: readonly string[];
  readonly unfinished: readonly string[];
  /** The incident closes by itself. */
  readonly closesAt: string | null;
}

/** What an answer leads to. An answer that takes a time has a course before a border and another after it. */
export interface AnswerCase {
  /** The case holds for times up to this one; null: for all that are later, or for the answer as it is. */
  readonly upTo: string | null;
  readonly course: Course;
}

export interface AnswerForecast {
  readonly answer: string;
  readonly cases: readonly AnswerCase[];
  /** It is what this site's plan takes by itself when nobody answers, and when. */
  readonly byItselfAt: string | null;
}

export interface QuestionForecast {
  readonly step: string;
  readonly answers: readonly AnswerForecast[];
  /** Whoever does not know: the answer that loses least, and why. */
  readonly advised: { readonly answer: string; readonly why: Text } | null;
}

export const FORECAST_ORDERS = ['start-sequence', 'stand-down', 'close'] as const;
export type ForecastOrder = (typeof FORECAST_ORDERS)[number];

export interface ForecastView {
  readonly incident: string;
  readonly at: string;
  /** When nobody says or does anything. */
  readonly nobody: Course;
  readonly questions: readonly QuestionForecast[];
  /** `refused`: why it is not possible now. */
  readonly orders: readonly {
    readonly order: ForecastOrder;
    readonly course: Course | null;
    readonly refused: Text | null;
  }[];
  /** Steps that a person may say are done, or waive; null: it may not be, or nothing else comes of it. */
  readonly steps: readonly {
    readonly step: string;
    readonly done: Course | null;
    readonly waived: Course | null;
  }[];
  /** Null: nothing runs against a battery or the room's heat. */
  readonly end: {
    readonly source: ExhaustionEstimate['source'] | null;
    /** Between the earliest and the latest of those that are credible. */
    readonly earliest: string | null;
    readonly latest: string | null;
  } | null;
}

export interface ForecastResponse {
  /** Null: the incident is closed, or the service has not worked it out yet. */
  readonly forecast: ForecastView | null;
}
