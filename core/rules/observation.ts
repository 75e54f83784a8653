import type { Quality, Value } from '../reading.ts';
import type { Instant } from '../time.ts';

/**
 * What is known now of one point of one device. Instants are of the steady time that rules run on: it never jumps when
 * the wall clock is set.
 */
export interface Observation {
  /** The last value told, good or not. */
  readonly value: Value | null;
  readonly quality: Quality;
  /** The last good value's arrival; null when none has come. */
  readonly goodAt: Instant | null;
  /** When the value last differed from the one before. */
  readonly changedAt: Instant;
  /** From here on silence makes it unknown, whatever its quality was. */
  readonly staleAt: Instant;
  readonly simulated: boolean;
  /** Its times move on with each poll that repeats it; nobody says so each time. */
  readonly follows?: boolean;
  /** It becomes something else by itself then, as the time of day does. */
  readonly until?: Instant;
}

/** Looks up one point of the device that a rule is judged for, or of the one that is named; null when it never arrived. */
export type Look = (point: string, device?: string) => Observation | null;
