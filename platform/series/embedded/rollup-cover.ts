import type { Core } from './core.ts';
import type { Series } from './series-table.ts';
import { floorTo, rowMs, type Span, UNIT_MS, type Unit } from './units.ts';

/**
 * Which levels a series has where. A row that is there tells all of its time, as far as samples are sealed; a level whose
 * buckets would hold few samples has no row, and its samples are asked.
 */
export interface Stretch extends Span {
  /** By the unit's rows; else the samples have to say. */
  readonly told: boolean;
}

/** [from, to) in stretches, in order; where there is neither row nor sample nothing. */
export function coverOf(core: Core, series: Series, unit: Unit, from: number, to: number): readonly Stretch[] {
  const length = rowMs(unit);
  const stretches: { from: number; to: number; told: boolean }[] = [];
  const push = (told: boolean, start: number, end: number): void => {
    if (start >= end) return;
    const last = stretches.at(-1);
    if (last !== undefined && last.told === told && last.to === start) last.to = end;
    else stretches.push({ from: start, to: end, told });
  };
  let at = from;
  for (const start of core.rollups.starts(series.id, unit, from, to)) {
    push(false, at, Math.max(from, start));
    at = Math.min(to, start + length);
    push(true, Math.max(from, start), at);
  }
  push(false, at, to);
  return stretches.filter((one) => one.told || hasSamples(core, series, one));
}

const hasSamples = (core: Core, series: Series, { from, to }: Span): boolean =>
  to > series.samplesFrom && core.chunks.any(series.id, from - series.made.hold, to);

/** Whether the unit's rows tell all that is known of [from, to). */
export const isTold = (core: Core, series: Series, unit: Unit, from: number, to: number): boolean =>
  coverOf(core, series, unit, from, to).every(({ told }) => told);

/** Whether the samples of the row at `start` come so thick that its buckets are worth their bytes. */
export function isWorthKeeping(core: Core, series: Series, unit: Unit, start: number): boolean {
  const least = core.worthKeeping[unit];
  let samples = 0;
  let lengthMs = 0;
  for (const row of core.chunks.rows(series.id, start, start + rowMs(unit))) {
    samples += row.count - 1;
    lengthMs += row.last - row.first;
  }
  return (samples > 0 || least === 0) && samples * UNIT_MS[unit] >= least * lengthMs;
}

/** The starts of the rows that reach into [from, to). */
export function* rowStarts(unit: Unit, from: number, to: number): Generator<number> {
  const length = rowMs(unit);
  for (let start = floorTo(from, length); start < to; start += length) yield start;
}
