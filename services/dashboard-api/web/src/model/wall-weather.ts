import type { DayWeather } from '#core/wall-view.ts';
import { abnormality, type Band } from './bands.ts';

/** Seven days as bars from the lowest to the highest, on one scale with the normal band. Pure. */

export interface WeatherBar {
  readonly date: string;
  /** Null: nothing was measured on this day. */
  readonly day: DayWeather | null;
  /** Shares of the height from the top, 0 to 1. */
  readonly top: number;
  readonly bottom: number;
  readonly mean: number;
  /** The parts over and under the normal band; null: none. */
  readonly over: number | null;
  readonly under: number | null;
  readonly abnormal: 'high' | 'medium' | null;
}
export interface WeatherChart {
  readonly low: number;
  readonly high: number;
  /** The normal band's share of the height, from the top; null: without one (outdoors). */
  readonly band: { readonly top: number; readonly bottom: number } | null;
  readonly bars: readonly WeatherBar[];
}

/** So much is left free over and under what is drawn. */
const MARGIN = 0.08;
/** A flat week is not blown up to fill the height. */
const LEAST_SPAN = 4;

export function layWeather(dates: readonly string[], days: readonly DayWeather[], band: Band | null): WeatherChart {
  const values = [...days.flatMap(({ min, max }) => [min, max]), ...(band === null ? [] : band.normal)];
  const least = Math.min(...values);
  const most = Math.max(...values);
  const empty = values.length === 0;
  const span = empty ? LEAST_SPAN : Math.max(LEAST_SPAN, most - least);
  const middle = empty ? 0 : (least + most) / 2;
  const low = middle - span * (0.5 + MARGIN);
  const high = middle + span * (0.5 + MARGIN);
  const place = (value: number): number => Math.min(1, Math.max(0, (high - value) / (high - low)));
  const bars = dates.map((date): WeatherBar => {
    const day = days.find((one) => one.date === date) ?? null;
    if (day === null) return { date, day, top: 0, bottom: 0, mean: 0, over: null, under: null, abnormal: null };
    const ends = band === null ? [] : [abnormality(day.min, band), abnormality(day.max, band)];
    const [from, to] = band?.normal ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    return {
      ...{ date, day, top: place(day.max), bottom: place(day.min), mean: place(day.mean) },
      over: day.max > to ? place(Math.max(to, day.min)) - place(day.max) : null,
      under: day.min < from ? place(day.min) - place(Math.min(from, day.max)) : null,
      abnormal: ends.includes('high') ? 'high' : ends.includes('medium') ? 'medium' : null,
    };
  });
  return {
    low,
    high,
    band: band === null ? null : { top: place(band.normal[1]), bottom: place(band.normal[0]) },
    bars,
  };
}
