import { CHARGE_COST, cellWatts, chargedAfter, chargingWatts, drainWatts } from './battery.ts';
import { outsideVapourPa, vapourAfter } from './climate.ts';
import type { Running } from './state.ts';
import { discharging, motorsRunAt, upsInputGood } from './supply.ts';

/**
 * What flows between two moments of the grid: constant watts, and so closed forms for charge and temperature at any moment in
 * between. Whoever looks evaluates them and changes nothing; the grid's own step uses the very same forms (advance.ts), so
 * the world's course does not depend on who looks when (I8).
 *
 * The room: C·dT/dt = heat + leak·(outside − T) − cooling(T), where cooling rises with T between an air conditioner's two
 * thresholds and is constant beyond. In each of these regimes T goes exponentially towards a balance.
 */
export interface FlowNow {
  /** As of this moment of the grid and this revision. */
  at: number;
  revision: number;
  /** By UPS: what its battery does. */
  readonly battery: ('rest' | 'discharging' | 'charging')[];
  /** By UPS: watts out of the battery while discharging. */
  readonly drain: number[];
}

export interface ClimateNow {
  /** T(t) = balance + (T0 − balance)·e^(−t/τ); with τ = ∞ it is T0 + slope·t. */
  balanceC: number;
  tauS: number;
  slope: number;
  /** Shares of the coils' full output, added up: they dry the air. */
  coolShare: number;
  /** Cooling at the step's beginning, watts. */
  coolWatts: number;
  heatWatts: number;
  outsidePa: number;
}

export const emptyFlow = (upses: number): FlowNow => ({
  at: Number.NaN,
  revision: -1,
  battery: Array.from({ length: upses }, () => 'rest' as const),
  drain: Array.from({ length: upses }, () => 0),
});

export const emptyClimate = (): ClimateNow => ({
  balanceC: 0,
  tauS: Number.POSITIVE_INFINITY,
  slope: 0,
  coolShare: 0,
  coolWatts: 0,
  heatWatts: 0,
  outsidePa: 0,
});

/** Brings the flows up to the present step; cheap when they are. */
export function settleFlows(running: Running): void {
  const { flow } = running.kept;
  if (flow.at === running.world.physicsAt && flow.revision === running.revision) return;
  flow.at = running.world.physicsAt;
  flow.revision = running.revision;
  const { world, plan, kept } = running;
  let heat = plan.room.other_heat_watts + kept.machineWatts + world.fire.watts;
  for (let i = 0; i < world.upses.length; i++) heat += settleUps(running, i);
  settleClimate(running, heat);
}

/** Says what the battery does in this step; returns the watts that stay in the room as heat. */
function settleUps(running: Running, index: number): number {
  const ups = running.world.upses[index];
  const spec = running.plan.upses[index];
  const { flow } = running.kept;
  if (ups === undefined || spec === undefined) return 0;
  const { battery } = ups;
  if (discharging(ups)) {
    flow.battery[index] = 'discharging';
    flow.drain[index] = drainWatts(spec, battery, ups.loadWatts);
    return cellWatts(spec, ups.loadWatts) - ups.loadWatts;
  }
  const charges = ups.chargerWorks && ups.bypass !== 'manual' && upsInputGood(running, index);
  flow.battery[index] = charges && battery.energyWh < battery.capacityWh ? 'charging' : 'rest';
  const stored = charges ? chargingWatts(spec.battery, battery.energyWh / battery.capacityWh) : 0;
  return ownWatts(spec, ups.mode, ups.loadWatts) + stored * (CHARGE_COST - 1);
}

/** What a UPS on mains takes beside its load and its charger: nothing when off, little on bypass. */
export function ownWatts(
  spec: { readonly efficiency: number; readonly no_load_watts: number },
  mode: string,
  loadWatts: number,
): number {
  if (mode === 'off' || mode === 'battery') return 0;
  return spec.no_load_watts + (mode === 'bypass' ? 0 : loadWatts / spec.efficiency - loadWatts);
}

