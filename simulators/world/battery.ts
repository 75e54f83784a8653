import type { BatterySpec, UpsSpec } from './spec.ts';
import type { BatteryState } from './state.ts';

/**
 * A lead-acid string at constant power.
 *
 * Energy leaves faster than the load asks for: inverter losses, heat in the internal resistance, and Peukert's effect,
 * which is 1 at the load of the discharge test and grows with the load. Near the end the open-circuit voltage falls off a
 * knee; the inverter cuts off where the sagging voltage reaches its limit, so the last percents of charge are never
 * delivered, the more of them the higher the load. All of it is closed-form at a constant load, so the true remaining time
 * needs no simulation.
 */

/** Below this charge the open-circuit voltage falls steeply. */
const KNEE = 0.12;
/** Open-circuit voltage as a share of nominal: full, at the knee, empty. 12 V blocks: 12.8, 11.9 and 10 V. */
const FULL = 12.8 / 12;
const AT_KNEE = 11.9 / 12;
const EMPTY = 10 / 12;
/** Inverters cut off at 10.5 V for each 12 V block (1.75 V a cell). */
const CUT_OFF = 10.5 / 12;
/** Capacity lost each year, and resistance gained. */
const AGING = 0.03;
/** Capacity per kelvin away from 25 °C. */
const TEMPERATURE = 0.006;
/** Of what the charger puts in, so much is stored. */
const CHARGE_EFFICIENCY = 0.88;
/** Above this charge the current tapers off. */
const TAPER = 0.9;

const resistanceOhm = (spec: BatterySpec): number => spec.internal_resistance_ohm * (1 + AGING * 2 * spec.age_years);

/** Watts out of the cells for a load at the UPS's output: inverter and no-load losses, then the heat in the resistance. */
export function cellWatts(ups: UpsSpec, loadWatts: number): number {
  const direct = loadWatts / ups.efficiency + ups.no_load_watts;
  const current = direct / ups.battery.nominal_voltage;
  return direct + current * current * resistanceOhm(ups.battery);
}

const temperatureFactor = (temperatureC: number): number =>
  Math.min(1.05, Math.max(0.6, 1 + TEMPERATURE * (temperatureC - 25)));

interface AtLoad {
  readonly loadWatts: number;
  /** Peukert's factor times the watts out of the cells. */
  readonly drainWatts: number;
  readonly cutOffShare: number;
}

/** The load seldom changes and powers are dear: what follows from a UPS's last load is kept. */
const lastLoad = new WeakMap<UpsSpec, AtLoad>();

function atLoad(ups: UpsSpec, loadWatts: number): AtLoad {
  const known = lastLoad.get(ups);
  if (known !== undefined && known.loadWatts === loadWatts) return known;
  const watts = cellWatts(ups, loadWatts);
  // How much faster than its energy the charge goes, against the load of the discharge test.
  const peukert = (watts / cellWatts(ups, ups.battery.at_load)) ** (ups.battery.peukert - 1);
  const sag = ((watts / ups.battery.nominal_voltage) * resistanceOhm(ups.battery)) / ups.battery.nominal_voltage;
  const share = ((CUT_OFF + sag - EMPTY) / (AT_KNEE - EMPTY)) * KNEE;
  const made = { loadWatts, drainWatts: watts * peukert, cutOffShare: Math.min(0.5, Math.max(0, share)) };
  lastLoad.set(ups, made);
  return made;
}

/** Watt-hours of charge that go in an hour on battery. */
export const drainWatts = (ups: UpsSpec, battery: BatteryState, loadWatts: number): number =>
  atLoad(ups, loadWatts).drainWatts / temperatureFactor(battery.temperatureC);

/** The share of charge at which the sagging voltage reaches the cut-off. */
export const cutOffShare = (ups: UpsSpec, loadWatts: number): number => atLoad(ups, loadWatts).cutOffShare;

/** The capacity that gives the tested runtime from full at the tested load and 25 °C. */
export function capacityFor(ups: UpsSpec, runtimeMs: number, atLoadWatts: number): number {
  const drain = drainWatts(ups, { capacityWh: 1, energyWh: 1, temperatureC: 25 }, atLoadWatts);
  return (drain * (runtimeMs / 3_600_000)) / (1 - cutOffShare(ups, atLoadWatts));
}

/** Milliseconds until the inverter cuts off at this load: the world's truth. */
export function trueRemainingMs(ups: UpsSpec, battery: BatteryState, loadWatts: number): number {
  const at = atLoad(ups, loadWatts);
  const usable = battery.energyWh - at.cutOffShare * battery.capacityWh;
  return usable <= 0 ? 0 : ((usable * temperatureFactor(battery.temperatureC)) / at.drainWatts) * 3_600_000;
}

/** Per cent of the charge, as it truly is. */
export const chargePercent = (battery: BatteryState): number => (battery.energyWh / battery.capacityWh) * 100;

/** Volts at the terminals, sagging under load, held up by the charger. */
export function terminalVolts(ups: UpsSpec, battery: BatteryState, loadWatts: number, discharging: boolean): number {
  const share = battery.energyWh / battery.capacityWh;
  const open =
    share > KNEE
      ? AT_KNEE + ((share - KNEE) / (1 - KNEE)) * (FULL - AT_KNEE)
      : EMPTY + (share / KNEE) * (AT_KNEE - EMPTY);
  const nominal = ups.battery.nominal_voltage;
  if (!discharging) return nominal * Math.min(1.14, open + 0.06);
  return nominal * open - (cellWatts(ups, loadWatts) / nominal) * resistanceOhm(ups.battery);
}

/** Watts that the charger puts into the cells now, and what it takes for that. */
export function chargingWatts(spec: BatterySpec, battery: BatteryState): { stored: number; taken: number } {
  const share = battery.energyWh / battery.capacityWh;
  if (share >= 1) return { stored: 0, taken: 0 };
  const taper = share < TAPER ? 1 : Math.max(0.05, (1 - share) / (1 - TAPER));
  const taken = spec.charger_watts * taper;
  return { stored: taken * CHARGE_EFFICIENCY, taken };
}

/**
 * Milliseconds that the firmware believes in: it knows a new battery of the tested capacity, no knee, no Peukert, and
 * multiplies by its factor.
 */
export function firmwareRemainingMs(
  ups: UpsSpec,
  battery: BatteryState,
  loadWatts: number,
  runtimeFactor: number,
): number {
  const asNew = 1 + AGING * ups.battery.age_years;
  const watts = loadWatts / ups.efficiency + ups.no_load_watts;
  // It was taught the usable part in the factory, so it leaves the knee's share at the tested load out.
  const usable = Math.max(0, battery.energyWh - cutOffShare(ups, ups.battery.at_load) * battery.capacityWh);
  return ((usable * asNew) / watts) * 3_600_000 * runtimeFactor;
}
