import type { Random } from '#core/random.ts';
import { capacityFor } from './battery.ts';
import { startingClimate } from './climate.ts';
import { emptyClimate, emptyFlow } from './flows.ts';
import { goodLink } from './links.ts';
import { settlePower } from './power.ts';
import type { MachinePlan, MachineWorld, Running, SensorState, World, WorldPlan } from './state.ts';
import { emptyTruth } from './truth.ts';
import type { SensorPlan } from './world-plan.ts';

/** A world at rest: mains present, batteries charged, everything running. */

/** What a drill changes in the figures. */
export interface WorldOverrides {
  /** Full load lasts so long on a full battery. */
  readonly batteryMs?: number;
  readonly chargePercent?: number;
  readonly runtimeFactor?: number;
}

/** A world at `atMs`: mains present, battery charged, everything running. */
export function createWorld(plan: WorldPlan, atMs: number, random: Random, overrides: WorldOverrides): Running {
  const running: Running = {
    plan,
    world: initialWorld(plan, atMs, overrides),
    random,
    revision: 0,
    kept: {
      dueAt: atMs,
      dueRevision: Number.NaN,
      flow: emptyFlow(plan.upses.length),
      climate: emptyClimate(),
      machineWatts: 0,
      wattsPerFeed: [],
      blinks: [],
      retransmitted: false,
    },
  };
  settlePower(running, atMs);
  return running;
}

function initialWorld(plan: WorldPlan, atMs: number, overrides: WorldOverrides): World {
  return {
    version: 2,
    startedAt: atMs,
    at: atMs,
    physicsAt: atMs,
    mains: {
      voltages: [plan.mainsVoltage, plan.mainsVoltage, plan.mainsVoltage],
      frequency: plan.mainsFrequency,
    },
    mainsEvents: [],
    cuts: [],
    upses: plan.upses.map((ups) => initialUps(ups, plan, overrides)),
    pdus: plan.pdus.map((pdu) => ({ id: pdu.id, outlets: pdu.plugged.map(() => ({ on: true, stuck: false })) })),
    machines: plan.machines.map((machine) => initialMachine(machine, atMs)),
    cooling: plan.cooling.map((cooling) => ({ id: cooling.id, working: true, share: 1, on: true, restUntilAt: null })),
    sensors: plan.sensors.map(initialSensor),
    climate: startingClimate(plan.room),
    outside: { temperatureC: plan.room.outside_temperature, humidity: plan.room.outside_humidity },
    smoke: false,
    leak: false,
    doorOpen: false,
    motion: false,
    fire: {
      sinceAt: null,
      place: '',
      machine: null,
      burning: false,
      watts: 0,
      smoke: 0,
      reached: plan.sensors.map(() => false),
    },
    network: { whole: goodLink(), links: {} },
    monitor: { diskFull: false, clockOffsetMs: 0 },
    speed: 1,
    energy: { fromMainsWh: 0, toLoadWh: 0, lossWh: 0 },
    truth: emptyTruth(),
  };
}

const initialMachine = (machine: MachinePlan, atMs: number): MachineWorld => ({
  id: machine.id,
  kind: machine.kind,
  state: 'running',
  sinceAt: atMs,
  endsAt: null,
  portClosesAt: null,
  portClosed: false,
  powered: true,
  fault: 'none',
  bmc: 'none',
  hung: false,
  bootedAt: atMs,
  backup: null,
  backupHung: false,
  backups: [],
  draws: 0,
  watts: 0,
  energyWh: 0,
  peakWatts: 0,
});

const initialSensor = (sensor: SensorPlan): SensorState => ({
  id: sensor.id,
  fault: 'none',
  amount: 0,
  faultSinceAt: null,
  stuck: null,
  batteryPercent: sensor.battery_percent,
  local: false,
  presses: 0,
  sounding: false,
});

function initialUps(
  ups: WorldPlan['upses'][number],
  plan: WorldPlan,
  overrides: WorldOverrides,
): World['upses'][number] {
  // The override speaks of the full load of this room; the file's figure of the load of its discharge test.
  const fullWatts = plan.machines.reduce((sum, machine) => sum + machine.spec.watts.running, 0);
  const capacityWh =
    overrides.batteryMs === undefined
      ? capacityFor(ups, ups.battery.runtime, ups.battery.at_load)
      : capacityFor(ups, overrides.batteryMs, Math.max(1, fullWatts));
  return {
    id: ups.id,
    mode: 'online',
    battery: {
      capacityWh,
      energyWh: (capacityWh * (overrides.chargePercent ?? ups.battery.charge_percent)) / 100,
      temperatureC: plan.room.temperature + 2,
    },
    newCapacityWh: capacityWh,
    replaceBattery: false,
    chargerWorks: true,
    feedPresent: true,
    bypass: 'none',
    extraWatts: 0,
    overloadSinceAt: null,
    overloadEndsAt: null,
    runtimeFactor: overrides.runtimeFactor ?? ups.firmware.runtime_factor,
    restartAt: null,
    startAt: null,
    shutdownAt: null,
    heldOff: false,
    autoRestart: true,
    testUntilAt: null,
    deepTest: false,
    ignoresStop: false,
    lastTest: 0,
    onBatterySinceAt: null,
    lowBattery: false,
    lineBads: 0,
    loadWatts: 0,
  };
}
