import { computed, type Ref } from 'vue';
import { definePoint } from '#core/points.ts';
import type { SeriesKey } from '#core/series.ts';
import type { Drawn } from '../components/history-option.ts';
import { keyOf } from '../model/chart-link.ts';
import { type Piece, type Row, rowsOf, statesOf } from '../model/chart-pieces.ts';
import type { View } from '../model/chart-view.ts';
import { saysTrouble } from '../model/point-groups.ts';
import { useWords } from '../words.ts';
import { bandAt } from './band-at.ts';
import { siteNow } from './site-clock.ts';
import { live } from './store.ts';

/** What was fetched as what is drawn: names, colours by place in the list, limits, words of states. */
export interface DrawnSeries extends Drawn {
  readonly device: string;
  readonly truncated: boolean;
}

/** By turns; after six the same again, dashed. */
const COLORS = ['series-1', 'series-2', 'series-3', 'series-4', 'series-5', 'series-6'] as const;

export function useDrawn(parts: {
  readonly series: Ref<readonly SeriesKey[]>;
  readonly view: Ref<View>;
  readonly pieces: Ref<ReadonlyMap<string, readonly Piece[]>>;
  readonly overlayMs: Ref<number>;
  readonly stepMs: () => number;
}) {
  const { t, te, tx, value, device: nameOf } = useWords();
  const devices = computed(() => new Set(parts.series.value.map(({ device }) => device)).size);
  const nameFor = ({ device, point }: SeriesKey): string => {
    const label = live.devices.get(device)?.labels[point];
    const meaning = tx(definePoint(point)?.meaning) || point;
    const name = label === undefined || label === '' ? meaning : t('device.named', { point: meaning, label });
    return devices.value > 1 ? t('history.pointOf', { device: nameOf(device), point: name }) : name;
  };
  const moved = (rows: readonly Row[], by: number): readonly Row[] => rows.map((row) => ({ ...row, at: row.at + by }));

  return computed((): readonly DrawnSeries[] =>
    parts.series.value.map((key, place): DrawnSeries => {
      const { device, point } = key;
      const pieces = parts.pieces.value.get(keyOf(key)) ?? [];
      const definition = definePoint(point);
      const kind = definition?.kind === 'number' ? 'number' : 'word';
      const view = parts.view.value;
      const by = parts.overlayMs.value;
      const isNumber = kind === 'number' && pieces.length > 0;
      const under =
        isNumber && by > 0 ? rowsOf(pieces, { from: view.from - by, to: view.to - by }, parts.stepMs()) : [];
      return {
        ...{ key: keyOf(key), device, point, kind, name: nameFor(key), unit: definition?.unit ?? '' },
        rows: isNumber ? rowsOf(pieces, view, parts.stepMs()) : [],
        under: moved(under, by),
        states:
          kind === 'number'
            ? []
            : statesOf(pieces, view, siteNow.value).map((state) => {
                const isDoubtful = state.quality !== 'good';
                const said = value(point, state.value).text;
                const doubt = te(`quality.${state.quality}`) ? t(`quality.${state.quality}`) : state.quality;
                const text = isDoubtful ? (state.value === null ? doubt : `${said} · ${doubt}`) : said;
                return {
                  ...state,
                  text,
                  look: isDoubtful ? 'doubtful' : saysTrouble(point, state.value) ? 'trouble' : 'plain',
                };
              }),
        color: COLORS[place % COLORS.length] ?? COLORS[0],
        dash: place < COLORS.length ? 'solid' : 'dashed',
        band: kind === 'number' ? bandAt(device, point) : null,
        truncated: pieces[0]?.series.truncated ?? false,
      };
    }),
  );
}
