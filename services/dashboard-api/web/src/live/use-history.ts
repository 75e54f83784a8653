import { onBeforeUnmount, type Ref, shallowRef, triggerRef, watch } from 'vue';
import { historyStep } from '#core/history-steps.ts';
import type { HistoryManyResponse, HistoryMark, HistoryMarksResponse } from '#core/history-view.ts';
import type { SeriesKey } from '#core/series.ts';
import { keyOf } from '../model/chart-link.ts';
import { addPiece, isAtHand, type Piece } from '../model/chart-pieces.ts';
import { fetchFor, lengthOfView, type View } from '../model/chart-view.ts';
import { get } from './api.ts';
import { siteNow, siteSpeed } from './site-clock.ts';

/**
 * The pasts of what is looked at. What is at hand is shown at once; what is missing (finer, earlier, newer) is asked for, all points in
 * one request, and the request before it is given up.
 */
export interface HistoryNeeds {
  readonly series: Ref<readonly SeriesKey[]>;
  readonly view: Ref<View>;
  /** Also so much earlier, to lie under it; 0: not. */
  readonly overlayMs: Ref<number>;
  /** How many buckets the picture can show. */
  readonly points: Ref<number>;
}

/** While fingers move nothing is asked for. */
const PAUSE_MS = 140;
/** The newest end is asked for again after so long, at the site's speed. */
const FRESH_MS = 10_000;

export function useHistory({ series, view, overlayMs, points }: HistoryNeeds) {
  const pieces = shallowRef(new Map<string, readonly Piece[]>());
  const loading = shallowRef(false);
  const failure = shallowRef<unknown>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked: AbortController | null = null;

  const stepMs = (): number => historyStep(lengthOfView(view.value), points.value);
  const piecesOf = (key: SeriesKey): readonly Piece[] => pieces.value.get(keyOf(key)) ?? [];
  const missing = (range: View): readonly SeriesKey[] => {
    const now = siteNow.value;
    const { stepMs: step } = fetchFor(range, now, points.value);
    const slack = Math.max(step, FRESH_MS * Math.max(1, siteSpeed.value));
    return series.value.filter((key) => !isAtHand(piecesOf(key), range, step, now, slack));
  };
  const earlier = (): View | null =>
    overlayMs.value === 0
      ? null
      : { from: view.value.from - overlayMs.value, to: Math.min(view.value.to, siteNow.value) - overlayMs.value };

  async function ask(range: View, keys: readonly SeriesKey[], signal: AbortSignal): Promise<void> {
    if (keys.length === 0) return;
    const askedAt = siteNow.value;
    const { from, to, stepMs: step, points: count } = fetchFor(range, askedAt, points.value);
    const query = new URLSearchParams(keys.map((key) => ['series', keyOf(key)]));
    query.set('from', new Date(from).toISOString());
    query.set('to', new Date(to).toISOString());
    query.set('points', String(count));
    const answer = await get<HistoryManyResponse>(`/history?${query}`, signal);
    for (const one of answer.series) {
      const key = keyOf(one);
      const piece: Piece = { from, to, stepMs: answer.stepS * 1000, series: one, askedAt };
      pieces.value.set(key, addPiece(pieces.value.get(key) ?? [], { ...piece, stepMs: piece.stepMs || step }));
    }
    triggerRef(pieces);
  }

  async function load(): Promise<void> {
    const under = earlier();
    const now = missing(view.value);
    const before = under === null ? [] : missing(under);
    if (now.length + before.length === 0) return;
    asked?.abort();
    const mine = new AbortController();
    asked = mine;
    loading.value = true;
    try {
      await Promise.all([
        ask(view.value, now, mine.signal),
        ...(under === null ? [] : [ask(under, before, mine.signal)]),
      ]);
      if (asked === mine) failure.value = null;
    } catch (thrown) {
      if (asked === mine && !mine.signal.aborted) failure.value = thrown;
    } finally {
      if (asked === mine) {
        loading.value = false;
        asked = null;
      }
    }
  }

  /** The first time and whenever other points are wanted at once; while it moves after a pause. */
  const soon = (pause: number): void => {
    clearTimeout(timer);
    timer = setTimeout(load, pause);
  };
  watch([series, overlayMs], () => void load(), { immediate: true });
  watch(view, (now, before) => {
    // Another range by a button is asked for at once. What is moved by hand waits until the hand rests, and a request under way
    // is not hurried: while the view slides along with now it would never end.
    if (isJump(before, now)) void load();
    else soon(asked === null ? PAUSE_MS : PAUSE_MS * 2);
  });
  watch(points, () => soon(PAUSE_MS));
  onBeforeUnmount(() => {
    clearTimeout(timer);
    asked?.abort();
  });
  return { pieces, loading, failure, stepMs, retry: load };
}

const isJump = (before: View, now: View): boolean => {
  const factor = lengthOfView(now) / lengthOfView(before);
  return factor > 1.9 || factor < 0.53 || now.from >= before.to || now.to <= before.from;
};

/** What happened meanwhile, for the devices that are shown; asked for with a margin and again when it is left. */
export function useMarks(devices: Ref<readonly string[]>, view: Ref<View>) {
  const marks = shallowRef<readonly HistoryMark[]>([]);
  const truncated = shallowRef(false);
  let told: (View & { readonly of: string; readonly at: number }) | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function load(): Promise<void> {
    const of = devices.value.join(' ');
    const length = lengthOfView(view.value);
    const now = siteNow.value;
    const isKnown = told?.of === of && told.from <= view.value.from && told.to >= Math.min(view.value.to, now);
    const isFresh = told !== null && now - told.at < 30_000 * Math.max(1, siteSpeed.value);
    const isWide = told !== null && told.to - told.from > 12 * length;
    if (devices.value.length === 0 || (isKnown && isFresh && !isWide)) return;
    const range = { from: view.value.from - length, to: view.value.to + length };
    const query = new URLSearchParams(devices.value.map((device) => ['device', device]));
    query.set('from', new Date(range.from).toISOString());
    query.set('to', new Date(range.to).toISOString());
    told = { ...range, of, at: now };
    try {
      const answer = await get<HistoryMarksResponse>(`/history/marks?${query}`);
      if (of !== devices.value.join(' ')) return;
      marks.value = answer.marks;
      truncated.value = answer.truncated;
    } catch {
      // A chart without its marks is still one; they are asked for again with the next move.
      told = null;
    }
  }
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(load, PAUSE_MS);
  };
  watch(devices, () => void load(), { immediate: true });
  watch(view, soon);
  onBeforeUnmount(() => clearTimeout(timer));
  return { marks, truncated };
}
