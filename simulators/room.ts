import type { Config } from '#core/config/config.ts';
import { ZhishouError } from '#core/errors.ts';
import type { Cancel, Clock, Log } from '#core/ports.ts';
import { QUIET } from '#core/quiet.ts';
import type { Random } from '#core/random.ts';
import type { SimulatorState } from '#core/simulator.ts';
import { milliseconds } from '#core/time.ts';
import type { PointReader, PointTable } from './points/point-table.ts';
import { readPoints } from './points/room-points.ts';
import { advance, advanceWholly } from './world/advance.ts';
import { applyCommand } from './world/apply-command.ts';
import { type BmcAnswer, type BmcPower, bmcPower, orderBmc, wakeMachine } from './world/bmc.ts';
import { createWorld, type WorldOverrides } from './world/create-world.ts';
import { isDown } from './world/links.ts';
import { isReachable } from './world/machines.ts';
import { orderOutlet, orderSiren, orderUps, type UpsOrder } from './world/orders.ts';
import { planWorld } from './world/plan-world.ts';
import { settleLoads, settlePower } from './world/power.ts';
import { createRemoteCommands, type RemoteSession, type RemoteTerminal } from './world/remote-commands.ts';
import { moveWorld, restoreWorld } from './world/restore.ts';
import { sampleOutage } from './world/sample.ts';
import { showState } from './world/show-state.ts';
import type { SimulationSpec } from './world/spec.ts';
import type { Running, World } from './world/state.ts';
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
  /** Reads much of this one moment: whoever looks meanwhile need not ask how late it is. */
  still<T>(read: (running: Running) => T): T;
  /** A device's points as its profile would decode them, without SNMP or MQTT in between; null: it does not answer. The table is the same each time. */
  points(device: string): PointTable | null;
  /** Is something listening at this machine's address, and does the network let it be seen? */
  reachable(device: string): boolean;
  /** Logs in and runs one command as over SSH. */
  session(device: string, over: string): RemoteSession;
  orderOutlet(pdu: string, outlet: number, on: boolean, over: string): void;
  /** RFC 1628's control group: seconds until then, −1 calls it off. */
  orderUps(ups: string, order: UpsOrder, seconds: number, over?: string): void;
  /** RFC 1628 upsAutoRestart. */
  setAutoRestart(ups: string, on: boolean): void;
  /** What this machine's management controller says of its chassis; null: it does not answer. */
  bmcPower(device: string): 'on' | 'off' | null;
  /** IPMI chassis control, Redfish reset. */
  orderBmc(device: string, power: BmcPower, over: string): BmcAnswer;
  /** A magic packet for this MAC. */
  wake(mac: string, over: string): void;
  /** zigbee2mqtt's set of a siren. */
  orderSiren(device: string, on: boolean, over: string): void;
  /** Does what a repeated datagram orders once more; the log of received commands says that the network repeated it. */
  again(order: () => void): void;
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

/** While nothing changes by itself the room wakes so often all the same, to notice its own thresholds. */
const WAKE_MS = 60_000;
/** A room restored after longer than this goes on from there instead: nobody waits for a month to be simulated. */
const MOST_CATCH_UP_MS = 7 * 86_400_000;

