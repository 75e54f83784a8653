import { readFileSync } from 'node:fs';
import { describe, it } from 'vitest';
import type { Blueprint } from '#simulators/swarm/blueprint.ts';
import { play } from './small-site.ts';

/**
 * Whole nights that once broke something, too entangled to be had smaller. Kept as they were drawn, one a line: the number of a
 * seed would mean another night as soon as the generator draws otherwise.
 */
interface Night {
  readonly kept: string;
  readonly blueprint: Blueprint;
}
const NIGHTS = readFileSync(new URL('./nights.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Night);

describe('whole nights', () => {
  it.each(NIGHTS)('$kept', async ({ blueprint }) => {
    await play(blueprint);
  });
});
