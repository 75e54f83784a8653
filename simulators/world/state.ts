import type { DeviceKind } from '#core/config/device.ts';
import type { Random } from '#core/random.ts';
import type { ConsumerSpec, CoolingSpec, RoomSpec, SensorSpec, UpsSpec } from './spec.ts';
import type { TruthLog } from './truth.ts';

/**
 * The whole world as plain data: it is saved and restored as JSON. Every instant in it is epoch milliseconds under a key
 * that is `at` or ends in `At`, so that a restored world can be moved in time (restore.ts).
 */

export type MachineState = 'running' | 'stopping' | 'off' | 'starting' | 'crashed';
export type Fault = 'none' | 'backup-fails' | 'backup-hangs' | 'shutdown-hangs' | 'login-refused' | 'silent';

export interface MainsState {
  voltage: number;
  frequency: number;
}

export interface BatteryState {
  /** Watt-hours that a discharge at the reference load and 25 °C would yield down to nothing; grows never. */
  capacityWh: number;
  energyWh: number;
  temperatureC: number;
}

export type UpsMode = 'online' | 'battery' | 'off';

export interface UpsState {
  id: string;
  mode: UpsMode;
  battery: BatteryState;
  runtimeFactor: number;
  /** The output comes back then. */
  restartAt: number | null;
  /** It was told to switch its output off then. */
  shutdownAt: number | null;
  /** Its output is off because it was told so; mains alone does not bring it back. */
  heldOff: boolean;
  /** The self-test runs on the battery until then, with mains present. */
  testUntilAt: number | null;
  /** 0 never · 1 passed · 2 failed. */
  lastTest: 0 | 1 | 2;
  onBatterySinceAt: number | null;
  /** Runs of mains out of tolerance since the start (upsInputLineBads). */
  lineBads: number;
  loadWatts: number;
}

export interface OutletState {
  on: boolean;
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
  /** It was told `shutdown-hangs`, and that is what the present stopping does. */
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
  on: boolean;
  /** The compressor rests until then. */
  restUntilAt: number | null;
  /** 0 … 1 of its capacity. */
  output: number;
}

export type SensorFault = 'none' | 'stuck' | 'dropout' | 'duplicate' | 'flat-battery';

export interface SensorState {
  id: string;
  fault: SensorFault;
  /** The moment at which a stuck sensor stopped. */
  stuckAt: number | null;
  batteryPercent: number;
}

export interface ClimateState {
  temperatureC: number;
  /** Of the vapour in the air, pascals; relative humidity follows from it and the temperature. */
  vapourPa: number;
}

/** Sums since the start, watt-hours: what came in equals what went out plus what the battery holds more (a test checks it). */
export interface EnergyLedger {
  fromMainsWh: number;
  toLoadWh: number;
  lossWh: number;
}

export interface World {
  readonly version: 1;
  startedAt: number;
  /** Told until here. */
  at: number;
  /** Integrated until here: a whole second, an event or a command, never where somebody happened to look. */
  physicsAt: number;
  mains: MainsState;
  upses: UpsState[];
  pdus: PduState[];
  machines: MachineWorld[];
  cooling: CoolingState[];
  sensors: SensorState[];
  climate: ClimateState;
  smoke: boolean;
  leak: boolean;
  doorOpen: boolean;
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
}

/** What never changes while the world runs: parameters and wiring. Not part of the snapshot. */
export interface WorldPlan {
  readonly mainsVoltage: number;
  readonly mainsFrequency: number;
  readonly room: RoomSpec;
  readonly upses: readonly (UpsSpec & { readonly id: string })[];
  readonly pdus: readonly { readonly id: string; readonly ups: string | null; readonly ownWatts: number }[];
  readonly machines: readonly MachinePlan[];
  readonly cooling: readonly (CoolingSpec & { readonly id: string })[];
  readonly sensors: readonly (SensorSpec & { readonly id: string })[];
}

export interface MachinePlan {
  readonly id: string;
  readonly kind: DeviceKind;
  readonly spec: ConsumerSpec;
  readonly feeds: readonly Feed[];
  readonly minFeeds: number;
  /** Losing power while running loses data. */
  readonly holdsData: boolean;
}

/** Index of a PDU and an outlet in it (from 0), or of a UPS straight, or mains itself. */
export type Feed =
  | { readonly from: 'outlet'; readonly pdu: number; readonly outlet: number }
  | { readonly from: 'ups'; readonly ups: number }
  | { readonly from: 'mains' };
