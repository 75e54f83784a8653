import { type IncidentState, newStep, type StepProgress } from './state.ts';

/**
 * The progress of an incident's steps by their places in its definition, found at once instead of name by name. It belongs to one
 * `steps` object: whoever makes a new one (Turn alone) gives it its list.
 */
const lists = new WeakMap<IncidentState['steps'], readonly StepProgress[]>();
const NOT_BEGUN: StepProgress = Object.freeze(newStep());

export function stepList({ steps, definition }: IncidentState): readonly StepProgress[] {
  const known = lists.get(steps);
  if (known !== undefined) return known;
  const list = definition.steps.map((step) => steps[step.id] ?? NOT_BEGUN);
  lists.set(steps, list);
  return list;
}

/** Of a state that was decided: these change no more. */
const settled = new WeakSet<IncidentState['steps']>();

export const isSettled = (steps: IncidentState['steps']): boolean => settled.has(steps);
export const settle = (steps: IncidentState['steps']): void => {
  settled.add(steps);
};

export const listedAs = (steps: IncidentState['steps'], list: readonly StepProgress[]): void => {
  lists.set(steps, list);
};
