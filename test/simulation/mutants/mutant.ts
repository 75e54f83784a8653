import type { RunCaseOptions } from '#commands/simulate/run-case.ts';
import { decide } from '#services/alerts/plans/decide.ts';
import type { ActDefinition, IncidentDefinition } from '#services/alerts/plans/definition.ts';
import type { Command, IncidentEvent, PowerSample } from '#services/alerts/plans/events.ts';
import type { IncidentState, StepProgress } from '#services/alerts/plans/state.ts';
import type { Blueprint } from '#simulators/swarm/blueprint.ts';

/** A product that is broken in one way, made of the real one by what is put around it; production code is not changed. */
export interface Mutant {
  readonly id: string;
  /** What it does wrong, as the night's reader would say it. */
  readonly wrong: string;
  /** The invariants that this must break: a notice by another would prove nothing. */
  readonly breaks: readonly string[];
  /** A fresh one for each run. */
  readonly engine: () => RunCaseOptions;
  /** Seeds on which it cannot differ from the real one are counted and not run. */
  readonly concerns?: (draft: Blueprint) => boolean;
}

type Decide = typeof decide;

/** Around the decision function. */
export const decides = (around: (real: Decide) => Decide): RunCaseOptions => ({ decide: around(decide) });

/** Another event is decided upon than the one that happened; null: none. */
export const hears = (change: (event: IncidentEvent, before: IncidentState | null) => IncidentEvent): RunCaseOptions =>
  decides((real) => (before, event) => real(before, change(event, before)));

/** Another definition than the plan's. */
export const compiles = (change: (definition: IncidentDefinition) => IncidentDefinition): RunCaseOptions =>
  hears((event) => (event.type === 'opened' ? { ...event, definition: change(event.definition) } : event));

/** Each act of the plan is another. */
export const compilesActs = (change: (act: ActDefinition) => ActDefinition): RunCaseOptions =>
  compiles((definition) => ({
    ...definition,
    steps: definition.steps.map((step) => (step.kind === 'act' ? change(step) : step)),
  }));

/** What the UPS says is heard as something else. */
export const samples = (
  change: (sample: PowerSample, before: IncidentState | null, event: IncidentEvent) => PowerSample,
): RunCaseOptions =>
  hears((event, before) => {
    if (event.type === 'power') return { ...event, sample: change(event.sample, before, event) };
    if (event.type === 'opened')
      return { ...event, samples: event.samples.map((sample) => change(sample, before, event)) };
    return event;
  });

/** What it commands is changed. */
export const commands = (
  change: (commands: readonly Command[], state: IncidentState, event: IncidentEvent) => readonly Command[],
): RunCaseOptions =>
  decides((real) => (before, event) => {
    const decision = real(before, event);
    return { state: decision.state, commands: change(decision.commands, decision.state, event) };
  });

/** Puts another progress in the place of a step's. */
export function changeStep(state: IncidentState, id: string, progress: StepProgress): void {
  state.steps = { ...state.steps, [id]: progress };
}

export const isShutdown = (act: ActDefinition): boolean => act.operation === 'shutdown';
export const hasKills = (draft: Blueprint): boolean => draft.kills.some((kill) => kill.part === 'alerts');
export const mayAct = (draft: Blueprint): boolean => draft.mode === 'armed' || draft.mode === 'drill';
