import type { DriverName, OperationName } from '#core/config/device.ts';
import type { FunctionName } from '#core/config/people.ts';
import type { Plan, PlanCondition, PlanStep } from '#core/config/plan.ts';
import type { Ladder } from '#core/escalation.ts';
import type { Level } from '#core/incident.ts';
import type { Text } from '#core/text.ts';
import type { Duration } from '#core/time.ts';

/**
 * What an incident needs to know of plan, room and people, frozen into its first journal record. The fold of the journal
 * therefore needs no configuration, and a changed configuration never changes an incident under way (L8). It holds no
 * secrets: the actions themselves are looked up in the configuration when they are carried out.
 */
export interface IncidentDefinition {
  readonly plan: { readonly id: string; readonly version: string; readonly title: Text; readonly level: Level };
  readonly site: {
    readonly id: string;
    readonly name: Text;
    readonly address: Text;
    readonly floor: Text;
    readonly timeZone: string;
    readonly simulated: boolean;
  };
  readonly director: Text | null;
  /** What people are called, by id. */
  readonly names: Readonly<Record<string, Text>>;
  readonly contacts: Readonly<Record<string, { readonly name: Text; readonly phone: string }>>;
  readonly escalation: {
    readonly order: readonly FunctionName[];
    readonly everyMs: Duration;
    /** The same order person by person; `duty` is whoever is on duty then. */
    readonly chain: readonly Rung[];
    /** The chains of high severity; absent in incidents that an older version opened. */
    readonly ladders?: readonly Ladder[];
  };
  /** O-LVL-1: when the level rises by itself. */
  readonly rises: Plan['rises'];
  /** Rules whose alerts the incident must know: those that open it and those its conditions name. */
  readonly alertRules: readonly string[];
  readonly atOnce: Readonly<Record<DriverName, number>>;
  readonly power: PowerDefinition | null;
  /** Absent in incidents that an older version opened. */
  readonly heat?: HeatDefinition | null;
  readonly steps: readonly StepDefinition[];
}

export interface Rung {
  readonly function: FunctionName;
  /** Null: whoever holds the function then. */
  readonly person: string | null;
}

export type PowerSettings = NonNullable<Plan['power']>;

export interface PowerDefinition extends PowerSettings {
  /** By UPS: the last discharge test and the rated power. */
  readonly batteries: Readonly<Record<string, BatteryDefinition>>;
  /** One tree for each kind of supply that protected devices have (L7). */
  readonly supplies: readonly Supply[];
  /** The supply of each protected device. Absent in journals from before. */
  readonly supplyOf?: Readonly<Record<string, Supply>>;
}

export interface HeatDefinition extends NonNullable<Plan['heat']> {
  /** What people call the sensors, by `device/point`. */
  readonly names: Readonly<Record<string, Text>>;
}

export interface BatteryDefinition {
  /** What people call the UPS. */
  readonly name: Text;
  readonly test: { readonly runtimeMs: Duration; readonly atLoadW: number } | null;
  readonly ratedW: number | null;
}

/**
 * A device's supply as a graph: it has power while at least `need` of its feeds have (L7). Its leaves are UPSes, and feeds from
 * outside without a battery: those have power while one of the UPSes on the same feed says that there is mains.
 */
export type Supply =
  | { readonly ups: string }
  | { readonly feed: string; readonly upses: readonly string[] }
  | { readonly need: number; readonly of: readonly Supply[] };

export type Stage = PlanStep['stage'];
type PartOf<Key extends string> = PlanStep extends infer S ? (S extends Record<Key, infer P> ? P : never) : never;
export type TellPart = PartOf<'tell'>;
export type AskPart = PartOf<'ask'>;
export type TaskPart = PartOf<'task'>;
export type WaitPart = PartOf<'wait'>;

interface StepBase {
  /** `<step>` or, for an act, `<step>:<device>`. */
  readonly id: string;
  /** The step's id in the plan. */
  readonly base: string;
  readonly title: Text;
  readonly stage: Stage;
  /** Step instances that must have ended, whatever came of them. */
  readonly after: readonly string[];
  readonly when: PlanCondition | null;
  readonly obligations: readonly string[];
  /** The choose or together that it is part of, and which branch. */
  readonly group: { readonly id: string; readonly branch: number | null } | null;
}

export interface ActDefinition extends StepBase {
  readonly kind: 'act';
  readonly device: string;
  readonly deviceName: Text;
  readonly operation: OperationName;
  /** Step instances whose effect must be proven before: dependants off (shutdown), dependencies up (start). */
  readonly proven: readonly string[];
  readonly ways: readonly WayDefinition[];
  /** p95 of the recorded durations, or the declared estimate. */
  readonly expectedMs: Duration;
  readonly expectedFrom: 'records' | 'declared';
  readonly giveUpMs: Duration;
  readonly attempts: number;
  readonly repeatable: boolean;
  /** It is proven by running a command, so only after the action has ended. */
  readonly provenByCommand: boolean;
  /** Devices whose readings prove it. */
  readonly evidenceDevices: readonly string[];
  /** Backups: the smaller, the more important; the largest is cut first. */
  readonly priority: number;
  readonly rehearseOnly: boolean;
  /** It switches off the machine that this runs on. */
  readonly own: boolean;
  /** It takes something away from users: shutdown, power_off and emergency_off. */
  readonly irreversible: boolean;
}

export interface WayDefinition {
  readonly driver: DriverName;
  /** One line for people, without secrets. */
  readonly description: string;
  /** Its command carries the run's id: given again under the same id it is the same order, not a second one. */
  readonly keyed: boolean;
  /** It takes the supply away from a device that may be running. */
  readonly cutsPower: boolean;
}

export interface TellDefinition extends StepBase {
  readonly kind: 'tell';
  readonly tell: TellPart;
}
export interface AskDefinition extends StepBase {
  readonly kind: 'ask';
  readonly ask: AskPart;
}
export interface TaskDefinition extends StepBase {
  readonly kind: 'task';
  readonly task: TaskPart;
}
export interface WaitDefinition extends StepBase {
  readonly kind: 'wait';
  readonly wait: WaitPart;
}

/** The first branch whose condition holds when the step is reached; its steps are steps of their own, with this as their group. */
export interface ChooseDefinition extends StepBase {
  readonly kind: 'choose';
  readonly branches: readonly (PlanCondition | null)[];
}
/** Steps side by side, with this as their group. */
export interface TogetherDefinition extends StepBase {
  readonly kind: 'together';
}

export type GroupDefinition = ChooseDefinition | TogetherDefinition;
export type StepDefinition =
  | ActDefinition
  | TellDefinition
  | AskDefinition
  | TaskDefinition
  | WaitDefinition
  | GroupDefinition;

/** A plan that follows neither the battery nor the heat: people say when the danger is over. */
export const isGeneral = (definition: IncidentDefinition): boolean =>
  definition.power === null && (definition.heat ?? null) === null;
