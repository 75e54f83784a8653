import type { Text } from '../text.ts';

/** The weekly meeting: agenda out of open items, decisions that become tasks. Instants are ISO 8601 UTC. */
export const MEETING_STATES = ['planned', 'open', 'closed'] as const;
export type MeetingState = (typeof MEETING_STATES)[number];

export interface MeetingView {
  /** `2026-11-23`: the day in the site's zone. */
  readonly id: string;
  readonly version: string;
  readonly title: Text;
  readonly at: string;
  readonly state: MeetingState;
  /** The period's report that is looked at, once it is there. */
  readonly report: string | null;
  readonly present: readonly MeetingPerson[];
  readonly chair: MeetingPerson | null;
  readonly agenda: readonly AgendaItem[];
  readonly decisions: readonly MeetingDecision[];
  /** Who closed it, when; nothing is changed after that. */
  readonly closed: { readonly by: string; readonly at: string } | null;
  /** What was added after it was closed: the minutes themselves stay as they are. */
  readonly addenda: readonly { readonly text: string; readonly by: string; readonly at: string }[];
  /** Who may be named: as present, as the owner of a task. */
  readonly people: readonly MeetingPerson[];
  readonly mayWrite: boolean;
  readonly mayClose: boolean;
}

export interface MeetingPerson {
  readonly id: string;
  readonly name: Text;
}

export const AGENDA_KINDS = [
  'report',
  'decision',
  'task',
  'duty',
  'repair',
  'change',
  'incident',
  'alarm',
  'entry',
  'own',
] as const;

export interface AgendaItem {
  /** What it is about: `repair:repairs/2026-0017`. */
  readonly id: string;
  readonly kind: (typeof AGENDA_KINDS)[number];
  readonly title: Text;
  readonly detail: Text | null;
  readonly path: string | null;
  /** Late or failed: comes first. */
  readonly pressing: boolean;
  /** A repair that is done and waits for the meeting's word (O-REG-6). */
  readonly confirm: boolean;
  /** This meeting has confirmed it. */
  readonly confirmed: boolean;
  readonly discussed: boolean;
  readonly note: string | null;
}

export interface MeetingDecision {
  readonly id: string;
  readonly item: string | null;
  readonly text: string;
  readonly owner: MeetingPerson | null;
  readonly dueAt: string | null;
  /** The task that it became; null: only noted. */
  readonly task: string | null;
  /** Of the task, now. */
  readonly state: 'open' | 'overdue' | 'done' | 'dropped' | 'noted';
  readonly by: string;
  readonly at: string;
}

export interface MeetingSummary {
  readonly id: string;
  readonly title: Text;
  readonly at: string;
  readonly state: MeetingState;
  readonly items: number;
  readonly pressing: number;
  readonly decisions: number;
  /** Of its decisions. */
  readonly open: number;
}

export interface MeetingsResponse {
  readonly meetings: readonly MeetingSummary[];
  readonly next: string | null;
}
