import type { ActDefinition, IncidentDefinition, StepDefinition } from './definition.ts';

/** What is asked of an incident's steps again and again, worked out once: a definition never changes. */
export interface StepIndex {
  readonly byId: ReadonlyMap<string, StepDefinition>;
  readonly acts: readonly ActDefinition[];
  /** Acts of the sequence that cost time on battery: neither rehearsed ones nor the monitor's own. */
  readonly sequence: readonly ActDefinition[];
  /** What must have ended or be proven before a step of the sequence. */
  readonly before: ReadonlyMap<string, readonly string[]>;
  /** Shutdowns of the sequence that wait until this one is proven. */
  readonly waitingFor: ReadonlyMap<string, readonly ActDefinition[]>;
}

const known = new WeakMap<IncidentDefinition, StepIndex>();

export function indexOf(definition: IncidentDefinition): StepIndex {
  const found = known.get(definition);
  if (found !== undefined) return found;
  const acts = definition.steps.filter((step): step is ActDefinition => step.kind === 'act');
  const waitingFor = new Map<string, ActDefinition[]>();
  for (const step of acts) {
    if (step.operation !== 'shutdown' || step.stage !== 'protect') continue;
    for (const id of step.proven) waitingFor.set(id, [...(waitingFor.get(id) ?? []), step]);
  }
  const index: StepIndex = {
    byId: new Map(definition.steps.map((step) => [step.id, step])),
    acts,
    sequence: acts.filter((step) => step.stage === 'protect' && !step.rehearseOnly && !step.own),
    before: new Map(acts.map((step) => [step.id, [...new Set([...step.after, ...step.proven])]])),
    waitingFor,
  };
  known.set(definition, index);
  return index;
}
