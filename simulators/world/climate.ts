import type { RoomSpec } from './spec.ts';
import type { ClimateState } from './state.ts';

/** The room's heat and water balance: one well-mixed body of air and equipment. */

/** Saturation pressure of water vapour over water, pascals (Magnus form, WMO-No. 8 annex 4.B: 6.112, 17.62, 243.12). */
export const saturationPa = (temperatureC: number): number =>
  611.2 * Math.exp((17.62 * temperatureC) / (243.12 + temperatureC));

export const relativeHumidity = (climate: ClimateState): number =>
  Math.min(100, Math.max(0, (climate.vapourPa / saturationPa(climate.temperatureC)) * 100));

/** Relative humidity of this air at another temperature: in front of a warm or a cold spot. */
export const humidityAt = (climate: ClimateState, temperatureC: number): number =>
  Math.min(100, Math.max(0, (climate.vapourPa / saturationPa(temperatureC)) * 100));

/** Air changes bring the outside's vapour in: about once in four hours. */
const VAPOUR_EXCHANGE_S = 14_400;
/** Vapour that a cooling coil at full output takes out, pascals a second; nothing below its dew point. */
const COIL_DRYING_PA_S = 0.06;
const COIL_DEW_POINT_PA = 1050;

/** Heats, leaks, cools and dries the room for `seconds`. */
export function stepClimate(
  room: RoomSpec,
  climate: ClimateState,
  heatWatts: number,
  coolWatts: number,
  coolShare: number,
  seconds: number,
): void {
  const leak = (room.outside_temperature - climate.temperatureC) * room.leak_watts_per_kelvin;
  climate.temperatureC += ((heatWatts + leak - coolWatts) / room.heat_capacity) * seconds;
  const outside = (room.outside_humidity / 100) * saturationPa(room.outside_temperature);
  climate.vapourPa += ((outside - climate.vapourPa) / VAPOUR_EXCHANGE_S) * seconds;
  if (climate.vapourPa > COIL_DEW_POINT_PA) climate.vapourPa -= COIL_DRYING_PA_S * coolShare * seconds;
}
