import { humidityAt } from './climate.ts';
import { coolingOutput, temperatureNow, vapourNow } from './flows.ts';
import { hashedNoise, nameHash } from './noise.ts';
import type { Running } from './state.ts';
import { motorsRunAt } from './supply.ts';

/** What an air conditioner measures of itself and of its air. */
export interface CoolingFigures {
  readonly returnC: number;
  readonly supplyC: number;
  readonly returnHumidity: number;
  readonly roomHumidity: number;
  readonly working: boolean;
  readonly on: boolean;
  readonly powered: boolean;
  /** 0 … 1: how far its valve is open. */
  readonly output: number;
}

/** The return duct takes the warmest air. */
const RETURN_ABOVE_ROOM_C = 1.5;
/** Watts for each kelvin between return and supply at such a unit's air flow. */
const WATTS_PER_KELVIN = 620;

const names = new WeakMap<object, { readonly back: number; readonly supply: number }>();

export function coolingFigures(running: Running, index: number): CoolingFigures {
  const { world, plan } = running;
  const spec = plan.cooling[index];
  const state = world.cooling[index];
  if (spec === undefined || state === undefined) throw new RangeError(`the world has no air conditioner ${index}`);
  let name = names.get(spec);
  if (name === undefined) {
    name = { back: nameHash(`${spec.id}/return`), supply: nameHash(`${spec.id}/supply`) };
    names.set(spec, name);
  }
  const moment = Math.floor(world.at / 1000);
  const roomC = temperatureNow(running);
  const vapour = vapourNow(running);
  const powered = motorsRunAt(running, index);
  const output = coolingOutput(spec, state.on && powered, roomC);
  const returnC = roomC + RETURN_ABOVE_ROOM_C + hashedNoise(name.back, moment, 0.05);
  const cools = (output * state.share * spec.capacity_watts) / WATTS_PER_KELVIN;
  return {
    returnC,
    supplyC: returnC - cools + hashedNoise(name.supply, moment, 0.05),
    returnHumidity: humidityAt(vapour, returnC),
    roomHumidity: humidityAt(vapour, roomC),
    working: state.working,
    on: state.on,
    powered,
    output,
  };
}
