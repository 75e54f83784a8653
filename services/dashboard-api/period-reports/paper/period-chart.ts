import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent } from 'echarts/components';
import { use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Language } from '#core/text.ts';
import {
  CHART_COLORS,
  CHART_FONT,
  CHART_INK,
  CHART_QUIET,
  CHART_WIDTH,
  drawSvg,
  pngOf,
} from '../../paper/chart-picture.ts';
import type { PeriodChart } from '../seams.ts';
import { gapsOf, timeAxisOf } from './chart-times.ts';

/**
 * Draws a chart of a period: curves with the standard's band behind them, its limits across, what is missing shaded and incidents marked.
 * Lines differ by dashes as well as by colour, so that a copy in grey is read too.
 */
use([BarChart, LineChart, GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent, SVGRenderer]);

/** Lower than an incident's chart: there are more of them. */
export const PERIOD_CHART = { width: CHART_WIDTH, height: 190 };

const DASHES = ['solid', [6, 3], [2, 3], [10, 3, 2, 3]] as const;
const LIMIT = '#8f3b2f';
const BAND = 'rgba(120, 140, 155, 0.10)';
const MISSING = 'rgba(90, 100, 110, 0.16)';
const INCIDENT = 'rgba(176, 70, 50, 0.14)';

export const periodChartSvg = (chart: PeriodChart, language: Language): string =>
  drawSvg(optionOf(chart, language), PERIOD_CHART.height);

export const periodChartPng = (chart: PeriodChart, language: Language): Buffer =>
  pngOf(periodChartSvg(chart, language));

function optionOf(chart: PeriodChart, language: Language) {
  const text = { fontFamily: CHART_FONT, fontSize: 13, color: CHART_QUIET };
  const axis = timeAxisOf(chart, language);
  const several = chart.lines.length > 1;
  const [low, high] = reachOf(chart);
  const unit = language === 'zh' && chart.unit === '°C' ? '℃' : chart.unit;
  return {
    animation: false,
    backgroundColor: '#ffffff',
    color: CHART_COLORS,
    useUTC: true,
    textStyle: { fontFamily: CHART_FONT },
    grid: { left: 56, right: chart.limits.length > 0 ? 76 : 24, top: 46, bottom: several ? 58 : 32 },
    legend: {
      show: several,
      bottom: 2,
      itemWidth: 26,
      itemHeight: 8,
      textStyle: { ...text, color: CHART_INK },
    },
    xAxis: {
      type: 'time' as const,
      min: axis.shift(chart.from),
      max: axis.shift(chart.to),
      minInterval: axis.minIntervalMs,
      axisLine: { lineStyle: { color: '#98a2ab' } },
      axisLabel: { ...text, hideOverlap: true, formatter: axis.label },
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value' as const,
      min: low,
      max: high,
      name: unit,
      nameTextStyle: { ...text, align: 'right' as const },
      axisLabel: text,
      ...(chart.shape === 'bars' ? { minInterval: 1 } : {}),
      splitLine: { lineStyle: { color: '#e3e7ea' } },
    },
    series: chart.lines.map((line, index) => ({
      ...(chart.shape === 'bars'
        ? { type: 'bar' as const, barMaxWidth: 36, itemStyle: { color: '#7d8f9e' } }
        : {
            type: 'line' as const,
            symbol: 'none',
            lineStyle: { width: index === 0 ? 2 : 1.6, type: DASHES[index % DASHES.length] ?? 'solid' },
          }),
      name: line.name[language],
      data: line.values.map(([at, value]) => [axis.shift(at), value]),
      z: 3,
      ...(index === 0
        ? { markLine: acrossOf(chart, language, axis.shift), markArea: areasOf(chart, language, axis.shift) }
        : {}),
    })),
  };
}

type Shift = (at: number) => number;

