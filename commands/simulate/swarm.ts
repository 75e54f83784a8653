import { workOnThreads } from '#platform/worker-pool.ts';
import type { SampleSite } from '#simulators/swarm/sample-site.ts';
import { neverReached } from './never-reached.ts';
import type { RunCaseOptions } from './run-case.ts';
import { runSeed, type SeedResult, type Violation } from './run-seed.ts';
import { loadSample } from './sample.ts';

/** Many seeds, and what came of them all. The same whatever the number of threads. */
export interface SwarmReport {
  readonly seeds: number;
  readonly simulatedHours: number;
  readonly violations: readonly Violation[];
  /** How many seeds reached each. */
  readonly coverage: {
    readonly steps: Readonly<Record<string, number>>;
    readonly branches: Readonly<Record<string, number>>;
    readonly faults: Readonly<Record<string, number>>;
    /** What of plans and faults no seed of this run has reached. */
    readonly never: { readonly steps: readonly string[]; readonly faults: readonly string[] };
  };
}

export interface SwarmOptions {
  readonly from: number;
  readonly seeds: number;
  readonly jobs: number;
  readonly onSeed?: (result: SeedResult, done: number) => void;
}

/** On several threads with the product's own engine. */
export async function runSwarm(options: SwarmOptions): Promise<SwarmReport> {
  const results: SeedResult[] = [];
  const seeds = Array.from({ length: options.seeds }, (_, index) => options.from + index);
  const module = new URL('./seed-worker.ts', import.meta.url);
  await workOnThreads<number, SeedResult>(
    module,
    seeds,
    Math.min(options.jobs, Math.max(1, options.seeds)),
    (result) => {
      results.push(result);
      options.onSeed?.(result, results.length);
    },
  );
  return reportOf(results, loadSample());
}

/** On this thread, with any engine; stops after the first violation when told so. */
export async function runSwarmHere(
  seeds: Iterable<number>,
  sample: SampleSite,
  engine: () => RunCaseOptions = () => ({}),
  stopAtFirst = false,
): Promise<SwarmReport> {
  const results: SeedResult[] = [];
  for (const seed of seeds) {
    const result = await runSeed(seed, sample, engine);
    results.push(result);
    if (stopAtFirst && result.violations.length > 0) break;
  }
  return reportOf(results, sample);
}

function reportOf(results: SeedResult[], sample: SampleSite): SwarmReport {
  results.sort((a, b) => a.seed - b.seed);
  const steps = count(results, 'steps');
  const faults = count(results, 'faults');
  return {
    seeds: results.length,
    simulatedHours: Math.round(results.reduce((sum, one) => sum + one.simulatedMs, 0) / 36_000) / 100,
    violations: results.flatMap((one) => one.violations),
    coverage: {
      steps,
      branches: count(results, 'branches'),
      faults,
      never: neverReached(sample, Object.keys(steps), Object.keys(faults)),
    },
  };
}

function count(results: readonly SeedResult[], of: keyof SeedResult['coverage']): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { coverage } of results) for (const name of coverage[of]) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
