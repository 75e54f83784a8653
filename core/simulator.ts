import { z } from 'zod';

/**
 * The simulated room's panel: what can be ordered and what it shows. In the demo, in drills and in the swarm only.
 *
 * Every fault has an end: the same command with the well value. Where a command may name a device and names none, it means
 * all of that kind. A device that the room does not have is refused.
 */

const device = z.string().min(1).max(63);
const someDevice = device.optional();
const share = z.number().min(0).max(1);
/** Seconds, at most a week. */
const seconds = z.number().min(0).max(604_800);
const line = z.union([z.literal(1), z.literal(2), z.literal(3)]);

/**
 * What a machine does at its next chance, or is like until told `none`.
 * Once: backup-fails, backup-hangs, shutdown-hangs, shutdown-slow (takes eight times as long), boot-fails (hangs until its power
 * is cycled). Until `none`: login-refused, silent (answers nothing at all), ssh-hangs (its port opens, nothing is said).
 */
export const MACHINE_FAULTS = [
  'none',
  'backup-fails',
  'backup-hangs',
  'shutdown-hangs',
  'shutdown-slow',
  'boot-fails',
  'login-refused',
  'silent',
  'ssh-hangs',
] as const;
/** The management controller: answers nothing; refuses a soft shutdown; accepts one and nothing comes of it. */
export const BMC_FAULTS = ['none', 'unreachable', 'refuses-soft', 'ignores-soft'] as const;
/**
 * stuck: the last value over and over · dropout: silence · duplicate: each message twice · late: each message `amount` seconds
 * late (default 60) · lossy: the share `amount` of messages is lost (default 0.5) · drift: `amount` kelvin an hour (default 2) ·
 * noisy: `amount` kelvin of noise (default 2) · flat-battery: low, and silent after `amount` minutes (default 60).
 */
export const SENSOR_FAULTS = [
  'none',
  'stuck',
  'dropout',
  'duplicate',
  'late',
  'lossy',
  'drift',
  'noisy',
  'flat-battery',
] as const;

const MAINS = [
  z.strictObject({ kind: z.literal('mains'), present: z.boolean() }),
  /** Brown-out, overvoltage: 0 is an outage, nominal is well. */
  z.strictObject({ kind: z.literal('mains-voltage'), volts: z.number().min(0).max(500), line: line.optional() }),
  /** One phase is lost, and comes back. */
  z.strictObject({ kind: z.literal('phase'), line, present: z.boolean() }),
  /** Comes and goes: away `awayS`, back `backS`, so many times, and then stays. */
  z.strictObject({
    kind: z.literal('flapping'),
    times: z.number().int().min(1).max(50),
    awayS: seconds.min(0.1),
    backS: seconds.min(0.1),
  }),
  /** The power department cuts at its own time; `lastsS` 0 takes all planned cuts back that have not begun. */
  z.strictObject({ kind: z.literal('planned-cut'), afterS: seconds, lastsS: seconds }),
  /** One UPS's own feed: its breaker, its distribution board. */
  z.strictObject({ kind: z.literal('ups-input'), device: someDevice, present: z.boolean() }),
] as const;

const UPSES = [
  z.strictObject({ kind: z.literal('battery'), device: someDevice, chargePercent: z.number().min(1).max(100) }),
  /** What is left of the capacity; 1 is a new battery. `shown`: the UPS knows and says so (RB), else only a self-test finds it. */
  z.strictObject({
    kind: z.literal('battery-health'),
    device: someDevice,
    share: share.min(0.01),
    shown: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal('charger'), device: someDevice, working: z.boolean() }),
  /** The firmware multiplies its runtime by this. */
  z.strictObject({ kind: z.literal('firmware'), device: someDevice, runtimeFactor: z.number().min(0.1).max(10) }),
  /** On bypass the load hangs on mains alone: `fault`, the inverter failed; `manual`, somebody services it. */
  z.strictObject({ kind: z.literal('bypass'), device: someDevice, bypass: z.enum(['none', 'manual', 'fault']) }),
  /** Somebody plugs something in behind it; 0 unplugs it. */
  z.strictObject({ kind: z.literal('extra-load'), device: someDevice, watts: z.number().min(0).max(100_000) }),
  z.strictObject({ kind: z.literal('self-test'), device: someDevice }),
  /** A UPS that does not leave off its test when it is told to. */
  z.strictObject({ kind: z.literal('test-stop'), device: someDevice, heard: z.boolean() }),
  /** Its output goes off after the delay and, with `restartAfterS`, comes back so long after that; delay −1 calls it off. */
  z.strictObject({
    kind: z.literal('ups-off'),
    device: someDevice,
    delayS: z.number().min(-1).max(604_800),
    restartAfterS: seconds.optional(),
  }),
  z.strictObject({ kind: z.literal('ups-on'), device: someDevice, delayS: z.number().min(-1).max(604_800).optional() }),
] as const;

const ROOM = [
  /** With a device: in front of that detector only (dust, steam). Without: in the whole room. */
  z.strictObject({ kind: z.literal('smoke'), device: someDevice, present: z.boolean() }),
  /** Begins at the device's place (default: the first smoke detector), grows, heats the room, its smoke reaches one detector after the other. */
  z.strictObject({ kind: z.literal('fire'), device: someDevice, burning: z.boolean() }),
  z.strictObject({ kind: z.literal('leak'), device: someDevice, present: z.boolean() }),
  z.strictObject({ kind: z.literal('door'), device: someDevice, open: z.boolean() }),
  z.strictObject({ kind: z.literal('motion'), device: someDevice, present: z.boolean() }),
  /** Somebody presses a panic button once. */
  z.strictObject({ kind: z.literal('panic'), device }),
  z.strictObject({ kind: z.literal('siren'), device: someDevice, on: z.boolean() }),
  z.strictObject({ kind: z.literal('cooling'), device: someDevice, working: z.boolean() }),
  /** It loses refrigerant: what is left of its capacity. */
  z.strictObject({ kind: z.literal('cooling-capacity'), device: someDevice, share }),
  z.strictObject({
    kind: z.literal('outside'),
    temperatureC: z.number().min(-40).max(60),
    humidity: z.number().min(0).max(100).optional(),
  }),
] as const;

