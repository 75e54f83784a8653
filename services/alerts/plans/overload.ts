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

/** How long it bears this load; null: for ever. */
export function overloadBorne(sample: PowerSample, ratedW: number | null): Duration | null {
  if (sample.loadW !== null && ratedW !== null && ratedW > 0) {
    const percent = (sample.loadW / ratedW) * 100;
    return BEARS.find(([above]) => percent > above)?.[1] ?? null;
  }
  return sample.status !== null && statusTokens(sample.status).has('OVER') ? minutes(10) : null;
}
