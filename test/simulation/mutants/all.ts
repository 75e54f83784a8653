import { BATTERY } from './battery.ts';
import { MEMORY } from './memory.ts';
import { MISUNDERSTANDS } from './misunderstands.ts';
import type { Mutant } from './mutant.ts';
import { PROOF } from './proof.ts';
import { SENSES } from './senses.ts';

/** Every broken product that the swarm must notice. */
export const MUTANTS: readonly Mutant[] = [...PROOF, ...BATTERY, ...SENSES, ...MEMORY, ...MISUNDERSTANDS];
