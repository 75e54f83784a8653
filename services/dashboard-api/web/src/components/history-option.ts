import type { HistoryMark } from '#core/history-view.ts';
import { axisScale } from '../model/axis-scale.ts';
import type { Band } from '../model/bands.ts';
import type { Box, NumberPanel, Panel } from '../model/chart-layout.ts';
import type { Row, StateSpan } from '../model/chart-pieces.ts';
import type { View } from '../model/chart-view.ts';
import type { Tick } from '../model/time-ticks.ts';
import { markLines, marksSeries, stateSeries } from './history-shapes.ts';

/** The picture's description for ECharts: mean lines over min–max bands, gaps where nothing is known, words as lines of time, marks of what happened. Pure. */
export interface Drawn {
  readonly key: string;
  readonly name: string;
  readonly point: string;
  readonly unit: string;
  readonly kind: 'number' | 'word';
  readonly rows: readonly Row[];
  /** The same at another time, moved under it; empty: none. */
  readonly under: readonly Row[];
  readonly states: readonly (StateSpan & { readonly text: string; readonly look: 'plain' | 'trouble' | 'doubtful' })[];
  readonly color: string;
  readonly dash: 'solid' | 'dashed' | 'dotted';
  readonly band: Band | null;
}

export interface Look {
  readonly color: (token: string) => string;
  readonly font: string;
  readonly axisText: (point: string, value: number) => string;
  readonly limitText: (point: string, value: number) => string;
  readonly tip: (at: number) => string;
}

export interface Picture {
  readonly view: View;
  readonly now: number;
  readonly panels: readonly Panel[];
  readonly boxes: readonly Box[];
  readonly drawn: ReadonlyMap<string, Drawn>;
  readonly marks: readonly HistoryMark[];
  readonly ticks: readonly Tick[];
  readonly left: number;
  readonly right: number;
  readonly isNarrow: boolean;
}

/** The lane of marks above the charts. */
export const MARKS_TOP = 4;
export const MARKS_HEIGHT = 16;
export const CHARTS_TOP = 46;
export const CHARTS_BOTTOM = 30;

export function historyOption(picture: Picture, look: Look): object {
  const { panels, boxes, left, right, view, now, marks } = picture;
  const lane = panels.length;
  const places = panels.map((_, i) => i);
  return {
    animation: false,
    textStyle: { fontFamily: look.font, fontSize: 13, color: look.color('ink-2') },
    axisPointer: { link: [{ xAxisIndex: 'all' }], lineStyle: { color: look.color('ink-2') }, label: { show: false } },
    tooltip: {
      trigger: 'axis',
      confine: true,
      transitionDuration: 0,
      backgroundColor: look.color('panel'),
      borderColor: look.color('line-strong'),
      textStyle: { color: look.color('ink'), fontSize: 13 },
      axisPointer: { type: 'line', snap: false, animation: false },
      formatter: (shown: unknown) => look.tip(pointedAt(shown)),
    },
    grid: [
      ...boxes.map(({ top, height }) => ({ left, right, top, height, containLabel: false })),
      { left, right, top: MARKS_TOP, height: MARKS_HEIGHT, containLabel: false },
    ],
    xAxis: [...places.map((i) => timeAxis(picture, i, look)), { ...hiddenAxis(lane), min: view.from, max: view.to }],
    yAxis: [...valueAxes(picture, look), { ...hiddenAxis(lane), min: 0, max: 1 }],
    series: [
      ...panels.flatMap((panel, i) =>
        panel.kind === 'word' ? wordSeries(picture, panel.key, i, look) : numberSeries(picture, panel, i, look),
      ),
      ...marksSeries(marks, { axis: lane, yAxis: axisCount(panels), view, now }, look),
    ],
  };
}

/** Where the pointer is, in whatever chart. */
function pointedAt(shown: unknown): number {
  const first = (Array.isArray(shown) ? shown[0] : shown) as { axisValue?: number | string } | undefined;
  return Number(first?.axisValue ?? Number.NaN);
}

const hiddenAxis = (gridIndex: number) => ({ type: 'value', gridIndex, show: false, axisPointer: { show: true } });

const axesOf = (panel: Panel): number => (panel.kind === 'word' ? 1 : panel.axes.length);
const axisCount = (panels: readonly Panel[]): number => panels.reduce((sum, panel) => sum + axesOf(panel), 0);
/** The number of a panel's first value axis. */
const firstAxis = (panels: readonly Panel[], place: number): number => axisCount(panels.slice(0, place));

function timeAxis({ view, panels, ticks }: Picture, place: number, { color }: Look) {
  const isLast = place === panels.length - 1;
  const labels = new Map(ticks.map(({ at, label }) => [at, label]));
  const customValues = ticks.map(({ at }) => at);
  return {
    type: 'value',
    gridIndex: place,
    min: view.from,
    max: view.to,
    axisLine: { show: true, onZero: false, lineStyle: { color: color('line-strong') } },
    axisTick: { show: isLast, customValues, lineStyle: { color: color('line-strong') } },
    axisLabel: {
      show: isLast,
      customValues,
      color: color('ink-2'),
      fontSize: 13,
      hideOverlap: true,
      formatter: (at: number) => labels.get(at) ?? '',
    },
    splitLine: { show: false },
    axisPointer: { show: true, snap: false },
  };
}

