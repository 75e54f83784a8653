import type { HistoryResponse } from '#core/api.ts';
import { type Locale, shortDate, timeOfDay } from '../model/time-format.ts';

/** A rule's try as a picture: the point's mean over its min–max band, gaps where nothing was good; times and limits are laid over by the chart. Pure. */
export interface ChartLook {
  readonly color: (token: string) => string;
  readonly font: string;
  readonly write: (value: number) => string;
  readonly moment: (epoch: number) => string;
  readonly place: Locale;
  readonly words: { readonly mean: string; readonly min: string; readonly max: string };
}

interface Row {
  readonly at: number;
  readonly min: number | null;
  readonly mean: number | null;
  readonly max: number | null;
}

type Pair = [at: number, value: number | null];

/** A missing bucket becomes a null between its neighbours, so that the line breaks. */
export function withGaps(history: HistoryResponse): Row[] {
  const rows: Row[] = [];
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
  const { color } = look;
  return {
    animation: false,
    textStyle: { fontFamily: look.font, fontSize: 13, color: color('ink-2') },
    grid: { left: 8, right: 16, top: 16, bottom: 56, containLabel: true },
    xAxis: timeAxis(history, look),
    yAxis: {
      type: 'value' as const,
      scale: true,
      axisLabel: { color: color('ink-2'), fontSize: 13, formatter: (value: number) => look.write(value) },
      splitLine: { lineStyle: { color: color('line'), width: 1 } },
    },
    dataZoom: [{ type: 'inside' as const, zoomOnMouseWheel: 'ctrl' as const }, slider(color)],
    tooltip: tooltip(rows, look),
    series: seriesOf(rows, look),
  };
}

function timeAxis(history: HistoryResponse, { color, place }: ChartLook) {
  const [from, to] = [Date.parse(history.from), Date.parse(history.to)];
  const long = to - from > 86_400_000;
  return {
    type: 'time' as const,
    min: from,
    max: to,
    axisLine: { lineStyle: { color: color('line-strong') } },
    axisLabel: {
      color: color('ink-2'),
      fontSize: 13,
      hideOverlap: true,
      formatter: (at: number) => (long ? `${shortDate(place, at)}\n${timeOfDay(place, at)}` : timeOfDay(place, at)),
    },
  };
}

const slider = (color: ChartLook['color']) => ({
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
});

function tooltip(rows: readonly Row[], { color, moment, words, write }: ChartLook) {
  const byTime = new Map(rows.map((row) => [row.at, row]));
  return {
    trigger: 'axis' as const,
    backgroundColor: color('panel'),
    borderColor: color('line-strong'),
    textStyle: { color: color('ink') },
    formatter: (shown: unknown) => {
      const first = (Array.isArray(shown) ? shown[0] : shown) as { value?: Pair } | undefined;
      const row = byTime.get(first?.value?.[0] ?? Number.NaN);
      if (row === undefined || row.mean === null || row.min === null || row.max === null) return '';
      return `${moment(row.at)}<br>${words.mean} <b>${write(row.mean)}</b><br>${words.min} ${write(row.min)}<br>${words.max} ${write(row.max)}`;
    },
  };
}

/** The range is two stacked lines that are not drawn themselves, filled between; the mean lies over it. */
function seriesOf(rows: readonly Row[], { color }: ChartLook) {
  const silent = { type: 'line', stack: 'range', symbol: 'none', silent: true, lineStyle: { opacity: 0 } } as const;
  return [
    { ...silent, data: rows.map(({ at, min }): Pair => [at, min]) },
    {
      ...silent,
      data: rows.map(({ at, min, max }): Pair => [at, min === null || max === null ? null : max - min]),
      areaStyle: { color: color('equipment'), opacity: 0.3 },
    },
    {
      type: 'line' as const,
      data: rows.map(({ at, mean }): Pair => [at, mean]),
      symbol: 'none',
      lineStyle: { color: color('ink'), width: 1.75 },
      itemStyle: { color: color('ink') },
    },
  ];
}
