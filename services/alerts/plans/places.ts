import type { DriverName } from '#core/config/device.ts';
import type { ActDefinition } from './definition.ts';
import type { Turn } from './turn.ts';

/** At most so many acts of one driver side by side. */
export function placeFree(turn: Turn, step: ActDefinition): boolean {
  const driver = driverOfStep(turn, step);
  if (driver === null) return true;
  const limit = turn.state.definition.atOnce[driver];
  let used = 0;
  for (const other of turn.acts()) if (isBusy(turn, other.id) && driverOfStep(turn, other) === driver) used += 1;
  return used < limit;
}

/** Its command runs, or its effect is being proven. */
export function isBusy(turn: Turn, id: string): boolean {
  const { state, verify } = turn.step(id);
  return state === 'running' || (state === 'verifying' && verify?.purpose !== 'watch');
}

const driverOfStep = (turn: Turn, step: ActDefinition): DriverName | null =>
  step.rehearseOnly ? null : (step.ways[turn.step(step.id).way]?.driver ?? null);
