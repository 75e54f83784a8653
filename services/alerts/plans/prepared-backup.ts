import { type Duration, type Instant, milliseconds, plus } from '#core/time.ts';
import type { ActDefinition } from './definition.ts';
import type { IncidentState } from './state.ts';
import { indexOf } from './step-index.ts';

/** Backups of the same device that are made elsewhere: ahead of an announced cut, or by another incident of the site. */
export interface MadeElsewhere {
  readonly doneAt: Instant;
  readonly by: 'preparation' | 'incident';
}

/** The newest that is proven; null: none. */
export function backupElsewhere(state: IncidentState, step: ActDefinition): MadeElsewhere | null {
  const prepared = preparation(state, step);
  if (prepared?.state === 'done' && prepared.endedAt !== null) return { doneAt: prepared.endedAt, by: 'preparation' };
  const doneAt = state.backups[step.device]?.doneAt ?? null;
  return doneAt === null ? null : { doneAt, by: 'incident' };
}

/** One is being made just now: a second one beside it would only slow both. */
export function backupUnderWay(state: IncidentState, step: ActDefinition): boolean {
  if (step.operation !== 'backup') return false;
  const prepared = preparation(state, step)?.state;
  if (prepared === 'running' || prepared === 'verifying') return true;
  // Whoever makes it may have been lost, or has ended: it is waited for as long as such a backup takes at most.
  const since = state.backups[step.device]?.runningSince ?? null;
  return since !== null && state.now < plus(since, patience(step));
}

export const patience = (step: ActDefinition): Duration => milliseconds(Math.min(step.giveUpMs, 1.5 * step.expectedMs));

function preparation(state: IncidentState, step: ActDefinition) {
  if (step.stage === 'prepare') return undefined;
  const other = indexOf(state.definition).backups.find((one) => one.stage === 'prepare' && one.device === step.device);
  return other === undefined ? undefined : state.steps[other.id];
}
