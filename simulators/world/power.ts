import { trueRemainingMs } from './battery.ts';
import { machineOf, machineWatts, setPowered } from './machines.ts';
import type { Feed, Running, UpsState } from './state.ts';
import { type PowerEvent, record } from './truth.ts';

/** Mains, UPS outputs, outlets: who has power, and who loads whom. */

/** Input that a double-conversion UPS works with, as shares of nominal (IEC 62040-3 leaves it to the maker; ±20 % is usual). */
const INPUT_LOW = 0.8;
const INPUT_HIGH = 1.15;
/** Motors give up earlier. */
const MOTOR_LOW = 0.85;
/** Hold-up time of a computer's supply at full load (ITIC/CBEMA curve: 20 ms). */
const HOLD_UP_MS = 20;

const tell = (running: Running, device: string, what: PowerEvent['what'], nowMs: number): void => {
  record(running.world.truth, running.world.truth.power, { at: nowMs, device, what });
  running.revision++;
};

export const inputGood = (running: Running): boolean => {
  const share = running.world.mains.voltage / running.plan.mainsVoltage;
  return share >= INPUT_LOW && share <= INPUT_HIGH;
};

export const motorsRun = (running: Running): boolean =>
  running.world.mains.voltage / running.plan.mainsVoltage >= MOTOR_LOW;

export const outputOn = (ups: UpsState): boolean => ups.mode !== 'off';

/** Runs on its battery: no mains, or a self-test. */
export const discharging = (ups: UpsState): boolean => ups.mode === 'battery' || ups.testUntilAt !== null;

/** The mains' voltage changed: transfers, losses, returns. */
export function setMains(running: Running, voltage: number, frequency: number, nowMs: number): void {
  const before = inputGood(running);
  running.world.mains = { voltage, frequency };
  running.revision++;
  const good = inputGood(running);
  if (before !== good) tell(running, 'mains', good ? 'mains-back' : 'mains-lost', nowMs);
  for (const [index, ups] of running.world.upses.entries()) onInput(running, index, ups, good, nowMs);
  for (const cooling of running.world.cooling) {
    if (motorsRun(running)) continue;
    cooling.on = false;
    cooling.output = 0;
    cooling.restUntilAt = null;
  }
  settlePower(running, nowMs);
}

function onInput(running: Running, index: number, ups: UpsState, good: boolean, nowMs: number): void {
  const spec = running.plan.upses[index];
  if (spec === undefined) return;
  if (!good) {
    ups.restartAt = null;
    if (ups.mode !== 'online') return;
    ups.mode = 'battery';
    ups.testUntilAt = null;
    ups.onBatterySinceAt = nowMs;
    ups.lineBads++;
    tell(running, ups.id, 'ups-on-battery', nowMs);
    if (spec.transfer_ms > HOLD_UP_MS) blink(running, index, nowMs);
    return;
  }
  if (ups.mode === 'battery') {
    ups.mode = 'online';
    ups.onBatterySinceAt = null;
    tell(running, ups.id, 'ups-on-mains', nowMs);
  } else if (ups.mode === 'off' && !ups.heldOff && ups.restartAt === null) {
    ups.restartAt = nowMs + spec.restart_delay;
  }
}

/** The transfer took longer than the supplies hold: everything behind it drops and comes back. */
function blink(running: Running, index: number, nowMs: number): void {
  const ups = running.world.upses[index];
  if (ups === undefined) return;
  ups.mode = 'off';
  settlePower(running, nowMs);
  ups.mode = 'battery';
}

/** Battery empty, or told to: the output goes off. */
export function cutOutput(running: Running, ups: UpsState, held: boolean, nowMs: number): void {
  if (ups.mode === 'off') return;
  ups.mode = 'off';
  ups.heldOff = held;
  ups.onBatterySinceAt = null;
  ups.testUntilAt = null;
  ups.shutdownAt = null;
  tell(running, ups.id, 'ups-off', nowMs);
  settlePower(running, nowMs);
}

/** The output comes back, on mains only. */
export function returnOutput(running: Running, ups: UpsState, nowMs: number): void {
  ups.restartAt = null;
  if (ups.mode !== 'off' || !inputGood(running)) return;
  ups.mode = 'online';
  ups.heldOff = false;
  tell(running, ups.id, 'ups-on', nowMs);
  settlePower(running, nowMs);
}

