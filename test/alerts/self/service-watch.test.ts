import { describe, expect, it } from 'vitest';
import { minutes, seconds } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { createServiceWatch } from '#services/alerts/self/service-watch.ts';
import { T0 } from '../support.ts';

function setUp() {
  const wall = createVirtualClock(T0);
  const found = new Set<string>();
  const watch = createServiceWatch({
    wall,
    report: (rule, subject, truth) => {
      if (truth) found.add(`${rule} ${subject}`);
      else found.delete(`${rule} ${subject}`);
    },
  });
  const say = (service: string, more: object = {}) =>
    watch.onAlive({
      ...{ topic: `zhishou/test/service/${service}`, retained: false },
      payload: new TextEncoder().encode(
        JSON.stringify({ service, at: 'x', trouble: null, stalls: { count: 0, longestS: 0, lastAt: null }, ...more }),
      ),
    });
  watch.start();
  return { wall, watch, found, say };
}

describe('the watch over the other services (L32)', () => {
  it('one that was there and says nothing for a minute is told of, until it speaks again', async () => {
    const { wall, found, say } = setUp();
    say('dashboard-api');
    await wall.advanceByAsync(seconds(50));
    expect([...found]).toEqual([]);
    await wall.advanceByAsync(seconds(40));
    expect([...found]).toEqual(['zhishou-service-silent dashboard-api']);
    say('dashboard-api');
    await wall.advanceByAsync(seconds(20));
    expect([...found]).toEqual([]);
  });

  it('one that never was there is not missed: not every site runs all of them', async () => {
    const { wall, found } = setUp();
    await wall.advanceByAsync(minutes(10));
    expect([...found]).toEqual([]);
  });

  it('what a service knows to be wrong with itself is told with its words', async () => {
    const { wall, found, say } = setUp();
    say('dashboard-api', { trouble: 'disk is full' });
    await wall.advanceByAsync(seconds(20));
    expect([...found]).toEqual(['zhishou-service-trouble dashboard-api']);
  });

  it('one that stood still is told of for ten minutes; stalls from before this one listened are not news', async () => {
    const { wall, found, say } = setUp();
    const stalls = (count: number) => ({ stalls: { count, longestS: 3, lastAt: null } });
    say('collector', stalls(2));
    await wall.advanceByAsync(seconds(20));
    expect([...found]).toEqual([]);
    say('collector', stalls(3));
    await wall.advanceByAsync(seconds(20));
    expect([...found]).toEqual(['zhishou-stalled collector']);
    for (let i = 0; i < 45; i++) {
      say('collector', stalls(3));
      await wall.advanceByAsync(seconds(15));
    }
    expect([...found]).toEqual([]);
  });

  it('what is not as promised is refused, and strangers do not fill the memory', () => {
    const { watch, say } = setUp();
    expect(say('Dashboard/../x')).toBe('wrong shape');
    expect(watch.onAlive({ topic: 'x', retained: false, payload: new TextEncoder().encode('no') })).toBe('not JSON');
    const names = Array.from({ length: 12 }, (_, index) => `s-${'abcdefghijkl'[index]}`);
    expect(names.map((name) => say(name)).slice(-2)).toEqual(['too many services', 'too many services']);
  });
});
