import type { Device } from '#core/config/device.ts';
import type { ActDefinition, StepDefinition } from './definition.ts';
import { monitorNeeds } from './supply-graph.ts';

/**
 * L17: what the monitor itself needs (its switch, its distribution unit, its UPS) is taken away after everything else, whatever
 * the lines of the plan say: once it is gone nothing can be ordered, proven or told. The monitor's own step comes last of all.
 */
export function monitorLast(steps: readonly StepDefinition[], devices: readonly Device[]): StepDefinition[] {
  const needs = monitorNeeds(devices);
  const acts = steps.filter((step): step is ActDefinition => step.kind === 'act' && step.stage === 'protect');
  const before = new Map(
    steps.map((step) => [step.id, step.kind === 'act' ? [...step.after, ...step.proven] : step.after]),
  );
  return steps.map((step) => {
    if (step.kind !== 'act' || step.stage !== 'protect' || step.own || !takesAway(step) || !needs.has(step.device)) {
      return step;
    }
    const others = acts.filter(
      (other) => !other.own && !needs.has(other.device) && !waitsFor(other.id, step.id, before),
    );
    return { ...step, after: [...new Set([...step.after, ...others.map((other) => other.id)])] };
  });
}

const takesAway = ({ operation }: ActDefinition): boolean => operation === 'shutdown' || operation === 'power_off';

/** A step that the plan puts after this one on purpose is left there: order that cannot be kept would stop both. */
function waitsFor(id: string, target: string, before: ReadonlyMap<string, readonly string[]>): boolean {
  const seen = new Set<string>();
  const open = [id];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    for (const earlier of before.get(next) ?? []) {
      if (earlier === target) return true;
      open.push(earlier);
    }
  }
  return false;
}
