import { statusTokens } from '#core/reading.ts';
import { type Duration, minutes, seconds } from '#core/time.ts';
import type { PowerSample } from './events.ts';

/**
 * An inverter bears more than its rated load only for a while, and on battery there is no bypass to fall back to: it switches off,
 * whatever charge is left. So it ends when the second of two redundant UPSes takes over all (L7).
 *
 * The data sheets of double-conversion UPSes commonly give 10 min up to 125 %, 1 min up to 150 % and moments beyond; below
 * 105 % it goes on. Without a figure its own word OVER is taken for the mildest.
 */
const BEARS: readonly (readonly [abovePercent: number, Duration])[] = [
  [150, seconds(5)],
  [125, minutes(1)],
  [105, minutes(10)],
];

/**
 * How long it bears this load; null: for ever. The UPS itself is asked, by its percentage or its OVER: what the configuration
 * calls its rated power may be wrong, and a wrong number shuts nothing down.
 */
export function overloadBorne({ overPercent, status }: PowerSample): Duration | null {
  if (overPercent !== undefined) return BEARS.find(([above]) => overPercent > above)?.[1] ?? null;
  return status !== null && statusTokens(status).has('OVER') ? minutes(10) : null;
}
