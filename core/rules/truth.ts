/**
 * Three-valued logic (Kleene): a doubtful or missing value makes a condition *unknown*, never true and never false.
 *
 * Example: `any(true, unknown)` is true, `any(false, unknown)` is unknown, `all(false, unknown)` is false.
 */
export type Truth = boolean | 'unknown';

export const not = (truth: Truth): Truth => (truth === 'unknown' ? 'unknown' : !truth);

export function all(truths: readonly Truth[]): Truth {
  if (truths.includes(false)) return false;
  return truths.includes('unknown') ? 'unknown' : true;
}

export function any(truths: readonly Truth[]): Truth {
  if (truths.includes(true)) return true;
  return truths.includes('unknown') ? 'unknown' : false;
}
