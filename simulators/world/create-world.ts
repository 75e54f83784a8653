import type { Device } from '#core/config/device.ts';
import { ZhishouError } from '#core/errors.ts';
import type { Random } from '#core/random.ts';
import { capacityFor } from './battery.ts';
import { saturationPa } from './climate.ts';
import { settlePower } from './power.ts';
import type { SimulationSpec } from './spec.ts';
import type { Feed, MachinePlan, MachineWorld, Running, World, WorldPlan } from './state.ts';
import { emptyTruth } from './truth.ts';

/** The plan from configuration and figures, and a world at rest with mains present and everything running. */

/** What a drill changes in the figures. */
export interface WorldOverrides {
  /** Full load lasts so long on a full battery. */
  readonly batteryMs?: number;
  readonly chargePercent?: number;
  readonly runtimeFactor?: number;
}

export function planWorld(devices: readonly Device[], spec: SimulationSpec): WorldPlan {
  const upses = Object.entries(spec.ups).map(([id, ups]) => ({ id, ...ups }));
  const pdus = Object.entries(spec.pdus).map(([id, pdu]) => ({
    id,
    ups: devices.find((device) => device.id === id)?.power?.feeds.find((feed) => feed in spec.ups) ?? null,
    ownWatts: pdu.own_watts,
  }));
  const machines = Object.entries(spec.consumers).map(([id, consumer]): MachinePlan => {
    const device = devices.find((one) => one.id === id);
    if (device === undefined) throw wrong(id, 'is not in devices.yaml');
    return {
      id,
      kind: device.kind,
      spec: consumer,
      feeds: (device.power?.feeds ?? []).map((feed) => resolveFeed(id, feed, upses, pdus, spec)),
      minFeeds: device.power?.min_feeds ?? 1,
      holdsData: device.kind === 'server' || device.kind === 'storage',
    };
  });
  return {
    mainsVoltage: spec.mains.voltage,
    mainsFrequency: spec.mains.frequency,
    room: spec.room,
    upses,
    pdus,
    machines: machines.map((machine) =>
      machine.feeds.length === 0 ? { ...machine, feeds: [{ from: 'mains' }] } : machine,
    ),
    cooling: Object.entries(spec.cooling).map(([id, cooling]) => ({ id, ...cooling })),
    sensors: Object.entries(spec.sensors).map(([id, sensor]) => ({ id, ...sensor })),
  };
}

const wrong = (subject: string, detail: string): ZhishouError =>
  new ZhishouError('BAD_CONFIGURATION', `simulation.yaml ${subject}`, detail);

function resolveFeed(
  id: string,
  feed: string,
  upses: readonly { id: string }[],
  pdus: readonly { id: string }[],
  spec: SimulationSpec,
): Feed {
  const ups = upses.findIndex((one) => one.id === feed);
  if (ups >= 0) return { from: 'ups', ups };
  const [name = '', number = ''] = feed.split('/');
  const pdu = pdus.findIndex((one) => one.id === name);
  const outlet = Number(number) - 1;
  const outlets = spec.pdus[name]?.outlets ?? 0;
  if (pdu < 0 || !Number.isInteger(outlet) || outlet < 0 || outlet >= outlets)
    throw wrong(id, `its feed "${feed}" of devices.yaml is no outlet of a simulated PDU and no simulated UPS`);
  return { from: 'outlet', pdu, outlet };
}

/** A world at `atMs`: mains present, battery charged, everything running. */
export function createWorld(
  plan: WorldPlan,
  spec: SimulationSpec,
  atMs: number,
  random: Random,
  overrides: WorldOverrides,
): Running {
  const machines = plan.machines.map(
    (machine): MachineWorld => ({
      id: machine.id,
      kind: machine.kind,
      state: 'running',
      sinceAt: atMs,
      endsAt: null,
      portClosesAt: null,
      portClosed: false,
      powered: true,
      fault: 'none',
      hung: false,
      bootedAt: atMs,
      backup: null,
      backupHung: false,
      backups: [],
      draws: 0,
      watts: 0,
      energyWh: 0,
      peakWatts: 0,
    }),
  );
  const world: World = {
    version: 1,
    startedAt: atMs,
    at: atMs,
    physicsAt: atMs,
    mains: { voltage: plan.mainsVoltage, frequency: plan.mainsFrequency },
    upses: plan.upses.map((ups) => initialUps(ups, plan, overrides)),
    pdus: plan.pdus.map((pdu) => ({
      id: pdu.id,
      outlets: Array.from({ length: spec.pdus[pdu.id]?.outlets ?? 0 }, () => ({ on: true })),
    })),
    machines,
    cooling: plan.cooling.map((cooling) => ({
      id: cooling.id,
      working: true,
      on: true,
      restUntilAt: null,
      output: 0.5,
    })),
    sensors: plan.sensors.map((sensor) => ({
      id: sensor.id,
      fault: 'none',
      stuckAt: null,
      batteryPercent: sensor.battery_percent,
    })),
    climate: {
      temperatureC: plan.room.temperature,
      vapourPa: (plan.room.humidity / 100) * saturationPa(plan.room.temperature),
    },
    smoke: false,
    leak: false,
    doorOpen: false,
    speed: 1,
    energy: { fromMainsWh: 0, toLoadWh: 0, lossWh: 0 },
    truth: emptyTruth(),
  };
  const running: Running = { plan, world, random, revision: 0 };
  settlePower(running, atMs);
  return running;
}

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
    runtimeFactor: overrides.runtimeFactor ?? ups.firmware.runtime_factor,
    restartAt: null,
    shutdownAt: null,
    heldOff: false,
    testUntilAt: null,
    lastTest: 0,
    onBatterySinceAt: null,
    lineBads: 0,
    loadWatts: 0,
  };
}
