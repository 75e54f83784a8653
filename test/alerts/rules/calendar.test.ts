import { describe, expect, it } from 'vitest';
import { createLatestReadings } from '#core/rules/latest-readings.ts';
import { createRuleEngine } from '#core/rules/rule-engine.ts';
import { instant, seconds } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { openStateStore } from '#platform/state-store.ts';
import { createRota } from '#services/alerts/rota/rota.ts';
import { sampleConfig } from '../../plans/support.ts';

/** `calendar.working`: rules that hold outside working hours only (O-THF-1). */

const at = (iso: string) => instant(Date.parse(iso));

function fires(iso: string, withCalendar = true): readonly string[] {
  const config = sampleConfig();
  const clock = createVirtualClock(at(iso));
  const latest = createLatestReadings(config);
  const now = clock.now();
  const engine = createRuleEngine({
    config,
    clock,
    steady: () => clock.now(),
    state: openStateStore(':memory:'),
    latest,
    ...(withCalendar ? { rota: createRota(config) } : {}),
    onDue: () => {},
  });
  engine.start();
  const reading = {
    device: 'motion-1',
    point: 'room.motion',
    value: true,
    quality: 'good' as const,
    measuredAt: now,
    receivedAt: now,
    changedAt: now,
    simulated: true,
  };
  const batch = { device: 'motion-1', at: now, readings: [reading], cause: 'message' as const };
  latest.take(batch, now, false);
  const touched = engine.touchedBy('motion-1', batch.readings, now);
  const changes = touched === null ? [] : engine.step(touched, now);
  engine.stop();
  clock.advanceBy(seconds(1));
  return changes.flatMap(({ rule, effects }) => effects.flatMap(({ kind }) => (kind === 'fired' ? [rule.id] : [])));
}

describe('motion in the room', () => {
  it.each([
    ['2026-01-14T02:00:00Z', [], 'Wednesday 10:00: people work there'],
    ['2026-01-14T14:00:00Z', ['intrusion'], 'Wednesday 22:00'],
    ['2026-01-17T02:00:00Z', ['intrusion'], 'Saturday 10:00'],
    ['2026-10-01T02:00:00Z', ['intrusion'], 'a holiday, although a Thursday'],
    ['2026-09-20T02:00:00Z', [], 'a Sunday that is worked (调休)'],
  ])('at %s fires %j: %s (O-THF-1)', (when, expected) => {
    expect(fires(when)).toEqual(expected);
  });

  it('without a calendar nobody knows, and nothing is called', () => {
    expect(fires('2026-01-14T14:00:00Z', false)).toEqual([]);
  });
});