const DEVICES = [
  z.strictObject({ kind: z.literal('fault'), device, fault: z.enum(MACHINE_FAULTS) }),
  /** It stops by itself and stands there, powered, until its power is cycled or its controller resets it. */
  z.strictObject({ kind: z.literal('crash'), device }),
  z.strictObject({ kind: z.literal('bmc'), device, fault: z.enum(BMC_FAULTS) }),
  /** The relay of an outlet (from 1) does not switch any more: commands are taken and nothing comes of them. */
  z.strictObject({
    kind: z.literal('outlet-stuck'),
    device,
    outlet: z.number().int().min(1).max(48),
    stuck: z.boolean(),
  }),
  /** Somebody switches an outlet (from 1) at the PDU itself. */
  z.strictObject({ kind: z.literal('outlet'), device, outlet: z.number().int().min(1).max(48), on: z.boolean() }),
  z.strictObject({
    kind: z.literal('sensor'),
    device,
    fault: z.enum(SENSOR_FAULTS),
    amount: z.number().min(-100).max(10_000).optional(),
  }),
] as const;

const MONITOR = [
  /**
   * The network between the monitor and a device, or all of them. What is not named is well: `{kind: network}` ends it.
   * `down`: nothing passes. `loss`: this share of packets is lost. `delayMs`: one way. `duplicate`: this share comes twice.
   */
  z.strictObject({
    kind: z.literal('network'),
    device: someDevice,
    down: z.boolean().optional(),
    loss: share.optional(),
    delayMs: z.number().min(0).max(60_000).optional(),
    duplicate: share.optional(),
  }),
  /** The monitor's own disk: the journal cannot be written (STORE_DOWN). Applied by whoever runs the monitor. */
  z.strictObject({ kind: z.literal('disk'), full: z.boolean() }),
  /** The monitor's wall clock is set so far from the truth. Applied by whoever runs the monitor. */
  z.strictObject({ kind: z.literal('clock'), offsetS: z.number().min(-31_536_000).max(31_536_000) }),
  z.strictObject({ kind: z.literal('speed'), factor: z.number().min(1).max(600) }),
] as const;

export const simulatorCommandSchema = z.discriminatedUnion('kind', [
  ...MAINS,
  ...UPSES,
  ...ROOM,
  ...DEVICES,
  ...MONITOR,
]);
export type SimulatorCommand = z.infer<typeof simulatorCommandSchema>;

/** The world's own truth, as the panel shows it. */
export interface SimulatorState {
  readonly at: string;
  readonly speed: number;
  /** At least one UPS has its mains. */
  readonly mains: boolean;
  /** The first UPS's battery. */
  readonly battery: {
    readonly chargePercent: number;
    readonly trueRemainingS: number | null;
    readonly runtimeFactor: number;
  };
  /** Of all UPSes. */
  readonly loadWatts: number;
  readonly roomTemperatureC: number;
  /** Does it work? Without power, or cool enough, it may still be standing. */
  readonly cooling: boolean;
  /** In the room, or in front of any detector. */
  readonly smoke: boolean;
  readonly leak: boolean;
  readonly doorOpen: boolean;
  readonly devices: readonly {
    readonly device: string;
    readonly state: 'running' | 'stopping' | 'off' | 'starting' | 'crashed';
    readonly powered: boolean;
    readonly fault: string;
    readonly backup: 'idle' | 'running' | 'done' | 'failed' | 'hung';
  }[];
  readonly humidity: number;
  /** Volts of each phase. */
  readonly lines: readonly number[];
  readonly plannedCuts: readonly { readonly from: string; readonly to: string }[];
  readonly upses: readonly SimulatedUps[];
  readonly coolingUnits: readonly {
    readonly device: string;
    readonly working: boolean;
    readonly running: boolean;
    readonly capacityShare: number;
  }[];
  readonly sensors: readonly { readonly device: string; readonly fault: string }[];
  readonly sirens: readonly { readonly device: string; readonly on: boolean }[];
  readonly motion: boolean;
  /** Watts of the fire; 0: nothing burns. */
  readonly fireWatts: number;
  readonly outsideTemperatureC: number;
  readonly monitor: { readonly diskFull: boolean; readonly clockOffsetS: number };
  /** Every fault that is active now: `{fault: 'network', device: null, detail: 'down'}`. */
  readonly faults: readonly { readonly fault: string; readonly device: string | null; readonly detail: string }[];
}

export interface SimulatedUps {
  readonly device: string;
  readonly mode: 'online' | 'battery' | 'bypass' | 'off';
  readonly chargePercent: number;
  /** Seconds that it would still hold its present load, were there no mains; null when its output is off. */
  readonly trueRemainingS: number | null;
  readonly loadWatts: number;
  readonly loadPercent: number;
  readonly testing: boolean;
}

/** A message that a catcher of the demo received: what would have reached the phone or the mailbox. */
export interface CaughtMessage {
  readonly at: string;
  readonly channel: 'webhook' | 'smtp';
  readonly to: string;
  readonly subject: string;
  readonly body: string;
}
