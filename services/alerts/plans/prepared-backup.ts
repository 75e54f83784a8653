import type { ActDefinition } from './definition.ts';
import type { IncidentState, StepProgress } from './state.ts';
import { indexOf } from './step-index.ts';

/** Backups that were made ahead of an announced cut. */

/** The same device's backup in the stage `prepare`. */
export function preparedBackup(state: IncidentState, step: ActDefinition): StepProgress | undefined {
  const other = indexOf(state.definition).acts.find(
    (one) => one.stage === 'prepare' && one.operation === 'backup' && one.device === step.device,
  );
  return other === undefined ? undefined : state.steps[other.id];
}

/** A backup begun in preparation is still running: a second one beside it would only slow both. */
export function backupUnderWay(state: IncidentState, step: ActDefinition): boolean {
  if (step.operation !== 'backup' || step.stage === 'prepare') return false;
  const made = preparedBackup(state, step)?.state;
  return made === 'running' || made === 'verifying';
}
