import type { DriverName } from '#core/config/device.ts';
import type { ActDefinition } from './definition.ts';
import type { StepProgress } from './state.ts';
import { indexOf } from './step-index.ts';
import type { Turn } from './turn.ts';

/** At most so many acts of one driver side by side. */
export function placeFree(turn: Turn, step: ActDefinition): boolean {
  const driver = driverOf(step, turn.step(step.id));
  if (driver === null) return true;
  const limit = turn.state.definition.atOnce[driver];
  let used = 0;
  const { acts, actPlaces } = indexOf(turn.state.definition);
  for (let i = 0; i < acts.length; i++) {
    const progress = turn.progressAt(actPlaces[i] ?? -1);
    if (isUnderWay(progress) && driverOf(acts[i], progress) === driver) used += 1;
  }
  return used < limit;
}

/** Its command runs, or its effect is being proven. */
export const isBusy = (turn: Turn, id: string): boolean => isUnderWay(turn.step(id));

const isUnderWay = ({ state, verify }: Readonly<StepProgress>): boolean =>
  state === 'running' || (state === 'verifying' && verify?.purpose !== 'watch');

const driverOf = (step: ActDefinition | undefined, { way }: Readonly<StepProgress>): DriverName | null =>
  step === undefined || step.rehearseOnly ? null : (step.ways[way]?.driver ?? null);
