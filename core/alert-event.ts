import type { AlertView } from './alert.ts';
import type { Severity } from './config/rule.ts';

/** The alert log, one line for each change of an alert: what the weekly figures of ISA-18.2 are counted from. */

export const ALERT_CHANGES = [
  'pending',
  'fired',
  'acknowledged',
  /** Nobody did anything after an acknowledgement: it fires again. */
  'reopened',
  'cleared',
  /** It never fired. */
  'dismissed',
  /** Its rule is gone from the configuration. */
  'retired',
  'shelved',
  'unshelved',
  /** `by`: the alert or the incident that explains it. */
  'inhibited',
  'released',
  /** `by`: the maintenance window. */
  'maintenance',
  'returned',
  'chattering',
] as const;
export type AlertChange = (typeof ALERT_CHANGES)[number];

export interface AlertEvent {
  /** ISO 8601 in UTC. */
  readonly at: string;
  readonly alert: string;
  readonly rule: string;
  readonly device: string;
  readonly severity: Severity;
  readonly what: AlertChange;
  /** A person, an alert, an incident or a window; null: nobody, it came about by itself. */
  readonly by: string | null;
  /** Its values are made up: the figures of a real room do not count it. */
  readonly simulated?: true;
}

type Change = Pick<AlertEvent, 'what' | 'by'>;

/** What has changed from one record of an alert to the next; each change once. `by`: who gave the order, where somebody did. */
export function changesOf(
  before: AlertView | null,
  after: AlertView,
  options: { retired: boolean; by?: string | null },
): Change[] {
  const { retired, by = null } = options;
  const changes: Change[] = [];
  if (before === null) changes.push({ what: 'pending', by: null });
  const state = before?.state ?? 'pending';
  if (after.state !== state) changes.push(stateChange(state, after, { retired, by }));
  const shelf = before?.silenced ?? null;
  if (after.silenced !== null && (after.silenced.by !== shelf?.by || after.silenced.until !== shelf.until))
    changes.push({ what: 'shelved', by: after.silenced.by });
  else if (after.silenced === null && shelf !== null) changes.push({ what: 'unshelved', by });
  changes.push(...held(before?.inhibitedBy ?? null, after.inhibitedBy, 'inhibited', 'released'));
  changes.push(...held(before?.maintenance?.id ?? null, after.maintenance?.id ?? null, 'maintenance', 'returned'));
  if (after.chattering !== undefined && before?.chattering === undefined)
    changes.push({ what: 'chattering', by: null });
  return changes;
}

function stateChange(
  before: AlertView['state'],
  after: AlertView,
  { retired, by }: { retired: boolean; by: string | null },
): Change {
  switch (after.state) {
    case 'acknowledged':
      return { what: 'acknowledged', by: after.acknowledged?.by ?? by };
    case 'cleared':
      if (retired) return { what: 'retired', by: null };
      return { what: after.firedAt === null ? 'dismissed' : 'cleared', by: null };
    case 'firing':
      return { what: before === 'acknowledged' ? 'reopened' : 'fired', by: null };
    case 'pending':
      return { what: 'pending', by: null };
  }
}

function held(before: string | null, after: string | null, into: AlertChange, out: AlertChange): Change[] {
  if (before === after) return [];
  return after === null ? [{ what: out, by: before }] : [{ what: into, by: after }];
}
