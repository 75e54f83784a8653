/**
 * The scale, normal band and limits that a value is shown against. Limits come from the site's rules when the service
 * tells them; the bands below are the fallback, each with its source. Pure.
 */
export interface Band {
  readonly scale: { readonly low: number; readonly high: number };
  readonly normal: readonly [from: number, to: number];
  readonly limits: readonly number[];
}

/** ASHRAE TC 9.9 (2021): recommended inlet 18–27 °C, class A1 allowable 15–32 °C. */
const INLET: Band = { scale: { low: 10, high: 40 }, normal: [18, 27], limits: [15, 32] };
/** The hot aisle and the return air are meant to be warm: they follow the inlet by the servers' own rise of 10 to 15 K. */
const WARM: Band = { scale: { low: 10, high: 50 }, normal: [22, 38], limits: [45] };
/** ASHRAE TC 9.9 (2021), at most 60 %; GB 50174-2017 appendix A, low end widened to 20 % for heating seasons. */
const HUMIDITY: Band = { scale: { low: 0, high: 100 }, normal: [20, 60], limits: [8, 80] };

const BANDS: Readonly<Record<string, Band>> = {
  'ambient.temperature': INLET,
  'ambient.humidity': HUMIDITY,
  /** Up to 80 % leaves the inrush of one server; rule ups-overload at 90 %. */
  'ups.load': { scale: { low: 0, high: 120 }, normal: [0, 80], limits: [90] },
  /** Rule battery-low at 30 %. */
  'battery.charge': { scale: { low: 0, high: 100 }, normal: [80, 100], limits: [30] },
  /** Ninety minutes is the plan's limit (O-PWR-4), thirty the least that a whole sequence needs. */
  'battery.runtime': { scale: { low: 0, high: 7200 }, normal: [1800, 7200], limits: [900] },
  /** GB/T 12325: 220 V single-phase, +7 % −10 %. */
  'input.voltage': { scale: { low: 160, high: 280 }, normal: [198, 235], limits: [176, 264] },
  'output.voltage': { scale: { low: 160, high: 280 }, normal: [209, 231], limits: [198, 242] },
  /** GB/T 15945: 50 Hz ± 0.5 Hz. */
  'input.frequency': { scale: { low: 45, high: 55 }, normal: [49.5, 50.5], limits: [48, 52] },
  'ups.temperature': { scale: { low: 0, high: 60 }, normal: [15, 40], limits: [45] },
  'battery.temperature': { scale: { low: 0, high: 60 }, normal: [15, 30], limits: [40] },
  'cooling.supply.temperature': { scale: { low: 5, high: 35 }, normal: [12, 22], limits: [27] },
  'cooling.return.temperature': WARM,
  'cooling.return.humidity': HUMIDITY,
  'cooling.capacity': { scale: { low: 0, high: 100 }, normal: [0, 90], limits: [] },
  'sensor.battery': { scale: { low: 0, high: 100 }, normal: [25, 100], limits: [15] },
};

/** Null where a value has no scale that means anything. */
export function bandOf(point: string, place?: { readonly warm: boolean }): Band | null {
  if (point === 'ambient.temperature' && place?.warm === true) return WARM;
  return BANDS[point] ?? null;
}

/** `medium` outside the normal band by more than a hair, `high` beyond a limit. */
export function abnormality(value: number, band: Band): 'high' | 'medium' | null {
  const [from, to] = band.normal;
  const middle = (from + to) / 2;
  for (const limit of band.limits) {
    if (limit < middle ? value <= limit : value >= limit) return 'high';
  }
  // A band that reaches the end of the scale is open there: a longer runtime than the scale is good news.
  const isLow = value < from && from > band.scale.low;
  const isHigh = value > to && to < band.scale.high;
  return isLow || isHigh ? 'medium' : null;
}
