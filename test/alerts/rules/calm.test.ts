import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Condition } from '#core/config/rule.ts';
import type { Quality } from '#core/reading.ts';
import { minus, minutes, plus, seconds } from '#core/time.ts';
import { saySame, timelessTests } from '#services/alerts/rules/evaluate.ts';
import { stepFlapping } from '#services/alerts/rules/flapping.ts';
import type { Look } from '#services/alerts/rules/observation.ts';
import { IDLE } from '#services/alerts/rules/rule-step.ts';
import { makeRule, T0 } from '../support.ts';

/** Rules that are not stepped because their tests say the same: the shortcut must be one. */

const POINTS = ['ups.load', 'battery.charge'];

const test = fc.record({ point: fc.constantFrom(...POINTS), above: fc.constant(60), clear: fc.constantFrom(40, 60) });
const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    test as fc.Arbitrary<Condition>,
    fc.array(tie('condition'), { minLength: 1, maxLength: 2 }).map((all) => ({ all })),
    fc.array(tie('condition'), { minLength: 1, maxLength: 2 }).map((any) => ({ any })),
    tie('condition').map((not) => ({ not })),
  ),
}));

interface Seen {
  readonly value: number;
  readonly quality: Quality;
  readonly everGood: boolean;
  readonly stale: boolean;
}
const seen = fc.option(
  fc.record<Seen>({
    value: fc.constantFrom(30, 50, 70),
    quality: fc.constantFrom<Quality>('good', 'good', 'good', 'missing'),
    everGood: fc.boolean(),
    stale: fc.constantFrom(false, false, false, true),
  }),
  { nil: null, freq: 8 },
);
const situation = fc.tuple(seen, seen);

describe('a rule whose tests say the same as when it was at rest', () => {
  it('gives nothing when it is stepped all the same, and remembers the same', () => {
    let skipped = 0;
    fc.assert(
      fc.property(condition, fc.array(situation, { minLength: 2, maxLength: 6 }), (when, situations) => {
        const rule = makeRule({ when, for: '1m' });
        const tests = timelessTests(when) ?? [];
        let state = IDLE;
        let calm = false;
        situations.forEach((both, turn) => {
          const now = plus(T0, seconds(10 * turn));
          const look: Look = (point) => {
            const one = both[POINTS.indexOf(point)] ?? null;
            if (one === null) return null;
            const staleAt = one.stale ? now : plus(now, seconds(30));
            const goodAt = one.quality === 'good' || one.everGood ? minus(now, seconds(1)) : null;
            return { value: one.value, quality: one.quality, goodAt, changedAt: T0, staleAt, simulated: true };
          };
          const mayBeSkipped = calm && saySame(tests, look, state.memory, now);
          const stepped = stepFlapping(rule, state, look, now, true);
          if (mayBeSkipped) {
            skipped++;
            expect(stepped).toMatchObject({ effects: [], wakeAt: null });
            expect(stepped.state).toEqual(state);
          }
          state = stepped.state;
          calm =
            state.phase === 'idle' &&
            state.flaps === undefined &&
            stepped.effects.length === 0 &&
            stepped.wakeAt === null &&
            saySame(tests, look, state.memory, now);
        });
      }),
      { numRuns: 2000 },
    );
    expect(skipped).toBeGreaterThan(100);
  });

  it('is not one that time alone may change', () => {
    expect(
      timelessTests({
        any: [
          { point: 'ups.load', above: 60 },
          { point: 'ups.load', missing_for: minutes(1) },
        ],
      }),
    ).toBeNull();
  });
});
