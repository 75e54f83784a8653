import type { IncidentSummary } from '#core/api.ts';
import type { IncidentView, TimelineEntry } from '#core/incident.ts';
import { hasEnded } from './steps.ts';

/** The stream carries only the newest entries of a timeline: what was known before is kept, by `seq`. Pure. */
export function mergeTimeline(before: IncidentView | undefined, next: IncidentView): IncidentView {
  if (before === undefined) return next;
  const entries = new Map<number, TimelineEntry>();
  for (const entry of [...before.timeline, ...next.timeline]) entries.set(entry.seq, entry);
  return { ...next, timeline: [...entries.values()].sort((a, b) => a.seq - b.seq) };
}

export function summaryOf(incident: IncidentView): IncidentSummary {
  const { steps, timeline: _timeline, ...rest } = incident;
  return {
    ...rest,
    steps: {
      total: steps.length,
      ended: steps.filter(hasEnded).length,
      failed: steps.filter(({ state }) => state === 'failed').length,
    },
  };
}
