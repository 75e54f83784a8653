import { LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, MarkLineComponent } from 'echarts/components';
import { use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { CHART_COLORS, CHART_FONT, CHART_INK, CHART_QUIET, drawSvg, pngOf } from '../paper/chart-picture.ts';
import type { ReportChart } from './report-charts.ts';

/** Draws the chart of an incident's report. */
use([LineChart, GridComponent, LegendComponent, MarkLineComponent, SVGRenderer]);

export const chartSvg = (chart: ReportChart, timeZone: string): string => drawSvg(optionOf(chart, timeZone));

export const chartPng = (chart: ReportChart, timeZone: string): Buffer => pngOf(chartSvg(chart, timeZone));

function optionOf(chart: ReportChart, timeZone: string) {
  const text = { fontFamily: CHART_FONT, fontSize: 13, color: CHART_QUIET };
  const time = new Intl.DateTimeFormat('sv-SE', { timeZone, hour: '2-digit', minute: '2-digit' });
  return {
    animation: false,
    backgroundColor: '#ffffff',
    color: CHART_COLORS,
    textStyle: { fontFamily: CHART_FONT },
    grid: { left: 56, right: 24, top: 52, bottom: chart.lines.length > 1 ? 58 : 32 },
    legend: {
      show: chart.lines.length > 1,
      // Below the times: above it would lie under the marks' labels.
      bottom: 2,
      itemWidth: 18,
      itemHeight: 3,
      icon: 'rect',
      textStyle: { ...text, color: CHART_INK },
    },
    xAxis: {
      type: 'time' as const,
      min: chart.from,
      max: chart.to,
      axisLine: { lineStyle: { color: '#98a2ab' } },
      axisLabel: { ...text, hideOverlap: true, formatter: (at: number) => time.format(at) },
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value' as const,
      scale: true,
      name: chart.unit,
      nameTextStyle: { ...text, align: 'right' as const },
      axisLabel: text,
      splitLine: { lineStyle: { color: '#e3e7ea' } },
    },
    series: chart.lines.map((line, index) => ({
      type: 'line' as const,
      name: line.name,
      data: line.values.map(([at, value]) => [at, value]),
      symbol: 'none',
      lineStyle: { width: 2 },
      ...(index === 0 ? { markLine: marksOf(chart) } : {}),
    })),
  };
}

/** Labels take turns in two heights, so that neighbours do not write over each other. */
function marksOf({ marks, from, to }: ReportChart) {
  const near = (to - from) / 8;
  let row = 0;
  return {
    silent: true,
    symbol: 'none',
    lineStyle: { color: '#98a2ab', type: 'dashed' as const, width: 1 },
    data: marks.map(({ at, label }, index) => {
      const before = marks[index - 1];
      row = before !== undefined && at - before.at < near ? (row + 1) % 2 : 0;
      return {
        xAxis: at,
        label: { formatter: label, fontFamily: CHART_FONT, fontSize: 12, color: CHART_INK, distance: 4 + row * 14 },
      };
    }),
  };
}
