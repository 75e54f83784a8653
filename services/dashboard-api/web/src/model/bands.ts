import type { PointLimit } from '#core/api.ts';

/**
 * The scale, normal band and limits that a value is shown against. Limits come from the site's rules, which the
 * service tells with each device; the bands below are the fallback, each with its source. Pure.
 */
export interface Band {
  readonly scale: { readonly low: number; readonly high: number };
  readonly normal: readonly [from: number, to: number];
  readonly limits: readonly Limit[];
}

/** `high` is the word for a limit beyond which equipment is in danger; the others are limits to be looked after. */
export interface Limit {
  readonly at: number;
  readonly side: 'above' | 'below';
  readonly severity: PointLimit['severity'];
}

const above = (at: number): Limit => ({ at, side: 'above', severity: 'high' });
const below = (at: number): Limit => ({ at, side: 'below', severity: 'high' });

/** ASHRAE TC 9.9 (2021): recommended inlet 18–27 °C, class A1 allowable 15–32 °C. */
const INLET: Band = { scale: { low: 10, high: 40 }, normal: [18, 27], limits: [below(15), above(32)] };
/** The hot aisle and the return air are meant to be warm: they follow the inlet by the servers' own rise of 10 to 15 K. */
const WARM: Band = { scale: { low: 10, high: 50 }, normal: [22, 38], limits: [above(45)] };
/** ASHRAE TC 9.9 (2021), at most 60 %; GB 50174-2017 appendix A, low end widened to 20 % for heating seasons. */
const HUMIDITY: Band = { scale: { low: 0, high: 100 }, normal: [20, 60], limits: [below(8), above(80)] };

const BANDS: Readonly<Record<string, Band>> = {
  'ambient.temperature': INLET,
  'ambient.humidity': HUMIDITY,
  /** GB 50174-2017 appendix A: 5.5–15 °C (core/climate-standards.ts). */
  'ambient.dewpoint': { scale: { low: -15, high: 25 }, normal: [5.5, 15], limits: [] },
  /** Up to 80 % leaves the inrush of one server; rule ups-overload at 90 %. */
  'ups.load': { scale: { low: 0, high: 120 }, normal: [0, 80], limits: [above(90)] },
  /** Rule battery-low at 30 %. */
  'battery.charge': { scale: { low: 0, high: 100 }, normal: [80, 100], limits: [below(30)] },
  /** Ninety minutes is the plan's limit (O-PWR-4), thirty the least that a whole sequence needs. */
  'battery.runtime': { scale: { low: 0, high: 7200 }, normal: [1800, 7200], limits: [below(900)] },
  /** GB/T 12325: 220 V single-phase, +7 % −10 %. */
  'input.voltage': { scale: { low: 160, high: 280 }, normal: [198, 235], limits: [below(176), above(264)] },
  'output.voltage': { scale: { low: 160, high: 280 }, normal: [209, 231], limits: [below(198), above(242)] },
  /** GB/T 15945: 50 Hz ± 0.5 Hz. */
  'input.frequency': { scale: { low: 45, high: 55 }, normal: [49.5, 50.5], limits: [below(48), above(52)] },
  'ups.temperature': { scale: { low: 0, high: 60 }, normal: [15, 40], limits: [above(45)] },
  'battery.temperature': { scale: { low: 0, high: 60 }, normal: [15, 30], limits: [above(40)] },
  'cooling.supply.temperature': { scale: { low: 5, high: 35 }, normal: [12, 22], limits: [above(27)] },
  'cooling.return.temperature': WARM,
  'cooling.return.humidity': HUMIDITY,
  'cooling.capacity': { scale: { low: 0, high: 100 }, normal: [0, 90], limits: [] },
  'sensor.battery': { scale: { low: 0, high: 100 }, normal: [25, 100], limits: [below(15)] },
};

/**
 * Null where a value has no scale that means anything. On each side the site's own rules take the fallback's place; a rule
 * that alarms inside the usual band makes the band narrower.
 */
export function bandOf(
  point: string,
  { warm = false, limits = [] }: { readonly warm?: boolean; readonly limits?: readonly PointLimit[] } = {},
): Band | null {
  const fallback = point === 'ambient.temperature' && warm ? WARM : BANDS[point];
  if (fallback === undefined) return null;
  const ruled = limits.filter((limit) => limit.point === point).map(toLimit);
  if (ruled.length === 0) return fallback;
  const all = [...ruled, ...fallback.limits.filter(({ side }) => ruled.every((limit) => limit.side !== side))];
  const ats = all.map(({ at }) => at);
  const lowest = Math.max(...all.filter(({ side }) => side === 'below').map(({ at }) => at), fallback.normal[0]);
  const highest = Math.min(...all.filter(({ side }) => side === 'above').map(({ at }) => at), fallback.normal[1]);
  return {
    scale: { low: Math.min(fallback.scale.low, ...ats), high: Math.max(fallback.scale.high, ...ats) },
    normal: lowest < highest ? [lowest, highest] : fallback.normal,
    limits: all,
  };
}

const toLimit = ({ above: over, below: under, severity }: PointLimit): Limit =>
  over !== null ? { at: over, side: 'above', severity } : { at: under ?? 0, side: 'below', severity };

/** `high` beyond a limit of that severity, `medium` beyond any other or outside the normal band by more than a hair. */
export function abnormality(value: number, band: Band): 'high' | 'medium' | null {
  const passed = band.limits.filter(({ at, side }) => (side === 'below' ? value <= at : value >= at));
  if (passed.some(({ severity }) => severity === 'high')) return 'high';
  const [from, to] = band.normal;
  // A band that reaches the end of the scale is open there: a longer runtime than the scale is good news.
  const isLow = value < from && from > band.scale.low;
  const isHigh = value > to && to < band.scale.high;
  return isLow || isHigh || passed.some(({ at }) => at !== value) ? 'medium' : null;
}
