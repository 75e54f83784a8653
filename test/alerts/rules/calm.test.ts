import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Condition } from '#core/config/rule.ts';
import type { Quality } from '#core/reading.ts';
import { isAtRest, staysAtRest } from '#core/rules/at-rest.ts';
import { sooner, testsOf } from '#core/rules/evaluate.ts';
import { stepFlapping } from '#core/rules/flapping.ts';
import type { Look, Observation } from '#core/rules/observation.ts';
import { IDLE } from '#core/rules/rule-step.ts';
import { type Instant, plus, seconds } from '#core/time.ts';
import { makeRule, T0 } from '../support.ts';

/** Rules that are not stepped because their tests say the same: the shortcut must be one. */

const POINTS = ['ups.load', 'battery.charge'];
/** The rule's own device first. */
const DEVICES = ['one', 'two'];

const point = fc.constantFrom(...POINTS);
const test = fc.oneof(
  { weight: 4, arbitrary: fc.record({ point, above: fc.constant(60), clear: fc.constantFrom(40, 60) }) },
  { weight: 1, arbitrary: fc.record({ point, missing_for: fc.constantFrom('15s', '60s') }) },
  { weight: 1, arbitrary: fc.record({ point, frozen_for: fc.constantFrom('15s', '60s') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      point,
      rises_by: fc.constant(15),
      within: fc.constantFrom('2m', '10m'),
      clear: fc.constantFrom(5, 15),
    }),
  },
  { weight: 1, arbitrary: fc.record({ point, changes_by: fc.constant(30), within: fc.constant('5m') }) },
  { weight: 2, arbitrary: fc.record({ point, forecast: fc.constant({ above: 80, within: '10m', over: '2m' }) }) },
  { weight: 1, arbitrary: fc.record({ point, device: fc.constantFrom(...DEVICES), above: fc.constant(60) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      point,
      of: fc.constant({ devices: DEVICES }),
      take: fc.constantFrom('max', 'min', 'mean', 'spread'),
      above: fc.constantFrom(15, 60),
      clear: fc.constant(10),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ point: 'calendar.working', is: false }) },
);
const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    test as unknown as fc.Arbitrary<Condition>,
    fc.array(tie('condition'), { minLength: 1, maxLength: 2 }).map((all) => ({ all })),
    fc.array(tie('condition'), { minLength: 1, maxLength: 2 }).map((any) => ({ any })),
    tie('condition').map((not) => ({ not })),
    fc
      .record({ when: tie('condition'), at_least: fc.constantFrom(1, 2) })
      .map(({ when, at_least }) => ({ count: { of: { devices: DEVICES }, when, at_least } })),
  ),
}));

interface Seen {
  readonly value: number;
  readonly quality: Quality;
  readonly stale: boolean;
}
const seen = fc.option(
  fc.record<Seen>({
    value: fc.constantFrom(30, 50, 70),
    quality: fc.constantFrom<Quality>('good', 'good', 'good', 'missing'),
    stale: fc.constantFrom(false, false, false, true),
  }),
  { nil: null, freq: 8 },
);
const situation = fc.record({ gap: fc.constantFrom(1, 5, 10, 10, 60, 900), all: fc.tuple(seen, seen, seen, seen) });

/** What latest-readings would keep of one point: instants that only go on. */
function keep(before: Observation | null, one: Seen | null, now: Instant): Observation | null {
  if (one === null) return before;
  const { value, quality, stale } = one;
  const goodAt = quality === 'good' ? now : (before?.goodAt ?? null);
  const changedAt = before !== null && before.value === value ? before.changedAt : now;
  return { value, quality, goodAt, changedAt, staleAt: stale ? now : plus(now, seconds(30)), simulated: true };
}

/** Half a minute of work, half a minute of rest. */
function calendar(now: Instant): Observation {
  const until = plus(T0, seconds((Math.floor((now - T0) / 30_000) + 1) * 30));
  const value = Math.floor((now - T0) / 30_000) % 2 === 0;
  return {
    value,
    quality: 'good',
    goodAt: now,
    changedAt: now,
    staleAt: plus(until, seconds(60)),
    simulated: true,
    until,
  };
}

describe('a rule at rest', () => {
  it('gives nothing when it is stepped all the same, remembers the same, and is not due before its timer', () => {
    let skipped = 0;
    let firing = 0;
    fc.assert(
      fc.property(
        condition,
        fc.boolean(),
        fc.array(situation, { minLength: 2, maxLength: 25 }),
        (when, named, situations) => {
          const rule = makeRule({ when, for: '20s' });
          const tests = testsOf(rule.when);
          let state = IDLE;
          let rests = false;
          let unknown: readonly string[] = [];
          let timerAt: Instant | null = null;
          let at = T0;
          let kept: (Observation | null)[] = [null, null, null, null];
          for (const { gap, all } of situations) {
            at = plus(at, seconds(gap));
            const now = at;
            kept = kept.map((before, index) => keep(before, all[index] ?? null, now));
            const look: Look = (name, device = 'one') =>
              name === 'calendar.working'
                ? calendar(now)
                : (kept[DEVICES.indexOf(device) * POINTS.length + POINTS.indexOf(name)] ?? null);
            const mayBeSkipped: boolean = rests && staysAtRest({ rule, state, unknown, look }, tests, timerAt, now);
            const stepped = stepFlapping(rule, state, look, now, named);
            if (mayBeSkipped) {
              skipped++;
              if (state.phase === 'firing') firing++;
              expect(stepped.effects).toEqual([]);
              expect(stepped.state).toEqual(state);
              // Nothing of it comes before the timer that was left as it is.
              if (stepped.wakeAt !== null) expect(timerAt).not.toBeNull();
              if (stepped.wakeAt !== null) expect(timerAt).toBeLessThanOrEqual(stepped.wakeAt);
              continue;
            }
            state = stepped.state;
            unknown = stepped.unknown;
            rests = isAtRest(stepped, tests, look, now);
            // As the engine does: a timer that is early is left alone.
            if (timerAt !== null && timerAt <= now) timerAt = null;
            timerAt = sooner(timerAt, stepped.wakeAt);
          }
        },
      ),
      { numRuns: 6000 },
    );
    expect(skipped).toBeGreaterThan(1000);
    expect(firing).toBeGreaterThan(100);
  });
});
