import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { coreCount, workOnThreads } from '#platform/worker-pool.ts';
import { MUTANTS } from './mutants/all.ts';
import { MOST_SEEDS, type Search } from './mutants/catch.ts';
import type { Piece } from './mutants/mutant-worker.ts';

/**
 * Each broken product is noticed within 500 seeds of the swarm's own stream, by an invariant that its fault is about. A seed
 * on which the broken part plays no role (no kill for what forgets at a kill) is counted and not run. The real product is
 * played on the very seed that tells them apart and keeps every invariant there; else the seed does not count.
 *
 * Seeds that are known to tell them apart (mutants/hints.json) are played first; when none of them does any more, all 500 are
 * gone through.
 */
const HINTS: Readonly<Record<string, readonly number[]>> = JSON.parse(
  readFileSync(new URL('./mutants/hints.json', import.meta.url), 'utf8'),
);

const searches = new Map<string, Promise<Search>>();

beforeAll(() => {
  const answers = new Map(MUTANTS.map(({ id }) => [id, Promise.withResolvers<Search>()]));
  for (const [id, answer] of answers) searches.set(id, answer.promise);
  const pieces = MUTANTS.map(({ id }): Piece => ({ mutant: id, hints: HINTS[id] ?? [], most: 1 }));
  workOnThreads<Piece, Search>(
    new URL('./mutants/mutant-worker.ts', import.meta.url),
    pieces,
    Math.min(coreCount(), pieces.length),
    (search) => answers.get(search.mutant)?.resolve(search),
  ).catch((error: unknown) => {
    for (const answer of answers.values()) answer.reject(error);
  });
});

describe('the mutation check', () => {
  it('knows at least twenty ways to be broken', () => {
    expect(new Set(MUTANTS.map((mutant) => mutant.id)).size).toBeGreaterThanOrEqual(20);
    expect(Object.keys(HINTS).sort(), 'hints name mutants that exist').toEqual(MUTANTS.map(({ id }) => id).sort());
  });

  it.each(MUTANTS)('$breaks notices within 500 seeds that $wrong', { timeout: 900_000 }, async ({ id, breaks }) => {
    const search = await searches.get(id);
    const [caught] = search?.caught ?? [];
    if (caught !== undefined && HINTS[id]?.includes(caught.seed) !== true)
      console.info(`${id}: no hint serves any more, find others: node test/simulation/mutants/find-hints.ts ${id}`);
    const seen = `${search?.played} seeds played, of which the real product failed ${search?.unclean.join(', ') || 'none'}`;
    expect(caught, `${id} passed ${MOST_SEEDS} seeds unnoticed: ${seen}`).toBeDefined();
    console.info(`${id}: caught at seed ${caught?.seed} by ${caught?.invariants.join(', ')}`);
    expect(caught?.seed).toBeLessThan(MOST_SEEDS);
    // An error thrown, or another invariant, is not a notice: the broken product has to run and to break what it is about.
    expect(caught?.invariants.some((one) => breaks.includes(one))).toBe(true);
  });
});
