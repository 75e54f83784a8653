/** Figures out of other figures. Pure numbers; null: these inputs give none. */

/**
 * Magnus' formula over water with the coefficients of WMO-No. 8 (Guide to Instruments and Methods of Observation, annex 4.B):
 * within 0.1 °C between −45 and 60 °C.
 */
const A = 17.62;
const B = 243.12;
/** Saturation vapour pressure at 0 °C, Pa; same source. */
const E0 = 611.2;
/** Of water vapour, J/(kg·K). */
const GAS_CONSTANT = 461.5;
const ZERO_CELSIUS = 273.15;
/** Sensors say 0 for "too dry to tell"; the logarithm of nothing is none. */
const DRIEST = 0.5;

const isAir = (celsius: number, percent: number): boolean =>
  celsius > -60 && celsius < 100 && percent >= DRIEST && percent <= 100;

/** °C. Example: 25 °C at 50 % is 13.9 °C. */
export function dewPoint(celsius: number, percent: number): number | null {
  if (!isAir(celsius, percent)) return null;
  const gamma = Math.log(percent / 100) + (A * celsius) / (B + celsius);
  return (B * gamma) / (A - gamma);
}

/** Grams of water in a cubic metre of air, by the ideal gas. Example: 25 °C at 50 % is 11.5 g/m³. */
export function absoluteHumidity(celsius: number, percent: number): number | null {
  if (!isAir(celsius, percent)) return null;
  const vapour = (percent / 100) * E0 * Math.exp((A * celsius) / (B + celsius));
  return (1000 * vapour) / (GAS_CONSTANT * (celsius + ZERO_CELSIUS));
}

/** Below this mean an ampere more or less is no unbalance worth a figure. */
const LEAST_CURRENT = 1;

/** Per cent: the phase farthest from the mean, of the mean (NEMA MG 1 section 14.36, there of voltages). */
export function unbalance(currents: readonly number[]): number | null {
  const mean = currents.reduce((sum, one) => sum + one, 0) / currents.length;
  if (currents.length < 2 || mean < LEAST_CURRENT) return null;
  return (100 * Math.max(...currents.map((one) => Math.abs(one - mean)))) / mean;
}

/** Real over apparent power; a meter's rounding may put it a little above one. */
export function powerFactor(watts: number, voltAmperes: number): number | null {
  const ratio = voltAmperes > 0 ? watts / voltAmperes : null;
  return ratio === null || ratio > 1.05 ? null : Math.min(1, ratio);
}

export const difference = (a: number, b: number): number => a - b;
