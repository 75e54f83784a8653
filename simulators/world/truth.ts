import type { MachineState } from './state.ts';

/** What really happened, for the checkers and for nobody else: the service never sees it. */

export interface Transition {
  readonly at: number;
  readonly device: string;
  readonly from: MachineState;
  readonly to: MachineState;
  /** `power`: its supply went or came; `order`: told so; `self`: boot or shutdown ended, or it crashed by itself; `heat`: too hot. */
  readonly cause: 'power' | 'order' | 'self' | 'heat';
  /** It ran and its supply went: data are lost (servers and arrays). */
  readonly dataLoss: boolean;
  /** Nobody could have shut it down over SSH in order: it refused logins, was silent, or hung. */
  readonly beyondReach: boolean;
  /** Its management controller would have taken a soft shutdown. */
  readonly softReach?: boolean;
}

export interface PowerEvent {
  readonly at: number;
  /** `mains` (all UPSes without it, or with), `mains/L2` (a phase), a UPS, a PDU's outlet `pdu-1/3`. */
  readonly device: string;
  readonly what:
    | 'mains-lost'
    | 'mains-back'
    | 'phase-lost'
    | 'phase-back'
    | 'input-lost'
    | 'input-back'
    | 'ups-on-battery'
    | 'ups-on-mains'
    | 'ups-on-bypass'
    | 'ups-off'
    | 'ups-on'
    | 'outlet-on'
    | 'outlet-off';
}

/** A command that reached a device, as the device's own log has it. */
export interface ReceivedCommand {
  readonly at: number;
  readonly device: string;
  /** `power-off` and the like came to the management controller; `wake`: a magic packet. */
  readonly command:
    | 'backup'
    | 'shutdown'
    | 'outlet-off'
    | 'outlet-on'
    | 'ups-off'
    | 'ups-on'
    | 'ups-cancel'
    | 'ups-test'
    | 'power-soft'
    | 'power-off'
    | 'power-on'
    | 'power-cycle'
    | 'power-reset'
    | 'wake'
    | 'siren-on'
    | 'siren-off';
  /** Backup: its run. Outlets: the outlet's number from 1. UPSes: the delay in seconds. */
  readonly detail: string;
  /** `accepted` had an effect; `redundant` met a state already reached or under way; `refused` could not be done. */
  readonly effect: 'accepted' | 'redundant' | 'refused';
  /** The machine's state when it came; for outlets `on` or `off`. */
  readonly state: string;
  /** The address it came over: `ssh 127.0.0.1:20221`. */
  readonly over: string;
  /** The network (a repeated datagram), not the sender, brought it a second time. */
  readonly retransmitted?: true;
}

export interface BackupEvent {
  readonly at: number;
  readonly device: string;
  readonly run: string;
  readonly what: 'started' | 'complete' | 'failed' | 'hung' | 'interrupted';
}

/**
 * Taken whenever the load of a UPS on battery has changed, and every minute: in between the remaining time goes down by a second
 * each second. One for each UPS on battery.
 */
export interface OutageSample {
  readonly at: number;
  readonly ups: string;
  readonly remainingS: number;
  readonly chargePercent: number;
  readonly loadWatts: number;
}

/** Taken with the samples: how long each machine would keep its supply at the present load and with mains as it is, by its place in `machines`; null: nothing threatens it, or it has none. */
export interface SupplySample {
  readonly at: number;
  readonly remainingS: readonly (number | null)[];
}

/** A machine's supply came or went. Before its first entry it had one. */
export interface SupplyChange {
  readonly at: number;
  readonly device: string;
  readonly powered: boolean;
}

/** The room's temperature: every minute, and whenever it passes a whole kelvin. */
export interface ClimateSample {
  readonly at: number;
  readonly temperatureC: number;
  readonly humidity: number;
}

/** Of each UPS in the order of the room, while any charges: each minute. */
export interface ChargeSample {
  readonly at: number;
  readonly percent: readonly number[];
}

