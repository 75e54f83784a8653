import type { HistorySeries } from '#core/history-view.ts';
import type { Value } from '#core/reading.ts';
import type { View } from './chart-view.ts';

/**
 * A point's past as it was fetched, range by range, and put together for what is looked at: the finest that is at hand, and where it
 * does not reach, what is there of coarser ones. So zooming shows something at once, and never something made up. Pure.
 */
export interface Piece extends View {
  readonly stepMs: number;
  readonly series: HistorySeries;
  /** The site's time when it was asked for: what came afterwards is not in it. */
  readonly askedAt: number;
}

/** The bucket from `at`, `span` long. Null figures are a gap. */
export interface Row {
  readonly at: number;
  readonly span: number;
  readonly mean: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly count: number;
  readonly coverage: number;
}

/** A value of a word or truth and how long it stood. */
export interface StateSpan {
  readonly from: number;
  readonly to: number;
  readonly value: Value | null;
  readonly quality: string;
}

/** Kept for each point; the oldest go. */
export const MOST_PIECES = 16;

export const addPiece = (pieces: readonly Piece[], piece: Piece): readonly Piece[] =>
  [
    piece,
    // What the new one tells as finely and more freshly is not wanted any more.
    ...pieces.filter((old) => old.stepMs !== piece.stepMs || old.from < piece.from || old.to > piece.to),
  ].slice(0, MOST_PIECES);

/** How far a piece tells: not beyond the moment it was asked for. */
const reach = ({ to, askedAt }: Piece): number => Math.min(to, askedAt);

/** Is the range told as finely as wanted, up to `slackMs` before its end? */
export function isAtHand(pieces: readonly Piece[], view: View, stepMs: number, now: number, slackMs: number): boolean {
  const end = Math.min(view.to, now);
  return pieces.some(
    (piece) => piece.stepMs === stepMs && piece.from <= view.from && reach(piece) >= Math.min(end, now - slackMs),
  );
}

/** The buckets of the view: nearest to the wanted step first, the newest among equals. With a gap wherever nothing is known. */
export function rowsOf(pieces: readonly Piece[], view: View, stepMs: number): readonly Row[] {
  const order = [...pieces].sort(
    (a, b) => distance(a.stepMs, stepMs) - distance(b.stepMs, stepMs) || b.askedAt - a.askedAt,
  );
  const taken: View[] = [];
  const rows: Row[] = [];
  for (const piece of order) {
    const free = freeOf({ from: Math.max(piece.from, view.from - piece.stepMs), to: reach(piece) }, taken);
    for (const span of free) pushRows(rows, piece, span);
    taken.push({ from: piece.from, to: reach(piece) });
  }
  return withGaps(rows.sort((a, b) => a.at - b.at));
}

/** A coarser piece is worse than a finer one as far away: it hides what is known. */
const distance = (have: number, want: number): number => Math.abs(Math.log(have / want)) * (have > want ? 1.5 : 1);

function freeOf(span: View, taken: readonly View[]): readonly View[] {
  let free: View[] = span.from < span.to ? [span] : [];
  for (const { from, to } of taken) {
    free = free.flatMap((one) =>
      [
        { from: one.from, to: Math.min(one.to, from) },
        { from: Math.max(one.from, to), to: one.to },
      ].filter((part) => part.from < part.to),
    );
  }
  return free;
}

function pushRows(rows: Row[], { series, stepMs }: Piece, span: View): void {
  const { at, mean, min, max, count, coverage } = series;
  for (let i = lowerBound(at, (span.from - stepMs / 2) / 1000); i < at.length; i++) {
    const from = (at[i] ?? 0) * 1000;
    const middle = from + stepMs / 2;
    if (middle < span.from) continue;
    if (middle >= span.to + stepMs / 2) break;
    rows.push({
      ...{ at: from, span: stepMs, mean: mean[i] ?? null, min: min[i] ?? null, max: max[i] ?? null },
      ...{ count: count[i] ?? 0, coverage: coverage[i] ?? 0 },
    });
  }
}

/** The first place whose figure is not under `wanted`. */
export function lowerBound(sorted: readonly number[], wanted: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A bucket that is missing between two becomes one without figures, so that the line breaks. */
function withGaps(rows: readonly Row[]): readonly Row[] {
  const whole: Row[] = [];
  for (const row of rows) {
    const before = whole.at(-1);
    if (before !== undefined) {
      const end = before.at + before.span;
      if (row.at < end - before.span / 2) continue;
      if (row.at > end + Math.max(before.span, row.span) / 2)
        whole.push({ at: end, span: row.at - end, mean: null, min: null, max: null, count: 0, coverage: 0 });
    }
    whole.push(row);
  }
  return whole;
}

/** A word's past: the freshest piece that reaches over the whole view, else the one that reaches over most of it. */
export function statesOf(pieces: readonly Piece[], view: View, now: number): readonly StateSpan[] {
  const overlap = (piece: Piece): number =>
    Math.max(0, Math.min(reach(piece), view.to, now) - Math.max(piece.from, view.from));
  const [best] = [...pieces].sort((a, b) => overlap(b) - overlap(a) || b.askedAt - a.askedAt);
  if (best === undefined || overlap(best) === 0) return [];
  const { changes } = best.series;
  const end = Math.min(best.to, Math.max(best.askedAt, now));
  return changes
    .map(({ at, value, quality }, i): StateSpan => {
      const next = changes[i + 1];
      return { from: Date.parse(at), to: next === undefined ? end : Date.parse(next.at), value, quality };
    })
    .filter(({ from, to }) => to > view.from && from < view.to);
}

/** The row that an instant lies in. */
export function rowAt(rows: readonly Row[], at: number): Row | null {
  let found: Row | null = null;
  let low = 0;
  let high = rows.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    if (row === undefined) break;
    if (row.at <= at) {
      found = row;
      low = middle + 1;
    } else high = middle - 1;
  }
  return found !== null && at < found.at + found.span && found.mean !== null ? found : null;
}

export interface Summary {
  readonly min: number;
  readonly mean: number;
  readonly max: number;
  readonly count: number;
  readonly last: number;
}

/** Of what is looked at. The mean is weighted by how long each bucket is known. */
export function summaryOf(rows: readonly Row[], view: View): Summary | null {
  let [min, max, sum, weight, count, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0, Number.NaN];
  for (const row of rows) {
    if (row.mean === null || row.at + row.span <= view.from || row.at >= view.to) continue;
    min = Math.min(min, row.min ?? row.mean);
    max = Math.max(max, row.max ?? row.mean);
    const share = row.span * Math.max(row.coverage, 0.001);
    sum += row.mean * share;
    weight += share;
    count += row.count;
    last = row.mean;
  }
  return weight === 0 ? null : { min, max, mean: sum / weight, count, last };
}
