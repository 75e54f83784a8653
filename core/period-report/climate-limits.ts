import { type ClimateStandard, climateFigure } from '../climate-standards.ts';
import type { Device } from '../config/device.ts';
import type { SensorClimate } from '../paperwork/period-report.ts';
import type { SeriesBand } from '../series.ts';

/** Which readings of the air a report counts, and which of them the standard's limits are for. */

export type ClimateQuantity = SensorClimate['quantity'];

const AIR = /^ambient(?:\.(?<place>[^.]+))?\.(?<what>temperature|humidity|dewpoint)$/;
/** Of several sensors together (`derived:`): their own sensors are counted already. */
const SUMS: ReadonlySet<string> = new Set(['max', 'min', 'mean', 'spread']);

/** `ambient.temperature`, `ambient.2.humidity`, `ambient.inlet.temperature`; null: not the air of a room. */
export function airOf(point: string): { readonly quantity: ClimateQuantity; readonly place: string | null } | null {
  const { place = null, what } = AIR.exec(point)?.groups ?? {};
  if (what === undefined || (place !== null && SUMS.has(place))) return null;
  return { quantity: what === 'dewpoint' ? 'dew-point' : (what as 'temperature' | 'humidity'), place };
}

const WARM_TAGS: readonly string[] = ['hot-aisle', 'return-air', 'exhaust', 'outside'];
const WARM_PLACES: readonly string[] = ['exhaust', 'return', 'outside'];
const COLD_TAGS: readonly string[] = ['cold-aisle', 'inlet'];

/**
 * A standard is about the air that enters the equipment: where sensors of a room are tagged `cold-aisle` (or `inlet`), those alone
 * are held to it; else all but those of the hot aisle, the return air and outside.
 */
export function isJudged(
  device: Pick<Device, 'tags'>,
  place: string | null,
  others: readonly Pick<Device, 'tags'>[],
): boolean {
  if (place === 'inlet') return true;
  const has = ({ tags }: Pick<Device, 'tags'>, wanted: readonly string[]): boolean =>
    tags.some((tag) => wanted.includes(tag));
  if (has(device, WARM_TAGS) || (place !== null && WARM_PLACES.includes(place))) return false;
  return has(device, COLD_TAGS) || !others.some((other) => has(other, COLD_TAGS));
}

const NAMES: Readonly<Record<ClimateQuantity, string>> = {
  temperature: 'temperature',
  humidity: 'humidity',
  'dew-point': 'dewpoint',
};

/**
 * What is recommended; where the standard recommends no limit of humidity on a side, what it allows. Null: it says nothing of it.
 * Example: gb50174-2017-b has humidity up to 60 %, and no lower limit, since its dew point from 5.5 °C on is one.
 */
export function limitsOf(standard: ClimateStandard, quantity: ClimateQuantity): SeriesBand | null {
  const side = (name: 'low' | 'high'): number | undefined =>
    (
      climateFigure(standard, `${NAMES[quantity]}.${name}`) ??
      climateFigure(standard, `${NAMES[quantity]}.allowable.${name}`)
    )?.value;
  const [low, high] = [side('low'), side('high')];
  if (low === undefined && high === undefined) return null;
  return { ...(low === undefined ? {} : { low }), ...(high === undefined ? {} : { high }) };
}
