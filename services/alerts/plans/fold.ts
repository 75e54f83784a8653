import type { TimelineEntry } from '#core/incident.ts';
import type { Journal, JournalRecord } from '#core/ports.ts';
import type { Instant } from '#core/time.ts';
import { decide as ownDecide } from './decide.ts';
import type { Command, IncidentEvent } from './events.ts';
import type { IncidentState } from './state.ts';
import { Timeline } from './timeline.ts';

/** Incidents from the journal: each stream `inc-…` is one incident, its state the fold of its events. */
export interface FoldedIncident {
  readonly state: IncidentState;
  readonly timeline: readonly TimelineEntry[];
  /** What the last events asked to be told: a crash may have come between the journal and the outbox. */
  readonly lastNotifications: readonly Extract<Command, { type: 'notify' }>[];
  readonly lastAt: Instant;
}

export const KIND_PREFIX = 'incident.';
const MOST_STREAMS = 60;
const NOTIFICATIONS_AGAIN = 100;

export function readIncidents(journal: Journal, decide = ownDecide): FoldedIncident[] {
  const streams = journal
    .streams()
    .filter((stream) => stream.stream.startsWith('inc-'))
    .sort((a, b) => a.first - b.first)
    .slice(-MOST_STREAMS);
  return streams.flatMap(({ stream }) => foldIncident(journal.read({ stream }), decide) ?? []);
}

export function foldIncident(records: Iterable<JournalRecord>, decide = ownDecide): FoldedIncident | null {
  let state: IncidentState | null = null;
  const timeline = new Timeline();
  const notifications: Extract<Command, { type: 'notify' }>[] = [];
  let lastAt = 0 as Instant;
  for (const record of records) {
    if (!record.kind.startsWith(KIND_PREFIX)) continue;
    const event = record.body as IncidentEvent;
    if (state === null && event.type !== 'opened') continue;
    const decision: { state: IncidentState; commands: readonly Command[] } = decide(state, event);
    state = decision.state;
    lastAt = event.at;
    for (const command of decision.commands) {
      if (command.type === 'record') timeline.add(command.entry);
      if (command.type === 'notify') notifications.push(command);
    }
    if (notifications.length > 2 * NOTIFICATIONS_AGAIN) notifications.splice(0, NOTIFICATIONS_AGAIN);
  }
  if (state === null) return null;
  return { state, timeline: timeline.entries(), lastNotifications: notifications.slice(-NOTIFICATIONS_AGAIN), lastAt };
}
