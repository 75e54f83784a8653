import type { RoomSpec } from './spec.ts';
import type { ClimateState } from './state.ts';

/** The room's water: vapour in one well-mixed body of air. Its heat is in flows.ts. */

/** Saturation pressure of water vapour over water, pascals (Magnus form, WMO-No. 8 annex 4.B: 6.112, 17.62, 243.12). */
export const saturationPa = (temperatureC: number): number =>
  611.2 * Math.exp((17.62 * temperatureC) / (243.12 + temperatureC));

/** Relative humidity of air with this much vapour at a temperature: in the room, in front of a warm or a cold spot. */
export const humidityAt = (vapourPa: number, temperatureC: number): number =>
  Math.min(100, Math.max(0, (vapourPa / saturationPa(temperatureC)) * 100));

/** Air changes bring the outside's vapour in: about once in four hours. */
const VAPOUR_EXCHANGE_S = 14_400;
/** Vapour that a cooling coil at full output takes out, pascals a second; nothing below its dew point. */
const COIL_DRYING_PA_S = 0.06;
const COIL_DEW_POINT_PA = 1050;

/** Vapour of the outside, pascals. */
export const outsideVapourPa = (outside: { temperatureC: number; humidity: number }): number =>
  (outside.humidity / 100) * saturationPa(outside.temperatureC);

/** Vapour after so many seconds of exchange with the outside and of drying by the coils. */
export function vapourAfter(vapourPa: number, outsidePa: number, coolShare: number, seconds: number): number {
  const exchanged = outsidePa + (vapourPa - outsidePa) * Math.exp(-seconds / VAPOUR_EXCHANGE_S);
  return exchanged <= COIL_DEW_POINT_PA
    ? exchanged
    : Math.max(COIL_DEW_POINT_PA, exchanged - COIL_DRYING_PA_S * coolShare * seconds);
}

/** The room as the file describes it at the start. */
export const startingClimate = (room: RoomSpec): ClimateState => ({
  temperatureC: room.temperature,
  vapourPa: (room.humidity / 100) * saturationPa(room.temperature),
});
