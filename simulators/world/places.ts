import type { Place, WorldPlan } from './world-plan.ts';

/** Where things stand, and how long smoke takes from one to the other. */

const placeOf = (plan: WorldPlan, device: string): Place | null =>
  plan.devices.find((one) => one.id === device)?.place ?? null;

/** Milliseconds until smoke from there is in this sensor's chamber; in another's place unknown, as over three metres. */
export function smokeDelayMs(plan: WorldPlan, from: string, sensor: number): number {
  const { smoke_delay, smoke_delay_per_metre } = plan.room.fire;
  const source = placeOf(plan, from);
  const target = plan.sensors[sensor]?.place ?? null;
  const metres = source === null || target === null ? 3 : Math.hypot(source.x - target.x, source.y - target.y);
  return smoke_delay + metres * smoke_delay_per_metre;
}

/** Where a fire begins unless told otherwise. */
export const nearestSmokePlace = (plan: WorldPlan): string =>
  plan.sensors.find((sensor) => sensor.kind === 'smoke')?.id ?? plan.machines[0]?.id ?? 'room';
