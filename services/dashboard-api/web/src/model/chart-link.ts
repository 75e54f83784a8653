import { MOST_HISTORY_SERIES } from '#core/history-view.ts';
import type { SeriesKey } from '#core/series.ts';
import { clampView, PRESETS, type Preset, SHORTEST_MS, type View } from './chart-view.ts';

/** All that a chart shows as the page's address and back, so that a comparison can be sent to somebody. Pure. */
export const OVERLAYS = ['none', 'day', 'week', 'year'] as const;
export type Overlay = (typeof OVERLAYS)[number];
const DAY = 86_400_000;
export const OVERLAY_MS: Readonly<Record<Overlay, number>> = { none: 0, day: DAY, week: 7 * DAY, year: 365 * DAY };

export interface ChartLink {
  readonly series: readonly SeriesKey[];
  /** A length up to now that moves on with it, or a fixed part of time. */
  readonly range: { readonly lengthMs: number } | View;
  /** Each unit in a chart of its own; null: as it fits. */
  readonly apart: boolean | null;
  readonly overlay: Overlay;
  readonly table: boolean;
}

export const MOST_SERIES = Math.min(8, MOST_HISTORY_SERIES);
const DEFAULT: Preset = '6h';

type Query = Readonly<Record<string, unknown>>;

/** Also the addresses of before: `?device=ups-1&point=ups.load&range=24h`. */
export function readLink(query: Query, now: number): ChartLink {
  const text = (name: string): string => {
    const given = query[name];
    return typeof given === 'string' ? given : '';
  };
  const listed = [query.s].flat().flatMap((one) => (typeof one === 'string' ? (toKey(one) ?? []) : []));
  const old = text('device') !== '' && text('point') !== '' ? [{ device: text('device'), point: text('point') }] : [];
  const overlay = OVERLAYS.find((one) => one === text('over')) ?? 'none';
  return {
    series: unique([...listed, ...old]).slice(0, MOST_SERIES),
    range: rangeOf(text('from'), text('to'), text('range'), now),
    apart: text('layout') === 'apart' ? true : text('layout') === 'together' ? false : null,
    overlay,
    table: text('table') === '1',
  };
}

function rangeOf(from: string, to: string, range: string, now: number): ChartLink['range'] {
  const [start, end] = [Date.parse(from), Date.parse(to)];
  if (Number.isFinite(start) && Number.isFinite(end) && end > start) return clampView({ from: start, to: end }, now);
  const preset = PRESETS.find(([name]) => name === range) ?? PRESETS.find(([name]) => name === DEFAULT);
  const seconds = /^(\d{1,9})s$/.exec(range)?.[1];
  const lengthMs = seconds === undefined ? (preset?.[1] ?? 0) * 1000 : Number(seconds) * 1000;
  return { lengthMs: Math.max(SHORTEST_MS, lengthMs) };
}

export function toQuery({ series, range, apart, overlay, table }: ChartLink): Record<string, string | string[]> {
  return {
    s: series.map(({ device, point }) => `${device}/${point}`),
    ...('lengthMs' in range ? { range: rangeName(range.lengthMs) } : { from: isoOf(range.from), to: isoOf(range.to) }),
    ...(apart === null ? {} : { layout: apart ? 'apart' : 'together' }),
    ...(overlay === 'none' ? {} : { over: overlay }),
    ...(table ? { table: '1' } : {}),
  };
}

export const rangeName = (lengthMs: number): string =>
  PRESETS.find(([, seconds]) => seconds * 1000 === lengthMs)?.[0] ?? `${Math.round(lengthMs / 1000)}s`;

const isoOf = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

function toKey(text: string): SeriesKey | null {
  const [, device, point] = /^([^/]{1,200})\/([^/]{1,200})$/.exec(text) ?? [];
  return device === undefined || point === undefined ? null : { device, point };
}

export const keyOf = ({ device, point }: SeriesKey): string => `${device}/${point}`;

const unique = (keys: readonly SeriesKey[]): SeriesKey[] => [
  ...new Map(keys.map((key) => [keyOf(key), { device: key.device, point: key.point }])).values(),
];
