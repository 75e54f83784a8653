import { describe, expect, it } from 'vitest';
import type { Rule } from '#core/config/rule.ts';
import type { Quality, Value } from '#core/reading.ts';
import type { Observation } from '#core/rules/observation.ts';
import { IDLE, type RuleState, stepRule } from '#core/rules/rule-step.ts';
import { type Instant, minutes, plus, seconds } from '#core/time.ts';
import { makeRule, T0 } from '../support.ts';

type Seen = Value | null | { value: Value | null; quality: Quality };

/** Steps a rule through rows of [seconds, what is seen, expected effects, reason]. Values are by point; absent points never arrived. */
function walk(
  rule: Rule,
  rows: readonly (readonly [number, Record<string, Seen>, string, string])[],
  named = true,
): RuleState {
  let state = IDLE;
  const goodAt = new Map<string, Instant>();
  const changed = new Map<string, { value: Value | null; at: Instant }>();
  for (const [atS, seen, expected, reason] of rows) {
    const now = plus(T0, seconds(atS));
    const observe = (point: string): Observation | null => {
      const one = seen[point];
      if (one === undefined) return null;
      const { value, quality } =
        typeof one === 'object' && one !== null
          ? one
          : { value: one, quality: one === null ? ('missing' as const) : ('good' as const) };
      if (quality === 'good') goodAt.set(point, now);
      if (changed.get(point)?.value !== value) changed.set(point, { value, at: now });
      return {
        value,
        quality,
        goodAt: goodAt.get(point) ?? null,
        changedAt: changed.get(point)!.at,
        staleAt: plus(now, seconds(30)),
        simulated: false,
      };
    };
    const stepped = stepRule(rule, state, observe, now, named);
    state = stepped.state;
    expect(stepped.effects.map(({ kind }) => kind).join(' '), `${atS} s: ${reason}`).toBe(expected);
  }
  return state;
}

const load = { point: 'ups.load', above: 90, clear: 85 };

