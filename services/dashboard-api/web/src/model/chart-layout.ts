/**
 * Where several points stand in one picture: those of one unit share a chart, two units share it with an axis on either side, more of
 * them stand one under the other; words are a line of coloured time each, below. Pure.
 */
export interface ToPlace {
  readonly key: string;
  readonly unit: string;
  readonly kind: 'number' | 'word';
}

/** A chart with one or two axes. */
export interface NumberPanel {
  readonly kind: 'numbers';
  readonly axes: readonly { readonly unit: string; readonly keys: readonly string[] }[];
}
export interface WordPanel {
  readonly kind: 'word';
  readonly key: string;
}
export type Panel = NumberPanel | WordPanel;

/** `apart` null: as it fits. */
export function layOut(series: readonly ToPlace[], apart: boolean | null): readonly Panel[] {
  const units = new Map<string, string[]>();
  for (const { key, unit, kind } of series) {
    if (kind === 'number') units.set(unit, [...(units.get(unit) ?? []), key]);
  }
  const axes = [...units].map(([unit, keys]) => ({ unit, keys }));
  const words = series.filter(({ kind }) => kind === 'word').map(({ key }): WordPanel => ({ kind: 'word', key }));
  return [...numberPanels(axes, apart), ...words];
}

function numberPanels(axes: NumberPanel['axes'], apart: boolean | null): readonly NumberPanel[] {
  if (apart === true)
    return axes.flatMap(({ unit, keys }) =>
      keys.map((key): NumberPanel => ({ kind: 'numbers', axes: [{ unit, keys: [key] }] })),
    );
  const panels: NumberPanel[] = [];
  // Told to stand together they stand two units a chart; by itself only when there are no more than two.
  const aChart = apart === false || axes.length <= 2 ? 2 : 1;
  for (let i = 0; i < axes.length; i += aChart) panels.push({ kind: 'numbers', axes: axes.slice(i, i + aChart) });
  return panels;
}

export interface Box {
  readonly top: number;
  readonly height: number;
}

const GAP = 38;
const WORD_HEIGHT = 24;
/** Room for its name above it. */
const WORD_GAP = 32;
const LEAST_HEIGHT = 80;

const gapAbove = ({ kind }: Panel, place: number): number => (place === 0 ? 0 : kind === 'word' ? WORD_GAP : GAP);
const countNumbers = (panels: readonly Panel[]): number => panels.filter(({ kind }) => kind === 'numbers').length;
/** All that is no chart of numbers. */
const fixedHeight = (panels: readonly Panel[]): number =>
  panels.reduce((sum, panel, i) => sum + gapAbove(panel, i) + (panel.kind === 'word' ? WORD_HEIGHT : 0), 0);

/** From the top of the picture, in pixels; numbers share what words leave. */
export function boxesOf(panels: readonly Panel[], height: number, top: number, bottom: number): readonly Box[] {
  const free = height - top - bottom - fixedHeight(panels);
  const each = Math.max(LEAST_HEIGHT, free / Math.max(1, countNumbers(panels)));
  let at = top;
  return panels.map((panel, i) => {
    at += gapAbove(panel, i);
    const box = { top: at, height: panel.kind === 'word' ? WORD_HEIGHT : each };
    at += box.height;
    return box;
  });
}

/** What the picture should be high, so that no chart is squeezed; `edges` is what stands above and below the charts. */
export function heightFor(panels: readonly Panel[], edges: number, isNarrow: boolean): number {
  const numbers = countNumbers(panels);
  const each = numbers <= 1 ? (isNarrow ? 240 : 320) : numbers === 2 ? 190 : 150;
  return edges + numbers * each + fixedHeight(panels);
}
