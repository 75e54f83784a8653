import type { FunctionName, OutsideContact } from './config/people.ts';
import type { Language, Text } from './text.ts';

/** Who is who, how each is reached, and what a drill was worth: `GET /people`, `GET /drills`. */

export interface PersonView {
  readonly id: string;
  readonly name: Text;
  readonly functions: readonly FunctionName[];
  readonly language: Language;
  readonly phone: string | null;
  /** In the order they are tried. */
  readonly ways: readonly WayView[];
  /** Rotations that are this person's now. */
  readonly on: readonly FunctionName[];
  /** Accounts on this page that are theirs. */
  readonly accounts: number;
}

export interface WayView {
  readonly channel: string;
  /** The kind of site.yaml; null: there is no such channel. */
  readonly kind: string | null;
  /** Whom it reaches there; null for those who may not see addresses. */
  readonly to: string | null;
}

export interface PeopleResponse {
  readonly people: readonly PersonView[];
  readonly contacts: readonly { readonly id: OutsideContact; readonly name: Text; readonly phone: string }[];
}

export interface DrillView {
  readonly at: string;
  readonly plan: string;
  /** The plan's. */
  readonly version: string;
  readonly mode: 'drill' | 'rehearsal';
  readonly scenario: string;
  /** Null: it did not reach its end. */
  readonly outcome: string | null;
  /** 0–100; null for a rehearsal, in which nobody was rung. */
  readonly score: number | null;
  readonly acknowledgedS: number | null;
  /** Questions and tasks not in their time. */
  readonly late: number;
  /** What plan, people or equipment lacked. */
  readonly lacks: number;
  /** Invariants that were not kept; targets that a rehearsal could not reach. */
  readonly broken: readonly string[];
}

export interface DrillsResponse {
  readonly drills: readonly DrillView[];
  readonly next: string | null;
}
