import type { CommandBody } from '#core/command.ts';
import type { Config } from '#core/config/config.ts';
import type { Duration, Instant } from '#core/time.ts';
import type { SimulationSpec } from '../world/spec.ts';
import type { WorldCommand } from '../world/world-command.ts';

/**
 * One run of the swarm: a whole site, its physics, what befalls it, how its people behave and when the monitor is killed.
 * `generate.ts` draws it from a seed; commands/simulate/run-case.ts plays it on a virtual clock; simulators/checkers judge it.
 * Everything random inside a run is forked from `seed`, so the case alone decides every byte of the journal (I8).
 */
export interface SwarmCase {
  readonly seed: number;
  /** Of the same types that the YAML loader gives; frozen. */
  readonly config: Config;
  readonly simulation: SimulationSpec;
  readonly mode: SwarmMode;
  /** Wall time at the beginning: it decides working hours and who is on duty. */
  readonly startsAt: Instant;
  /** The run ends then at the latest; it ends earlier when the scenario is over and every incident is closed or at rest. */
  readonly lastsMs: Duration;
  /** What happens to the world, ascending by time. */
  readonly scenario: readonly TimedCommand[];
  readonly people: PeopleScript;
  readonly kills: readonly Kill[];
}

/** `armed` and `unarmed` are a live site (forcedMode null), where an administrator's signed order arms it at the beginning; the others are forced. */
export type SwarmMode = 'armed' | 'unarmed' | 'drill' | 'rehearsal';

export interface TimedCommand {
  /** Since the case's beginning. */
  readonly atMs: Duration;
  readonly do: WorldCommand;
}

/** How people behave. simulators/swarm/swarm-people.ts plays it; nothing in it is random. */
export interface PeopleScript {
  /** Null: nobody acknowledges anything. */
  readonly acknowledgeAfterMs: Duration | null;
  /** To each question about mains: first answer and what is said later; counted from the question. Empty: nobody answers. */
  readonly outlook: readonly OutlookAnswer[];
  /** To each other question: each person's choice. Empty: nobody answers. */
  readonly choices: readonly ChoiceAnswer[];
  /** How long each task takes, in the order in which they come up, over and over; null: never done. */
  readonly tasks: readonly (Duration | null)[];
  /** Orders at their own time. `incident` is filled in by the player: the newest open incident of `plan`. */
  readonly orders: readonly PersonOrder[];
}

export interface OutlookAnswer {
  readonly afterMs: Duration;
  /** A number is minutes from then on. */
  readonly says: 'over' | 'within' | 'unknown' | number;
}

export interface ChoiceAnswer {
  readonly afterMs: Duration;
  /** Index into people.yaml: two people's confirmation needs two. */
  readonly person: number;
  /** Index into the options, modulo their number. */
  readonly option: number;
}

/** Each member of a union without its `incident`. */
type WithoutIncident<T> = T extends { incident: string } ? Omit<T, 'incident'> : never;
type AnyOrder = Exclude<CommandBody, { kind: 'readiness.test' }>;

export interface PersonOrder {
  readonly atMs: Duration;
  readonly person: number;
  /** Orders about an incident name its plan instead, here. */
  readonly plan: string | null;
  readonly body: WithoutIncident<AnyOrder> | Exclude<AnyOrder, { incident: string }>;
}

/**
 * The monitor dies at the nth effect or journal write of the run (counted on over restarts), and is started again `downMs`
 * later on what was durable then. `effect`: just after the driver was called, before its outcome is known or recorded.
 * `journal`: just after the record is durable, before anything follows from it. `collector` dies alone.
 */
export interface Kill {
  readonly at: 'effect' | 'journal';
  readonly nth: number;
  readonly downMs: Duration;
  readonly part: 'alerts' | 'collector';
}
