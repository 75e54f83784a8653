import { describe, expect, it } from 'vitest';
import { runSwarm, runSwarmHere } from '#commands/simulate/swarm.ts';
import { describeViolation } from '#commands/simulate.ts';
import { PROOF } from './mutants/proof.ts';
import { sample } from './small-site.ts';

/** A modest number of seeds at each change; `zhishou simulate` runs as many as there is time for. */
const SEEDS = 300;

describe('the swarm', () => {
  it('breaks no invariant in 300 seeds', { timeout: 1_800_000 }, async () => {
    const report = await runSwarmHere(
      Array.from({ length: SEEDS }, (_, seed) => seed),
      sample,
    );
    expect(report.violations.map(describeViolation)).toEqual([]);
    expect(report.seeds).toBe(SEEDS);
    expect(report.simulatedHours).toBeGreaterThan(SEEDS);
    for (const phase of [
      'holding',
      'protecting',
      'settling',
      'shut-down',
      'awaiting-recovery',
      'recovering',
      'standing-down',
    ])
      expect(report.coverage.branches[`phase:${phase}`], phase).toBeGreaterThan(0);
  });

  it('reports a broken engine with the seed, the invariant and the command that plays it again', {
    timeout: 300_000,
  }, async () => {
    const [skipsVerify] = PROOF;
    if (skipsVerify === undefined) throw new Error('no mutant');
    const report = await runSwarmHere(
      Array.from({ length: 20 }, (_, seed) => seed),
      sample,
      skipsVerify.engine,
      true,
    );
    const [first] = report.violations;
    if (first === undefined) throw new Error('it was not noticed');
    expect(first.invariant).toMatch(/^I[12]$/);
    expect(describeViolation(first)).toContain(`npm run zhishou -- simulate --seed ${first.seed} --trace`);
  });

  it('I8: says the same whatever the number of threads', { timeout: 300_000 }, async () => {
    const [one, two] = [await runSwarm({ from: 0, seeds: 6, jobs: 1 }), await runSwarm({ from: 0, seeds: 6, jobs: 3 })];
    expect(two).toEqual(one);
    expect(one.coverage.never.faults).toContain('speed' in one.coverage.faults ? '' : 'cooling-capacity');
  });
});
