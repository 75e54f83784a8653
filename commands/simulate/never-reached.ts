import { planSteps } from '#core/config/plan.ts';
import { BMC_FAULTS, MACHINE_FAULTS, SENSOR_FAULTS, simulatorCommandSchema } from '#core/simulator.ts';
import type { SampleSite } from '#simulators/swarm/sample-site.ts';

/** What a swarm might have reached and did not: steps of the written plans that never ended, kinds of happenings that never came. */
export function neverReached(
  { config }: SampleSite,
  steps: readonly string[],
  faults: readonly string[],
): { steps: string[]; faults: string[] } {
  const ended = new Set(steps.filter((one) => ENDS.test(one)).map((one) => one.slice(0, one.lastIndexOf(':'))));
  const written = config.plans.flatMap((plan) => planSteps(plan).map((step) => `${plan.id}/${step.id}`));
  return {
    steps: written.filter((one) => !ended.has(one)),
    faults: happenings().filter((one) => !faults.includes(one)),
  };
}

/** Ended in another way than by being left out. */
const ENDS = /:(done|failed|cut|waived|advised|rehearsed)$/;

/** As coverage names them: `network`, `fault:silent`, `sensor:stuck`. Speed is the demo's alone. */
function happenings(): string[] {
  const kinds = simulatorCommandSchema.options.map((option) => option.shape.kind.value);
  const faults = { fault: MACHINE_FAULTS, bmc: BMC_FAULTS, sensor: SENSOR_FAULTS } as const;
  return kinds.flatMap((kind) => {
    if (kind === 'speed') return [];
    return kind in faults ? faults[kind as 'fault'].map((fault) => `${kind}:${fault}`) : [kind];
  });
}
