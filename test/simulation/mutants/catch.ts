import { runBlueprint } from '#commands/simulate/run-seed.ts';
import { drawBlueprint } from '#simulators/swarm/generate.ts';
import type { SampleSite } from '#simulators/swarm/sample-site.ts';
import type { Mutant } from './mutant.ts';

/**
 * Looks for the seeds that tell a broken product from the real one: the broken one breaks an invariant that its fault is
 * about, the real one keeps all of them on the same seed.
 */
export interface Caught {
  readonly seed: number;
  readonly invariants: readonly string[];
}

export interface Search {
  readonly mutant: string;
  readonly caught: readonly Caught[];
  /** Seeds that the broken product was played on. */
  readonly played: number;
  /** Seeds on which the real one, too, broke something: they count as no catch. */
  readonly unclean: readonly number[];
}

/** Each mutant is caught within so many seeds of the swarm's own stream. */
export const MOST_SEEDS = 500;

/** What the real product makes of a seed is the same for every mutant. */
type Clean = Map<number, boolean>;

export async function searchCatches(
  mutant: Mutant,
  seeds: Iterable<number>,
  most: number,
  { sample, clean }: { readonly sample: SampleSite; readonly clean: Clean },
): Promise<Search> {
  const caught: Caught[] = [];
  const unclean: number[] = [];
  let played = 0;
  for (const seed of seeds) {
    if (caught.length >= most) break;
    const draft = drawBlueprint(seed, sample);
    if (mutant.concerns?.(draft) === false) continue;
    played++;
    const broken = await runBlueprint(draft, sample, mutant.engine);
    const invariants = [...new Set(broken.violations.map((one) => one.invariant))];
    if (!invariants.some((one) => mutant.breaks.includes(one))) continue;
    if (!clean.has(seed)) clean.set(seed, (await runBlueprint(draft, sample)).violations.length === 0);
    if (clean.get(seed) === true) caught.push({ seed, invariants });
    else unclean.push(seed);
  }
  return { mutant: mutant.id, caught, played, unclean };
}

/** The hints first, then every seed of the stream from its beginning. */
export function* seedsInTurn(hints: readonly number[]): Generator<number> {
  const within = hints.filter((seed) => seed < MOST_SEEDS);
  yield* within;
  for (let seed = 0; seed < MOST_SEEDS; seed++) if (!within.includes(seed)) yield seed;
}
