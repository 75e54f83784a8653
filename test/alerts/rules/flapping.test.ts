import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rule } from '#core/config/rule.ts';
import { flapWindow, stepFlapping } from '#core/rules/flapping.ts';
import type { Observation } from '#core/rules/observation.ts';
import { IDLE, type RuleEffect, type RuleState } from '#core/rules/rule-step.ts';
import { type Instant, minutes, plus, seconds } from '#core/time.ts';
import { makeRule, T0 } from '../support.ts';

const leak = (more: Record<string, unknown> = {}): Rule =>
  makeRule({ on: { devices: ['s'] }, when: { point: 'room.leak', is: true }, ...more });

/** Steps at instants in seconds; null is a value that cannot be trusted. Effects as words, the count with `chattering`. */
function stepper(rule: Rule) {
  let state: RuleState = IDLE;
  return (atS: number, value: boolean | null): string => {
    const now: Instant = plus(T0, seconds(atS));
    const seen: Observation = {
      ...{ value, quality: value === null ? 'missing' : 'good', goodAt: now, changedAt: now },
      ...{ staleAt: plus(now, minutes(60)), simulated: false },
    };
    // What is kept is JSON: a restart between any two steps changes nothing (L28).
    const stepped = stepFlapping(rule, JSON.parse(JSON.stringify(state)) as RuleState, () => seen, now, true);
    state = stepped.state;
    return stepped.effects.map(wordOf).join(' ');
  };
}
const wordOf = ({ kind, times }: RuleEffect): string => (times === undefined ? kind : `${kind}(${times})`);

function walk(
  rule: Rule,
  rows: readonly (readonly [atS: number, value: boolean | null, expected: string, why: string])[],
) {
  const step = stepper(rule);
  for (const [atS, value, expected, why] of rows) expect(step(atS, value), `${atS} s: ${why}`).toBe(expected);
}