function settleClimate(running: Running, heatWatts: number): void {
  const { world, plan } = running;
  const now = running.kept.climate;
  const temperature = world.climate.temperatureC;
  // Cooling as a straight line of T around the present: fixed watts, and watts for each kelvin.
  let fixed = 0;
  let perKelvin = 0;
  let share = 0;
  for (let i = 0; i < world.cooling.length; i++) {
    const state = world.cooling[i];
    const spec = plan.cooling[i];
    if (state === undefined || spec === undefined || !state.on || !motorsRunAt(running, i)) continue;
    const capacity = spec.capacity_watts * state.share;
    const output = coolingOutput(spec, true, temperature);
    share += output * state.share;
    if (output > LEAST_OUTPUT && output < 1) {
      perKelvin += capacity / (2 * spec.hysteresis);
      fixed -= (capacity * (spec.setpoint - spec.hysteresis)) / (2 * spec.hysteresis);
    } else fixed += capacity * output;
  }
  const leak = plan.room.leak_watts_per_kelvin;
  const into = heatWatts + leak * world.outside.temperatureC - fixed;
  const out = leak + perKelvin;
  now.heatWatts = heatWatts;
  now.coolShare = share;
  now.coolWatts = fixed + perKelvin * temperature;
  now.slope = (into - out * temperature) / plan.room.heat_capacity;
  now.tauS = out > 0 ? plan.room.heat_capacity / out : Number.POSITIVE_INFINITY;
  now.balanceC = out > 0 ? into / out : temperature;
  now.outsidePa = outsideVapourPa(world.outside);
}

/** Never less than this while its compressor runs. */
const LEAST_OUTPUT = 0.15;

/** 0 … 1 of its capacity: proportional between its two thresholds. */
export function coolingOutput(
  spec: { readonly setpoint: number; readonly hysteresis: number },
  on: boolean,
  temperatureC: number,
): number {
  if (!on) return 0;
  const share = (temperatureC - (spec.setpoint - spec.hysteresis)) / (2 * spec.hysteresis);
  return Math.min(1, Math.max(LEAST_OUTPUT, share));
}

const sinceStepS = (running: Running, atMs: number): number => Math.max(0, atMs - running.world.physicsAt) / 1000;

/** Watt-hours in a UPS's battery at a moment of the present step. */
export function energyAt(running: Running, index: number, atMs: number): number {
  settleFlows(running);
  const ups = running.world.upses[index];
  const spec = running.plan.upses[index];
  if (ups === undefined || spec === undefined) return 0;
  const { battery } = ups;
  const hours = sinceStepS(running, atMs) / 3600;
  const does = running.kept.flow.battery[index];
  if (hours === 0 || does === 'rest') return battery.energyWh;
  if (does === 'charging') return chargedAfter(spec.battery, battery.capacityWh, battery.energyWh, hours);
  return Math.max(0, battery.energyWh - (running.kept.flow.drain[index] ?? 0) * hours);
}

/** Per cent of the charge, as it truly is, at the world's moment. */
export const chargePercentNow = (running: Running, index: number): number =>
  (energyAt(running, index, running.world.at) / (running.world.upses[index]?.battery.capacityWh ?? 1)) * 100;

/** The room's temperature at a moment of the present step. */
export function temperatureAt(running: Running, atMs: number): number {
  settleFlows(running);
  const { balanceC, tauS, slope } = running.kept.climate;
  const from = running.world.climate.temperatureC;
  const seconds = sinceStepS(running, atMs);
  if (seconds === 0) return from;
  return tauS === Number.POSITIVE_INFINITY
    ? from + slope * seconds
    : balanceC + (from - balanceC) * Math.exp(-seconds / tauS);
}

export const temperatureNow = (running: Running): number => temperatureAt(running, running.world.at);

export function vapourAt(running: Running, atMs: number): number {
  settleFlows(running);
  const { outsidePa, coolShare } = running.kept.climate;
  return vapourAfter(running.world.climate.vapourPa, outsidePa, coolShare, sinceStepS(running, atMs));
}

export const vapourNow = (running: Running): number => vapourAt(running, running.world.at);
