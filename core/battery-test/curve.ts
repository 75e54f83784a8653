import { thin } from '../robust-slope.ts';
import type { CurveSample, TestSample } from './state.ts';

/** The discharge as it is recorded: each look once, with the watt-hours delivered until then by the trapezoid of real intervals. */

export const MOST_POINTS = 500;
/** So many of the newest stay whole when older ones are thinned. */
const WHOLE = 100;

export function withSample(curve: readonly CurveSample[], sample: TestSample): readonly CurveSample[] {
  const before = curve.at(-1);
  if (before !== undefined && sample.at <= before.at) return curve;
  const power = sample.power ?? before?.power ?? null;
  const hours = before === undefined ? 0 : (sample.at - before.at) / 3_600_000;
  const mean = ((before?.power ?? power ?? 0) + (power ?? 0)) / 2;
  const { at, charge, voltage, runtimeS: runtime, temperature } = sample;
  const next = [
    ...curve,
    { at, charge, voltage, power: sample.power, runtime, temperature, wh: (before?.wh ?? 0) + mean * hours },
  ];
  return next.length <= MOST_POINTS
    ? next
    : [...thin(next.slice(0, -WHOLE), MOST_POINTS / 2 - WHOLE), ...next.slice(-WHOLE)];
}
