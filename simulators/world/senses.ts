import { SMELLS } from './fire.ts';
import { temperatureNow } from './flows.ts';
import type { Running } from './state.ts';

/** What is truly in front of a yes-or-no sensor now: smoke, heat, water, an open door, motion; for a siren, whether it sounds. */
export function sensed(running: Running, index: number): boolean {
  const { world, plan } = running;
  const spec = plan.sensors[index];
  const state = world.sensors[index];
  if (spec === undefined || state === undefined) return false;
  switch (spec.kind) {
    case 'smoke':
      return world.smoke || state.local || (world.fire.reached[index] === true && world.fire.smoke >= SMELLS);
    case 'heat':
      return state.local || temperatureNow(running) >= spec.trips_at;
    case 'leak':
      return world.leak || state.local;
    case 'contact':
      return world.doorOpen || state.local;
    case 'motion':
      return world.motion || state.local;
    case 'siren':
      return state.sounding;
    default:
      return false;
  }
}
