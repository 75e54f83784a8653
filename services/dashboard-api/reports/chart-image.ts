import { fileURLToPath } from 'node:url';
import { Resvg } from '@resvg/resvg-js';
import { LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, MarkLineComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { ReportChart } from './report-charts.ts';

/**
 * Draws a report's chart on the server: SVG for the page, PNG for Word and PDF. Noto Sans SC is named and given to the rasteriser,
 * because other Chinese faces draw ℃ blank there.
 */
use([LineChart, GridComponent, LegendComponent, MarkLineComponent, SVGRenderer]);

const FONT = 'Noto Sans SC';
export const fontFile = (weight: '400Regular' | '700Bold'): string =>
  fileURLToPath(import.meta.resolve(`@expo-google-fonts/noto-sans-sc/${weight}/NotoSansSC_${weight}.ttf`));

export const CHART_WIDTH = 720;
export const CHART_HEIGHT = 260;
/** Told apart in grey and by those who see red and green alike (Okabe and Ito's palette, dark first). */
const COLORS = ['#1f4e79', '#d55e00', '#009e73', '#8a6d00'];
const INK = '#2b3137';
const QUIET = '#5c6670';

export function chartSvg(chart: ReportChart, timeZone: string): string {
  const drawing = init(null, null, { renderer: 'svg', ssr: true, width: CHART_WIDTH, height: CHART_HEIGHT });
  try {
    drawing.setOption(optionOf(chart, timeZone));
    return drawing.renderToSVGString();
  } finally {
    drawing.dispose();
  }
}

/** Twice the size, for paper. */
export function chartPng(chart: ReportChart, timeZone: string): Buffer {
  const picture = new Resvg(chartSvg(chart, timeZone), {
    fitTo: { mode: 'zoom', value: 2 },
    background: '#ffffff',
    font: { fontFiles: [fontFile('400Regular')], loadSystemFonts: false, defaultFontFamily: FONT },
  });
  return picture.render().asPng();
}

function optionOf(chart: ReportChart, timeZone: string) {
  const text = { fontFamily: FONT, fontSize: 13, color: QUIET };
  const time = new Intl.DateTimeFormat('sv-SE', { timeZone, hour: '2-digit', minute: '2-digit' });
  return {
    animation: false,
    backgroundColor: '#ffffff',
    color: COLORS,
    textStyle: { fontFamily: FONT },
    grid: { left: 56, right: 24, top: 52, bottom: chart.lines.length > 1 ? 58 : 32 },
    legend: {
      show: chart.lines.length > 1,
      // Below the times: above it would lie under the marks' labels.
      bottom: 2,
      itemWidth: 18,
      itemHeight: 3,
      icon: 'rect',
      textStyle: { ...text, color: INK },
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
        label: { formatter: label, fontFamily: FONT, fontSize: 12, color: INK, distance: 4 + row * 14 },
      };
    }),
  };
}
