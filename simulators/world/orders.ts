import { ZhishouError } from '#core/errors.ts';
import { beginBackup, beginShutdown, machineOf } from './machines.ts';
import { cutOutput, machineAt, returnOutput, setMains, setOutlet, settleLoads } from './power.ts';
import type { Running, UpsState } from './state.ts';
import { type ReceivedCommand, record } from './truth.ts';
import type { WorldCommand } from './world-command.ts';

/** What people and programs do to the world. The caller has brought it to `nowMs` with advanceWholly. */

/** The panel's and the scenarios' commands. */
export function applyCommand(running: Running, command: WorldCommand, nowMs: number): void {
  const { world, plan } = running;
  running.revision++;
  switch (command.kind) {
    case 'mains':
      setMains(running, command.present ? plan.mainsVoltage : 0, command.present ? plan.mainsFrequency : 0, nowMs);
      break;
    case 'mains-voltage':
      setMains(running, command.volts, command.volts > 0 ? plan.mainsFrequency : 0, nowMs);
      break;
    case 'smoke':
      world.smoke = command.present;
      break;
    case 'leak':
      world.leak = command.present;
      break;
    case 'door':
      world.doorOpen = command.open;
      break;
    case 'cooling':
      for (const cooling of world.cooling) cooling.working = command.working;
      break;
    case 'fault':
      setFault(running, command.device, command.fault, nowMs);
      break;
    case 'sensor':
      setSensorFault(running, command.device, command.fault, nowMs);
      break;
    case 'battery':
      for (const ups of world.upses) ups.battery.energyWh = (ups.battery.capacityWh * command.chargePercent) / 100;
      break;
    case 'firmware':
      for (const ups of world.upses) ups.runtimeFactor = command.runtimeFactor;
      break;
    case 'self-test':
      beginSelfTest(running, upsOf(running, command.device), nowMs);
      break;
    case 'speed':
      world.speed = command.factor;
      break;
  }
}

const notFound = (device: string): ZhishouError => new ZhishouError('NOT_FOUND', device, 'not in the simulated room');

function setFault(
  running: Running,
  device: string,
  fault: Extract<WorldCommand, { kind: 'fault' }>['fault'],
  nowMs: number,
): void {
  const machine = running.world.machines.find((one) => one.id === device);
  if (machine === undefined) {
    // A sensor that falls silent is a sensor without a radio.
    setSensorFault(running, device, fault === 'silent' ? 'dropout' : 'none', nowMs);
    return;
  }
  machine.fault = fault;
}

function setSensorFault(
  running: Running,
  device: string,
  fault: Extract<WorldCommand, { kind: 'sensor' }>['fault'],
  nowMs: number,
): void {
  const sensor = running.world.sensors.find((one) => one.id === device);
  if (sensor === undefined) throw notFound(device);
  sensor.fault = fault;
  sensor.stuckAt = fault === 'stuck' ? nowMs : null;
}

function upsOf(running: Running, device: string): UpsState {
  const ups = running.world.upses.find((one) => one.id === device);
  if (ups === undefined) throw notFound(device);
  return ups;
}

/** Ten seconds on the battery, mains present. */
export function beginSelfTest(running: Running, ups: UpsState, nowMs: number): boolean {
  const spec = running.plan.upses.find((one) => one.id === ups.id);
  if (spec === undefined || ups.mode !== 'online' || ups.testUntilAt !== null) return false;
  ups.testUntilAt = nowMs + spec.self_test;
  running.revision++;
  return true;
}

/** RFC 1628 upsShutdownAfterDelay: seconds, −1 calls it off. */
export function scheduleUpsShutdown(running: Running, ups: UpsState, seconds: number, nowMs: number): void {
  running.revision++;
  if (seconds < 0) ups.shutdownAt = null;
  else if (seconds === 0) cutOutput(running, ups, true, nowMs);
  else ups.shutdownAt = nowMs + seconds * 1000;
}

/** RFC 1628 upsStartupAfterDelay: seconds, −1 calls it off. */
export function scheduleUpsStart(running: Running, ups: UpsState, seconds: number, nowMs: number): void {
  running.revision++;
  if (seconds < 0) ups.restartAt = null;
  else if (seconds === 0) returnOutput(running, ups, nowMs);
  else ups.restartAt = nowMs + seconds * 1000;
}

function received(running: Running, entry: ReceivedCommand): void {
  record(running.world.truth, running.world.truth.commands, entry);
}

/** Switches an outlet (from 0) by command, and keeps it in the log of what was received. */
export function orderOutlet(
  running: Running,
  pdu: number,
  outlet: number,
  on: boolean,
  over: string,
  nowMs: number,
): void {
  const state = running.world.pdus[pdu]?.outlets[outlet];
  const machine = machineAt(running, pdu, outlet);
  received(running, {
    at: nowMs,
    device: running.world.pdus[pdu]?.id ?? '',
    command: on ? 'outlet-on' : 'outlet-off',
    detail: String(outlet + 1),
    effect: state === undefined ? 'refused' : state.on === on ? 'redundant' : 'accepted',
    state: machine === null ? (state?.on === true ? 'on' : 'off') : machineOf(running, machine).state,
    over,
  });
  setOutlet(running, pdu, outlet, on, nowMs);
}

/** A machine is told to shut down. */
export function orderShutdown(running: Running, index: number, over: string, nowMs: number): ReceivedCommand['effect'] {
  const machine = machineOf(running, index);
  const state = machine.state;
  const effect = beginShutdown(running, index, nowMs) ? 'accepted' : state === 'stopping' ? 'redundant' : 'refused';
  received(running, { at: nowMs, device: machine.id, command: 'shutdown', detail: '', effect, state, over });
  settleLoads(running);
  return effect;
}

/** A machine is told to back up. `redundant`: this very run is done or under way already. */
export function orderBackup(
  running: Running,
  index: number,
  runId: string,
  over: string,
  nowMs: number,
): ReceivedCommand['effect'] {
  const machine = machineOf(running, index);
  const known = machine.backup?.run === runId || machine.backups.some((one) => one.run === runId);
  const effect = known ? 'redundant' : beginBackup(running, index, runId, nowMs) === 'started' ? 'accepted' : 'refused';
  received(running, {
    at: nowMs,
    device: machine.id,
    command: 'backup',
    detail: runId,
    effect,
    state: machine.state,
    over,
  });
  settleLoads(running);
  return effect;
}
