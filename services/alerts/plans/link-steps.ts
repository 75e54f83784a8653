import type { Device } from '#core/config/device.ts';
import type { ActDefinition, StepDefinition } from './definition.ts';

/** Turns the plan's `after` into step instances and adds the order that `depends_on` demands. */
export function linkSteps(steps: readonly StepDefinition[], devices: readonly Device[]): StepDefinition[] {
  const byBase = Map.groupBy(steps, (step) => step.base);
  const members = Map.groupBy(steps, (step) => step.group?.id ?? '');
  const dependsOn = new Map(devices.map((device) => [device.id, device.depends_on]));
  const whole = (id: string): string[] => [id, ...(members.get(id) ?? []).map((member) => member.id)];
  const acts = steps.filter((step): step is ActDefinition => step.kind === 'act');
  const named = (step: StepDefinition): string[] =>
    step.after.flatMap((base) =>
      members.has(base) ? whole(base) : afterInstances(step, byBase.get(base) ?? [], byBase.get(step.base) ?? []),
    );
  return steps.map((step) => {
    // What the whole waits for its parts wait for too: the longest path is computed over the acts alone.
    const group = step.group === null ? undefined : steps.find((other) => other.id === step.group?.id);
    const after = [...new Set([...named(step), ...(group === undefined ? [] : named(group))])];
    if (step.kind !== 'act') return { ...step, after };
    const others = acts.filter((other) => other.id !== step.id);
    return {
      ...step,
      after: step.own ? lastOf(step, others, after) : after,
      proven: provenBefore(step, others, dependsOn),
    };
  });
}

/** Two act steps that share devices are ordered device by device; else all of the earlier step come first. */
function afterInstances(
  step: StepDefinition,
  earlier: readonly StepDefinition[],
  siblings: readonly StepDefinition[],
): string[] {
  if (step.kind !== 'act') return earlier.map((other) => other.id);
  const deviceOf = (other: StepDefinition): string | null => (other.kind === 'act' ? other.device : null);
  const earlierDevices = new Set(earlier.map(deviceOf));
  const shared = siblings.some((sibling) => sibling.kind === 'act' && earlierDevices.has(sibling.device));
  return earlier.filter((other) => !shared || deviceOf(other) === step.device).map((other) => other.id);
}

/** The monitor goes down last: after every other act of its stage has ended. */
const lastOf = (step: ActDefinition, acts: readonly ActDefinition[], after: readonly string[]): string[] => [
  ...new Set([...after, ...acts.filter((other) => other.stage === step.stage && !other.own).map((other) => other.id)]),
];

function provenBefore(
  step: ActDefinition,
  acts: readonly ActDefinition[],
  dependsOn: ReadonlyMap<string, readonly string[]>,
): string[] {
  const same = acts.filter((other) => other.stage === step.stage && other.operation === step.operation && !other.own);
  if (step.operation === 'shutdown' && !step.own) {
    return same.filter((other) => dependsOn.get(other.device)?.includes(step.device)).map((other) => other.id);
  }
  if (step.operation === 'start') {
    return same.filter((other) => dependsOn.get(step.device)?.includes(other.device)).map((other) => other.id);
  }
  if (step.operation !== 'power_off') return [];
  const own = acts.filter((o) => o.stage === step.stage && o.operation === 'shutdown' && o.device === step.device);
  return own.map((other) => other.id);
}
