import type { Verdict } from '#simulators/checkers/evidence.ts';
import { judge } from '#simulators/checkers/judge.ts';
import type { Blueprint } from '#simulators/swarm/blueprint.ts';
import { buildCase } from '#simulators/swarm/build-case.ts';
import type { SwarmCase } from '#simulators/swarm/case.ts';
import { drawBlueprint } from '#simulators/swarm/generate.ts';
import type { SampleSite } from '#simulators/swarm/sample-site.ts';
import type { CaseResult } from './case-result.ts';
import { type RunCaseOptions, runCase } from './run-case.ts';

/** One seed from drawing to verdict, as plain data that a worker can send home. */
export interface SeedResult {
  readonly seed: number;
  readonly simulatedMs: number;
  readonly violations: readonly Violation[];
  readonly coverage: {
    readonly steps: readonly string[];
    readonly branches: readonly string[];
    readonly faults: readonly string[];
  };
}

export interface Violation {
  readonly seed: number;
  readonly invariant: string;
  readonly detail: string;
}

/** Every so manyth seed is run twice, for I8. */
const TWICE_EVERY = 64;

export async function runSeed(
  seed: number,
  sample: SampleSite,
  options: () => RunCaseOptions = () => ({}),
): Promise<SeedResult> {
  const { result, violations } = await runBlueprint(drawBlueprint(seed, sample), sample, options);
  return {
    seed,
    simulatedMs: result?.simulatedMs ?? 0,
    violations,
    coverage: {
      steps: [...(result?.coverage.steps ?? [])],
      branches: [...(result?.coverage.branches ?? [])],
      faults: [...(result?.coverage.faults ?? [])],
    },
  };
}

export interface BlueprintRun {
  readonly swarmCase: SwarmCase | null;
  /** Null: it did not come to its end; the violation says why. */
  readonly result: CaseResult | null;
  readonly verdicts: readonly Verdict[];
  readonly violations: readonly Violation[];
}

/** Plays a blueprint and judges it. An error inside is a violation of its own: the product must never throw. */
export async function runBlueprint(
  draft: Blueprint,
  sample: SampleSite,
  options: () => RunCaseOptions = () => ({}),
  twice = draft.seed % TWICE_EVERY === 0,
): Promise<BlueprintRun> {
  const { seed } = draft;
  let swarmCase: SwarmCase | null = null;
  try {
    swarmCase = buildCase(draft, sample);
    const result = await runCase(swarmCase, options());
    const journals = twice ? ([result.journal(), (await runCase(swarmCase, options())).journal()] as const) : undefined;
    const verdicts = judge(journals === undefined ? result.evidence : { ...result.evidence, journals });
    const violations = verdicts.flatMap(({ id, kept, detail }) => (kept ? [] : [{ seed, invariant: id, detail }]));
    return { swarmCase, result, verdicts, violations };
  } catch (error) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { swarmCase, result: null, verdicts: [], violations: [{ seed, invariant: 'crash', detail }] };
  }
}
