import { type Action, type Device, OPERATIONS } from '#core/config/device.ts';
import { ZhishouError } from '#core/errors.ts';
import type { Random } from '#core/random.ts';
import { capacityFor } from './battery.ts';
import { startingClimate } from './climate.ts';
import { emptyClimate, emptyFlow } from './flows.ts';
import { goodLink } from './links.ts';
import { settlePower } from './power.ts';
import type { SimulationSpec } from './spec.ts';
import type { Feed, MachinePlan, MachineWorld, Running, World, WorldPlan } from './state.ts';
import { emptyTruth } from './truth.ts';
import type { PduPlan } from './world-plan.ts';

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
  const wired = Object.entries(spec.pdus).map(([id, pdu]) => {
    const ups = devices.find((device) => device.id === id)?.power?.feeds.find((feed) => feed in spec.ups) ?? null;
    return { id, ups, upsIndex: upses.findIndex((one) => one.id === ups), ownWatts: pdu.own_watts };
  });
  const machines = Object.entries(spec.consumers).map(([id, consumer]): MachinePlan => {
    const device = devices.find((one) => one.id === id);
    if (device === undefined) throw wrong(id, 'is not in devices.yaml');
    return {
      id,
      kind: device.kind,
      spec: consumer,
      feeds: feedsOf(device, upses, wired, spec),
      minFeeds: device.power?.min_feeds ?? 1,
      holdsData: device.kind === 'server' || device.kind === 'storage',
      hasBmc: consumer.bmc ?? (device.kind === 'server' || device.kind === 'storage'),
      macs: macsOf(device),
    };
  });
  return {
    mainsVoltage: spec.mains.voltage,
    mainsFrequency: spec.mains.frequency,
    room: spec.room,
    upses,
    pdus: wired.map(
      (pdu, index): PduPlan => ({ ...pdu, plugged: pluggedInto(machines, index, spec.pdus[pdu.id]?.outlets ?? 0) }),
    ),
    machines,
    cooling: Object.entries(spec.cooling).map(([id, cooling]) => ({ id, ...cooling })),
    sensors: Object.entries(spec.sensors).map(([id, sensor]) => ({ id, ...sensor, place: placeOf(devices, id) })),
    devices: [
      ...devices.map((device) => ({ id: device.id, place: device.place ?? null })),
      { id: INTERNET, place: null },
    ],
  };
}

/** The link to the world outside, beside those to the devices: messages to people go over it. */
const INTERNET = 'internet';

const placeOf = (devices: readonly Device[], id: string): { x: number; y: number } | null =>
  devices.find((device) => device.id === id)?.place ?? null;

const pluggedInto = (machines: readonly MachinePlan[], pdu: number, outlets: number): number[] =>
  Array.from({ length: outlets }, (_, outlet) =>
    machines.findIndex((machine) =>
      machine.feeds.some((feed) => feed.from === 'outlet' && feed.pdu === pdu && feed.outlet === outlet),
    ),
  );

function feedsOf(
  device: Device,
  upses: readonly { id: string }[],
  pdus: readonly { id: string }[],
  spec: SimulationSpec,
): Feed[] {
  const feeds = (device.power?.feeds ?? []).map((feed) => resolveFeed(device.id, feed, upses, pdus, spec));
  return feeds.length === 0 ? [{ from: 'mains' }] : feeds;
}

/** Magic packets to these addresses are meant for it. */
function macsOf(device: Device): string[] {
  const actions: Action[] = OPERATIONS.flatMap((name) => {
    const operation = device[name];
    return operation === undefined ? [] : [operation.by, ...operation.otherwise];
  });
  return actions.flatMap((action) => ('wake' in action ? [action.wake.mac.toUpperCase().replaceAll('-', ':')] : []));
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
export function createWorld(plan: WorldPlan, atMs: number, random: Random, overrides: WorldOverrides): Running {
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
    }),
  );
  const world: World = {
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
    machines,
    cooling: plan.cooling.map((cooling) => ({ id: cooling.id, working: true, share: 1, on: true, restUntilAt: null })),
    sensors: plan.sensors.map((sensor) => ({
      id: sensor.id,
      fault: 'none',
      amount: 0,
      faultSinceAt: null,
      stuck: null,
      batteryPercent: sensor.battery_percent,
      local: false,
      presses: 0,
      sounding: false,
    })),
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
  const running: Running = {
    plan,
    world,
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
    lastTest: 0,
    onBatterySinceAt: null,
    lowBattery: false,
    lineBads: 0,
    loadWatts: 0,
  };
}
