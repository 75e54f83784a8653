import type { Random } from '#core/random.ts';

/**
 * What marks a site as a whole. Drawn apart from everything else (a fork of its own), so that a seed without a trait is what it
 * would be if the trait were not known. Each is a corner that independent draws for each machine would hardly ever make.
 */
export interface SiteTraits {
  /** Two feeds for every host (A and B); what has one plug hangs on the UPS of this index. Null: fed as it comes. */
  readonly redundant: { readonly singleOn: number } | null;
}

export function drawTraits(random: Random, upses: number): SiteTraits {
  const redundant = random.chance(0.3);
  const singleOn = random.integer(0, upses - 1);
  return {
    redundant: upses > 1 && redundant ? { singleOn } : null,
  };
}
