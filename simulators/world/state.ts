import type { DeviceKind } from '#core/config/device.ts';
import type { Random } from '#core/random.ts';
import type { BMC_FAULTS, MACHINE_FAULTS, SENSOR_FAULTS } from '#core/simulator.ts';
import type { ClimateNow, FlowNow } from './flows.ts';
import type { TruthLog } from './truth.ts';
import type { WorldPlan } from './world-plan.ts';

export type { Feed, MachinePlan, WorldPlan } from './world-plan.ts';

/**
 * The whole world as plain data: it is saved and restored as JSON. Every instant in it is epoch milliseconds under a key
 * that is `at` or ends in `At`, so that a restored world can be moved in time (restore.ts).
 */

export type MachineState = 'running' | 'stopping' | 'off' | 'starting' | 'crashed';
export type Fault = (typeof MACHINE_FAULTS)[number];
export type BmcFault = (typeof BMC_FAULTS)[number];
export type SensorFault = (typeof SENSOR_FAULTS)[number];

export interface MainsState {
  /** Of each phase; where all is one phase they are equal. */
  voltages: [number, number, number];
  frequency: number;
}

/** What mains will do by itself: planned cuts, flapping. Ascending by time. */
export interface MainsEvent {
  at: number;
  present: boolean;
  /** The planned cut that it belongs to; null: flapping. */
  cutAt: number | null;
}

export interface BatteryState {
  /** Watt-hours that a discharge at the reference load and 25 °C would yield down to nothing. */
  capacityWh: number;
  /** At `physicsAt`; in between see flows.ts. */
  energyWh: number;
  temperatureC: number;
}

export type UpsMode = 'online' | 'battery' | 'bypass' | 'off';
export type Bypass = 'none' | 'manual' | 'fault' | 'overload';

export interface UpsState {
  id: string;
  mode: UpsMode;
  battery: BatteryState;
  /** What the capacity was when new; less is left when its health has gone. */
  newCapacityWh: number;
  /** The UPS knows that its battery is bad. */
  replaceBattery: boolean;
  chargerWorks: boolean;
  runtimeFactor: number;
  /** Its own feed, beside what mains does. */
  feedPresent: boolean;
  bypass: Bypass;
  /** Load that somebody plugged in behind it. */
  extraWatts: number;
  overloadSinceAt: number | null;
  /** The overload trips then, or, on overload bypass, it goes back then. */
  overloadEndsAt: number | null;
  /** The output comes back by itself then: mains returned. */
  restartAt: number | null;
  /** It was told to switch its output on then. */
  startAt: number | null;
  /** It was told to switch its output off then. */
  shutdownAt: number | null;
  /** Its output is off because it was told so; mains alone does not bring it back. */
  heldOff: boolean;
  /** RFC 1628 upsAutoRestart: a shutdown during an outage ends with the outage. */
  autoRestart: boolean;
  /** The self-test runs on the battery until then, with mains present. */
  testUntilAt: number | null;
  /** That test is a calibration: it discharges down to the firmware's own end. */
  deepTest: boolean;
  /** Its firmware hears no order to leave off. */
  ignoresStop: boolean;
  /** 0 never · 1 passed · 2 failed · 3 left off. */
  lastTest: 0 | 1 | 2 | 3;
  onBatterySinceAt: number | null;
  /** Its firmware has raised low battery in this discharge. */
  lowBattery: boolean;
  /** Runs of mains out of tolerance since the start (upsInputLineBads). */
  lineBads: number;
  loadWatts: number;
}

export interface OutletState {
  on: boolean;
  stuck: boolean;
}

export interface PduState {
  id: string;
  outlets: OutletState[];
}

export interface BackupJob {
  run: string;
  startedAt: number;
  /** Null: it hangs. */
  endsAt: number | null;
  willFail: boolean;
}

export interface BackupRecord {
  run: string;
  startedAt: number;
  endedAt: number;
  result: 'complete' | 'failed' | 'interrupted';
  bytes: number;
  /** What `verify` compares, in place of the real archive's. */
  digest: string;
}

