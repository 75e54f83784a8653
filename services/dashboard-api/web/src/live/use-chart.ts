import { CustomChart, LineChart } from 'echarts/charts';
import { GridComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent } from 'echarts/components';
import { type EChartsType, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { onBeforeUnmount, onMounted, ref, type ShallowRef, shallowRef, type WatchSource, watch } from 'vue';
import { useWords } from '../words.ts';

/**
 * An ECharts picture in a box: made when the box is there, as large as the box, drawn again when what it shows, the language or the
 * theme is another, let go with its component. Only components that come in files of their own import this: ECharts is large.
 */
use([CustomChart, LineChart, GridComponent, TooltipComponent, MarkAreaComponent, MarkLineComponent, CanvasRenderer]);

/** A colour of the style sheet's tokens, as it is in the present theme. */
export const tokenColor = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
export const bodyFont = (): string => getComputedStyle(document.body).fontFamily;

export function useChart(
  box: Readonly<ShallowRef<HTMLElement | null>>,
  makeOption: () => object | null,
  sources: readonly WatchSource[],
) {
  const chart = shallowRef<EChartsType | null>(null);
  const size = ref({ width: 0, height: 0 });
  const { language } = useWords();
  let sizes: ResizeObserver | null = null;
  let themes: MutationObserver | null = null;
  let waiting = 0;

  function draw(): void {
    waiting = 0;
    const option = makeOption();
    if (option !== null) chart.value?.setOption(option as never, { notMerge: true, lazyUpdate: false });
  }
  /** However much changes at once, one picture. */
  const drawSoon = (): void => {
    if (waiting === 0) waiting = requestAnimationFrame(draw);
  };
  onMounted(() => {
    if (box.value === null) return;
    chart.value = init(box.value);
    sizes = new ResizeObserver(() => {
      if (box.value === null) return;
      size.value = { width: box.value.clientWidth, height: box.value.clientHeight };
      chart.value?.resize();
      drawSoon();
    });
    sizes.observe(box.value);
    themes = new MutationObserver(drawSoon);
    themes.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    size.value = { width: box.value.clientWidth, height: box.value.clientHeight };
    draw();
  });
  onBeforeUnmount(() => {
    cancelAnimationFrame(waiting);
    sizes?.disconnect();
    themes?.disconnect();
    chart.value?.dispose();
    chart.value = null;
  });
  watch([...sources, language], drawSoon);
  return { chart, size };
}
