import { beginBackup, beginShutdown, machineOf } from './machines.ts';
import { machineAt, setOutlet, settleLoads } from './power.ts';
import { type Running, upsAt } from './state.ts';
import { type ReceivedCommand, record } from './truth.ts';
import { abortTest, beginDeepTest, beginSelfTest, scheduleOff, scheduleOn } from './ups.ts';

/** What programs order over the network, each kept in the device's own log. The caller has brought the world to `nowMs`. */

function received(running: Running, entry: ReceivedCommand): void {
  record(
    running.world.truth,
    running.world.truth.commands,
    running.kept.retransmitted ? { ...entry, retransmitted: true } : entry,
  );
}

export type UpsOrder = 'self-test' | 'deep-test' | 'abort-test' | 'shutdown' | 'start';

/** RFC 1628's control group: seconds until then, −1 calls it off. */
export function orderUps(
  running: Running,
  index: number,
  order: UpsOrder,
  seconds: number,
  over: string,
  nowMs: number,
): void {
  const ups = upsAt(running, index);
  const state = ups.mode;
  const cancel = seconds < 0 && (order === 'shutdown' || order === 'start');
  const now = { on: state !== 'off', waits: order === 'start' ? ups.startAt !== null : ups.shutdownAt !== null };
  let effect: ReceivedCommand['effect'] = 'accepted';
  if (order === 'self-test') effect = beginSelfTest(running, index, nowMs) ? 'accepted' : 'refused';
  else if (order === 'deep-test') effect = beginDeepTest(running, index, nowMs) ? 'accepted' : 'refused';
  else if (order === 'abort-test') effect = abortTest(running, index) ? 'accepted' : 'redundant';
  else if (cancel) effect = now.waits ? 'accepted' : 'redundant';
  // A countdown that is set anew is another order; an output that is so already needs none.
  else if (order === 'shutdown' ? !now.on : now.on && ups.shutdownAt === null && seconds === 0) effect = 'redundant';
  if (order === 'shutdown') scheduleOff(running, index, seconds, nowMs);
  if (order === 'start') scheduleOn(running, index, seconds, nowMs);
  received(running, {
    at: nowMs,
    device: ups.id,
    command: order.endsWith('-test') ? 'ups-test' : cancel ? 'ups-cancel' : order === 'shutdown' ? 'ups-off' : 'ups-on',
    detail: String(seconds),
    effect,
    state,
    over,
  });
}

/** Switches an outlet (from 0) by command. */
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
    effect: state === undefined || state.stuck ? 'refused' : state.on === on ? 'redundant' : 'accepted',
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
  settleLoads(running, nowMs);
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
  settleLoads(running, nowMs);
  return effect;
}

/** A siren is told to sound or to be quiet. One that is out of reach hears nothing. */
export function orderSiren(running: Running, index: number, on: boolean, over: string, nowMs: number): void {
  const { world } = running;
  const state = world.sensors[index];
  if (state === undefined || state.fault === 'dropout') return;
  received(running, {
    at: nowMs,
    device: state.id,
    command: on ? 'siren-on' : 'siren-off',
    detail: '',
    effect: state.sounding === on ? 'redundant' : 'accepted',
    state: state.sounding ? 'on' : 'off',
    over,
  });
  if (state.sounding === on) return;
  state.sounding = on;
  running.revision++;
  record(world.truth, world.truth.room, { at: nowMs, device: state.id, what: on ? 'siren-on' : 'siren-off' }, true);
}
