import type { Band } from './bands.ts';
import type { Row } from './chart-pieces.ts';
import type { View } from './chart-view.ts';

/** The scale of a value axis: round numbers around what is seen, reaching a limit that is near. Pure. */
export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly step: number;
}
interface Scaled {
  readonly rows: readonly Row[];
  readonly under: readonly Row[];
  readonly band: Band | null;
}

/** A limit this far outside, in parts of what is seen, is drawn in; a farther one would flatten the curve. */
const REACH = 0.75;

export function axisScale(series: readonly Scaled[], view: View, marks: number): Scale {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { rows, under } of series) {
    for (const { at, span, mean, min, max } of [...rows, ...under]) {
      if (mean === null || at + span < view.from || at > view.to) continue;
      low = Math.min(low, min ?? mean);
      high = Math.max(high, max ?? mean);
    }
  }
  if (low > high) [low, high] = [0, 1];
  const [lowestSeen, highestSeen] = [low, high];
  // What stands still is a line in the middle, and its noise no mountain range.
  const least = Math.max(...series.map(({ band }) => leastSpan(band)), Math.abs(high) * 0.005, 0.1);
  if (high - low < least) [low, high] = [(low + high - least) / 2, (low + high + least) / 2];
  const [seenLow, seenHigh, reach] = [low, high, (high - low) * REACH];
  for (const at of series.flatMap(({ band }) => band?.limits.map((limit) => limit.at) ?? [])) {
    if (at < seenLow && at >= seenLow - reach) low = Math.min(low, at);
    if (at > seenHigh && at <= seenHigh + reach) high = Math.max(high, at);
  }
  const scale = rounded(low, high, marks);
  // No charge is over 100 %: what is within the scale of its kind has no axis beyond it.
  const [lowest, highest] = endsOf(series);
  return {
    ...scale,
    low: lowestSeen >= lowest ? Math.max(scale.low, lowest) : scale.low,
    high: highestSeen <= highest ? Math.min(scale.high, highest) : scale.high,
  };
}

/** Where every one of them has a scale of its kind. */
function endsOf(series: readonly Scaled[]): readonly [number, number] {
  const scales = series.flatMap(({ band }) => (band === null ? [] : [band.scale]));
  if (scales.length < series.length || scales.length === 0) return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  return [Math.min(...scales.map(({ low }) => low)), Math.max(...scales.map(({ high }) => high))];
}

const leastSpan = (band: Band | null): number => (band === null ? 0 : (band.scale.high - band.scale.low) / 40);

function rounded(low: number, high: number, marks: number): Scale {
  const raw = (high - low) / marks;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 2.5, 5, 10].find((one) => one * power >= raw) ?? 10) * power;
  const clean = (value: number): number => Number(value.toPrecision(12));
  return { low: clean(Math.floor(low / step) * step), high: clean(Math.ceil(high / step) * step), step: clean(step) };
}
