import type { Config } from '#core/config/config.ts';
import { ZhishouError } from '#core/errors.ts';
import type { Cancel, Clock, Log } from '#core/ports.ts';
import type { Random } from '#core/random.ts';
import type { SimulatorState } from '#core/simulator.ts';
import { milliseconds } from '#core/time.ts';
import { advance, advanceWholly, nextEventAt } from './world/advance.ts';
import { createWorld, planWorld, type WorldOverrides } from './world/create-world.ts';
import { isReachable } from './world/machines.ts';
import { applyCommand, beginSelfTest, orderOutlet, scheduleUpsShutdown, scheduleUpsStart } from './world/orders.ts';
import { remainingMs } from './world/power.ts';
import { createRemoteCommands, type RemoteSession, type RemoteTerminal } from './world/remote-commands.ts';
import { moveWorld, restoreWorld } from './world/restore.ts';
import { showState } from './world/show-state.ts';
import type { SimulationSpec } from './world/spec.ts';
import type { MachineWorld, Running, UpsState, World } from './world/state.ts';
import type { Truth } from './world/truth.ts';
import { summarizeTruth } from './world/truth-summary.ts';
import type { WorldCommand } from './world/world-command.ts';

/** The simulated room: the world on a clock. No I/O: live faces and in-memory transports stand in front of it. */
export interface Room {
  /** The panel's, a scenario's or a drill's command; throws NOT_FOUND for a device that is not there. */
  apply(command: WorldCommand): void;
  /** As the panel shows it, at this moment. */
  state(): SimulatorState;
  /** Everything, as JSON: hand it to createRoom to go on. */
  snapshot(): unknown;
  /** Calls after each discrete change (not for figures that merely move). */
  onChange(listener: () => void): Cancel;
  /** What really happened; for checkers. */
  truth(): Truth;
  /** The world at this moment, for faces: to read, never to change. */
  look(): Running;
  /** Is something listening at this machine's address? */
  reachable(device: string): boolean;
  /** Logs in and runs one command as over SSH. */
  session(device: string, over: string): RemoteSession;
  orderOutlet(pdu: string, outlet: number, on: boolean, over: string): void;
  orderUps(ups: string, order: 'self-test' | 'shutdown' | 'start', seconds: number): void;
  stop(): void;
}

export interface RoomOptions {
  readonly config: Pick<Config, 'devices'>;
  readonly simulation: SimulationSpec;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** What `snapshot()` gave, through JSON; time that has passed since is simulated first. */
  readonly snapshot?: unknown;
  readonly overrides?: WorldOverrides;
  /** The panel asks for another speed of time; the clock belongs to the caller. */
  readonly onSpeed?: (factor: number) => void;
}

/** Between two discrete events the room wakes so often, to notice thresholds: far from the battery's end, and near it. */
const WAKE_MS = 10_000;
const WAKE_NEAR_END_MS = 1_000;
const NEAR_END_MS = 120_000;
/** A room restored after longer than this goes on from there instead: nobody waits for a month to be simulated. */
const MOST_CATCH_UP_MS = 7 * 86_400_000;

/** Makes the room and lets its time run. */
export function createRoom(options: RoomOptions): Room {
  const { clock, log } = options;
  const plan = planWorld(options.config.devices, options.simulation);
  const running = createWorld(plan, options.simulation, clock.now(), options.random, options.overrides ?? {});
  if (options.snapshot !== undefined && options.snapshot !== null) resume(running, options.snapshot, clock.now(), log);
  const listeners = new Set<() => void>();
  const remote = createRemoteCommands(running, clock, act);
  let told = running.revision;
  let cancelWake: Cancel = () => {};
  let stopped = false;

  function tell(): void {
    if (told === running.revision) return;
    told = running.revision;
    remote.settle();
    for (const listener of [...listeners]) {
      try {
        listener();
      } catch (error) {
        log.error({ err: error }, 'a listener of the simulated room failed');
      }
    }
  }
  function wake(): void {
    cancelWake();
    if (stopped) return;
    const { world } = running;
    const nearEnd = world.upses.some(
      (ups, index) => ups.mode === 'battery' && remainingMs(running, index) < NEAR_END_MS,
    );
    const dueAt = Math.min(world.at + (nearEnd ? WAKE_NEAR_END_MS : WAKE_MS), nextEventAt(running));
    cancelWake = clock.after(milliseconds(Math.max(1, dueAt - clock.now())), () => {
      advance(running, clock.now());
      tell();
      wake();
    });
  }
  /** Changes the world at this very moment, then tells. */
  function act<T>(change: (nowMs: number) => T): T {
    const now = clock.now();
    advanceWholly(running, now);
    const result = change(now);
    running.revision++;
    tell();
    wake();
    return result;
  }
  wake();
  const look = (): Running => {
    advance(running, clock.now());
    return running;
  };
  return {
    apply: (command) => {
      act((now) => applyCommand(running, command, now));
      if (command.kind === 'speed') options.onSpeed?.(command.factor);
    },
    state: () => showState(look()),
    snapshot: () => structuredClone(look().world),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    truth: () => summarizeTruth(look()),
    look,
    reachable: (device) => {
      const machine = look().world.machines.find((one) => one.id === device);
      return machine !== undefined && isReachable(machine);
    },
    session: (device, over) => remote.open(machineIndex(running, device), over),
    orderOutlet: (pdu, outlet, on, over) => {
      const index = running.world.pdus.findIndex((one) => one.id === pdu);
      if (index < 0) throw notFound(pdu);
      act((now) => orderOutlet(running, index, outlet - 1, on, over, now));
    },
    orderUps: (id, order, seconds) => {
      const ups = running.world.upses.find((one) => one.id === id);
      if (ups === undefined) throw notFound(id);
      act((now) => orderUps(running, ups, order, seconds, now));
    },
    stop: () => {
      stopped = true;
      cancelWake();
      listeners.clear();
    },
  };
}

const notFound = (device: string): ZhishouError => new ZhishouError('NOT_FOUND', device, 'not in the simulated room');

function machineIndex(running: Running, device: string): number {
  const index = running.world.machines.findIndex((one: MachineWorld) => one.id === device);
  if (index < 0) throw notFound(device);
  return index;
}

function orderUps(
  running: Running,
  ups: UpsState,
  order: 'self-test' | 'shutdown' | 'start',
  seconds: number,
  nowMs: number,
): void {
  if (order === 'self-test') beginSelfTest(running, ups, nowMs);
  else if (order === 'shutdown') scheduleUpsShutdown(running, ups, seconds, nowMs);
  else scheduleUpsStart(running, ups, seconds, nowMs);
}

function resume(running: Running, snapshot: unknown, nowMs: number, log: Log): void {
  const world: World = restoreWorld(snapshot, running.plan, nowMs);
  const gapMs = nowMs - world.at;
  if (gapMs > MOST_CATCH_UP_MS) {
    log.warn({ gapMs }, 'the simulated room slept too long to be caught up with; it goes on from where it was');
    moveWorld(world, gapMs);
  }
  Object.assign(running.world, world);
  advance(running, nowMs);
}

export type { RemoteSession, RemoteTerminal };
