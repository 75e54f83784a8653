import type { FunctionName } from '../config/people.ts';
import type { Quality } from '../reading.ts';
import type { Text } from '../text.ts';
import type { SignatureGiven } from './register-view.ts';

/** Duties as the page gets them. One *occurrence* is one duty on one day: `patrol@2026-11-23`. Instants are ISO 8601 UTC. */

/** `open`: may be done now; `overdue`: should have been; `missed`: nobody did it and its time is over for good. */
export const DUTY_STATES = ['planned', 'open', 'overdue', 'done', 'done-late', 'missed', 'waived'] as const;
export type DutyState = (typeof DUTY_STATES)[number];

export interface DutySummary {
  readonly id: string;
  readonly duty: string;
  readonly title: Text;
  readonly obligations: readonly string[];
  readonly state: DutyState;
  readonly from: string;
  readonly dueAt: string;
  /** Who is to do it: by the rota at that time, or by role. */
  readonly function: FunctionName;
  readonly person: { readonly id: string; readonly name: Text } | null;
  readonly items: number;
  readonly doneAt: string | null;
  readonly doneBy: { readonly id: string; readonly name: string } | null;
  readonly findings: number;
  /** What it is about besides itself: a register's entry to re-inspect, a UPS to test. */
  readonly about: { readonly label: Text; readonly path: string } | null;
}

export interface DutyView extends DutySummary {
  readonly version: string;
  readonly instructions: Text | null;
  readonly checklist: readonly ChecklistItem[];
  /** Somebody's signature is asked for. */
  readonly signature: 'password' | 'drawn' | null;
  readonly history: readonly { readonly at: string; readonly by: string; readonly what: Text }[];
  /** Last times, newest first. */
  readonly before: readonly DutySummary[];
  readonly mayDo: boolean;
  readonly mayWaive: boolean;
  /** Until when at the latest something found now is to be mended; null: nothing can be found any more. */
  readonly mendBy: string | null;
  readonly tasks: readonly {
    readonly id: string;
    readonly title: Text;
    readonly dueAt: string;
    readonly state: string;
  }[];
  /** What was written over the whole when it was done, or why it was waived. */
  readonly note: string | null;
  /** The register's entry that it became, an incident, a battery test. */
  readonly links: readonly { readonly label: Text; readonly path: string }[];
}

/** One line of a checklist, filled in beforehand where a device tells it. */
export interface ChecklistItem {
  readonly id: string;
  readonly label: Text;
  readonly group: Text | null;
  readonly kind: 'tick' | 'number' | 'text';
  readonly unit: string | null;
  /** What the devices say now: shown beside the tick, kept with it as it was. */
  readonly live: readonly LiveFinding[];
  /** Judged from the readings; the person confirms or corrects. Null: nothing tells it. */
  readonly suggested: ItemVerdict | null;
  readonly answer: ItemAnswer | null;
  /** Of a typed number: outside of these it is a finding. Null: nothing holds it. */
  readonly min: number | null;
  readonly max: number | null;
  /** What was answered the last time that this duty was done. */
  readonly last: {
    readonly at: string;
    readonly by: string;
    readonly verdict: ItemVerdict;
    readonly value: number | string | null;
    readonly note: string | null;
  } | null;
}

export type ItemVerdict = 'ok' | 'finding' | 'not-applicable';

export interface LiveFinding {
  readonly device: string;
  readonly name: Text;
  readonly point: string;
  readonly pointName: Text;
  readonly value: number | string | boolean | null;
  readonly unit: string;
  readonly quality: Quality;
  /** Within the limits that the rules hold it to. */
  readonly fine: boolean;
  readonly at: string | null;
}

export interface ItemAnswer {
  readonly verdict: ItemVerdict;
  readonly value: number | string | null;
  readonly note: string | null;
  /** What the devices said when it was answered. */
  readonly live: readonly LiveFinding[];
  /** The person says otherwise than the readings. */
  readonly corrected: boolean;
}

/** What `POST /duties/:occurrence/done` takes: every item of the checklist once. */
export interface DutyDone {
  readonly items: readonly DoneItem[];
  readonly note?: string;
  readonly signature?: SignatureGiven;
}

export interface DoneItem {
  readonly item: string;
  readonly verdict: ItemVerdict;
  readonly value: number | string | null;
  readonly note: string | null;
  /** When the person answered it, which may be before it is delivered. */
  readonly at: string;
  /** Of a finding: who mends it (a person's id; null: nobody yet) and until when. It becomes a task. */
  readonly owner: string | null;
  readonly dueAt: string | null;
}

export interface DutiesResponse {
  readonly duties: readonly DutySummary[];
  readonly next: string | null;
}

/** How well duties were done from one day to another. */
export interface DutyFigures {
  readonly from: string;
  readonly to: string;
  readonly duties: readonly {
    readonly duty: string;
    readonly title: Text;
    readonly done: number;
    readonly late: number;
    readonly missed: number;
    readonly waived: number;
    /** done in time ÷ all but waived ones; null: none were due. */
    readonly rate: number | null;
  }[];
}
