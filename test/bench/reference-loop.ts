import { performance } from 'node:perf_hooks';

const NUMBERS = 4096;
const TIMES = 2000;

/**
 * The same work each time, eight million additions: how fast the machine is just now. A machine that others share varies by
 * three, so figures are told beside it.
 */
export function referenceMs(): number {
  const numbers = Float64Array.from({ length: NUMBERS }, (_, i) => i);
  const from = performance.now();
  let sum = 0;
  for (let time = 0; time < TIMES; time++) for (let i = 0; i < NUMBERS; i++) sum += (numbers[i] as number) * 0.5;
  if (sum < 0) throw new Error('a sum of what is not negative');
  return performance.now() - from;
}