/** Switches one outlet (from 0). */
export function setOutlet(running: Running, pdu: number, outlet: number, on: boolean, nowMs: number): void {
  const state = running.world.pdus[pdu]?.outlets[outlet];
  if (state === undefined || state.on === on) return;
  state.on = on;
  tell(running, `${running.world.pdus[pdu]?.id}/${outlet + 1}`, on ? 'outlet-on' : 'outlet-off', nowMs);
  settlePower(running, nowMs);
}

export function pduPowered(running: Running, pdu: number): boolean {
  const upsId = running.plan.pdus[pdu]?.ups ?? null;
  if (upsId === null) return inputGood(running);
  const ups = running.world.upses.find((one) => one.id === upsId);
  return ups !== undefined && outputOn(ups);
}

function feedLive(running: Running, feed: Feed): boolean {
  if (feed.from === 'mains') return inputGood(running);
  if (feed.from === 'ups') return outputOn(running.world.upses[feed.ups] as UpsState);
  return pduPowered(running, feed.pdu) && running.world.pdus[feed.pdu]?.outlets[feed.outlet]?.on === true;
}

/** Gives and takes power by the present wiring, then adds the loads up. Call after every change of power or of a machine's state. */
export function settlePower(running: Running, nowMs: number): void {
  for (const [index, plan] of running.plan.machines.entries()) {
    let live = 0;
    for (const feed of plan.feeds) if (feedLive(running, feed)) live++;
    setPowered(running, index, live >= plan.minFeeds, nowMs);
  }
  settleLoads(running);
}

/** The feeds that are live share a machine's load evenly. */
export function settleLoads(running: Running): void {
  const { world, plan } = running;
  for (const ups of world.upses) ups.loadWatts = 0;
  for (const [index, pdu] of plan.pdus.entries()) {
    const ups = world.upses.find((one) => one.id === pdu.ups);
    if (ups !== undefined && pduPowered(running, index)) ups.loadWatts += pdu.ownWatts;
  }
  for (const [index, machinePlan] of plan.machines.entries()) {
    const machine = machineOf(running, index);
    machine.watts = machineWatts(machinePlan, machine);
    if (machine.watts > machine.peakWatts) machine.peakWatts = machine.watts;
    if (machine.watts === 0) continue;
    const live = machinePlan.feeds.filter((feed) => feedLive(running, feed));
    for (const feed of live) addLoad(running, feed, machine.watts / live.length);
  }
}

function addLoad(running: Running, feed: Feed, watts: number): void {
  if (feed.from === 'mains') return;
  const upsId = feed.from === 'ups' ? running.world.upses[feed.ups]?.id : running.plan.pdus[feed.pdu]?.ups;
  const ups = running.world.upses.find((one) => one.id === upsId);
  if (ups !== undefined) ups.loadWatts += watts;
}

/** Watts at one outlet (from 0). */
export function outletWatts(running: Running, pdu: number, outlet: number): number {
  let watts = 0;
  for (const [index, plan] of running.plan.machines.entries()) {
    const here = plan.feeds.some((feed) => feed.from === 'outlet' && feed.pdu === pdu && feed.outlet === outlet);
    if (!here || !feedLive(running, { from: 'outlet', pdu, outlet })) continue;
    const live = plan.feeds.filter((feed) => feedLive(running, feed)).length;
    watts += machineOf(running, index).watts / live;
  }
  return watts;
}

/** The machine plugged into an outlet (from 0), null when it is free. */
export function machineAt(running: Running, pdu: number, outlet: number): number | null {
  const index = running.plan.machines.findIndex((plan) =>
    plan.feeds.some((feed) => feed.from === 'outlet' && feed.pdu === pdu && feed.outlet === outlet),
  );
  return index < 0 ? null : index;
}

/** Milliseconds until this UPS's output would go at the present load, were there no mains. */
export function remainingMs(running: Running, index: number): number {
  const ups = running.world.upses[index];
  const spec = running.plan.upses[index];
  return ups === undefined || spec === undefined ? 0 : trueRemainingMs(spec, ups.battery, ups.loadWatts);
}
