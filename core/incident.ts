import type { Text } from './text.ts';

/** What people, the page and reports see of an incident. Instants are ISO 8601 UTC, lengths are seconds (`…S`). */

/** Ordinary / serious / major (一般/较重/重大), O-LVL-1. */
export const LEVELS = ['ordinary', 'serious', 'major'] as const;
export type Level = (typeof LEVELS)[number];

/**
 * `live` acts on equipment; `advice` is a live incident of an unarmed site: each act becomes advice to a person;
 * `drill` acts on simulated equipment only; `rehearsal` is a drill on the real configuration in which every act says what it would do.
 */
export type IncidentMode = 'live' | 'advice' | 'drill' | 'rehearsal';

/**
 * responding: outlook being asked, nothing shed yet · holding: outlook within the limit, shed and waiting · protecting: the
 * shutdown sequence runs · settling: mains is back, not yet believed · standing-down: before the point of no return, giving
 * back what was shed · finishing: mains back after the point of no return, half-done steps are completed · shut-down: all is
 * off, waiting for mains · awaiting-recovery: mains stable, gates not yet met · recovering: starting equipment · closed.
 */
export type IncidentPhase =
  | 'responding'
  | 'holding'
  | 'protecting'
  | 'settling'
  | 'standing-down'
  | 'finishing'
  | 'shut-down'
  | 'awaiting-recovery'
  | 'recovering'
  | 'closed';

export type IncidentOutcome = 'stood-down' | 'shutdown' | 'recovered';

export type StepKind = 'tell' | 'ask' | 'task' | 'act' | 'wait' | 'choose' | 'together';

/**
 * pending: something before it is not done · waiting: a person or a condition is awaited · running: the command has been
 * given · verifying: its effect is being proven · done: proven, answered or said · failed: all ways failed, a person was told ·
 * skipped: its condition does not hold · cut: a backup given up for lack of time · waived: by a person, with a reason ·
 * advised: an unarmed site told a person what to do · rehearsed: it said what it would have done.
 */
export type StepState =
  | 'pending'
  | 'waiting'
  | 'running'
  | 'verifying'
  | 'done'
  | 'failed'
  | 'skipped'
  | 'cut'
  | 'waived'
  | 'advised'
  | 'rehearsed';

export interface AnswerOption {
  readonly id: string;
  readonly label: Text;
  /** What the page asks for beside the choice: minutes, or a time. */
  readonly takes: 'nothing' | 'duration' | 'time';
  /** What this answer would lead to, by the engine's own forecast. */
  readonly consequence: Text | null;
}

export interface StepView {
  readonly id: string;
  readonly kind: StepKind;
  readonly title: Text;
  /** respond · hold · protect · recover: the part of the plan it belongs to. */
  readonly stage: string;
  readonly device: string | null;
  readonly operation: string | null;
  /** Ids of the room's rules it keeps. */
  readonly obligations: readonly string[];
  readonly state: StepState;
  /** Steps that must have ended before. */
  readonly after: readonly string[];
  readonly role: string | null;
  readonly person: string | null;
  readonly phone: string | null;
  readonly contact: Text | null;
  readonly script: Text | null;
  readonly answers: readonly AnswerOption[];
  readonly answer: { readonly id: string; readonly label: Text; readonly by: string; readonly at: string } | null;
  readonly dueAt: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly expectedS: number | null;
  readonly attempts: number;
  /** What happened last: the evidence, the error, the reason. */
  readonly detail: Text | null;
}

export interface ExhaustionEstimate {
  readonly source: 'ups' | 'slope' | 'model' | 'silence';
  /** When the battery is empty by this source; null when it cannot tell. */
  readonly at: string | null;
  readonly remainingS: number | null;
  readonly credible: boolean;
  readonly why: Text;
}

/** The four figures of EMERGENCY.md. */
export interface ClocksView {
  readonly at: string;
  /** Since mains was lost. */
  readonly elapsedS: number;
  readonly mains: 'lost' | 'present' | 'unknown';
  readonly outlook: {
    readonly kind: 'unknown' | 'until';
    readonly until: string | null;
    readonly by: string | null;
    readonly overLimit: boolean | null;
  };
  readonly exhaustion: {
    readonly at: string | null;
    readonly source: ExhaustionEstimate['source'] | null;
    readonly estimates: readonly ExhaustionEstimate[];
  };
  readonly needS: number;
  /** The longest chain of steps behind `needS`, by step id. */
  readonly needPath: readonly string[];
  readonly marginS: number;
  readonly latestSafeStart: string | null;
  readonly chargePercent: number | null;
  readonly loadWatts: number | null;
  readonly limitS: number;
}

export type TimelineKind =
  | 'opened'
  | 'reading'
  | 'clocks'
  | 'decision'
  | 'answer'
  | 'acknowledged'
  | 'step'
  | 'action'
  | 'evidence'
  | 'notification'
  | 'order'
  | 'power'
  | 'restart'
  | 'level'
  | 'closed';

/** One line of the record: who, what, when, why, with the figures used (I7). */
export interface TimelineEntry {
  readonly seq: number;
  readonly at: string;
  readonly elapsedS: number;
  readonly kind: TimelineKind;
  readonly what: Text;
  /** A person's id, or `zhishou`. */
  readonly who: string;
  readonly why: Text | null;
  readonly figures: Readonly<Record<string, number | string | boolean | null>>;
  readonly step: string | null;
}

export interface IncidentView {
  readonly id: string;
  readonly site: string;
  readonly plan: { readonly id: string; readonly version: string; readonly title: Text };
  readonly mode: IncidentMode;
  readonly simulated: boolean;
  readonly level: Level;
  readonly phase: IncidentPhase;
  readonly outcome: IncidentOutcome | null;
  readonly openedAt: string;
  readonly closedAt: string | null;
  readonly cause: Text;
  /** One sentence: what is happening now. */
  readonly headline: Text;
  readonly acknowledged: { readonly by: string; readonly at: string } | null;
  readonly pointOfNoReturn: { readonly passedAt: string; readonly step: string } | null;
  readonly clocks: ClocksView | null;
  readonly steps: readonly StepView[];
  /** Bounded: the newest 2,000 entries. */
  readonly timeline: readonly TimelineEntry[];
}
