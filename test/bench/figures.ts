import { percentile } from '../alerts/latency.ts';

/** How figures are summed up and said. */
export interface Measure {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export const summary = (values: readonly number[]): Measure => ({
  count: values.length,
  p50: percentile(values, 0.5),
  p99: percentile(values, 0.99),
  max: percentile(values, 1),
});

/** `p50 1.20  p99 3.40  max 9.01 ms`. */
export const inMs = ({ p50, p99, max }: Measure): string =>
  `p50 ${p50.toFixed(2)}  p99 ${p99.toFixed(2)}  max ${max.toFixed(2)} ms`;

/** `within` or `over`, with how much of it was used. */
export const against = (value: number, budget: number): string =>
  `${value <= budget ? 'within' : 'over'} (${((100 * value) / budget).toFixed(0)} % of it)`;

export const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
