import type { IncidentView } from '#core/incident.ts';
import type { Kill, SwarmCase } from '#simulators/swarm/case.ts';
import type { Coverage } from './case-result.ts';

/** What of the plans, the engine and the faults a run has reached. */
export interface CoverageNotes {
  phase(phase: string): void;
  killed(kill: Kill): void;
  finish(views: readonly IncidentView[]): Coverage;
}

export function createCoverage({ scenario, mode }: SwarmCase): CoverageNotes {
  const branches = new Set<string>([`mode:${mode}`]);
  const steps = new Set<string>();
  const faults = new Set<string>();
  for (const { do: command } of scenario) {
    faults.add('fault' in command ? `${command.kind}:${command.fault}` : command.kind);
  }
  return {
    phase: (phase) => branches.add(`phase:${phase}`),
    killed: ({ part, at }) => faults.add(`kill:${part}:${at}`),
    finish: (views) => {
      for (const view of views) {
        if (view.outcome !== null) branches.add(`outcome:${view.outcome}`);
        const source = view.clocks?.exhaustion.source ?? null;
        if (source !== null) branches.add(`source:${source}`);
        for (const step of view.steps) {
          const base = step.id.split(':')[0] ?? step.id;
          steps.add(`${view.plan.id}/${base}:${step.state}`);
          if (step.answer !== null) branches.add(`answer:${base}=${step.answer.id}`);
        }
      }
      return { steps, branches, faults };
    },
  };
}
