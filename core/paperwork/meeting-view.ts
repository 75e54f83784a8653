import type { Text } from '../text.ts';

/** The weekly meeting: agenda out of open items, decisions that become tasks. Instants are ISO 8601 UTC. */
export interface MeetingView {
  /** `2026-11-23`: the day in the site's zone. */
  readonly id: string;
  readonly version: string;
  readonly title: Text;
  readonly at: string;
  readonly state: 'planned' | 'open' | 'closed';
  /** The period's report that is looked at, once it is there. */
  readonly report: string | null;
  readonly present: readonly { readonly id: string; readonly name: Text }[];
  readonly chair: { readonly id: string; readonly name: Text } | null;
  readonly agenda: readonly AgendaItem[];
  readonly decisions: readonly MeetingDecision[];
  /** Who closed it, when; nothing is changed after that. */
  readonly closed: { readonly by: string; readonly at: string } | null;
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
  readonly id: string;
  readonly kind: (typeof AGENDA_KINDS)[number];
  readonly title: Text;
  readonly detail: Text | null;
  readonly path: string | null;
  /** Late or failed: comes first. */
  readonly pressing: boolean;
  readonly discussed: boolean;
  readonly note: string | null;
}

export interface MeetingDecision {
  readonly id: string;
  readonly item: string | null;
  readonly text: string;
  readonly owner: { readonly id: string; readonly name: Text } | null;
  readonly dueAt: string | null;
  /** The task that it became; null: only noted. */
  readonly task: string | null;
  /** Of the task, now. */
  readonly state: 'open' | 'overdue' | 'done' | 'dropped' | 'noted';
  readonly by: string;
  readonly at: string;
}
