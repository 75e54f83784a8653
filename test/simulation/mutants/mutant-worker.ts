import { loadSample } from '#commands/simulate/sample.ts';
import { answerOnThread } from '#platform/worker-pool.ts';
import { MUTANTS } from './all.ts';
import { searchCatches, seedsInTurn } from './catch.ts';

/** A thread of the mutation check: a mutant's id and hints in, where it was caught out. */
export interface Piece {
  readonly mutant: string;
  readonly hints: readonly number[];
  /** Stops after so many catches. */
  readonly most: number;
}

const sample = loadSample();
const clean = new Map<number, boolean>();

answerOnThread(({ mutant: id, hints, most }: Piece) => {
  const mutant = MUTANTS.find((one) => one.id === id);
  if (mutant === undefined) throw new RangeError(`no mutant is called ${id}`);
  return searchCatches(mutant, seedsInTurn(hints), most, { sample, clean });
});