export interface MachineWorld {
  id: string;
  kind: DeviceKind;
  state: MachineState;
  sinceAt: number;
  /** Boot or shutdown ends then; null in a steady state and when it hangs. */
  endsAt: number | null;
  /** While stopping: its network services are gone from then on. */
  portClosesAt: number | null;
  portClosed: boolean;
  powered: boolean;
  fault: Fault;
  bmc: BmcFault;
  /** stopping: that shutdown never ends · starting: that boot never ends · crashed: it stands still with its power on. */
  hung: boolean;
  bootedAt: number | null;
  backup: BackupJob | null;
  backupHung: boolean;
  /** Newest last, at most 50. */
  backups: BackupRecord[];
  /** How many random durations it has drawn: the generator is forked by device and this. */
  draws: number;
  /** What it draws now; follows from the rest. */
  watts: number;
  energyWh: number;
  peakWatts: number;
}

export interface CoolingState {
  id: string;
  working: boolean;
  /** What is left of its capacity. */
  share: number;
  on: boolean;
  /** The compressor rests until then. */
  restUntilAt: number | null;
}

export interface SensorState {
  id: string;
  fault: SensorFault;
  amount: number;
  faultSinceAt: number | null;
  /** What a stuck sensor goes on saying. */
  stuck: { temperatureC: number; humidity: number; event: boolean } | null;
  batteryPercent: number;
  /** Smoke, water, an open door or motion in front of this one only. */
  local: boolean;
  /** Panic buttons: how often it was pressed. */
  presses: number;
  /** Sirens. */
  sounding: boolean;
}

export interface ClimateState {
  /** At `physicsAt`; in between see flows.ts. */
  temperatureC: number;
  /** Of the vapour in the air, pascals; relative humidity follows from it and the temperature. */
  vapourPa: number;
}

export interface FireState {
  /** Null: nothing burns. */
  sinceAt: number | null;
  /** Where: a device's id. */
  place: string;
  /** An electrical fire dies with its supply. */
  machine: number | null;
  burning: boolean;
  watts: number;
  /** 1 while it smokes, fading after it is out. */
  smoke: number;
  /** By sensor: smoke has reached it. */
  reached: boolean[];
}

/** Between the monitor and a device. */
export interface LinkState {
  down: boolean;
  loss: number;
  delayMs: number;
  duplicate: number;
}

/** Sums since the start, watt-hours: what came in equals what went out plus what the battery holds more (a test checks it). */
export interface EnergyLedger {
  fromMainsWh: number;
  toLoadWh: number;
  lossWh: number;
}

export interface World {
  readonly version: 2;
  startedAt: number;
  /** Told until here. */
  at: number;
  /** Integrated until here: a moment of the grid, an event or a command, never where somebody happened to look. */
  physicsAt: number;
  mains: MainsState;
  mainsEvents: MainsEvent[];
  cuts: { startAt: number; endAt: number }[];
  upses: UpsState[];
  pdus: PduState[];
  machines: MachineWorld[];
  cooling: CoolingState[];
  sensors: SensorState[];
  climate: ClimateState;
  outside: { temperatureC: number; humidity: number };
  smoke: boolean;
  leak: boolean;
  doorOpen: boolean;
  motion: boolean;
  fire: FireState;
  network: { whole: LinkState; links: Record<string, LinkState> };
  monitor: { diskFull: boolean; clockOffsetMs: number };
  speed: number;
  energy: EnergyLedger;
  truth: TruthLog;
}

/** The world together with what it runs on; `revision` grows with every discrete change. */
export interface Running {
  readonly plan: WorldPlan;
  readonly world: World;
  readonly random: Random;
  revision: number;
  /** Worked out from the rest and kept as long as it holds; never saved. */
  readonly kept: Kept;
}

export interface Kept {
  /** Until then nothing changes by itself and nothing is integrated; `dueRevision`: as of this revision. */
  dueAt: number;
  dueRevision: number;
  /** The constant flows of the present step. */
  readonly flow: FlowNow;
  readonly climate: ClimateNow;
  /** Watts of all machines that stay in the room as heat. */
  machineWatts: number;
  /** By machine: what each of its live feeds gives. */
  readonly wattsPerFeed: number[];
  /** UPSes whose transfer takes longer than supplies hold: everything behind them drops and comes back. */
  readonly blinks: number[];
  /** The command under way is the network's repetition of one that arrived before. */
  retransmitted: boolean;
}

export function upsAt(running: Running, index: number): UpsState {
  const ups = running.world.upses[index];
  if (ups === undefined) throw new RangeError(`the world has no UPS ${index}`);
  return ups;
}
