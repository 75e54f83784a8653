import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Instant, instant, minutes, seconds } from '#core/time.ts';
import { freeAt, left, stillTaken } from '#services/alerts/notify/rate-window.ts';

const LIMIT = [{ messages: 20, per: minutes(1) }];
const at = (s: number): Instant => instant(1_000_000 + s * 1000);

describe('the limit of a channel', () => {
  it.each([
    ['nothing sent yet', [], 0, true, 20, 0],
    ['a quarter is kept back for high severity', [], 0, false, 15, 0],
    ['full for all but high severity', Array.from({ length: 15 }, () => 0), 30, false, 0, 60],
    ['high severity still goes then', Array.from({ length: 15 }, () => 0), 30, true, 5, 30],
    ['each comes back a minute after it went, not steadily', Array.from({ length: 20 }, (_, i) => i), 30, true, 0, 60],
    ['what is a minute old counts no more', Array.from({ length: 20 }, () => 0), 60, true, 20, 60],
  ] as const)('%s', (_why, taken, now, high, free, when) => {
    expect(left(taken.map(at), LIMIT, at(now), high)).toBe(free);
    expect(freeAt(taken.map(at), LIMIT, at(now), high)).toBe(at(when));
  });

  it('no minute ever sees more than the limit, however messages come', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.boolean()), { maxLength: 200 }),
        (messages, arrivals) => {
          const limit = [{ messages, per: seconds(60) }];
          let now = 0;
          let taken: readonly Instant[] = [];
          const went: number[] = [];
          for (const [gap, high] of arrivals) {
            now = Math.max(now + gap, freeAt(taken, limit, instant(now + gap), high));
            expect(left(taken, limit, instant(now), high)).toBeGreaterThan(0);
            taken = [...stillTaken(taken, limit, instant(now)), instant(now)];
            went.push(now);
          }
          for (const one of went) {
            expect(went.filter((other) => other >= one && other < one + 60_000).length).toBeLessThanOrEqual(messages);
          }
        },
      ),
    );
  });
});

describe('a channel with two limits', () => {
  it('keeps both: five a second and a hundred a minute', () => {
    const both = [
      { messages: 100, per: minutes(1) },
      { messages: 5, per: seconds(1) },
    ];
    const five = Array.from({ length: 5 }, () => at(0));
    expect(left(five, both, at(0), true)).toBe(0);
    expect(freeAt(five, both, at(0), true)).toBe(at(1));
    const hundred = Array.from({ length: 100 }, (_, index) => at(index / 10));
    expect(freeAt(hundred, both, at(20), true)).toBe(at(60));
  });
});
