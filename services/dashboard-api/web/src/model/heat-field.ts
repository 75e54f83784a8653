import type { Rect } from '#core/room-layout.ts';
import type { Band } from './bands.ts';

/**
 * A quantity laid over a room from the few places where it is measured: inverse-distance weighting (Shepard 1968, power 2). At a
 * sensor the field is what the sensor says, between sensors it lies between them, and it never goes beyond what was measured.
 * Where no sensor is near there is no field: nobody knows. Example: 22 at x = 0 and 26 at x = 2 give 24 at x = 1. Pure.
 */

export interface Probe {
  /** Metres on the plan. */
  readonly x: number;
  readonly y: number;
  readonly value: number;
  /** How far it is from well where *it* stands: a hot aisle may be warm. 0 within its band, 1 outside it, 2 past a limit of danger. */
  readonly strain: number;
}

export interface FieldPoint {
  readonly value: number;
  readonly strain: number;
  /** 1 beside a sensor, falling to 0 where none is near. */
  readonly trust: number;
}

/** Metres from the nearest sensor: up to NEAR its value holds, from FAR on nothing is known. An aisle is 1.2 m wide, a rack 1.1 m deep. */
export const NEAR = 1.5;
export const FAR = 3.2;
/** More would be slower and say no more; the first ones are taken. */
export const MOST_PROBES = 60;
/** Two sensors at one place: neither may outweigh the rest without end. */
const TOUCHING = 1e-6;

export function fieldAt(probes: readonly Probe[], x: number, y: number): FieldPoint | null {
  let weights = 0;
  let value = 0;
  let strain = 0;
  let nearest = Number.POSITIVE_INFINITY;
  for (const probe of probes) {
    const square = Math.max((probe.x - x) ** 2 + (probe.y - y) ** 2, TOUCHING);
    const weight = 1 / square;
    weights += weight;
    value += probe.value * weight;
    strain += probe.strain * weight;
    nearest = Math.min(nearest, square);
  }
  const trust = trustAt(Math.sqrt(nearest));
  return weights === 0 || trust === 0 ? null : { value: value / weights, strain: strain / weights, trust };
}

function trustAt(metres: number): number {
  const part = Math.min(1, Math.max(0, (FAR - metres) / (FAR - NEAR)));
  return part * part * (3 - 2 * part);
}

/** From 0 (within) over 1 (just outside) to 2 (past a limit of danger): in between it grows towards that limit. */
export function strainOf(value: number, band: Band): number {
  const [from, to] = band.normal;
  const danger = (side: 'above' | 'below'): number | null => {
    const ats = band.limits.filter((limit) => limit.side === side && limit.severity === 'high').map(({ at }) => at);
    return ats.length === 0 ? null : side === 'above' ? Math.min(...ats) : Math.max(...ats);
  };
  const high = danger('above');
  const low = danger('below');
  if ((high !== null && value >= high) || (low !== null && value <= low)) return 2;
  if (value > to) return high === null ? 1 : 1 + (value - to) / Math.max(high - to, 0.1) / 2;
  if (value < from) return low === null ? 1 : 1 + (from - value) / Math.max(from - low, 0.1) / 2;
  return 0;
}

/** The ends of the greys: the lowest and the highest that is well anywhere on the plan. */
export function scaleOf(bands: readonly Band[]): readonly [low: number, high: number] | null {
  if (bands.length === 0) return null;
  return [Math.min(...bands.map(({ normal }) => normal[0])), Math.max(...bands.map(({ normal }) => normal[1]))];
}

/** `#rrggbb` as three numbers; what is none is black. */
export type Colour = readonly [red: number, green: number, blue: number];
export function colourOf(hex: string): Colour {
  const found = /^\s*#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})\s*$/i.exec(hex);
  const part = (index: number): number => Number.parseInt(found?.[index] ?? '0', 16);
  return [part(1), part(2), part(3)];
}

/** Greys for all that is well, from the low end to the high end; the two colours of what is not. */
export interface Palette {
  readonly cool: Colour;
  readonly warm: Colour;
  readonly medium: Colour;
  readonly high: Colour;
}

/** The greys go in this many steps with soft edges, which show where it grows warmer, as height lines do on a map. */
const STEPS = 6;
const stepped = (part: number): number => {
  const whole = Math.floor(part * STEPS);
  return (whole + ramp(part * STEPS - whole, 0.3, 0.7)) / STEPS;
};

/** The colour of a point of the field, without its trust. Within the band never anything but a grey. */
export function colourAt(
  { value, strain }: Omit<FieldPoint, 'trust'>,
  scale: readonly [number, number],
  palette: Palette,
): Colour {
  const [low, high] = scale;
  const part = high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0.5;
  const grey = mix(palette.cool, palette.warm, stepped(part));
  return mix(mix(grey, palette.medium, ramp(strain, 0.3, 0.7)), palette.high, ramp(strain, 1.5, 1.85));
}

const ramp = (value: number, from: number, to: number): number =>
  Math.min(1, Math.max(0, (value - from) / (to - from)));
const mix = (a: Colour, b: Colour, part: number): Colour => [
  Math.round(a[0] + (b[0] - a[0]) * part),
  Math.round(a[1] + (b[1] - a[1]) * part),
  Math.round(a[2] + (b[2] - a[2]) * part),
];

/** A picture of the field over `box` (metres), four bytes a pixel, at most about `most` pixels: 10 ms for 60 sensors. */
export function paintField(
  probes: readonly Probe[],
  box: Rect,
  scale: readonly [number, number],
  palette: Palette,
  most = 12_000,
): { readonly width: number; readonly height: number; readonly pixels: Uint8ClampedArray<ArrayBuffer> } {
  const perMetre = Math.sqrt(most / Math.max(box.width * box.height, 0.01));
  const width = Math.max(1, Math.min(most, Math.round(box.width * perMetre)));
  const height = Math.max(1, Math.min(most, Math.round(box.height * perMetre)));
  const pixels = new Uint8ClampedArray(width * height * 4);
  const used = probes.slice(0, MOST_PROBES);
  for (let row = 0; row < height; row++) {
    const y = box.y + ((row + 0.5) / height) * box.height;
    for (let column = 0; column < width; column++) {
      const point = fieldAt(used, box.x + ((column + 0.5) / width) * box.width, y);
      if (point === null) continue;
      const at = (row * width + column) * 4;
      pixels.set(colourAt(point, scale, palette), at);
      pixels[at + 3] = Math.round(point.trust * 255);
    }
  }
  return { width, height, pixels };
}