describe('what comes and goes (L30)', () => {
  it('is told twice, then once more with its count, and clears once when it has been calm', () => {
    walk(leak(), [
      [0, true, 'fired', 'the first time'],
      [10, false, 'cleared', ''],
      [20, true, 'fired', 'the second time'],
      [30, false, 'cleared', ''],
      [40, true, 'fired chattering(3)', 'the third within ten minutes'],
      [50, false, '', 'a gap is no end'],
      [60, true, 'chattering(4)', 'counted, not told'],
      [70, false, '', ''],
      [600, true, 'chattering(5)', 'before the window has passed'],
      [610, false, '', ''],
      [1200, false, '', 'not yet ten minutes'],
      [1210, false, 'cleared', 'calm'],
      [1220, true, 'fired', 'and it begins anew'],
    ]);
  });

  it('that falls silent asks the clock for nothing once its calm would be over: it waits for a word (L29)', () => {
    let state: RuleState = IDLE;
    const wakes: (number | null)[] = [];
    const rows: readonly (readonly [number, boolean | null])[] = [
      ...[0, 20, 40].flatMap((at) => [[at, true] as const, [at + 10, false] as const]),
      [900, null],
      [901, null],
    ];
    for (const [atS, value] of rows) {
      const now = plus(T0, seconds(atS));
      const seen: Observation = {
        ...{ value, quality: value === null ? 'missing' : 'good', goodAt: now, changedAt: now },
        ...{ staleAt: plus(now, minutes(60)), simulated: false },
      };
      const stepped = stepFlapping(leak(), state, () => seen, now, true);
      state = stepped.state;
      wakes.push(stepped.wakeAt === null ? null : stepped.wakeAt - now);
    }
    // While the window still runs it is looked at when that ends; afterwards never in an instant that has passed.
    expect(wakes[5]).toBeGreaterThan(0);
    for (const wake of wakes.slice(6)) expect(wake === null || wake >= 1000, String(wake)).toBe(true);
  });

  it('twice, or three times with more than the window between, is told each time', () => {
    walk(leak(), [
      [0, true, 'fired', ''],
      [10, false, 'cleared', ''],
      [620, true, 'fired', 'the first is forgotten'],
      [630, false, 'cleared', ''],
      [1240, true, 'fired', 'the second, too'],
    ]);
  });

  it('and never lasts as long as `for`, but does so in sum, is told', () => {
    walk(leak({ for: '1m' }), [
      [0, true, 'pending', ''],
      [30, false, 'dismissed', '30 s'],
      [40, true, 'pending', ''],
      [60, false, 'dismissed', '50 s'],
      [70, true, 'pending', '50 s so far'],
      [75, true, '', '55 s'],
      [80, true, 'fired chattering(3)', '60 s in sum'],
      [90, false, '', ''],
      [689, false, '', ''],
      [690, false, 'cleared', 'ten minutes of calm'],
    ]);
  });

  it('stays firing while nothing is known: silence is not calm (L29)', () => {
    walk(leak(), [
      [0, true, 'fired', ''],
      [1, false, 'cleared', ''],
      [2, true, 'fired', ''],
      [3, false, 'cleared', ''],
      [4, true, 'fired chattering(3)', ''],
      [5, false, '', ''],
      [3000, null, '', 'no good value for most of an hour'],
      [3010, false, 'cleared', 'known again, and calm'],
    ]);
  });

  it('is an ordinary alert again when it stays true, and clears with its end', () => {
    walk(leak(), [
      [0, true, 'fired', ''],
      [1, false, 'cleared', ''],
      [2, true, 'fired', ''],
      [3, false, 'cleared', ''],
      [4, true, 'fired chattering(3)', ''],
      [700, true, '', 'true for more than the window'],
      [710, false, 'cleared', ''],
    ]);
  });

  it('wakes by itself: for the sum while it is true, for the calm afterwards', () => {
    const rule = leak({ for: '1m' });
    const look = (value: boolean, atS: number) => (): Observation => ({
      ...{ value, quality: 'good', goodAt: plus(T0, seconds(atS)), changedAt: plus(T0, seconds(atS)) },
      ...{ staleAt: plus(T0, minutes(600)), simulated: false },
    });
    let state: RuleState = IDLE;
    const at = (atS: number, value: boolean) => {
      const stepped = stepFlapping(rule, state, look(value, atS), plus(T0, seconds(atS)), true);
      state = stepped.state;
      return stepped.wakeAt === null ? null : (stepped.wakeAt - T0) / 1000;
    };
    for (const [s, value] of [
      [0, true],
      [25, false],
      [30, true],
      [55, false],
    ] as const)
      at(s, value);
    expect(at(60, true)).toBe(70);
    expect(at(70, true)).toBeGreaterThan(70);
    expect(at(80, false)).toBe(80 + flapWindow(rule) / 1000);
  });

  it('whatever comes: firing and clearing take turns, no window has more than three messages of beginning, all is clear in the end', () => {
    const events = fc.array(fc.tuple(fc.integer({ min: 1, max: 400 }), fc.constantFrom(true, false, null)), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(events, fc.constantFrom('0s', '30s', '5m'), (steps, wait) => {
        const rule = leak({ for: wait });
        const step = stepper(rule);
        const told: { kind: string; at: number }[] = [];
        let at = 0;
        const take = (value: boolean | null): void => {
          for (const word of step(at, value).split(' ')) {
            if (word === 'fired' || word === 'cleared') told.push({ kind: word, at });
          }
        };
        for (const [gap, value] of steps) {
          at += gap;
          take(value);
        }
        at += 1;
        take(false);
        at += flapWindow(rule) / 1000 + 1;
        take(false);
        expect(told.map(({ kind }) => kind)).toEqual(told.map((_, i) => (i % 2 === 0 ? 'fired' : 'cleared')));
        expect(told.length % 2).toBe(0);
        const fired = told.filter(({ kind }) => kind === 'fired').map((one) => one.at);
        for (const from of fired) {
          expect(fired.filter((one) => one >= from && one < from + 600).length).toBeLessThanOrEqual(3);
        }
      }),
      { numRuns: 500 },
    );
  });
});
