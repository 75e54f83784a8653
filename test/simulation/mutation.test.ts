import { describe, expect, it } from 'vitest';
import { runBlueprint } from '#commands/simulate/run-seed.ts';
import { drawBlueprint } from '#simulators/swarm/generate.ts';
import { MUTANTS } from './mutants/all.ts';
import type { Mutant } from './mutants/mutant.ts';
import { sample } from './small-site.ts';

/**
 * Each broken product is noticed by the invariants within 500 seeds of the swarm's own stream. A seed on which the broken part
 * plays no role (no kill for what forgets at a kill) is counted and not run; the real product keeps every invariant on
 * the seed that tells them apart.
 */
const MOST_SEEDS = 500;

interface Caught {
  readonly seed: number;
  readonly invariants: readonly string[];
}

async function firstCaught({ engine, concerns }: Mutant): Promise<Caught | null> {
  for (let seed = 0; seed < MOST_SEEDS; seed++) {
    const draft = drawBlueprint(seed, sample);
    if (concerns?.(draft) === false) continue;
    const broken = await runBlueprint(draft, sample, engine);
    if (broken.violations.length === 0) continue;
    const real = await runBlueprint(draft, sample);
    if (real.violations.length > 0) continue;
    return { seed, invariants: [...new Set(broken.violations.map((one) => one.invariant))] };
  }
  return null;
}

describe('the mutation check', () => {
  it('knows at least twenty ways to be broken', () => {
    expect(new Set(MUTANTS.map((mutant) => mutant.id)).size).toBeGreaterThanOrEqual(20);
  });

  it.each(MUTANTS)('notices within 500 seeds that $wrong', { timeout: 600_000 }, async (mutant) => {
    const caught = await firstCaught(mutant);
    console.info(
      caught === null
        ? `${mutant.id}: not caught`
        : `${mutant.id}: caught after ${caught.seed + 1} seeds by ${caught.invariants.join(', ')}`,
    );
    expect(caught, `${mutant.id} passed ${MOST_SEEDS} seeds unnoticed`).not.toBeNull();
    // An error thrown is not noticed by an invariant: the broken product has to run.
    expect(caught?.invariants).not.toEqual(['crash']);
  });
});
