import { seededRandom } from '#core/random.ts';
import type { FuzzTarget } from './fuzz-target.ts';

export interface FuzzResult {
  readonly tried: number;
  readonly read: number;
  readonly slowestMs: number;
  readonly summary: string;
}

/** One input may take so long; beyond it, it hangs. A loaded machine may hold anything up for a while, hence the length. */
const HANGS_MS = 5000;

/** Tries so many inputs; throws with the input's number and the seed when an invariant breaks. */
export function runFuzz(target: FuzzTarget, tries: number, seed: number | string): FuzzResult {
  const run = target.begin(seededRandom(`${seed}/${target.name}`));
  let read = 0;
  let slowestMs = 0;
  for (let i = 0; i < tries; i++) {
    const before = performance.now();
    try {
      if (run.tryOne() === 'read') read++;
    } catch (error) {
      throw new Error(
        `${target.name}, seed ${seed}, input ${i}: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      );
    }
    slowestMs = Math.max(slowestMs, performance.now() - before);
    if (slowestMs > HANGS_MS) throw new Error(`${target.name}, seed ${seed}, input ${i} took ${slowestMs} ms`);
  }
  return { tried: tries, read, slowestMs, summary: run.finish() };
}
