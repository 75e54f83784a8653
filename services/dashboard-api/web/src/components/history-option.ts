import type { HistoryResponse } from '#core/api.ts';
import type { Band } from '../model/bands.ts';
import { type Locale, shortDate, timeOfDay } from '../model/time-format.ts';

/** The chart's description: mean line over a min–max band, normal band and limits behind, gaps where nothing was good. Pure. */
export interface ChartLook {
  readonly color: (token: string) => string;
  readonly font: string;
  readonly band: Band | null;
  readonly write: (value: number) => string;
  readonly moment: (epoch: number) => string;
  readonly place: Locale;
  readonly words: { readonly mean: string; readonly min: string; readonly max: string };
}

type Pair = [at: number, value: number | null];

/** A missing bucket becomes a null between its neighbours, so that the line breaks. */
export function withGaps(
  history: HistoryResponse,
): { at: number; min: number | null; mean: number | null; max: number | null }[] {
  const rows: { at: number; min: number | null; mean: number | null; max: number | null }[] = [];
  let before: number | null = null;
  for (const { at: iso, min, mean, max } of history.buckets) {
    const at = Date.parse(iso);
    if (before !== null && at - before > history.stepS * 2500) {
      rows.push({ at: before + history.stepS * 1000, min: null, mean: null, max: null });
    }
    rows.push({ at, min, mean, max });
    before = at;
  }
  return rows;
}

const quietShadow = (color: string) => ({
  lineStyle: { color, opacity: 0.5, width: 1 },
  areaStyle: { color, opacity: 0.15 },
});

export function chartOption(history: HistoryResponse, look: ChartLook) {
  const rows = withGaps(history);
  const { color, band } = look;
  const low = rows.map(({ at, min }): Pair => [at, min]);
  const height = rows.map(({ at, min, max }): Pair => [at, min === null || max === null ? null : max - min]);
  const mean = rows.map(({ at, mean: value }): Pair => [at, value]);
  const byTime = new Map(rows.map((row) => [row.at, row]));
  const long = Date.parse(history.to) - Date.parse(history.from) > 86_400_000;
  const silent = { type: 'line', stack: 'range', symbol: 'none', silent: true, lineStyle: { opacity: 0 } } as const;
  return {
    animation: false,
    textStyle: { fontFamily: look.font, fontSize: 13, color: color('ink-2') },
    grid: { left: 8, right: 16, top: 16, bottom: 56, containLabel: true },
    xAxis: {
      type: 'time' as const,
      min: Date.parse(history.from),
      max: Date.parse(history.to),
      axisLine: { lineStyle: { color: color('line-strong') } },
      axisLabel: {
        color: color('ink-2'),
        fontSize: 13,
        hideOverlap: true,
        formatter: (at: number) =>
          long ? `${shortDate(look.place, at)}\n${timeOfDay(look.place, at)}` : timeOfDay(look.place, at),
      },
    },
    yAxis: {
      type: 'value' as const,
      scale: true,
      axisLabel: { color: color('ink-2'), fontSize: 13, formatter: (value: number) => look.write(value) },
      splitLine: { lineStyle: { color: color('line'), width: 1 } },
    },
    dataZoom: [
      { type: 'inside' as const, zoomOnMouseWheel: 'ctrl' as const },
      {
        type: 'slider' as const,
        height: 20,
        bottom: 8,
        borderColor: color('line'),
        fillerColor: 'rgb(128 140 150 / 20%)',
        dataBackground: quietShadow(color('equipment')),
        selectedDataBackground: quietShadow(color('equipment')),
        handleStyle: { color: color('panel'), borderColor: color('line-strong') },
        moveHandleStyle: { color: color('line-strong') },
        emphasis: { handleStyle: { borderColor: color('accent') }, moveHandleStyle: { color: color('accent') } },
        showDetail: false,
        brushSelect: false,
      },
    ],
    tooltip: {
      trigger: 'axis' as const,
      backgroundColor: color('panel'),
      borderColor: color('line-strong'),
      textStyle: { color: color('ink') },
      formatter: (shown: unknown) => {
        const first = (Array.isArray(shown) ? shown[0] : shown) as { value?: Pair } | undefined;
        const row = byTime.get(first?.value?.[0] ?? Number.NaN);
        if (row === undefined || row.mean === null || row.min === null || row.max === null) return '';
        return `${look.moment(row.at)}<br>${look.words.mean} <b>${look.write(row.mean)}</b><br>${look.words.min} ${look.write(row.min)}<br>${look.words.max} ${look.write(row.max)}`;
      },
    },
    series: [
      { ...silent, data: low },
      { ...silent, data: height, areaStyle: { color: color('equipment'), opacity: 0.3 } },
      {
        type: 'line' as const,
        data: mean,
        symbol: 'none',
        lineStyle: { color: color('ink'), width: 1.75 },
        itemStyle: { color: color('ink') },
        ...(band === null
          ? {}
          : {
              markArea: {
                silent: true,
                itemStyle: { color: color('band'), opacity: 0.3 },
                data: [[{ yAxis: band.normal[0] }, { yAxis: band.normal[1] }]],
              },
              markLine: {
                silent: true,
                symbol: 'none',
                lineStyle: { color: color('high'), type: 'dashed' as const, width: 1 },
                label: { show: false },
                data: band.limits.map((yAxis) => ({ yAxis })),
              },
            }),
      },
    ],
  };
}
