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
  loadWatts: number;
  /** Peukert's factor times the watts out of the cells. */
  drainWatts: number;
  cutOffShare: number;
  /** The cut-off at the load of the discharge test, which the firmware was taught. */
  readonly testCutOffShare: number;
}

/** The load seldom changes and powers are dear: what follows from a UPS's last load is kept. */
const lastLoad = new WeakMap<UpsSpec, AtLoad>();

function drainAt(ups: UpsSpec, loadWatts: number): number {
  const watts = cellWatts(ups, loadWatts);
  // How much faster than its energy the charge goes, against the load of the discharge test.
  return watts * (watts / cellWatts(ups, ups.battery.at_load)) ** (ups.battery.peukert - 1);
}

function cutOffAt(ups: UpsSpec, loadWatts: number): number {
  const watts = cellWatts(ups, loadWatts);
  const sag = ((watts / ups.battery.nominal_voltage) * resistanceOhm(ups.battery)) / ups.battery.nominal_voltage;
  const share = ((CUT_OFF + sag - EMPTY) / (AT_KNEE - EMPTY)) * KNEE;
  return Math.min(0.5, Math.max(0, share));
}

function atLoad(ups: UpsSpec, loadWatts: number): AtLoad {
  let known = lastLoad.get(ups);
  if (known === undefined) {
    known = {
      loadWatts: Number.NaN,
      drainWatts: 0,
      cutOffShare: 0,
      testCutOffShare: cutOffAt(ups, ups.battery.at_load),
    };
    lastLoad.set(ups, known);
  }
  if (known.loadWatts !== loadWatts) {
    known.loadWatts = loadWatts;
    known.drainWatts = drainAt(ups, loadWatts);
    known.cutOffShare = cutOffAt(ups, loadWatts);
  }
  return known;
}

/** Watt-hours of charge that go in an hour on battery. */
export const drainWatts = (ups: UpsSpec, battery: BatteryState, loadWatts: number): number =>
  atLoad(ups, loadWatts).drainWatts / temperatureFactor(battery.temperatureC);

/** The share of charge at which the sagging voltage reaches the cut-off. */
export const cutOffShare = (ups: UpsSpec, loadWatts: number): number => atLoad(ups, loadWatts).cutOffShare;

/** The capacity that gives the tested runtime from full at the tested load and 25 °C. */
export const capacityFor = (ups: UpsSpec, runtimeMs: number, atLoadWatts: number): number =>
  (drainAt(ups, atLoadWatts) * (runtimeMs / 3_600_000)) / (1 - cutOffAt(ups, atLoadWatts));

/** Milliseconds until the inverter cuts off at this load: the world's truth. */
export const trueRemainingMs = (ups: UpsSpec, battery: BatteryState, loadWatts: number): number =>
  remainingWithMs(ups, battery, battery.energyWh, loadWatts);

/** The same with another charge than the battery's own. */
export function remainingWithMs(ups: UpsSpec, battery: BatteryState, energyWh: number, loadWatts: number): number {
  const at = atLoad(ups, loadWatts);
  const usable = energyWh - at.cutOffShare * battery.capacityWh;
  return usable <= 0 ? 0 : ((usable * temperatureFactor(battery.temperatureC)) / at.drainWatts) * 3_600_000;
}

/** Per cent of the charge, as it truly is. */
export const chargePercent = (battery: BatteryState): number => (battery.energyWh / battery.capacityWh) * 100;

/** Watt-hours that go out of the battery while its inverter stays on, at another load than the last: for looking ahead. */
export const lookAhead = (
  ups: UpsSpec,
  battery: BatteryState,
  loadWatts: number,
): { drain: number; floorWh: number } => ({
  drain: drainAt(ups, loadWatts) / temperatureFactor(battery.temperatureC),
  floorWh: cutOffAt(ups, loadWatts) * battery.capacityWh,
});

/** Volts at the terminals at a share of charge, sagging under load, held up by the charger. */
export function terminalVolts(ups: UpsSpec, share: number, loadWatts: number, discharging: boolean): number {
  const open =
    share > KNEE
      ? AT_KNEE + ((share - KNEE) / (1 - KNEE)) * (FULL - AT_KNEE)
      : EMPTY + (share / KNEE) * (AT_KNEE - EMPTY);
  const nominal = ups.battery.nominal_voltage;
  if (!discharging) return nominal * Math.min(1.14, open + 0.06);
  return nominal * open - (cellWatts(ups, loadWatts) / nominal) * resistanceOhm(ups.battery);
}

/** Watts that the charger puts into the cells at a share of charge, and what it takes for that. */
export function chargingWatts(spec: BatterySpec, share: number): number {
  if (share >= 1) return 0;
  return (
    spec.charger_watts * CHARGE_EFFICIENCY * (share < TAPER ? 1 : Math.max(LEAST_TAPER, (1 - share) / (1 - TAPER)))
  );
}

/** What the charger takes for each watt that is stored. */
export const CHARGE_COST = 1 / CHARGE_EFFICIENCY;
/** The current never tapers below this share of the charger's own. */
const LEAST_TAPER = 0.05;

/**
 * Watt-hours in the battery after so many hours on the charger, closed-form: at full current up to the taper, then
 * exponentially towards full, the last bit at the least current.
 */
export function chargedAfter(spec: BatterySpec, capacityWh: number, energyWh: number, hours: number): number {
  const rate = spec.charger_watts * CHARGE_EFFICIENCY;
  let energy = energyWh;
  let left = hours;
  if (energy < TAPER * capacityWh) {
    const takes = (TAPER * capacityWh - energy) / rate;
    if (takes >= left) return energy + rate * left;
    energy = TAPER * capacityWh;
    left -= takes;
  }
  // Missing charge x: dx/dt = −rate·(x/C)/(1 − TAPER), until the taper has reached its least.
  const perHour = rate / (capacityWh * (1 - TAPER));
  const least = LEAST_TAPER * (1 - TAPER) * capacityWh;
  let missing = capacityWh - energy;
  if (missing > least) {
    const takes = Math.log(missing / least) / perHour;
    if (takes >= left) return capacityWh - missing * Math.exp(-perHour * left);
    missing = least;
    left -= takes;
  }
  return Math.min(capacityWh, capacityWh - missing + rate * LEAST_TAPER * left);
}

/**
 * Milliseconds that the firmware believes in: it knows a new battery of the tested capacity, no knee, no Peukert, and
 * multiplies by its factor.
 */
export function firmwareRemainingMs(
  ups: UpsSpec,
  capacityWh: number,
  energyWh: number,
  loadWatts: number,
  runtimeFactor: number,
): number {
  const asNew = 1 + AGING * ups.battery.age_years;
  const watts = loadWatts / ups.efficiency + ups.no_load_watts;
  // It was taught the usable part in the factory, so it leaves the knee's share at the tested load out.
  const usable = Math.max(0, energyWh - atLoad(ups, loadWatts).testCutOffShare * capacityWh);
  return ((usable * asNew) / watts) * 3_600_000 * runtimeFactor;
}
