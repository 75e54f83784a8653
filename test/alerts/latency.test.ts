import { expect, it } from 'vitest';
import { measureLatency, percentile } from './latency.ts';

it('hands every message over, with its stores on disk; the time is measured by the bench and not judged here', async () => {
  const took = await measureLatency({ count: 20 });
  expect(took).toHaveLength(20);
  expect(percentile([1, 2, 3, 4], 0.5)).toBe(2);
});
