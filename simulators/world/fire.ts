import { nearestSmokePlace, smokeDelayMs } from './places.ts';
import type { Running } from './state.ts';
import { record } from './truth.ts';

/**
 * A fire grows with the square of time (NFPA's t² fires), heats the room and sends its smoke to one detector after the other,
 * by distance. One that began in a machine dies with the machine's supply; any dies when it is put out. Smoke thins afterwards.
 */

/** Without its supply an electrical fire loses half its power in this time; put out, in less. */
const DIES_S = 60;
const PUT_OUT_S = 10;
const OUT_WATTS = 50;
/** Smoke thins out through the gaps of the door. */
const SMOKE_THINS_S = 300;
/** A detector smells less than this no more. */
export const SMELLS = 0.3;

export function startFire(running: Running, device: string | null, nowMs: number): void {
  const { world, plan } = running;
  const place = device ?? nearestSmokePlace(plan);
  const machine = plan.machines.findIndex((one) => one.id === place);
  world.fire = {
    sinceAt: nowMs,
    place,
    machine: machine < 0 ? null : machine,
    burning: true,
    watts: OUT_WATTS,
    smoke: 1,
    reached: plan.sensors.map(() => false),
  };
  record(world.truth, world.truth.room, { at: nowMs, device: place, what: 'fire' }, true);
  running.revision++;
}

export function putOut(running: Running): void {
  running.world.fire.burning = false;
  running.revision++;
}

/** Fire and smoke after a step of the grid. */
export function stepFire(running: Running, seconds: number, nowMs: number): void {
  const { world, plan } = running;
  const { fire } = world;
  if (fire.sinceAt === null) return;
  const { growth, most_watts } = plan.room.fire;
  const fed = fire.machine === null || world.machines[fire.machine]?.powered === true;
  if (fire.burning && fed) fire.watts = Math.min(most_watts, growth * (Math.sqrt(fire.watts / growth) + seconds) ** 2);
  else fire.watts *= 0.5 ** (seconds / (fire.burning ? DIES_S : PUT_OUT_S));
  if (fire.watts < OUT_WATTS) {
    if (fire.watts > 0)
      record(world.truth, world.truth.room, { at: nowMs, device: fire.place, what: 'fire-out' }, true);
    fire.watts = 0;
    fire.burning = false;
    fire.smoke *= Math.exp(-seconds / SMOKE_THINS_S);
    if (fire.smoke < SMELLS) {
      fire.sinceAt = null;
      fire.smoke = 0;
      fire.reached.fill(false);
      running.revision++;
    }
    return;
  }
  for (let i = 0; i < fire.reached.length; i++) {
    if (fire.reached[i] === true || nowMs < fire.sinceAt + smokeDelayMs(plan, fire.place, i)) continue;
    fire.reached[i] = true;
    running.revision++;
  }
}