function valueAxes({ panels, drawn, view, boxes }: Picture, look: Look): object[] {
  return panels.flatMap((panel, place): readonly object[] => {
    if (panel.kind === 'word') return [wordAxis(drawn.get(panel.key)?.name ?? '', place, look)];
    return panel.axes.map(({ unit, keys }, side) => {
      const own = keys.flatMap((key) => drawn.get(key) ?? []);
      const marks = Math.max(2, Math.min(6, Math.round((boxes[place]?.height ?? 100) / 52)));
      const scale = axisScale(own, view, marks);
      const point = own[0]?.point ?? '';
      // Alone in its chart it says whose it is; several are told apart by the list above.
      const name = own.length === 1 && panels.length > 1 ? `${own[0]?.name ?? ''} ${unit}`.trim() : unit;
      return {
        type: 'value',
        gridIndex: place,
        position: side === 0 ? 'left' : 'right',
        min: scale.low,
        max: scale.high,
        interval: scale.step,
        name,
        nameGap: 8,
        nameTextStyle: { color: look.color('ink-2'), fontSize: 13, align: side === 0 ? 'left' : 'right', padding: 0 },
        axisLabel: {
          color: look.color('ink-2'),
          fontSize: 13,
          formatter: (value: number) => look.axisText(point, Number(value.toFixed(6))),
        },
        splitLine: { show: side === 0, lineStyle: { color: look.color('line'), width: 1 } },
      };
    });
  });
}

const wordAxis = (name: string, gridIndex: number, look: Look) => ({
  type: 'value',
  gridIndex,
  min: 0,
  max: 1,
  name,
  nameGap: 4,
  nameTextStyle: { color: look.color('ink-2'), fontSize: 13, align: 'left', padding: 0 },
  axisLabel: { show: false },
  axisTick: { show: false },
  splitLine: { show: false },
  axisLine: { show: false },
});

function numberSeries(picture: Picture, panel: NumberPanel, place: number, look: Look): object[] {
  const first = firstAxis(picture.panels, place);
  const isAlone = panel.axes.length === 1 && panel.axes[0]?.keys.length === 1;
  return panel.axes.flatMap(({ keys }, side) =>
    keys.flatMap((key, i) => {
      const one = picture.drawn.get(key);
      if (one === undefined) return [];
      const where = { xAxisIndex: place, yAxisIndex: first + side };
      const marks = side === 0 && i === 0 ? markLines(picture.marks, picture, look) : [];
      return [...envelope(one, where), ...underline(one, where), mean(one, where, { isAlone, marks }, look)];
    }),
  );
}

type Pair = [at: number, value: number | null];
interface Where {
  readonly xAxisIndex: number;
  readonly yAxisIndex: number;
}
const middle = ({ at, span }: Row): number => at + span / 2;

/** Two lines, one on the other, that are not drawn themselves; filled between. */
function envelope({ key, rows, color }: Drawn, where: Where): object[] {
  const isFlat = rows.every(({ min, max }) => min === max);
  if (isFlat) return [];
  const silent = {
    ...{ type: 'line', ...where, stack: `range ${key}`, stackStrategy: 'all', symbol: 'none', silent: true },
    ...{ lineStyle: { opacity: 0 }, itemStyle: { color } },
  };
  return [
    { ...silent, data: rows.map((row): Pair => [middle(row), row.min]) },
    {
      ...silent,
      data: rows.map((row): Pair => [middle(row), row.min === null || row.max === null ? null : row.max - row.min]),
      areaStyle: { color, opacity: 0.2 },
    },
  ];
}

function underline({ under, color }: Drawn, where: Where): object[] {
  if (under.length === 0) return [];
  const lineStyle = { color, width: 1.25, type: 'dotted', opacity: 0.6 };
  const data = under.map((row): Pair => [middle(row), row.mean]);
  return [{ type: 'line', ...where, data, symbol: 'none', silent: true, lineStyle, itemStyle: lineStyle }];
}

function mean(
  { rows, color, dash, band, point }: Drawn,
  where: Where,
  { isAlone, marks }: { readonly isAlone: boolean; readonly marks: readonly object[] },
  look: Look,
): object {
  const limits = (band?.limits ?? []).map(({ at, severity }) => ({
    yAxis: at,
    lineStyle: { color: look.color(severity), type: 'dashed', width: 1 },
    label: { show: true, position: 'insideEndTop', color: look.color('ink-2'), formatter: look.limitText(point, at) },
  }));
  return {
    ...{ type: 'line', ...where, symbol: 'none', silent: true },
    // A lone bucket between gaps is a point, and a line of one point is not seen.
    showSymbol: false,
    data: rows.map((row): Pair => [middle(row), row.mean]),
    lineStyle: { color, width: 1.75, type: dash },
    itemStyle: { color },
    markLine: { silent: true, symbol: 'none', animation: false, data: [...(isAlone ? limits : []), ...marks] },
    ...(isAlone && band !== null ? { markArea: normalBand(band, look) } : {}),
  };
}

const normalBand = (band: Band, look: Look) => ({
  silent: true,
  itemStyle: { color: look.color('band'), opacity: 0.3 },
  data: [[{ yAxis: band.normal[0] }, { yAxis: band.normal[1] }]],
});

function wordSeries(picture: Picture, key: string, place: number, look: Look): object[] {
  const one = picture.drawn.get(key);
  const where = { xAxisIndex: place, yAxisIndex: firstAxis(picture.panels, place) };
  return one === undefined ? [] : [stateSeries(one.states, where, look)];
}