/** Makes the room and lets its time run. */
export function createRoom(options: RoomOptions): Room {
  const { clock, log } = options;
  const plan = planWorld(options.config.devices, options.simulation);
  const running = createWorld(plan, clock.now(), options.random, options.overrides ?? {});
  if (options.snapshot !== undefined && options.snapshot !== null) resume(running, options.snapshot, clock.now(), log);
  const listeners = new Set<() => void>();
  const readers = new Map<string, PointReader>();
  const connections = new Map(options.config.devices.map((device) => [device.id, device.snmp]));
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
    // Looks at nothing before the next moment at which something may change.
    advance(running, clock.now());
    const dueAt = Math.min(running.world.at + WAKE_MS, running.kept.dueAt);
    cancelWake = clock.after(milliseconds(Math.max(1, dueAt - clock.now())), () => {
      const told = running.revision;
      advance(running, clock.now());
      tell();
      wake();
      // Physics alone starts nothing; those who hear of a change may.
      return told === running.revision ? QUIET : undefined;
    });
  }
  /** Changes the world at this very moment, then tells. */
  function act<T>(change: (nowMs: number) => T): T {
    const now = clock.now();
    advanceWholly(running, now);
    try {
      return change(now);
    } finally {
      running.revision++;
      settlePower(running, now);
      sampleOutage(running, now);
      tell();
      wake();
    }
  }
  wake();
  let isStill = false;
  const look = (): Running => {
    if (!isStill) advance(running, clock.now());
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
    still: (read) => {
      if (isStill) return read(running);
      look();
      isStill = true;
      try {
        return read(running);
      } finally {
        isStill = false;
      }
    },
    points: (device) => readPoints(look(), readers, device, connections.get(device)),
    reachable: (device) => {
      const machine = look().world.machines.find((one) => one.id === device);
      return machine !== undefined && isReachable(machine) && !isDown(running, device);
    },
    session: (device, over) => remote.open(indexOf(running.world.machines, device), over),
    orderOutlet: (pdu, outlet, on, over) => {
      const index = indexOf(running.world.pdus, pdu);
      act((now) => orderOutlet(running, index, outlet - 1, on, over, now));
    },
    orderUps: (id, order, seconds, over = '') => {
      const index = indexOf(running.world.upses, id);
      act((now) => orderUps(running, index, order, seconds, over, now));
    },
    setAutoRestart: (id, on) => {
      const ups = running.world.upses[indexOf(running.world.upses, id)];
      act(() => {
        if (ups !== undefined) ups.autoRestart = on;
      });
    },
    bmcPower: (device) => {
      look();
      return isDown(running, device) ? null : bmcPower(running, indexOf(running.world.machines, device));
    },
    orderBmc: (device, power, over) => {
      const index = indexOf(running.world.machines, device);
      return isDown(running, device) ? 'unreachable' : act((now) => orderBmc(running, index, power, over, now));
    },
    wake: (mac, over) => {
      const wanted = mac.toUpperCase().replaceAll('-', ':');
      act((now) => {
        for (const [index, machine] of running.plan.machines.entries())
          if (machine.macs.includes(wanted) && !isDown(running, machine.id)) wakeMachine(running, index, over, now);
      });
    },
    orderSiren: (device, on, over) => {
      const index = indexOf(running.world.sensors, device);
      act((now) => orderSiren(running, index, on, over, now));
    },
    again: (order) => {
      running.kept.retransmitted = true;
      try {
        order();
      } finally {
        running.kept.retransmitted = false;
      }
    },
    stop: () => {
      stopped = true;
      cancelWake();
      listeners.clear();
    },
  };
}

const notFound = (device: string): ZhishouError => new ZhishouError('NOT_FOUND', device, 'not in the simulated room');

function indexOf(all: readonly { readonly id: string }[], device: string): number {
  const index = all.findIndex((one) => one.id === device);
  if (index < 0) throw notFound(device);
  return index;
}

function resume(running: Running, snapshot: unknown, nowMs: number, log: Log): void {
  if ((snapshot as { version?: unknown }).version === 1) {
    log.warn({}, 'the simulated room was kept by an older version; it begins anew');
    return;
  }
  const world: World = restoreWorld(snapshot, running.plan, nowMs);
  const gapMs = nowMs - world.at;
  if (gapMs > MOST_CATCH_UP_MS) {
    log.warn({ gapMs }, 'the simulated room slept too long to be caught up with; it goes on from where it was');
    moveWorld(world, gapMs);
  }
  Object.assign(running.world, world);
  running.revision++;
  settleLoads(running, world.physicsAt);
  advance(running, nowMs);
}

export type { RemoteSession, RemoteTerminal };
