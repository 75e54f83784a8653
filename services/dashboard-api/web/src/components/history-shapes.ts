import type { HistoryMark } from '#core/history-view.ts';
import type { View } from '../model/chart-view.ts';
import type { Drawn, Look } from './history-option.ts';

/** What ECharts has no series for: times of words as bars with their word, and marks of what happened. Pure. */

interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
interface RenderApi {
  value(dimension: number): number;
  coord(pair: readonly [number, number]): readonly [number, number];
}
interface RenderParams {
  readonly coordSys: Area;
  readonly dataIndex: number;
}

/** About how wide a word is: a Chinese character is as wide as it is high. */
const widthOf = (text: string): number => [...text].reduce((sum, letter) => sum + (letter > '\u2e7f' ? 13 : 7.5), 0);

/** Each stretch with its word where there is room for it: calm greys by turns, colour for what says trouble, hatched what is doubtful. */
export function stateSeries(
  states: Drawn['states'],
  where: { readonly xAxisIndex: number; readonly yAxisIndex: number },
  look: Look,
): object {
  const words = [...new Set(states.map(({ text }) => text))];
  const fillOf = ({ look: how, text }: Drawn['states'][number]): string => {
    if (how === 'trouble') return look.color('medium-soft');
    return look.color(words.indexOf(text) % 2 === 0 ? 'well' : 'band');
  };
  return {
    type: 'custom',
    ...where,
    silent: true,
    data: states.map(({ from, to }) => [from, to, 0]),
    encode: { x: [0, 1], y: 2 },
    renderItem: ({ coordSys, dataIndex }: RenderParams, api: RenderApi) => {
      const state = states[dataIndex];
      if (state === undefined) return null;
      const box = cut(api.coord([api.value(0), 0])[0], api.coord([api.value(1), 0])[0], coordSys);
      if (box === null) return null;
      const isDoubtful = state.look === 'doubtful';
      const shape = { x: box.x, y: coordSys.y, width: box.width, height: coordSys.height };
      const stroke = state.look === 'trouble' ? look.color('medium') : look.color('line-strong');
      const fits = box.width > widthOf(state.text) + 12;
      return {
        type: 'group',
        children: [
          {
            type: 'rect',
            shape,
            style: {
              fill: isDoubtful ? 'transparent' : fillOf(state),
              stroke,
              lineWidth: 1,
              ...(isDoubtful ? { lineDash: [3, 3] } : {}),
            },
          },
          ...(fits ? [wordIn(shape, state.text, look)] : []),
        ],
      };
    },
  };
}

const wordIn = ({ x, y, height }: Area, text: string, look: Look) => ({
  type: 'text',
  style: {
    x: x + 6,
    y: y + height / 2,
    text,
    fill: look.color('ink'),
    font: `13px ${look.font}`,
    textVerticalAlign: 'middle',
  },
});

/** Cut to what is seen; null: not seen at all. At least a hair wide, or a short state would be none. */
function cut(from: number, to: number, { x, width }: Area): { readonly x: number; readonly width: number } | null {
  const [start, end] = [Math.max(x, from), Math.min(x + width, Math.max(to, from + 1))];
  return end <= x || start >= x + width ? null : { x: start, width: Math.max(1, end - start) };
}

export const MARK_TOKENS: Readonly<Record<Exclude<HistoryMark['kind'], 'alert'>, string>> = {
  incident: 'ink',
  outage: 'equipment',
  maintenance: 'equipment',
  rule: 'accent',
  record: 'ink-2',
};
export const markToken = ({ kind, severity }: HistoryMark): string =>
  kind === 'alert' ? (severity ?? 'medium') : MARK_TOKENS[kind];

/** A lane above the charts: a shape where it begins, a bar as long as it lasted. */
export function marksSeries(
  marks: readonly HistoryMark[],
  at: { readonly axis: number; readonly yAxis: number; readonly view: View; readonly now: number },
  look: Look,
): object[] {
  const ends = marks.map(({ at: begin, to, open }) => (open ? at.now : Date.parse(to ?? begin)));
  return [
    {
      type: 'custom',
      xAxisIndex: at.axis,
      yAxisIndex: at.yAxis,
      silent: true,
      data: marks.map((mark, i) => [Date.parse(mark.at), ends[i] ?? 0, 0]),
      encode: { x: [0, 1], y: 2 },
      renderItem: ({ coordSys, dataIndex }: RenderParams, api: RenderApi) => {
        const mark = marks[dataIndex];
        const begin = api.coord([api.value(0), 0])[0];
        const box = cut(begin, api.coord([api.value(1), 0])[0], coordSys);
        if (mark === undefined || box === null) return null;
        const fill = look.color(markToken(mark));
        const centre = coordSys.y + coordSys.height / 2;
        const bar = { x: box.x, y: centre - 2, width: box.width, height: 4 };
        const isSeen = begin >= coordSys.x && begin <= coordSys.x + coordSys.width;
        return {
          type: 'group',
          children: [
            ...(box.width > 3 ? [{ type: 'rect', shape: bar, style: { fill, opacity: 0.5 } }] : []),
            ...(isSeen ? [{ ...markFigure(mark, begin, centre), style: { fill } }] : []),
          ],
        };
      },
    },
  ];
}

/** An alert has its severity's shape as everywhere (octagon, triangle, diamond), an incident is a square, all else is round. */
function markFigure({ kind, severity }: HistoryMark, x: number, y: number): object {
  const polygon = (points: readonly (readonly [number, number])[]): object => ({
    type: 'polygon',
    shape: { points: points.map(([dx, dy]) => [x + dx, y + dy]) },
  });
  if (kind === 'incident') return polygon(SQUARE);
  if (kind === 'alert') return polygon(severity === 'high' ? OCTAGON : severity === 'low' ? DIAMOND : TRIANGLE);
  return { type: 'circle', shape: { cx: x, cy: y, r: 5 } };
}

const SQUARE = [
  [-5, -5],
  [5, -5],
  [5, 5],
  [-5, 5],
] as const;
const TRIANGLE = [
  [0, -7],
  [7, 6],
  [-7, 6],
] as const;
const DIAMOND = [
  [0, -7],
  [7, 0],
  [0, 7],
  [-7, 0],
] as const;
const OCTAGON = [
  [-3, -7],
  [3, -7],
  [7, -3],
  [7, 3],
  [3, 7],
  [-3, 7],
  [-7, 3],
  [-7, -3],
] as const;

/** More lines than these hide the curve. */
const MOST_LINES = 30;

/** Down through the charts, where something began. */
export function markLines(
  marks: readonly HistoryMark[],
  { view }: { readonly view: View },
  look: Look,
): readonly object[] {
  const seen = marks.filter(({ at }) => Date.parse(at) >= view.from && Date.parse(at) <= view.to);
  if (seen.length > MOST_LINES) return [];
  return seen.map((mark) => ({
    xAxis: Date.parse(mark.at),
    label: { show: false },
    lineStyle: { color: look.color(markToken(mark)), type: 'dotted', width: 1 },
  }));
}
