import { describe, expect, it } from 'vitest';
import type { Course, ForecastView } from '#core/forecast.ts';
import { instant, minutes, seconds } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { createForecastDesk } from '#services/alerts/forecast-desk.ts';

/** When forecasts are made, and when they are told. */

const course = (downAt: string | null): Course => ({
  now: { zh: '继续等待', en: 'Goes on waiting' },
  later: null,
  late: null,
  startsAt: null,
  downAt,
  emptyAt: null,
  spareS: 5,
  cut: [],
  unfinished: [],
  closesAt: null,
});
const view = (at: string, downAt: string | null): ForecastView => ({
  ...{ incident: 'inc-1', at, nobody: course(downAt), questions: [], orders: [], steps: [], end: null },
});

function desk() {
  const clock = createVirtualClock(instant(Date.UTC(2026, 0, 14)));
  const seen = { made: 0, slices: 0, told: [] as ForecastView[], retracted: [] as string[], errors: [] as unknown[] };
  const said = { downAt: '2026-01-14T00:30:10.000Z' as string | null, open: true, fails: false };
  const made = createForecastDesk({
    wall: clock,
    forecast: () => (said.open ? slices() : null),
    publishView: (one) => void seen.told.push(one),
    retract: (id) => void seen.retracted.push(id),
    onError: (error) => void seen.errors.push(error),
  });
  function* slices(): Generator<void, ForecastView> {
    seen.made++;
    for (let i = 0; i < 3; i++) {
      seen.slices++;
      yield;
    }
    if (said.fails) throw new Error('no');
    return view(new Date(clock.now()).toISOString(), said.downAt);
  }
  return { clock, seen, said, desk: made };
}

describe('forecasts beside the decision path', () => {
  it('nothing is worked out in the turn that shows an incident; each slice has a turn of its own', async () => {
    const { clock, seen, desk: one } = desk();
    one.onIncident('inc-1', false);
    expect(seen.made).toBe(0);
    await clock.advanceByAsync(seconds(1));
    expect([seen.made, seen.slices, seen.told.length]).toEqual([1, 3, 1]);
    one.stop();
  });

  it('shown anew ten times a second it is worked out once in five seconds, and not put off', async () => {
    const { clock, seen, desk: one } = desk();
    for (let i = 0; i < 600; i++) {
      one.onIncident('inc-1', false);
      await clock.advanceByAsync(seconds(0.1));
    }
    expect(seen.made).toBeGreaterThanOrEqual(11);
    expect(seen.made).toBeLessThanOrEqual(13);
    one.stop();
  });

  it('goes on as time passes, and tells only what reads differently', async () => {
    const { clock, seen, said, desk: one } = desk();
    one.onIncident('inc-1', false);
    await clock.advanceByAsync(minutes(5));
    expect(seen.made).toBeGreaterThan(8);
    expect(seen.told).toHaveLength(1);
    said.downAt = '2026-01-14T00:30:50.000Z';
    await clock.advanceByAsync(minutes(2));
    expect(seen.told).toHaveLength(1);
    said.downAt = '2026-01-14T00:31:02.000Z';
    await clock.advanceByAsync(minutes(2));
    expect(seen.told).toHaveLength(2);
    one.publish();
    expect(seen.told).toHaveLength(3);
    one.stop();
  });

  it('a closed incident has none: what was kept on the bus is taken away', async () => {
    const { clock, seen, desk: one } = desk();
    one.onIncident('inc-1', false);
    await clock.advanceByAsync(seconds(10));
    one.onIncident('inc-1', true);
    const before = seen.made;
    await clock.advanceByAsync(minutes(5));
    expect([seen.retracted, seen.made]).toEqual([['inc-1'], before]);
  });

  it('a forecast that fails is counted and tried again later; nobody waits for it', async () => {
    const { clock, seen, said, desk: one } = desk();
    said.fails = true;
    one.onIncident('inc-1', false);
    await clock.advanceByAsync(seconds(10));
    expect([seen.errors.length > 0, seen.told.length]).toEqual([true, 0]);
    said.fails = false;
    await clock.advanceByAsync(minutes(1));
    expect(seen.told).toHaveLength(1);
    one.stop();
  });

  it('after its end nothing is made any more', async () => {
    const { clock, seen, desk: one } = desk();
    one.onIncident('inc-1', false);
    one.stop();
    await clock.advanceByAsync(minutes(1));
    expect(seen.made).toBe(0);
  });
});
