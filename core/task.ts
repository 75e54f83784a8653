import type { Text } from './text.ts';

/** O-RPT-1: what an incident or a drill taught, kept until somebody has done it. Instants are ISO 8601 UTC. */
export interface TaskView {
  readonly id: string;
  /** For `If-Match`: it is another one after each change. */
  readonly version: string;
  readonly title: Text;
  readonly state: 'open' | 'done' | 'dropped';
  /** A person's id. */
  readonly owner: string | null;
  readonly dueAt: string;
  /** Open and past its due time. */
  readonly overdue: boolean;
  /** The incident whose report proposed it; null when a person wrote it. */
  readonly incident: string | null;
  readonly plan: { readonly id: string; readonly version: string } | null;
  readonly drill: boolean;
  readonly createdAt: string;
  readonly createdBy: string;
  /** Every change, never overwritten. */
  readonly history: readonly {
    readonly at: string;
    readonly by: string;
    readonly change: string;
    readonly note: string | null;
  }[];
}
