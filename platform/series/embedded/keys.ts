/**
 * Where a row of a series stands: series number and second of its beginning in one whole number, so that the rows of a
 * series lie together in the order of time and SQLite needs no second index.
 */
const SECONDS = 2 ** 33;

/** Series numbers below this and times up to LAST_AT make keys below 2^53. */
export const MOST_SERIES = 2 ** 20;
/** 2242-03-16. */
export const LAST_AT = SECONDS * 1000 - 1;

export const keyOf = (series: number, at: number): number =>
  series * SECONDS + Math.max(0, Math.min(SECONDS - 1, Math.floor(at / 1000)));
export const seriesOf = (key: number): number => Math.floor(key / SECONDS);
/** Epoch milliseconds of the second. */
export const startOf = (key: number): number => (key % SECONDS) * 1000;