describe('a rule for one device', () => {
  it('fires above its limit and clears only at its clear value', () => {
    walk(makeRule({ when: load }), [
      [0, { 'ups.load': 88 }, '', 'between clear and limit from below: not an event'],
      [10, { 'ups.load': 90 }, '', 'at the limit is not above it'],
      [20, { 'ups.load': 90.1 }, 'fired', 'above'],
      [30, { 'ups.load': 88 }, '', 'hysteresis holds it'],
      [40, { 'ups.load': 85 }, 'cleared', 'at the clear value it ends'],
      [50, { 'ups.load': 88 }, '', 'and does not begin again below the limit'],
    ]);
  });

  it('fires below its limit and clears above its clear value', () => {
    walk(makeRule({ when: { point: 'battery.charge', below: 30, clear: 40 } }), [
      [0, { 'battery.charge': 29 }, 'fired', 'L12: the first reading is judged like a change'],
      [10, { 'battery.charge': 39 }, '', 'hysteresis'],
      [20, { 'battery.charge': 40 }, 'cleared', 'at the clear value'],
    ]);
  });

  it('waits for `for`, starts over when the condition ends, and keeps its beginning through doubt (L30)', () => {
    const rule = makeRule({ when: load, for: '1m' });
    walk(rule, [
      [0, { 'ups.load': 95 }, 'pending', 'begins'],
      [30, { 'ups.load': 80 }, 'dismissed', 'ended before its time'],
      [40, { 'ups.load': 95 }, 'pending', 'begins anew'],
      [70, { 'ups.load': null }, 'doubtful', 'no value: neither fires nor ends'],
      [110, { 'ups.load': null }, '', 'past its time, but unknown'],
      [120, { 'ups.load': 95 }, 'certain fired', 'true again: it began at 40 s'],
    ]);
  });

  it.each<[Quality, string]>([
    ['missing', 'no value'],
    ['stale', 'too old'],
    ['frozen', 'stands still'],
    ['implausible', 'outside its range'],
  ])('never clears on a %s value and is marked doubtful (L29)', (quality) => {
    const state = walk(makeRule({ when: load }), [
      [0, { 'ups.load': 95 }, 'fired', 'true'],
      [10, { 'ups.load': { value: 50, quality } }, 'doubtful', 'a value that cannot be trusted decides nothing'],
      [20, { 'ups.load': { value: 50, quality } }, '', 'told once'],
    ]);
    expect(state).toMatchObject({ phase: 'firing', doubtful: true });
  });

  it('never fires on a doubtful value', () => {
    walk(makeRule({ when: load }), [[0, { 'ups.load': { value: 99, quality: 'implausible' } }, '', 'unknown']]);
  });

  it('becomes doubtful when nothing arrives any more, without clearing (L29)', () => {
    const rule = makeRule({ when: load });
    const look = (): Observation => ({
      value: 95,
      quality: 'good',
      goodAt: T0,
      changedAt: T0,
      staleAt: plus(T0, seconds(30)),
      simulated: false,
    });
    const fired = stepRule(rule, IDLE, look, T0, true);
    expect(fired.wakeAt).toBe(plus(T0, seconds(30)));
    const silent = stepRule(rule, fired.state, look, plus(T0, seconds(30)), true);
    expect(silent.effects.map(({ kind }) => kind)).toEqual(['doubtful']);
    expect(silent.state.phase).toBe('firing');
  });

  it('reads set points by token, words and truths whole', () => {
    walk(makeRule({ when: { point: 'ups.status', is: 'OB' } }), [
      [0, { 'ups.status': 'OL CHRG' }, '', 'no OB'],
      [10, { 'ups.status': 'OB DISCHRG' }, 'fired', 'OB among others'],
      [20, { 'ups.status': 'OL' }, 'cleared', 'gone'],
    ]);
    walk(makeRule({ when: { point: 'ups.status', lacks: 'OL' } }), [
      [0, { 'ups.status': 'OFF' }, 'fired', 'L10: OFF is not power'],
    ]);
    walk(makeRule({ when: { point: 'cooling.status', is: 'off' } }), [
      [0, { 'cooling.status': 'off' }, 'fired', 'word'],
    ]);
    walk(makeRule({ when: { point: 'room.smoke', is: true } }), [
      [0, { 'room.smoke': 'true' }, '', 'a text is not a truth: unknown'],
      [10, { 'room.smoke': true }, 'fired', 'truth'],
    ]);
  });

  it('calls a value missing only after its time, also when it never came', () => {
    const rule = makeRule({ when: { point: 'room.smoke', missing_for: '30m' } });
    walk(rule, [
      [0, {}, '', 'L8: loading is not an event'],
      [1799, {}, '', 'not yet'],
      [1800, {}, 'fired', 'a named device that never spoke'],
      [1810, { 'room.smoke': false }, 'cleared', 'it speaks'],
      [1900, { 'room.smoke': null }, '', 'counted from the last good value'],
      [3610, { 'room.smoke': null }, 'fired', '30 minutes without a good value'],
    ]);
  });

  it('keeps counting a missing value over a restart (L28)', () => {
    const rule = makeRule({ when: { point: 'room.smoke', missing_for: '30m' } });
    const before = walk(rule, [[0, { 'room.smoke': null }, '', 'missing from the first word on']]);
    const restored = JSON.parse(JSON.stringify(before)) as RuleState;
    expect(stepRule(rule, restored, () => null, plus(T0, minutes(30)), true).effects.map(({ kind }) => kind)).toEqual([
      'fired',
    ]);
  });

  it('does not miss points that the device does not have, for rules by kind', () => {
    const any = [
      { point: 'ambient.temperature', missing_for: '10m' },
      { point: 'room.smoke', missing_for: '30m' },
    ];
    walk(
      makeRule({ when: { any } }),
      [
        [0, { 'ambient.temperature': 20 }, '', 'a thermometer'],
        [599, { 'ambient.temperature': null }, '', 'not yet'],
        [601, { 'ambient.temperature': null }, 'fired', 'its temperature is missing; its smoke is not expected'],
      ],
      false,
    );
  });

  it('clears by the points a device has, and not by one that has fallen silent (L29)', () => {
    const when = {
      any: [
        { point: 'battery.charge', below: 30 },
        { point: 'ups.status', is: 'LB' },
      ],
    };
    walk(
      makeRule({ when }),
      [
        [0, { 'battery.charge': 20 }, 'fired', 'no status point at all'],
        [10, { 'battery.charge': 60 }, 'cleared', 'the one it has is false'],
      ],
      false,
    );
    walk(
      makeRule({ when }),
      [
        [0, { 'battery.charge': 60, 'ups.status': 'OB LB' }, 'fired', 'status'],
        [10, { 'battery.charge': 60, 'ups.status': null }, 'doubtful', 'any(false, unknown) is unknown'],
      ],
      false,
    );
  });

  it('calls a value frozen that arrives and does not move (L9)', () => {
    walk(makeRule({ when: { point: 'ups.load', frozen_for: '1m' } }), [
      [0, { 'ups.load': 40 }, '', 'fresh'],
      [50, { 'ups.load': 41 }, '', 'moved'],
      [109, { 'ups.load': 41 }, '', 'not yet'],
      [110, { 'ups.load': { value: 41, quality: 'frozen' } }, 'fired', 'a minute without a change'],
      [120, { 'ups.load': 42 }, 'cleared', 'moved'],
    ]);
  });

  it('composes with all, any and not in three-valued logic', () => {
    const both = makeRule({ when: { all: [load, { not: { point: 'ups.status', is: 'TEST' } }] } });
    walk(both, [
      [0, { 'ups.load': 95, 'ups.status': 'OL TEST' }, '', 'in a test'],
      [10, { 'ups.load': 95, 'ups.status': null }, '', 'unknown: does not fire'],
      [20, { 'ups.load': 95, 'ups.status': 'OL' }, 'fired', 'both hold'],
      [30, { 'ups.load': 50, 'ups.status': null }, 'cleared', 'all(false, unknown) is false'],
    ]);
  });

  it('starts its timer over when the clock was set back between two runs', () => {
    const rule = makeRule({ when: load, for: '1m' });
    const ahead: RuleState = { ...IDLE, phase: 'pending', since: plus(T0, minutes(90)) };
    const look = (): Observation => ({
      value: 95,
      quality: 'good',
      goodAt: T0,
      changedAt: T0,
      staleAt: plus(T0, minutes(5)),
      simulated: false,
    });
    const stepped = stepRule(rule, ahead, look, T0, true);
    expect(stepped.wakeAt).toBe(plus(T0, minutes(1)));
  });
});
