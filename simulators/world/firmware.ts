import { chargingWatts, firmwareRemainingMs, terminalVolts } from './battery.ts';
import { energyAt } from './flows.ts';
import { hashedNoise, nameHash } from './noise.ts';
import { type Running, type UpsState, upsAt } from './state.ts';
import { discharging, outputOn, upsInputGood } from './supply.ts';
import type { UpsPlan } from './world-plan.ts';

/** What a UPS says of itself: its firmware's figures, not the truth. */
export interface UpsFigures {
  chargePercent: number;
  runtimeMinutes: number;
  lowBattery: boolean;
  depleted: boolean;
  replaceBattery: boolean;
  chargerFailed: boolean;
  onBattery: boolean;
  onBypass: boolean;
  bypassFault: boolean;
  testing: boolean;
  calibrating: boolean;
  inputGood: boolean;
  outputOn: boolean;
  secondsOnBattery: number;
  batteryVolts: number;
  batteryAmperes: number;
  batteryTemperatureC: number;
  /** Of each phase it hangs on. */
  inputVolts: number[];
  inputHertz: number;
  inputWatts: number;
  outputVolts: number;
  loadWatts: number;
  loadPercent: number;
}

/** Its measurements are renewed once a second. */
const RENEW_MS = 1000;
/** A battery older than this is worn out (VRLA design life 5 years, Eurobat "standard commercial"). */
const WORN_OUT_YEARS = 5;

interface Names {
  readonly charge: number;
  readonly input: readonly number[];
  readonly output: number;
}
const known = new WeakMap<UpsPlan, Names>();
function namesOf(spec: UpsPlan): Names {
  const names = known.get(spec);
  if (names !== undefined) return names;
  const made = {
    charge: nameHash(`${spec.id}/charge`),
    input: spec.lines.map((line) => nameHash(`${spec.id}/input/${line}`)),
    output: nameHash(`${spec.id}/output`),
  };
  known.set(spec, made);
  return made;
}

function shownCharge(spec: UpsPlan, truePercent: number, moment: number): number {
  const error = truePercent >= 99.9 ? 0 : hashedNoise(namesOf(spec).charge, moment, spec.firmware.charge_noise);
  return Math.round(Math.min(100, Math.max(0, truePercent + error)));
}

const runtimeMinutes = (spec: UpsPlan, ups: UpsState, energyWh: number): number =>
  // It knows the capacity that the battery had when new, so a sick one surprises it.
  Math.floor(
    firmwareRemainingMs(
      spec,
      ups.newCapacityWh,
      (energyWh / ups.battery.capacityWh) * ups.newCapacityWh,
      ups.loadWatts,
      ups.runtimeFactor,
    ) / 60_000,
  );

/** Would its firmware raise low battery now? `physicsAt` is now. */
export function lowBatteryNow(running: Running, index: number): boolean {
  const ups = upsAt(running, index);
  const spec = running.plan.upses[index];
  if (spec === undefined) return false;
  const moment = Math.floor(running.world.physicsAt / RENEW_MS);
  const charge = shownCharge(spec, (ups.battery.energyWh / ups.battery.capacityWh) * 100, moment);
  return (
    charge < spec.firmware.low_battery_charge ||
    runtimeMinutes(spec, ups, ups.battery.energyWh) < spec.firmware.low_battery_minutes
  );
}

export const emptyFigures = (): UpsFigures => ({
  chargePercent: 0,
  runtimeMinutes: 0,
  lowBattery: false,
  depleted: false,
  replaceBattery: false,
  chargerFailed: false,
  onBattery: false,
  onBypass: false,
  bypassFault: false,
  testing: false,
  calibrating: false,
  inputGood: false,
  outputOn: false,
  secondsOnBattery: 0,
  batteryVolts: 0,
  batteryAmperes: 0,
  batteryTemperatureC: 0,
  inputVolts: [],
  inputHertz: 0,
  inputWatts: 0,
  outputVolts: 0,
  loadWatts: 0,
  loadPercent: 0,
});

/** The figures of one UPS (index in the plan) at the world's moment. */
export const upsFigures = (running: Running, index: number): UpsFigures => fillFigures(running, index, emptyFigures());

/** The same into figures that are used again and again. */
export function fillFigures(running: Running, index: number, into: UpsFigures): UpsFigures {
  const ups = upsAt(running, index);
  const spec = running.plan.upses[index];
  if (spec === undefined) throw new RangeError(`the world has no UPS ${index}`);
  const { world } = running;
  const moment = Math.floor(world.at / RENEW_MS);
  const energyWh = energyAt(running, index, world.at);
  const share = energyWh / ups.battery.capacityWh;
  const good = upsInputGood(running, index);
  into.chargePercent = shownCharge(spec, share * 100, moment);
  into.runtimeMinutes = runtimeMinutes(spec, ups, energyWh);
  into.lowBattery = ups.lowBattery && discharging(ups);
  into.depleted = ups.mode === 'off' && !ups.heldOff;
  into.replaceBattery = ups.replaceBattery || spec.battery.age_years > WORN_OUT_YEARS;
  into.chargerFailed = !ups.chargerWorks;
  into.onBattery = ups.mode === 'battery';
  into.onBypass = ups.mode === 'bypass';
  into.bypassFault = ups.bypass === 'fault';
  into.testing = ups.testUntilAt !== null;
  into.calibrating = into.testing && ups.deepTest;
  into.inputGood = good;
  into.outputOn = outputOn(ups);
  into.secondsOnBattery = ups.onBatterySinceAt === null ? 0 : Math.floor((world.at - ups.onBatterySinceAt) / 1000);
  into.batteryTemperatureC = ups.battery.temperatureC;
  into.inputHertz = ups.feedPresent ? world.mains.frequency : 0;
  into.loadWatts = into.outputOn ? ups.loadWatts : 0;
  into.loadPercent = (into.loadWatts / spec.rated_watts) * 100;
  for (let i = 0; i < spec.lines.length; i++) {
    const volts = ups.feedPresent ? (world.mains.voltages[(spec.lines[i] ?? 1) - 1] ?? 0) : 0;
    into.inputVolts[i] = volts === 0 ? 0 : Math.max(0, volts + hashedNoise(namesOf(spec).input[i] ?? 0, moment, 0.8));
  }
  into.outputVolts = into.outputOn ? running.plan.mainsVoltage + hashedNoise(namesOf(spec).output, moment, 0.3) : 0;
  fillFlows(into, spec, ups, share);
  return into;
}

function fillFlows(into: UpsFigures, spec: UpsPlan, ups: UpsState, share: number): void {
  const flowing = discharging(ups);
  const volts = terminalVolts(spec, share, ups.loadWatts, flowing);
  const cells = ups.loadWatts / spec.efficiency + spec.no_load_watts;
  const charging =
    flowing || !into.inputGood || !ups.chargerWorks || ups.bypass === 'manual' ? 0 : chargingWatts(spec.battery, share);
  const own = ups.mode === 'bypass' ? ups.loadWatts + spec.no_load_watts : into.outputOn ? cells : 0;
  into.batteryVolts = volts;
  into.batteryAmperes = flowing ? -cells / volts : charging / volts;
  into.inputWatts = into.inputGood && !flowing ? own + charging : 0;
}
