import { CHARGE_COST, trueRemainingMs } from './battery.ts';
import { stepFire } from './fire.ts';
import { lowBatteryNow } from './firmware.ts';
import { energyAt, ownWatts, settleFlows, temperatureAt, vapourAt } from './flows.ts';
import { fallDark, machineEventAt, machineOf, planOf, runMachineEvents } from './machines.ts';
import { runMainsEvents } from './mains.ts';
import { settlePower } from './power.ts';
import { sampleCharges, sampleClimate, sampleOutage } from './sample.ts';
import type { CoolingSpec } from './spec.ts';
import { type CoolingState, type Running, upsAt } from './state.ts';
import { discharging, motorsRunAt } from './supply.ts';
import { endDeepTest, runOut, runUpsEvents, upsEventAt } from './ups.ts';

/**
 * Lets time pass.
 *
 * Between two moments of the world's own grid, an event or a command the flows are constant, and charge and temperature have
 * closed forms (flows.ts); so the grid is coarse, and whoever looks in between evaluates them without moving anything. The
 * battery's end is an event, worked out exactly. The world's course thus does not depend on how often it is read or ticked,
 * and a world saved and restored goes on exactly as it would have (I8).
 */

const QUIET_GRID_MS = 30_000;
/** Low battery is judged on the grid. */
const NEAR_END_GRID_MS = 10_000;
const NEAR_END_MS = 15 * 60_000;
const FIRE_GRID_MS = 2_000;

/** Runs the world until `untilMs`. */
export function advance(running: Running, untilMs: number): void {
  const { world, kept } = running;
  while (true) {
    if (kept.dueRevision !== running.revision) {
      kept.dueAt = Math.min(gridAt(running), nextEventAt(running));
      kept.dueRevision = running.revision;
    }
    if (kept.dueAt > untilMs) break;
    const from = world.physicsAt;
    integrate(running, Math.max(kept.dueAt, from));
    runEvents(running, world.physicsAt);
    kept.dueRevision = Number.NaN;
  }
  if (untilMs > world.at) world.at = untilMs;
}

/** Brings the physics to this very moment: before a command changes what it runs on. */
export function advanceWholly(running: Running, untilMs: number): void {
  advance(running, untilMs);
  if (untilMs <= running.world.physicsAt) return;
  integrate(running, untilMs);
  running.kept.dueRevision = Number.NaN;
}

function gridAt(running: Running): number {
  const { world } = running;
  let step = QUIET_GRID_MS;
  if (world.fire.sinceAt !== null) step = FIRE_GRID_MS;
  else
    for (let i = 0; i < world.upses.length; i++) {
      const ups = upsAt(running, i);
      const spec = running.plan.upses[i];
      if (spec === undefined || !discharging(ups)) continue;
      if (trueRemainingMs(spec, ups.battery, ups.loadWatts) < NEAR_END_MS) step = NEAR_END_GRID_MS;
    }
  return (Math.floor(world.physicsAt / step) + 1) * step;
}

/** The next moment at which something changes by itself; thresholds of the climate come on the grid. */
export function nextEventAt(running: Running): number {
  const { world, plan } = running;
  let next = world.mainsEvents[0]?.at ?? Number.POSITIVE_INFINITY;
  for (const machine of world.machines) {
    const due = machineEventAt(machine);
    if (due < next) next = due;
  }
  for (let i = 0; i < world.upses.length; i++) {
    const ups = upsAt(running, i);
    const due = upsEventAt(ups);
    if (due < next) next = due;
    const spec = plan.upses[i];
    if (spec === undefined || !discharging(ups)) continue;
    const emptyAt = world.physicsAt + Math.max(1, Math.ceil(trueRemainingMs(spec, ups.battery, ups.loadWatts)));
    if (emptyAt < next) next = emptyAt;
  }
  return next;
}

function runEvents(running: Running, nowMs: number): void {
  const before = running.revision;
  runMainsEvents(running, nowMs);
  for (let i = 0; i < running.world.machines.length; i++) runMachineEvents(running, i, nowMs);
  for (let i = 0; i < running.world.upses.length; i++) {
    runUpsEvents(running, i, nowMs);
    judgeBattery(running, i, nowMs);
  }
  tooHot(running, nowMs);
  if (running.revision !== before) settlePower(running, nowMs);
  sampleOutage(running, nowMs);
  sampleCharges(running, nowMs);
  sampleClimate(running, nowMs);
}

/** Less than this is nothing: what is left after the battery's end was worked out in whole milliseconds. */
const EMPTY_MS = 1;

