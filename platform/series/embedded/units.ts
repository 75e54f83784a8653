/** The resolutions of the rollups, finest first. Whole multiples since 1970 in UTC. */
export const UNITS = ['minute', 'quarter', 'hour', 'day'] as const;
export type Unit = (typeof UNITS)[number];

export const MINUTE_MS = 60_000;
export const QUARTER_MS = 900_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
export const UNIT_MS: Readonly<Record<Unit, number>> = {
  minute: MINUTE_MS,
  quarter: QUARTER_MS,
  hour: HOUR_MS,
  day: DAY_MS,
};
/** Buckets in one row: few rows for a year of hours, and little to write anew when an hour is added. */
export const UNITS_IN_ROW: Readonly<Record<Unit, number>> = { minute: 1440, quarter: 768, hour: 1536, day: 512 };

/**
 * Samples a bucket from which on a level is kept as the data comes; below, its samples are nearly as few and answer as fast.
 * Minutes pay later: there are so many. Measured, see ARCHITECTURE.md.
 */
export type WorthKeeping = Readonly<Record<Unit, number>>;
export const WORTH_KEEPING: WorthKeeping = { minute: 20, quarter: 8, hour: 8, day: 8 };

export const rowMs = (unit: Unit): number => UNIT_MS[unit] * UNITS_IN_ROW[unit];
export const floorTo = (at: number, size: number): number => Math.floor(at / size) * size;
export const ceilTo = (at: number, size: number): number => Math.ceil(at / size) * size;

/** A span of time, `to` outside. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Spans in order, those that touch or overlap made one. */
export function joinSpans(spans: readonly Span[]): readonly Span[] {
  const joined: { from: number; to: number }[] = [];
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else joined.push({ from, to });
  }
  return joined;
}

/** The spans that samples at these rising times can have a say in: each from one hold before to one hold after. */
export function touchedSpans(at: Float64Array, hold: number): readonly Span[] {
  const spans: { from: number; to: number }[] = [];
  for (const time of at) {
    const last = spans.at(-1);
    // Spans that nearly touch are one: few spans are quicker than exact ones.
    if (last !== undefined && time - hold <= last.to + HOUR_MS) last.to = time + hold;
    else spans.push({ from: time - hold, to: time + hold });
  }
  return spans;
}
