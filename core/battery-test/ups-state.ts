import { statusTokens } from '../reading.ts';
import type { TestSample } from './state.ts';

/** What a UPS's state means to a battery test: evidence, never the order that was sent. */

/** Far below any tolerance of a 100–240 V supply. */
const NO_MAINS_V = 60;

export const tokensOf = (sample: Pick<TestSample, 'status'> | null): ReadonlySet<string> =>
  sample?.status == null ? new Set() : statusTokens(sample.status);

/** It runs on its battery, for whatever reason. */
export function isDischarging(sample: Pick<TestSample, 'status'> | null): boolean {
  const tokens = tokensOf(sample);
  return tokens.has('OB') || tokens.has('CAL') || tokens.has('TEST') || tokens.has('DISCHRG');
}

/** Its load comes from mains again. */
export function isBackOnMains(sample: Pick<TestSample, 'status'> | null): boolean {
  const tokens = tokensOf(sample);
  const normal = tokens.has('OL') || tokens.has('TRIM') || tokens.has('BOOST');
  return normal && !isDischarging(sample) && !tokens.has('OFF') && !tokens.has('BYPASS');
}

/** Its own mains is gone although it was only ordered to test. */
export function hasLostMains(sample: Pick<TestSample, 'status' | 'inputVoltage'> | null): boolean {
  if (sample === null) return false;
  if (sample.inputVoltage !== null && sample.inputVoltage < NO_MAINS_V) return true;
  const tokens = tokensOf(sample);
  return tokens.has('OB') && !tests(tokens);
}

/** It tests itself, and mains is there all the while: both must be said. */
export const calibratesOnMains = (sample: Pick<TestSample, 'status' | 'inputVoltage'> | null): boolean =>
  sample?.inputVoltage != null && sample.inputVoltage >= NO_MAINS_V && tests(tokensOf(sample));

const tests = (tokens: ReadonlySet<string>): boolean => tokens.has('CAL') || tokens.has('TEST');
