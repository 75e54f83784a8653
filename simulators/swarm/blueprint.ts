import type { Kill, PeopleScript, SwarmMode, TimedCommand } from './case.ts';

/**
 * What a seed draws: a small plain description of a site and its night, without derived values. `build-case.ts` makes
 * configuration and physics of it; `shrink.ts` makes it smaller. Lengths of time are milliseconds (`…Ms`) or seconds (`…S`).
 */
export interface Blueprint {
  readonly seed: number;
  readonly mode: SwarmMode;
  /** Epoch milliseconds. */
  readonly startsAt: number;
  readonly lastsMs: number;
  readonly upses: readonly UpsDraft[];
  /** In order: a machine depends only on machines before it. */
  readonly machines: readonly MachineDraft[];
  readonly monitor: boolean;
  /** Air conditioner, climate sensors, smoke, leak and door sensors of the sample room. */
  readonly sensors: boolean;
  /** Fire and shock may cut every single supply at once. */
  readonly emergencyOff: boolean;
  readonly room: {
    readonly temperature: number;
    readonly outside: number;
    /** Joules for one kelvin. */
    readonly heatCapacity: number;
    readonly coolingWatts: number;
  };
  readonly plan: PlanDraft;
  /** Ids of the configuration's other plans that are in force too. */
  readonly otherPlans: readonly string[];
  readonly people: PeopleScript;
  readonly scenario: readonly TimedCommand[];
  readonly kills: readonly Kill[];
}

export interface UpsDraft {
  readonly id: string;
  readonly ratedWatts: number;
  /** The truth when new: seconds to empty from full at `atLoad` watts. */
  readonly runtimeS: number;
  readonly atLoad: number;
  readonly ageYears: number;
  readonly peukert: number;
  readonly efficiency: number;
  readonly noLoadWatts: number;
  readonly chargePercent: number;
  readonly chargerWatts: number;
  /** What the last discharge test is recorded as, against the truth when new; null: none recorded. */
  readonly testedFactor: number | null;
  readonly firmwareFactor: number;
  readonly chargeNoise: number;
  readonly lowBatteryMinutes: number;
  readonly intervalS: number;
}

export interface MachineDraft {
  readonly id: string;
  readonly kind: 'server' | 'storage' | 'network' | 'display';
  /** Indices of UPSes; two of them are two supplies. */
  readonly feeds: readonly number[];
  readonly minFeeds: number;
  readonly dependsOn: readonly string[];
  readonly watts: { readonly running: number; readonly off: number; readonly starting: number; readonly busy: number };
  readonly bootS: number;
  readonly shutdownS: number;
  /** Null: nothing of its own to back up. */
  readonly backupS: number | null;
  readonly spread: number;
  readonly backupFails: number;
  /** The declared estimates as a factor of what things typically take. */
  readonly estimateFactor: number;
  readonly attempts: number;
  /** Times the estimate. */
  readonly giveUpFactor: number;
  /** When the shutdown over SSH has failed: its controller's soft button, then its supply is cut (at its outlet, or by the controller). */
  readonly otherwise: readonly ('soft' | 'cut')[];
  /** Its outlet is switched off once it is down. Only with one supply. */
  readonly powerOff: boolean;
  readonly start: 'outlet' | 'ipmi' | 'wake' | 'none';
  readonly restoreOnPower: boolean;
  readonly priority: number;
  /** Drills: a second way to shut it down goes to a real address. */
  readonly strayWay: boolean;
}

export interface PlanDraft {
  readonly limitS: number;
  readonly settleS: number;
  readonly marginShare: number;
  readonly marginAtLeastS: number;
  readonly silence: 'exhausted' | 'hold';
  readonly silenceAfterS: number;
  readonly pollS: number;
  readonly chargeAbove: number;
  readonly recoverySettleS: number;
  readonly temperatureGate: boolean;
  readonly sshAtOnce: number;
  readonly snmpAtOnce: number;
  /** Steps of the written plan that this variant leaves out. */
  readonly without: readonly string[];
  /** Backups come before any shutdown, not only before their own server's. */
  readonly askWithinS: number;
  readonly escalateEveryS: number;
}
