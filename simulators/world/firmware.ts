import { chargePercent, firmwareRemainingMs, terminalVolts } from './battery.ts';
import { noise } from './noise.ts';
import { discharging, inputGood, outputOn } from './power.ts';
import type { Running, UpsState } from './state.ts';

/** What a UPS says of itself: its firmware's figures, not the truth. */
export interface UpsFigures {
  readonly chargePercent: number;
  readonly runtimeMinutes: number;
  readonly lowBattery: boolean;
  readonly depleted: boolean;
  readonly onBattery: boolean;
  readonly testing: boolean;
  readonly inputGood: boolean;
  readonly outputOn: boolean;
  readonly secondsOnBattery: number;
  readonly batteryVolts: number;
  readonly batteryAmperes: number;
  readonly batteryTemperatureC: number;
  readonly inputVolts: number;
  readonly inputHertz: number;
  readonly inputWatts: number;
  readonly outputVolts: number;
  readonly loadWatts: number;
  readonly loadPercent: number;
}

/** Its measurements are renewed once a second. */
const RENEW_MS = 1000;

/** The figures of one UPS (index in the plan) at the world's moment. */
export function upsFigures(running: Running, index: number): UpsFigures {
  const ups = running.world.upses[index] as UpsState;
  const spec = running.plan.upses[index];
  if (spec === undefined) throw new RangeError(`the world has no UPS ${index}`);
  const { world } = running;
  const moment = Math.floor(world.physicsAt / RENEW_MS);
  const flowing = discharging(ups);
  const trueCharge = chargePercent(ups.battery);
  const shownCharge = Math.round(
    Math.min(
      100,
      Math.max(
        0,
        trueCharge + (trueCharge >= 99.9 ? 0 : noise(`${ups.id}/charge`, moment, spec.firmware.charge_noise)),
      ),
    ),
  );
  const runtimeMinutes = Math.floor(firmwareRemainingMs(spec, ups.battery, ups.loadWatts, ups.runtimeFactor) / 60_000);
  const volts = terminalVolts(spec, ups.battery, ups.loadWatts, flowing);
  const cellWatts = ups.loadWatts / spec.efficiency + spec.no_load_watts;
  const good = inputGood(running);
  const on = outputOn(ups);
  const charging = !flowing && good && trueCharge < 99.5;
  return {
    chargePercent: shownCharge,
    runtimeMinutes,
    lowBattery:
      flowing && (runtimeMinutes < spec.firmware.low_battery_minutes || shownCharge < spec.firmware.low_battery_charge),
    depleted: ups.mode === 'off' && !ups.heldOff,
    onBattery: ups.mode === 'battery',
    testing: ups.testUntilAt !== null,
    inputGood: good,
    outputOn: on,
    secondsOnBattery: ups.onBatterySinceAt === null ? 0 : Math.floor((world.at - ups.onBatterySinceAt) / 1000),
    batteryVolts: volts,
    batteryAmperes: flowing ? -cellWatts / volts : charging ? spec.battery.charger_watts / volts : 0,
    batteryTemperatureC: ups.battery.temperatureC,
    inputVolts:
      world.mains.voltage === 0 ? 0 : Math.max(0, world.mains.voltage + noise(`${ups.id}/input`, moment, 0.8)),
    inputHertz: world.mains.frequency,
    inputWatts: good && !flowing ? (on ? cellWatts : 0) + (charging ? spec.battery.charger_watts : 0) : 0,
    outputVolts: on ? running.plan.mainsVoltage + noise(`${ups.id}/output`, moment, 0.3) : 0,
    loadWatts: on ? ups.loadWatts : 0,
    loadPercent: on ? (ups.loadWatts / spec.rated_watts) * 100 : 0,
  };
}
