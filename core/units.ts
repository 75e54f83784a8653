import type { Unit } from './points.ts';

/** Units that devices and sensors speak, and how each becomes the registry's unit: `factor × value + offset`. */
const CONVERSIONS = {
  '°C': ['°C', 1, 0],
  '°F': ['°C', 5 / 9, -160 / 9],
  K: ['°C', 1, -273.15],
  '%': ['%', 1, 0],
  V: ['V', 1, 0],
  mV: ['V', 0.001, 0],
  A: ['A', 1, 0],
  mA: ['A', 0.001, 0],
  W: ['W', 1, 0],
  kW: ['W', 1000, 0],
  VA: ['VA', 1, 0],
  kVA: ['VA', 1000, 0],
  Hz: ['Hz', 1, 0],
  s: ['s', 1, 0],
  min: ['s', 60, 0],
  h: ['s', 3600, 0],
  ms: ['s', 0.001, 0],
  centiseconds: ['s', 0.01, 0],
  Pa: ['Pa', 1, 0],
  hPa: ['Pa', 100, 0],
  kPa: ['Pa', 1000, 0],
  Wh: ['Wh', 1, 0],
  kWh: ['Wh', 1000, 0],
  MWh: ['Wh', 1_000_000, 0],
  Ah: ['Ah', 1, 0],
  mAh: ['Ah', 0.001, 0],
  MW: ['W', 1_000_000, 0],
  mW: ['W', 0.001, 0],
  MVA: ['VA', 1_000_000, 0],
  var: ['var', 1, 0],
  kvar: ['var', 1000, 0],
  kV: ['V', 1000, 0],
  kHz: ['Hz', 1000, 0],
  d: ['s', 86_400, 0],
  bar: ['Pa', 100_000, 0],
  mbar: ['Pa', 100, 0],
  /** Pounds-force a square inch. */
  psi: ['Pa', 6894.757_293_168, 0],
  /** Inches of mercury and of water at 0 °C and 4 °C. */
  inHg: ['Pa', 3386.389, 0],
  inH2O: ['Pa', 249.088_91, 0],
  /** A difference of temperatures in Fahrenheit degrees; one in kelvins needs no conversion. */
  'Δ°F': ['K', 5 / 9, 0],
  Ω: ['Ω', 1, 0],
  mΩ: ['Ω', 0.001, 0],
  µΩ: ['Ω', 0.000_001, 0],
  rpm: ['rpm', 1, 0],
  'l/min': ['l/min', 1, 0],
  'l/s': ['l/min', 60, 0],
  'l/h': ['l/min', 1 / 60, 0],
  'm³/min': ['m³/h', 60, 0],
  'm³/s': ['m³/h', 3600, 0],
  /** US liquid gallons. */
  'gal/min': ['l/min', 3.785_411_784, 0],
  gal: ['l', 3.785_411_784, 0],
  l: ['l', 1, 0],
  dB: ['dB', 1, 0],
  'ft/min': ['m/s', 0.005_08, 0],
  mph: ['m/s', 0.447_04, 0],
  'km/h': ['m/s', 1 / 3.6, 0],
  lx: ['lx', 1, 0],
  ppm: ['ppm', 1, 0],
  ppb: ['ppm', 0.001, 0],
  m: ['m', 1, 0],
  cm: ['m', 0.01, 0],
  mm: ['m', 0.001, 0],
  /** Millimetres of mercury at 0 °C. */
  mmHg: ['Pa', 133.322_387, 0],
  /** Meters' counters: a watt for a minute. */
  Wmin: ['Wh', 1 / 60, 0],
  dBm: ['dBm', 1, 0],
  'm/s': ['m/s', 1, 0],
  'm³/h': ['m³/h', 1, 0],
  /** Cubic feet a minute: 0.3048³ × 60. */
  cfm: ['m³/h', 1.699_010_795_52, 0],
  '': ['', 1, 0],
} as const satisfies Record<string, readonly [Unit, factor: number, offset: number]>;

export type RawUnit = keyof typeof CONVERSIONS;
export const RAW_UNITS = Object.keys(CONVERSIONS) as [RawUnit, ...RawUnit[]];

/** Milliseconds and kelvin stay as they are where the registry asks for just them. */
export const convertibleTo = (from: RawUnit, to: Unit): boolean => from === to || CONVERSIONS[from][0] === to;

/** `convert(90, 'min', 's')` is 5400. The result is rounded to twelve digits, so that 0.1 V stays 0.1 V. */
export function convert(value: number, from: RawUnit, to: Unit): number {
  if (from === to) return value;
  const [, factor, offset] = CONVERSIONS[from];
  return roundOff(value * factor + offset);
}

/** Takes away what binary fractions added: `roundOff(231 * 0.1)` is 23.1. */
export function roundOff(value: number): number {
  if (!Number.isFinite(value)) return value;
  const size = Math.abs(value);
  // No negative zero: JSON has none.
  if (Number.isInteger(value) && size < 1e12) return value + 0;
  if (size < 1_000_000) {
    // Six decimals or less, as nearly all readings have: the same without the way over a text.
    const short = Math.round(value * 1_000_000) / 1_000_000;
    if (Math.abs(short - value) <= size * 1e-14) return short;
  }
  return Number(value.toPrecision(12));
}

const TENS = [1, 10, 100, 1000] as const;

/** Rounds to so many decimals, as `Number(value.toFixed(decimals))`; no negative zero: JSON has none. */
export function toDecimals(value: number, decimals: number): number {
  const ten = TENS[decimals];
  if (ten !== undefined && Math.abs(value) < 1e9) {
    const scaled = value * ten;
    const whole = Math.round(scaled);
    // Halfway between two the text knows better which is nearer: the product has been rounded itself.
    if (Math.abs(scaled - whole) < 0.499_999) return whole / ten + 0;
  }
  return Number(value.toFixed(decimals)) + 0;
}
