import type { Random } from '#core/random.ts';

/** One decoder under fire. */
export interface FuzzTarget {
  /** As it is called on the command line. */
  readonly name: string;
  /** Makes what `tries` inputs are tried with, by one seeded generator. */
  begin(random: Random): FuzzRun;
}

export interface FuzzRun {
  /** Tries one mutated input. Throws when an invariant is broken; what it threw with is told with its number. */
  tryOne(): 'read' | 'refused';
  /** What is to be said at the end: sizes, counts. Throws when something has grown beyond its limit. */
  finish(): string;
}
