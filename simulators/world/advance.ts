import { cellWatts, chargePercent, chargingWatts, drainWatts, trueRemainingMs } from './battery.ts';
import { stepClimate } from './climate.ts';
import { machineEventAt, runMachineEvents } from './machines.ts';
import { cutOutput, discharging, inputGood, motorsRun, returnOutput, settleLoads } from './power.ts';

import type { CoolingSpec, UpsSpec } from './spec.ts';
import type { CoolingState, Running, UpsState } from './state.ts';
import { record } from './truth.ts';

/**
 * Lets time pass.
 *
 * Physics is integrated from whole second to whole second of the world's own grid, and up to each event and command in
 * between, but never up to a moment at which somebody merely looks. So the world's course does not depend on how often it is
 * read or ticked, and a world saved and restored goes on exactly as it would have (I8).
 */

const GRID_MS = 1000;
const SAMPLE_MS = 10_000;

/** Runs the world until `untilMs`. */
export function advance(running: Running, untilMs: number): void {
  const { world } = running;
  while (true) {
    const gridAt = (Math.floor(world.physicsAt / GRID_MS) + 1) * GRID_MS;
    const dueAt = Math.min(gridAt, nextEventAt(running));
    if (dueAt > untilMs) break;
    integrate(running, Math.max(dueAt, world.physicsAt));
    runEvents(running, world.physicsAt);
  }
  if (untilMs > world.at) world.at = untilMs;
}

/** Brings the physics to this very moment: before a command changes what it runs on. */
export function advanceWholly(running: Running, untilMs: number): void {
  advance(running, untilMs);
  if (untilMs > running.world.physicsAt) integrate(running, untilMs);
}

/** The next moment at which something changes by itself; thresholds of the physics (battery empty) come on the grid. */
export function nextEventAt(running: Running): number {
  const { world } = running;
  let next = Number.POSITIVE_INFINITY;
  for (const machine of world.machines) {
    const due = machineEventAt(machine);
    if (due < next) next = due;
  }
  for (const ups of world.upses) {
    if (ups.restartAt !== null && ups.restartAt < next) next = ups.restartAt;
    if (ups.testUntilAt !== null && ups.testUntilAt < next) next = ups.testUntilAt;
    if (ups.shutdownAt !== null && ups.shutdownAt < next) next = ups.shutdownAt;
  }
  return next;
}

function runEvents(running: Running, nowMs: number): void {
  const before = running.revision;
  for (let i = 0; i < running.world.machines.length; i++) runMachineEvents(running, i, nowMs);
  for (let i = 0; i < running.world.upses.length; i++) {
    const ups = running.world.upses[i];
    if (ups !== undefined) runUpsEvents(running, i, ups, nowMs);
  }
  if (running.revision !== before) settleLoads(running);
}

function runUpsEvents(running: Running, index: number, ups: UpsState, nowMs: number): void {
  const spec = running.plan.upses[index];
  if (spec === undefined) return;
  if (ups.shutdownAt !== null && ups.shutdownAt <= nowMs) cutOutput(running, ups, true, nowMs);
  if (ups.restartAt !== null && ups.restartAt <= nowMs) returnOutput(running, ups, nowMs);
  if (ups.testUntilAt !== null && ups.testUntilAt <= nowMs) {
    ups.testUntilAt = null;
    ups.lastTest = chargePercent(ups.battery) > 30 ? 1 : 2;
    running.revision++;
  }
  if (discharging(ups) && trueRemainingMs(spec, ups.battery, ups.loadWatts) <= 0) {
    cutOutput(running, ups, false, nowMs);
    if (inputGood(running)) ups.restartAt = nowMs + spec.restart_delay;
  }
  const truth = running.world.truth;
  if (ups.mode === 'battery' && Math.floor(nowMs / SAMPLE_MS) * SAMPLE_MS === nowMs)
    record(truth, truth.samples, {
      at: nowMs,
      remainingS: trueRemainingMs(spec, ups.battery, ups.loadWatts) / 1000,
      chargePercent: chargePercent(ups.battery),
      loadWatts: ups.loadWatts,
    });
}

function integrate(running: Running, untilMs: number): void {
  const { world, plan } = running;
  const seconds = (untilMs - world.physicsAt) / 1000;
  world.physicsAt = untilMs;
  if (seconds <= 0) return;
  const hours = seconds / 3600;
  let heatWatts = plan.room.other_heat_watts;
  for (const machine of world.machines) {
    heatWatts += machine.watts;
    machine.energyWh += machine.watts * hours;
  }
  const powered = inputGood(running);
  for (let i = 0; i < world.upses.length; i++) {
    const ups = world.upses[i];
    const spec = plan.upses[i];
    if (ups !== undefined && spec !== undefined) heatWatts += stepUps(running, spec, ups, powered, hours);
  }
  let coolWatts = 0;
  let coolShare = 0;
  const motors = motorsRun(running);
  for (let i = 0; i < world.cooling.length; i++) {
    const cooling = world.cooling[i];
    const spec = plan.cooling[i];
    if (cooling === undefined || spec === undefined) continue;
    stepCooling(running, spec, cooling, motors, untilMs);
    coolWatts += cooling.output * spec.capacity_watts;
    coolShare += cooling.output;
  }
  stepClimate(plan.room, world.climate, heatWatts, coolWatts, coolShare, seconds);
}

/** Moves energy between mains, battery and load; returns the watts that stay in the room as heat. */
function stepUps(running: Running, spec: UpsSpec, ups: UpsState, powered: boolean, hours: number): number {
  const { world } = running;
  const battery = ups.battery;
  const before = battery.energyWh;
  let fromMains = 0;
  let heat = 0;
  if (discharging(ups)) {
    battery.energyWh = Math.max(0, battery.energyWh - drainWatts(spec, battery, ups.loadWatts) * hours);
    heat = cellWatts(spec, ups.loadWatts) - ups.loadWatts;
  } else if (powered) {
    const charging = chargingWatts(spec.battery, battery);
    battery.energyWh = Math.min(battery.capacityWh, battery.energyWh + charging.stored * hours);
    fromMains = (ups.mode === 'off' ? 0 : ups.loadWatts / spec.efficiency + spec.no_load_watts) + charging.taken;
    heat = fromMains - (ups.mode === 'off' ? 0 : ups.loadWatts) - charging.stored;
  }
  const load = ups.mode === 'off' ? 0 : ups.loadWatts;
  world.energy.fromMainsWh += fromMains * hours;
  world.energy.toLoadWh += load * hours;
  world.energy.lossWh += fromMains * hours - load * hours - (battery.energyWh - before);
  // Two hours' time constant towards the room and its own losses.
  const target = world.climate.temperatureC + 1 + heat / 120;
  battery.temperatureC += ((target - battery.temperatureC) * hours) / 2;
  return heat;
}

function stepCooling(running: Running, spec: CoolingSpec, cooling: CoolingState, motors: boolean, nowMs: number): void {
  const temperature = running.world.climate.temperatureC;
  if (!motors || !cooling.working) {
    if (cooling.on) running.revision++;
    cooling.on = false;
    cooling.output = 0;
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
  const share = (temperature - (spec.setpoint - spec.hysteresis)) / (2 * spec.hysteresis);
  cooling.output = cooling.on ? Math.min(1, Math.max(0.15, share)) : 0;
}
