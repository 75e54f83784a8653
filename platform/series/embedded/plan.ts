import { ceilTo, DAY_MS, floorTo, HOUR_MS, MINUTE_MS, QUARTER_MS, type Span, type Unit } from './units.ts';

/**
 * From where the figures of a range are taken, as a pure function: whole rollup buckets where they hold, the samples
 * themselves at the edges and wherever samples came that no rollup knows yet. Which levels a series really has is looked up
 * afterwards (rollup-cover.ts).
 *
 * Example: the day from 16:00Z to 16:00Z (midnight in Shanghai) is eight hours, and sixteen hours. Sums of neighbours add up.
 */
export interface Part extends Span {
  readonly source: 'samples' | Unit;
}

export interface Sources {
  /** Samples are kept from here on; before, rollups alone. */
  readonly samplesFrom: number;
  /** Spans whose rollups do not hold yet, in order. */
  readonly unsettled: readonly Span[];
  /** The rollups answer the question that is asked (the same band). */
  readonly rollups: boolean;
}

const LEVELS: readonly (readonly [Unit, number])[] = [
  ['minute', MINUTE_MS],
  ['quarter', QUARTER_MS],
  ['hour', HOUR_MS],
  ['day', DAY_MS],
];

/** Parts in order, none over another, neighbours of the same source joined even where buckets meet. */
export function planParts(edges: ArrayLike<number>, sources: Sources): readonly Part[] {
  const parts: { source: Part['source']; from: number; to: number }[] = [];
  const push = (source: Part['source'], from: number, to: number): void => {
    if (from >= to) return;
    const last = parts.at(-1);
    if (last !== undefined && last.source === source && last.to === from) last.to = to;
    else parts.push({ source, from, to });
  };
  const fromSamples = (from: number, to: number): void => {
    const border = Math.min(to, Math.max(from, sources.samplesFrom));
    if (sources.rollups) push('minute', ceilTo(from, MINUTE_MS), floorTo(border, MINUTE_MS));
    push('samples', border, to);
  };
  const fromRollups = (from: number, to: number, level: number): void => {
    if (from >= to) return;
    const [unit, size] = LEVELS[level] as readonly [Unit, number];
    const [low, high] = [ceilTo(from, size), floorTo(to, size)];
    if (level === 0) push(unit, from, to);
    else if (low >= high) fromRollups(from, to, level - 1);
    else {
      fromRollups(from, low, level - 1);
      push(unit, low, high);
      fromRollups(high, to, level - 1);
    }
  };
  const unsettled = sources.unsettled.map(({ from, to }) => ({
    from: floorTo(from, QUARTER_MS),
    to: ceilTo(to, QUARTER_MS),
  }));
  let next = 0;
  const whole = (from: number, to: number, level = LEVELS.length - 1): void => {
    let at = from;
    while (next < unsettled.length && (unsettled[next] as Span).to <= from) next++;
    for (let i = next; i < unsettled.length && at < to; i++) {
      const span = unsettled[i] as Span;
      if (span.from >= to) break;
      fromRollups(at, Math.max(at, Math.min(to, span.from)), level);
      fromSamples(Math.max(at, span.from), Math.min(to, span.to));
      at = Math.max(at, Math.min(to, span.to));
    }
    fromRollups(at, to, level);
  };
  const level = sources.rollups ? commonLevel(edges) : -1;
  if (level >= 0) {
    whole(edges[0] as number, edges[edges.length - 1] as number, level);
    return parts;
  }
  for (let i = 0; i + 1 < edges.length; i++) {
    const [from, to] = [edges[i] as number, edges[i + 1] as number];
    const [low, high] = [ceilTo(from, MINUTE_MS), floorTo(to, MINUTE_MS)];
    if (!sources.rollups || low >= high) fromSamples(from, to);
    else {
      fromSamples(from, low);
      whole(low, high);
      fromSamples(high, to);
    }
  }
  return parts;
}

/** The coarsest unit on whose borders all edges stand, so that the range is one part and not thousands; −1 when there is none, or buckets are so long that days serve them better. */
function commonLevel(edges: ArrayLike<number>): number {
  const [first, last] = [edges[0] ?? 0, edges[edges.length - 1] ?? 0];
  let level = (last - first) / (edges.length - 1) > DAY_MS ? -1 : LEVELS.length - 1;
  for (let i = 0; i < edges.length && level >= 0; i++) {
    const at = edges[i] as number;
    while (level >= 0 && floorTo(at, LEVELS[level]?.[1] ?? 1) !== at) level--;
  }
  return level;
}
