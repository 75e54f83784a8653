import type { Severity } from '../config/rule.ts';
import type { Text } from '../text.ts';

/** The weekly figures of alarm management (ISA-18.2, EEMUA 191), as they are kept, published and shown. Times: ISO 8601 in UTC. */
export interface AlarmFiguresView {
  readonly at: string;
  readonly timeZone: string;
  /** The present week first, then the whole weeks before it. */
  readonly weeks: readonly AlarmWeek[];
}

export interface AlarmWeek extends AlarmFigures {
  /** The site's Monday: `2026-11-16`. */
  readonly week: string;
  /** False: it goes on. */
  readonly ended: boolean;
}

export const SUGGESTIONS = ['detector', 'shelved', 'chattering', 'stale', 'short', 'frequent'] as const;
export type SuggestionKind = (typeof SUGGESTIONS)[number];

export interface AlarmSource {
  readonly rule: string;
  readonly device: string;
  readonly title: Text;
}

export interface BadActor extends AlarmSource {
  readonly severity: Severity;
  readonly alarms: number;
  /** Of all alarms, 0 to 1. */
  readonly share: number;
  /** Median of how long they stood, those that have ended. */
  readonly medianS: number | null;
  readonly kind: SuggestionKind | null;
  readonly suggestion: Text | null;
}

/** Nearest-rank, in seconds; null where there was none. */
export interface Lengths {
  readonly count: number;
  readonly medianS: number | null;
  readonly p90S: number | null;
}

export interface AlarmFigures {
  readonly from: string;
  readonly to: string;
  /** What stood before people; held back and simulated ones are counted apart. */
  readonly alarms: number;
  /** Over the days that are over, at least one. */
  readonly aDay: number;
  readonly days: readonly { readonly date: string; readonly alarms: number }[];
  readonly worst: { readonly alarms: number; readonly from: string | null };
  readonly flood: { readonly times: number; readonly totalS: number; readonly share: number };
  /** Stood for more than 24 hours at some time of the span. */
  readonly stale: { readonly count: number; readonly longest: readonly (AlarmSource & { readonly since: string })[] };
  /** Came at least three times within a minute, or the engine found them to come and go. */
  readonly chattering: { readonly count: number; readonly sources: readonly AlarmSource[] };
  readonly badActors: readonly BadActor[];
  readonly severities: Readonly<Record<Severity, number>>;
  readonly acknowledge: Lengths;
  readonly clear: Lengths;
  readonly shelved: readonly { readonly person: string; readonly times: number; readonly totalS: number }[];
  readonly people: readonly { readonly person: string; readonly pages: number }[];
  /** Null: belongs to no room (this service, other systems). */
  readonly rooms: readonly { readonly room: string | null; readonly alarms: number }[];
  readonly heldBack: { readonly inhibited: number; readonly maintenance: number };
  readonly simulated: number;
}

/** A person was told of one matter once, over whatever ways. */
export interface Page {
  readonly at: string;
  readonly person: string;
}

/** Goals: ISA-18.2 and EEMUA 191; five pages a week is what a person bears who has other work. */
export const GOALS = {
  worstTenMinutes: 10,
  floodShare: 0.01,
  pagesAWeek: 5,
  severities: { low: 0.8, medium: 0.15, high: 0.05 },
} as const;
