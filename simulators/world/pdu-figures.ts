import { hashedNoise, nameHash } from './noise.ts';
import { outletWatts, pduPowered } from './power.ts';
import type { Running } from './state.ts';
import type { PduPlan } from './world-plan.ts';

/** What a PDU's meters show: watts of each outlet, energy since the start. */

export const PDU_VOLTS = 220;
const POWER_FACTOR = 0.95;
/** Its meters err by so much of the reading. */
const ERROR = 0.004;

const known = new WeakMap<PduPlan, readonly number[]>();

function outletNames(plan: PduPlan): readonly number[] {
  let names = known.get(plan);
  if (names === undefined) {
    names = plan.plugged.map((_, outlet) => nameHash(`${plan.id}/${outlet + 1}`));
    known.set(plan, names);
  }
  return names;
}

/** Watts by outlet's number (from 1; place 0 is the sum with the PDU's own) at the world's moment. */
export function fillOutlets(running: Running, pdu: number, into: number[]): number[] {
  const plan = running.plan.pdus[pdu];
  if (plan === undefined) throw new RangeError(`the world has no PDU ${pdu}`);
  const names = outletNames(plan);
  const moment = Math.floor(running.world.at / 1000);
  const powered = pduPowered(running, pdu);
  let sum = plan.ownWatts;
  for (let outlet = 0; outlet < names.length; outlet++) {
    const watts = powered ? outletWatts(running, pdu, outlet) : 0;
    const shown =
      watts === 0 ? 0 : Math.max(0, Math.round(watts + hashedNoise(names[outlet] ?? 0, moment, watts * ERROR)));
    into[outlet + 1] = shown;
    sum += shown;
  }
  into[0] = sum;
  return into;
}

/** Tenths of kilowatt-hours of one outlet (from 1), or of all with null. */
export function energyTenthsKwh(running: Running, pdu: number, outlet: number | null): number {
  const { machines } = running.world;
  const plugged = running.plan.pdus[pdu]?.plugged ?? [];
  if (outlet !== null) return Math.floor((machines[plugged[outlet - 1] ?? -1]?.energyWh ?? 0) / 100);
  let wattHours = 0;
  for (const machine of plugged) wattHours += machines[machine]?.energyWh ?? 0;
  return Math.floor(wattHours / 100);
}

/** As PowerNet-MIB has them: tenths of amperes, hundredths of kilowatts and kilovolt-amperes. */
export const tenthAmperes = (watts: number): number => Math.round((watts / POWER_FACTOR / PDU_VOLTS) * 10);
export const hundredthKilowatts = (watts: number): number => Math.round(watts / 10);
export const hundredthKilovoltAmperes = (watts: number): number => Math.round(watts / POWER_FACTOR / 10);
