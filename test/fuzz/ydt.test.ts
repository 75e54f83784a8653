import { describe, expect, it } from 'vitest';
import { seededRandom } from '#core/random.ts';
import { runFuzz } from './run-fuzz.ts';
import { ydtTarget } from './ydt.ts';

describe('hostile bytes on a line of YD/T 1363.3', () => {
  it('20,000 mutated answers: none throws, nothing damaged is a frame, no reading is none or without a source', () => {
    const { read, summary } = runFuzz(ydtTarget, 20_000, 'ci');
    expect(read).toBeGreaterThan(2000);
    expect(summary).toMatch(/^\d{2,3} points reached, \d{4,} frames refused$/);
  });

  it('the same seed tries the same answers', () => {
    const [a, b] = [1, 2].map(() => {
      const run = ydtTarget.begin(seededRandom(5));
      return Array.from({ length: 300 }, () => run.tryOne()).join();
    });
    expect(a).toBe(b);
  });
});
