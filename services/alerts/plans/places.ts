import type { DriverName } from '#core/config/device.ts';
import type { ActDefinition } from './definition.ts';
import type { StepProgress } from './state.ts';
import { indexOf } from './step-index.ts';
import type { Turn } from './turn.ts';

/** At most so many acts of one driver side by side. */
export function placeFree(turn: Turn, step: ActDefinition): boolean {
  const driver = driverOfStep(turn, step);
  if (driver === null) return true;
  const limit = turn.state.definition.atOnce[driver];
  let used = 0;
  const { acts, actPlaces } = indexOf(turn.state.definition);
  for (const [i, other] of acts.entries())
    if (isUnderWay(turn.progressAt(actPlaces[i] ?? -1)) && driverOfStep(turn, other) === driver) used += 1;
  return used < limit;
}

/** Its command runs, or its effect is being proven. */
export const isBusy = (turn: Turn, id: string): boolean => isUnderWay(turn.step(id));

const isUnderWay = ({ state, verify }: Readonly<StepProgress>): boolean =>
  state === 'running' || (state === 'verifying' && verify?.purpose !== 'watch');

const driverOfStep = (turn: Turn, step: ActDefinition): DriverName | null =>
  step.rehearseOnly ? null : (step.ways[turn.step(step.id).way]?.driver ?? null);