/** A fault began, changed or ended: `{fault: 'network', device: 'ups-1', detail: 'down'}`. `detail` is empty when it ended. */
export interface FaultChange {
  readonly at: number;
  readonly fault: string;
  readonly device: string | null;
  readonly detail: string;
  readonly active: boolean;
}

/** What the room's detectors, buttons and sirens did, and what was really there. */
export interface RoomEvent {
  readonly at: number;
  readonly device: string | null;
  readonly what:
    | 'smoke'
    | 'no-smoke'
    | 'fire'
    | 'fire-out'
    | 'leak'
    | 'no-leak'
    | 'door-open'
    | 'door-closed'
    | 'motion'
    | 'no-motion'
    | 'pressed'
    | 'siren-on'
    | 'siren-off';
}

export interface TruthLog {
  transitions: Transition[];
  power: PowerEvent[];
  commands: ReceivedCommand[];
  backups: BackupEvent[];
  samples: OutageSample[];
  supplySamples: SupplySample[];
  supply: SupplyChange[];
  climate: ClimateSample[];
  /** Absent in rooms that were kept by an older version. */
  charges?: ChargeSample[];
  faults: FaultChange[];
  room: RoomEvent[];
  /** Entries that no longer fitted, per kind: checkers refuse to judge a log with holes. */
  dropped: number;
}

/** Entries kept of each kind; a demo that runs for months forgets its oldest. */
const MOST = 5_000;

export const emptyTruth = (): TruthLog => ({
  transitions: [],
  power: [],
  commands: [],
  backups: [],
  samples: [],
  supplySamples: [],
  supply: [],
  climate: [],
  charges: [],
  faults: [],
  room: [],
  dropped: 0,
});

/** Appends and forgets the oldest tenth when the log is full. `passing`: nobody misses the oldest of it. */
export function record<T>(log: TruthLog, entries: T[], entry: T, passing = false): void {
  entries.push(entry);
  if (entries.length <= MOST) return;
  entries.splice(0, MOST / 10);
  if (!passing) log.dropped += MOST / 10;
}

/** The log together with how the world stands now. */
export interface Truth extends Readonly<TruthLog> {
  readonly startedAt: number;
  readonly at: number;
  readonly mains: boolean;
  readonly upsOn: boolean;
  readonly machines: readonly {
    readonly device: string;
    readonly state: MachineState;
    readonly powered: boolean;
    readonly holdsData: boolean;
  }[];
  readonly upses: readonly { readonly device: string; readonly on: boolean; readonly chargePercent: number }[];
  readonly energy: { readonly fromMainsWh: number; readonly toLoadWh: number; readonly lossWh: number };
}

/** Seconds that a machine's supply would still have lasted at a moment, from the sample before it; null: nothing threatened it, or it had none. */
export function supplyRemainingS(truth: Truth, device: string, atMs: number): number | null {
  const index = truth.machines.findIndex((one) => one.device === device);
  if (index < 0) return null;
  const before = truth.supplySamples.findLast((sample) => sample.at <= atMs);
  const left = before?.remainingS[index];
  return before === undefined || left === undefined || left === null ? null : left - (atMs - before.at) / 1000;
}

/** Had this machine its supply at that moment? */
export const poweredAt = (truth: Truth, device: string, atMs: number): boolean =>
  truth.supply.findLast((change) => change.device === device && change.at <= atMs)?.powered ?? true;

/** The faults that were active at a moment, each as it was last told. */
export function faultsAt(truth: Pick<Truth, 'faults'>, atMs: number): readonly FaultChange[] {
  const now = new Map<string, FaultChange>();
  for (const change of truth.faults) {
    if (change.at > atMs) break;
    const key = `${change.fault}/${change.device ?? ''}`;
    if (change.active) now.set(key, change);
    else now.delete(key);
  }
  return [...now.values()];
}