/** Incidents in the order of their beginnings; labels of neighbours stand at two heights. */
function marksOf({ marks, from, to }: PeriodChart) {
  const near = (to - from) / 5;
  let row = 0;
  let before = Number.NEGATIVE_INFINITY;
  return marks
    .toSorted((a, b) => a.at - b.at)
    .map((mark) => {
      row = mark.at - before < near ? (row + 1) % 2 : 0;
      before = mark.at;
      return { ...mark, distance: 3 + row * 15 };
    });
}

const LABEL = { fontFamily: CHART_FONT, fontSize: 12, color: CHART_INK, overflow: 'truncate' as const, width: 130 };

/** Limits across, and incidents of which only the beginning is known. */
function acrossOf(chart: PeriodChart, language: Language, shift: Shift) {
  return {
    silent: true,
    symbol: 'none',
    data: [
      ...chart.limits.map((limit) => ({
        yAxis: limit.value,
        lineStyle: { color: LIMIT, type: 'dashed' as const, width: 1 },
        label: { ...LABEL, width: 68, position: 'end' as const, formatter: limit.label[language], color: LIMIT },
      })),
      ...marksOf(chart).flatMap(({ at, to, label, distance }) =>
        to !== null
          ? []
          : [
              {
                xAxis: shift(at),
                lineStyle: { color: LIMIT, type: 'solid' as const, width: 1 },
                label: { ...LABEL, formatter: label[language], distance },
              },
            ],
      ),
    ],
  };
}

/** What is allowed, behind everything; what is missing; what happened. */
function areasOf(chart: PeriodChart, language: Language, shift: Shift) {
  const [low, high] = bandOf(chart);
  const band =
    low === null || high === null
      ? []
      : [[{ yAxis: low, itemStyle: { color: BAND }, label: { show: false } }, { yAxis: high }]];
  const missing = gapsOf(chart).map(({ from, to }) => [
    {
      xAxis: shift(from),
      itemStyle: { color: MISSING },
      label: { ...LABEL, position: 'insideTop' as const, formatter: language === 'zh' ? '无数据' : 'no data' },
    },
    { xAxis: shift(to) },
  ]);
  const happened = marksOf(chart).flatMap(({ at, to, label, distance }) =>
    to === null
      ? []
      : [
          [
            {
              xAxis: shift(at),
              itemStyle: { color: INCIDENT, borderColor: LIMIT, borderWidth: 0.5 },
              label: { ...LABEL, position: 'top' as const, formatter: label[language], distance },
            },
            { xAxis: shift(to) },
          ],
        ],
  );
  return { silent: true, data: [...band, ...missing, ...happened] };
}

/** Between two limits, or from one to the chart's edge. */
function bandOf(chart: PeriodChart): readonly [number | null, number | null] {
  const values = chart.limits.map(({ value }) => value);
  if (values.length === 0 || chart.shape === 'bars') return [null, null];
  const [low, high] = reachOf(chart);
  return values.length === 1 ? [low, values[0] ?? high] : [Math.min(...values), Math.max(...values)];
}

/** Rounded to what is read easily, limits always within. */
function reachOf({ lines, limits, shape }: PeriodChart): readonly [number, number] {
  const seen = lines.flatMap(({ values }) => values.flatMap(([, value]) => (value === null ? [] : [value])));
  const all = [...seen, ...limits.map(({ value }) => value), ...(shape === 'bars' ? [0] : [])];
  if (all.length === 0) return [0, 1];
  const lowest = Math.min(...all);
  const highest = Math.max(...all);
  const step = Math.max(stepOf(highest - lowest), shape === 'bars' ? 1 : 0);
  const low = Math.floor(lowest / step) * step;
  return [shape === 'bars' ? 0 : low, Math.max(low + step, Math.ceil(highest / step) * step)];
}

function stepOf(range: number): number {
  const rough = Math.max(range / 4, 0.5);
  const power = 10 ** Math.floor(Math.log10(rough));
  const lead = rough / power;
  return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
}
