/** Above these loads a UPS trips after so long (per cent, ms); common figures of double-conversion UPSes. */
const OVERLOADS = [
  [150, 5_000],
  [125, 60_000],
  [105, 600_000],
] as const;

/** How long a UPS bears this load; null: for ever. */
export const bearsMs = (loadPercent: number): number | null =>
  OVERLOADS.find(([above]) => loadPercent > above)?.[1] ?? null;
