import { describe, expect, it } from 'vitest';
import { type Instant, instant, minutes } from '#core/time.ts';
import { afterFailure, type Breaker, CLOSED, mayProbe, probing } from '#services/alerts/notify/breaker.ts';

const at = (s: number): Instant => instant(1_000_000 + s * 1000);
const failure = (to = 'ann', refused = false) => ({ to, refused, message: 'no route to host' });
const failing = (times: number, make = (_index: number) => failure()): Breaker =>
  Array.from({ length: times }, (_, index) => make(index)).reduce<Breaker>(
    (breaker, one) => afterFailure(breaker, one, at(0)),
    CLOSED,
  );

describe('the breaker of a channel', () => {
  it.each([
    ['one failure is a hiccup', failing(1), 'closed'],
    ['two are bad luck', failing(2), 'closed'],
    ['three in a row are a channel that fails', failing(3), 'open'],
    ['one wrong number, however often, is no broken channel', failing(9, () => failure('wrong', true)), 'closed'],
    ['refused to everybody it is one', failing(3, (index) => failure(`person-${index}`, true)), 'open'],
  ])('%s', (_why, breaker, state) => {
    expect(breaker.state).toBe(state);
  });

  it('while open it is tried at growing pauses of at most five minutes, one try at a time', () => {
    let breaker = failing(3);
    let now = at(0);
    const pauses: number[] = [];
    for (let i = 0; i < 7; i++) {
      if (breaker.state !== 'open') throw new Error('closed');
      expect(mayProbe(breaker, instant(breaker.until - 1))).toBe(false);
      pauses.push((breaker.until - now) / 1000);
      now = breaker.until;
      expect(mayProbe(breaker, now)).toBe(true);
      const trying = probing(breaker);
      if (trying.state !== 'open') throw new Error('closed');
      expect(mayProbe(trying, now)).toBe(false);
      breaker = afterFailure(trying, failure(), now);
    }
    expect(pauses).toEqual([15, 30, 60, 120, 240, 300, 300]);
    expect(breaker).toMatchObject({ state: 'open', pause: minutes(5), since: at(0) });
  });
});
