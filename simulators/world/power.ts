import { machineOf, machineWatts, setPowered } from './machines.ts';
import type { Feed, Running } from './state.ts';
import { outputOn, tell, wallGood } from './supply.ts';
import { judgeLoad } from './ups.ts';

/** From UPS outputs and outlets to the machines: who has power, and who loads whom. */

/** Switches one outlet (from 0). False: its relay does not move. */
export function setOutlet(running: Running, pdu: number, outlet: number, on: boolean, nowMs: number): boolean {
  const state = running.world.pdus[pdu]?.outlets[outlet];
  if (state === undefined || state.stuck) return false;
  if (state.on === on) return true;
  state.on = on;
  tell(running, `${running.world.pdus[pdu]?.id}/${outlet + 1}`, on ? 'outlet-on' : 'outlet-off', nowMs);
  settlePower(running, nowMs);
  return true;
}

export function pduPowered(running: Running, pdu: number): boolean {
  const index = running.plan.pdus[pdu]?.upsIndex ?? -1;
  if (index < 0) return wallGood(running);
  const ups = running.world.upses[index];
  return ups !== undefined && outputOn(ups);
}

export function feedLive(running: Running, feed: Feed): boolean {
  if (feed.from === 'mains') return wallGood(running);
  if (feed.from === 'ups') return running.world.upses[feed.ups]?.mode !== 'off';
  return running.world.pdus[feed.pdu]?.outlets[feed.outlet]?.on === true && pduPowered(running, feed.pdu);
}

/** The UPS behind a feed, −1 for mains. */
export const upsOfFeed = (running: Running, feed: Feed): number =>
  feed.from === 'mains' ? -1 : feed.from === 'ups' ? feed.ups : (running.plan.pdus[feed.pdu]?.upsIndex ?? -1);

/** Gives and takes power by the present wiring, then adds the loads up. Call after every change of power. */
export function settlePower(running: Running, nowMs: number): void {
  const blinking = running.kept.blinks.splice(0);
  for (const index of blinking) blink(running, index, nowMs);
  giveAndTake(running, nowMs);
  settleLoads(running, nowMs);
}

function giveAndTake(running: Running, nowMs: number): void {
  const { machines } = running.plan;
  for (let i = 0; i < machines.length; i++) {
    const plan = machines[i];
    if (plan !== undefined) setPowered(running, i, liveFeeds(running, plan.feeds) >= plan.minFeeds, nowMs);
  }
}

function liveFeeds(running: Running, feeds: readonly Feed[]): number {
  let live = 0;
  for (const feed of feeds) if (feedLive(running, feed)) live++;
  return live;
}

/** The transfer took longer than the supplies hold: everything behind it drops and comes back. */
function blink(running: Running, index: number, nowMs: number): void {
  const ups = running.world.upses[index];
  if (ups === undefined || ups.mode === 'off') return;
  const { mode } = ups;
  ups.mode = 'off';
  giveAndTake(running, nowMs);
  ups.mode = mode;
}

/** The feeds that are live share a machine's load evenly. Call after every change of a machine's state. */
export function settleLoads(running: Running, nowMs: number): void {
  const { world, plan, kept } = running;
  for (const ups of world.upses) ups.loadWatts = ups.mode === 'off' ? 0 : ups.extraWatts;
  for (let i = 0; i < plan.pdus.length; i++) {
    const ups = world.upses[plan.pdus[i]?.upsIndex ?? -1];
    if (ups !== undefined && ups.mode !== 'off') ups.loadWatts += plan.pdus[i]?.ownWatts ?? 0;
  }
  kept.machineWatts = 0;
  for (let i = 0; i < plan.machines.length; i++) {
    const machinePlan = plan.machines[i];
    if (machinePlan === undefined) continue;
    const machine = machineOf(running, i);
    machine.watts = machineWatts(machinePlan, machine);
    kept.machineWatts += machine.watts;
    if (machine.watts > machine.peakWatts) machine.peakWatts = machine.watts;
    const live = liveFeeds(running, machinePlan.feeds);
    const share = live === 0 ? 0 : machine.watts / live;
    kept.wattsPerFeed[i] = share;
    if (share === 0) continue;
    for (const feed of machinePlan.feeds) {
      const ups = feedLive(running, feed) ? world.upses[upsOfFeed(running, feed)] : undefined;
      if (ups !== undefined) ups.loadWatts += share;
    }
  }
  for (let i = 0; i < world.upses.length; i++) judgeLoad(running, i, nowMs);
}

/** Watts at one outlet (from 0) of a PDU that has power. */
export const outletWatts = (running: Running, pdu: number, outlet: number): number =>
  running.world.pdus[pdu]?.outlets[outlet]?.on === true
    ? (running.kept.wattsPerFeed[running.plan.pdus[pdu]?.plugged[outlet] ?? -1] ?? 0)
    : 0;

/** The machine plugged into an outlet (from 0), null when it is free. */
export function machineAt(running: Running, pdu: number, outlet: number): number | null {
  const index = running.plan.pdus[pdu]?.plugged[outlet] ?? -1;
  return index < 0 ? null : index;
}
