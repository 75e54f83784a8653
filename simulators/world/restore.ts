import { ZhishouError } from '#core/errors.ts';
import type { World, WorldPlan } from './state.ts';

/** Reads a world back from JSON, for the same plan, at the moment `nowMs`. */
export function restoreWorld(snapshot: unknown, plan: WorldPlan, nowMs: number): World {
  const world = structuredClone(snapshot) as World;
  const broken = (detail: string): never => {
    throw new ZhishouError('BAD_CONFIGURATION', 'snapshot of the simulated room', detail);
  };
  if (typeof world !== 'object' || world === null || world.version !== 2) return broken('unknown version');
  const same = (ids: readonly { id: string }[], planned: readonly { id: string }[]): boolean =>
    ids.map((one) => one.id).join() === planned.map((one) => one.id).join();
  if (
    !same(world.upses, plan.upses) ||
    !same(world.pdus, plan.pdus) ||
    !same(world.machines, plan.machines) ||
    !same(world.cooling, plan.cooling) ||
    !same(world.sensors, plan.sensors)
  )
    return broken('it was saved with other devices');
  // A clock that is behind the world (a paced clock starts anew at real time): the world moves to it, all of it.
  if (world.at > nowMs) moveWorld(world, nowMs - world.at);
  return world;
}

/** Moves the world in time, without letting anything happen. */
export const moveWorld = (world: World, byMs: number): void => shift(world, byMs);

/** Moves every instant: numbers under keys `at` and `…At`. */
function shift(node: unknown, byMs: number): void {
  if (typeof node !== 'object' || node === null) return;
  const fields = node as Record<string, unknown>;
  for (const [key, value] of Object.entries(fields)) {
    if (typeof value === 'number' && (key === 'at' || key.endsWith('At'))) fields[key] = value + byMs;
    else shift(value, byMs);
  }
}
