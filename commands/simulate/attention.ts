import type { IncidentState } from '#services/alerts/plans/state.ts';

/**
 * When simulated people look at an incident: after something has changed that they act on, which is what they are asked, what
 * they have to do, whether it is acknowledged and which phase it is in. Views in between are never made.
 */
export interface Attention {
  decided(before: IncidentState | null, after: IncidentState): void;
  /** True once after each such change. */
  wanted(incident: string): boolean;
}

export function createAttention(): Attention {
  const changed = new Set<string>();
  return {
    decided: (before, after) => {
      if (before === null || concernsPeople(before, after)) changed.add(after.id);
    },
    wanted: (incident) => changed.delete(incident),
  };
}

function concernsPeople(before: IncidentState, after: IncidentState): boolean {
  if (before.phase !== after.phase || before.acknowledged !== after.acknowledged) return true;
  if (before.steps === after.steps) return false;
  for (const step of after.definition.steps) {
    if (step.kind !== 'act' && before.steps[step.id] !== after.steps[step.id]) return true;
  }
  return false;
}