function judgeBattery(running: Running, index: number, nowMs: number): void {
  const ups = upsAt(running, index);
  const spec = running.plan.upses[index];
  if (spec === undefined || !discharging(ups)) return;
  if (trueRemainingMs(spec, ups.battery, ups.loadWatts) <= EMPTY_MS) {
    // A self-test on a dead battery goes back to mains; an outage goes dark.
    if (ups.mode !== 'online') runOut(running, index, nowMs);
    else {
      ups.testUntilAt = null;
      ups.deepTest = false;
      ups.lastTest = 2;
      ups.replaceBattery = true;
      running.revision++;
    }
    return;
  }
  if (ups.lowBattery || !lowBatteryNow(running, index)) return;
  if (ups.deepTest && !ups.ignoresStop) {
    endDeepTest(running, index);
    return;
  }
  ups.lowBattery = true;
  running.revision++;
}

/** Equipment protects itself from heat: hard, and at once. */
function tooHot(running: Running, nowMs: number): void {
  const { world, plan } = running;
  if (world.climate.temperatureC < plan.room.equipment_limit) return;
  for (let i = 0; i < world.machines.length; i++) {
    const { state, hung } = machineOf(running, i);
    if (
      planOf(running, i).holdsData &&
      (state === 'running' || state === 'starting' || (state === 'stopping' && !hung))
    )
      fallDark(running, i, nowMs, 'heat');
  }
}

function integrate(running: Running, untilMs: number): void {
  const { world, kept } = running;
  const seconds = (untilMs - world.physicsAt) / 1000;
  if (seconds <= 0) return;
  const hours = seconds / 3600;
  settleFlows(running);
  const temperatureC = temperatureAt(running, untilMs);
  const vapourPa = vapourAt(running, untilMs);
  for (const machine of world.machines) machine.energyWh += machine.watts * hours;
  for (let i = 0; i < world.upses.length; i++) stepUps(running, i, untilMs, hours);
  world.physicsAt = untilMs;
  world.climate.temperatureC = temperatureC;
  world.climate.vapourPa = vapourPa;
  for (let i = 0; i < world.cooling.length; i++) {
    const cooling = world.cooling[i];
    const spec = running.plan.cooling[i];
    if (cooling !== undefined && spec !== undefined)
      stepCooling(running, spec, cooling, motorsRunAt(running, i), untilMs);
  }
  stepFire(running, seconds, untilMs);
  kept.flow.at = Number.NaN;
}

/** Moves energy between mains, battery and load. */
function stepUps(running: Running, index: number, untilMs: number, hours: number): void {
  const { world } = running;
  const ups = upsAt(running, index);
  const spec = running.plan.upses[index];
  if (spec === undefined) return;
  const { battery } = ups;
  const before = battery.energyWh;
  const after = energyAt(running, index, untilMs);
  const fromBattery = discharging(ups);
  const load = ups.mode === 'off' ? 0 : ups.loadWatts;
  const own = ownWatts(spec, ups.mode, ups.loadWatts);
  const fromMainsWh = fromBattery ? 0 : (load + own) * hours + Math.max(0, after - before) * CHARGE_COST;
  const lossWh = fromMainsWh - load * hours - (after - before);
  battery.energyWh = after;
  world.energy.fromMainsWh += fromMainsWh;
  world.energy.toLoadWh += load * hours;
  world.energy.lossWh += lossWh;
  // Two hours' time constant towards the room and its own losses.
  const target = world.climate.temperatureC + 1 + lossWh / hours / 120;
  battery.temperatureC += (target - battery.temperatureC) * (1 - Math.exp(-hours / 2));
}

function stepCooling(running: Running, spec: CoolingSpec, cooling: CoolingState, motors: boolean, nowMs: number): void {
  const temperature = running.world.climate.temperatureC;
  if (!motors || !cooling.working) {
    if (cooling.on) running.revision++;
    cooling.on = false;
    if (!motors) cooling.restUntilAt = null;
    return;
  }
  if (!cooling.on && cooling.restUntilAt === null) cooling.restUntilAt = nowMs + spec.restart_delay;
  if (!cooling.on && nowMs >= (cooling.restUntilAt ?? 0) && temperature > spec.setpoint + spec.hysteresis) {
    cooling.on = true;
    running.revision++;
  }
  if (cooling.on && temperature < spec.setpoint - spec.hysteresis) {
    cooling.on = false;
    cooling.restUntilAt = nowMs;
    running.revision++;
  }
}
