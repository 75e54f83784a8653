import type { ActDefinition, IncidentDefinition, StepDefinition } from './definition.ts';

/** What is asked of an incident's steps again and again, worked out once: a definition never changes. */
export interface StepIndex {
  readonly byId: ReadonlyMap<string, StepDefinition>;
  /** Where each step stands in the definition. */
  readonly places: ReadonlyMap<string, number>;
  readonly acts: readonly ActDefinition[];
  /** The acts' places in the definition, in their order; those of questions and tasks. */
  readonly actPlaces: readonly number[];
  readonly askedPlaces: readonly number[];
  readonly backups: readonly ActDefinition[];
  /** The monitor's own. */
  readonly own: readonly ActDefinition[];
  readonly actsOf: ReadonlyMap<string, readonly ActDefinition[]>;
  /** Shutdowns of what the plan has no way to start again. */
  readonly byHand: readonly ActDefinition[];
  /** Acts of the sequence that cost time on battery: neither rehearsed ones nor the monitor's own. */
  readonly sequence: readonly ActDefinition[];
  /** What must have ended or be proven before a step of the sequence. */
  readonly before: ReadonlyMap<string, readonly string[]>;
  /** The sequence by numbers: each step's place in the definition, and the numbers of what must have ended before it. */
  readonly sequencePlaces: readonly number[];
  readonly sequenceBefore: readonly (readonly number[])[];
  /** Numbers of the steps of the sequence that wait for this step. */
  readonly sequenceAfter: ReadonlyMap<string, readonly number[]>;
  readonly numbers: ReadonlyMap<string, number>;
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
  const startable = new Set(acts.flatMap((step) => (step.operation === 'start' ? [step.device] : [])));
  const places = new Map(definition.steps.map((step, place) => [step.id, place]));
  const sequence = acts.filter((step) => step.stage === 'protect' && !step.rehearseOnly && !step.own);
  const before = new Map(acts.map((step) => [step.id, [...new Set([...step.after, ...step.proven])]]));
  const index: StepIndex = {
    places,
    byId: new Map(definition.steps.map((step) => [step.id, step])),
    acts,
    actPlaces: acts.map((step) => places.get(step.id) ?? 0),
    askedPlaces: definition.steps.flatMap((step, place) =>
      step.kind === 'ask' || step.kind === 'task' ? [place] : [],
    ),
    own: acts.filter((step) => step.own),
    backups: acts.filter((step) => step.operation === 'backup'),
    actsOf: Map.groupBy(acts, (step) => step.device),
    byHand: acts.filter((step) => step.operation === 'shutdown' && !step.own && !startable.has(step.device)),
    sequence,
    before,
    ...numbered(sequence, before, places),
    waitingFor,
  };
  known.set(definition, index);
  return index;
}

function numbered(
  sequence: readonly ActDefinition[],
  before: StepIndex['before'],
  places: StepIndex['places'],
): Pick<StepIndex, 'numbers' | 'sequencePlaces' | 'sequenceBefore' | 'sequenceAfter'> {
  const numbers = new Map(sequence.map((step, number) => [step.id, number]));
  const sequenceAfter = new Map<string, number[]>();
  for (const [number, step] of sequence.entries()) {
    for (const id of before.get(step.id) ?? []) {
      const others = sequenceAfter.get(id);
      if (others === undefined) sequenceAfter.set(id, [number]);
      else others.push(number);
    }
  }
  return {
    numbers,
    sequencePlaces: sequence.map((step) => places.get(step.id) ?? 0),
    sequenceBefore: sequence.map((step) => (before.get(step.id) ?? []).flatMap((id) => numbers.get(id) ?? [])),
    sequenceAfter,
  };
}
