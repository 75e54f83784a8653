import { fileURLToPath } from 'node:url';
import { Resvg } from '@resvg/resvg-js';
import type { EChartsCoreOption } from 'echarts/core';
import { init } from 'echarts/core';

/**
 * Draws a chart without a browser: SVG for the page, PNG for Word and PDF. Noto Sans SC is named and given to the rasteriser, because
 * other Chinese faces draw ℃ blank there.
 */
const FAMILY = 'Noto Sans SC';
/** On a page whose machine has no such face, its own. */
export const CHART_FONT = `${FAMILY}, system-ui, sans-serif`;
export const fontFile = (weight: '400Regular' | '700Bold'): string =>
  fileURLToPath(import.meta.resolve(`@expo-google-fonts/noto-sans-sc/${weight}/NotoSansSC_${weight}.ttf`));

export const CHART_WIDTH = 720;
export const CHART_HEIGHT = 260;
/** Told apart in grey and by those who see red and green alike (Okabe and Ito's palette, dark first). */
export const CHART_COLORS = ['#1f4e79', '#d55e00', '#009e73', '#8a6d00'];
export const CHART_INK = '#2b3137';
export const CHART_QUIET = '#5c6670';

export function drawSvg(option: EChartsCoreOption, height = CHART_HEIGHT): string {
  const drawing = init(null, null, { renderer: 'svg', ssr: true, width: CHART_WIDTH, height });
  try {
    drawing.setOption(option);
    return drawing.renderToSVGString();
  } finally {
    drawing.dispose();
  }
}

/** Twice the size, for paper. */
export function pngOf(svg: string): Buffer {
  const picture = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: 2 },
    background: '#ffffff',
    font: { fontFiles: [fontFile('400Regular')], loadSystemFonts: false, defaultFontFamily: FAMILY },
  });
  return picture.render().asPng();
}
