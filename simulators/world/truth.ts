import type { MachineState } from './state.ts';

/** What really happened, for the checkers and for nobody else: the service never sees it. */

export interface Transition {
  readonly at: number;
  readonly device: string;
  readonly from: MachineState;
  readonly to: MachineState;
  /** `power`: its supply went or came; `order`: told so; `self`: boot or shutdown ended. */
  readonly cause: 'power' | 'order' | 'self';
  /** It ran and its supply went: data are lost (servers and arrays). */
  readonly dataLoss: boolean;
  /** Nobody could have shut it down in order: it refused logins, was silent, or hung. */
  readonly beyondReach: boolean;
}

export interface PowerEvent {
  readonly at: number;
  readonly device: string;
  readonly what:
    | 'mains-lost'
    | 'mains-back'
    | 'ups-on-battery'
    | 'ups-on-mains'
    | 'ups-off'
    | 'ups-on'
    | 'outlet-on'
    | 'outlet-off';
}

/** An irreversible command that reached a device. */
export interface ReceivedCommand {
  readonly at: number;
  readonly device: string;
  readonly command: 'backup' | 'shutdown' | 'outlet-off' | 'outlet-on';
  /** Backup: its run. Outlets: the outlet's number from 1. */
  readonly detail: string;
  /** `accepted` had an effect; `redundant` met a state already reached or under way; `refused` could not be done. */
  readonly effect: 'accepted' | 'redundant' | 'refused';
  /** The machine's state when it came; for outlets `on` or `off`. */
  readonly state: string;
  /** The address it came over: `ssh 127.0.0.1:20221`. */
  readonly over: string;
}

export interface BackupEvent {
  readonly at: number;
  readonly device: string;
  readonly run: string;
  readonly what: 'started' | 'complete' | 'failed' | 'hung' | 'interrupted';
}

/** Taken every ten seconds on battery. */
export interface OutageSample {
  readonly at: number;
  readonly remainingS: number;
  readonly chargePercent: number;
  readonly loadWatts: number;
}

export interface TruthLog {
  transitions: Transition[];
  power: PowerEvent[];
  commands: ReceivedCommand[];
  backups: BackupEvent[];
  samples: OutageSample[];
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
  dropped: 0,
});

/** Appends and forgets the oldest tenth when the log is full. */
export function record<T>(log: TruthLog, entries: T[], entry: T): void {
  entries.push(entry);
  if (entries.length <= MOST) return;
  entries.splice(0, MOST / 10);
  log.dropped += MOST / 10;
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
  readonly energy: { readonly fromMainsWh: number; readonly toLoadWh: number; readonly lossWh: number };
}
