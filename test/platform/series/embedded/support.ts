import type { Quality, Reading, Value } from '#core/reading.ts';
import type { SeriesBucket } from '#core/series.ts';
import { instant, milliseconds } from '#core/time.ts';
import type { VirtualClock } from '#platform/clock/virtual-clock.ts';

/** A reading of simulated equipment, `at` in epoch milliseconds. */
export function reading(point: string, at: number, value: Value | null, quality: Quality = 'good'): Reading {
  const measuredAt = instant(at);
  return {
    device: 'rack-1',
    point,
    value,
    quality,
    measuredAt,
    receivedAt: measuredAt,
    changedAt: measuredAt,
    simulated: true,
  };
}

/** What pauses on the clock, brought to its end. */
export async function driven<T>(clock: VirtualClock, work: Promise<T>): Promise<T> {
  let done = false;
  const settled = work.finally(() => {
    done = true;
  });
  settled.catch(() => {});
  while (!done) {
    clock.advanceBy(milliseconds(1));
    await Promise.resolve();
  }
  return settled;
}

/** Buckets but for the rounding of sums that were added up in another order. */
export const rounded = (buckets: readonly SeriesBucket[]) =>
  buckets.map((bucket) =>
    Object.fromEntries(
      Object.entries(bucket).map(([name, value]) => [name, value === null ? null : Number(value.toPrecision(9)) + 0]),
    ),
  );
