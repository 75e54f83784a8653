import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { coreCount, workOnThreads } from '#platform/worker-pool.ts';
import { MUTANTS } from './all.ts';
import type { Search } from './catch.ts';
import type { Piece } from './mutant-worker.ts';

/**
 * `npm exec -- node test/simulation/mutants/find-hints.ts [mutant…]` plays these mutants (all of them without a name) from seed
 * 0 and writes the first seeds that catch each to hints.json. To be run when the drawing of cases or the engine has changed so
 * much that hints no longer serve; the test says so. Hints only make the test quick: it plays them itself, and goes through all
 * seeds where none of them serves.
 */
const HINTS_EACH = 2;
const FILE = new URL('./hints.json', import.meta.url);

const hints: Record<string, readonly number[]> = existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : {};

/** After each mutant, so that a long search may be broken off. */
function write(): void {
  const lines = MUTANTS.map(({ id }) => `  ${JSON.stringify(id)}: [${(hints[id] ?? []).join(', ')}]`);
  writeFileSync(FILE, `{\n${lines.join(',\n')}\n}\n`);
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((id) => !MUTANTS.some((mutant) => mutant.id === id));
if (unknown.length > 0) throw new RangeError(`no mutant is called ${unknown.join(', ')}`);
const ids = wanted.length > 0 ? wanted : MUTANTS.map(({ id }) => id);
await workOnThreads<Piece, Search>(
  new URL('./mutant-worker.ts', import.meta.url),
  ids.map((id) => ({ mutant: id, hints: [], most: HINTS_EACH })),
  Math.min(coreCount(), ids.length),
  ({ mutant, caught, played, unclean }) => {
    hints[mutant] = caught.map(({ seed }) => seed);
    write();
    const seeds = caught.map(({ seed, invariants }) => `${seed} (${invariants.join(', ')})`).join('; ');
    console.log(`${mutant}: ${seeds || 'never caught'}; ${played} played, unclean: ${unclean.join(', ') || 'none'}`);
  },
);
