import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rule } from '#core/config/rule.ts';
import type { Look, Observation } from '#core/rules/observation.ts';
import { IDLE, type RuleState, stepRule } from '#core/rules/rule-step.ts';
import { type Instant, minutes, plus, seconds } from '#core/time.ts';
import { makeRule, T0 } from '../support.ts';

/** Rules that ask how a value moves: rate of change, and time to a limit. */

const POINT = 'ambient.temperature';
const seen = (value: number | null, now: Instant, goodAt: Instant | null = now): Observation => ({
  value,
  quality: value === null ? 'missing' : 'good',
  goodAt: value === null ? goodAt : now,
  changedAt: now,
  staleAt: plus(now, minutes(5)),
  simulated: false,
});

interface Run {
  readonly effects: readonly string[];
  readonly state: RuleState;
}

/** A reading each half minute; null is one that cannot be trusted. What is kept goes through JSON at each step (L28). */
function run(rule: Rule, values: readonly (number | null)[], gapS = 30, begin: RuleState = IDLE): Run {
  let state = begin;
  let goodAt: Instant | null = null;
  const effects: string[] = [];
  values.forEach((value, i) => {
    const now = plus(T0, seconds(i * gapS));
    if (value !== null) goodAt = now;
    const look: Look = () => seen(value, now, goodAt);
    const stepped = stepRule(rule, JSON.parse(JSON.stringify(state)) as RuleState, look, now, true);
    state = stepped.state;
    effects.push(...stepped.effects.map(({ kind }) => `${kind}@${i}`));
  });
  return { effects, state };
}

const ramp = (from: number, perStep: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.round((from + i * perStep) * 100) / 100);
const flat = (value: number, count: number): number[] => Array.from({ length: count }, () => value);
const times = (effects: readonly string[], kind: string): number =>
  effects.filter((one) => one.startsWith(`${kind}@`)).length;

const rises = makeRule({ when: { point: POINT, rises_by: 5, within: '1h', clear: 3 } });
const nears = makeRule({ when: { point: POINT, forecast: { above: 32, within: '30m', over: '10m' } } });

describe('a rate of change', () => {
  it.each([
    ['5 °C in an hour, evenly', 'just as much as is asked', 1, ramp(22, 5 / 120, 140)],
    ['4.5 °C in an hour', 'less', 0, ramp(22, 4.5 / 120, 140)],
    ['5 °C in two hours', 'as much, but slower', 0, ramp(22, 5 / 240, 260)],
    ['a step of 6 °C', 'at once', 1, [...flat(22, 40), ...flat(28, 20)]],
    [
      'one wild reading of −10 °C',
      'what comes back from it has not risen',
      0,
      [...flat(22, 40), -10, ...flat(22, 100)],
    ],
    ['falling by 6 °C', 'the other way', 0, ramp(28, -6 / 120, 140)],
  ])('%s: %s (fires %i)', (_name, _why, fired, values) => {
    expect(times(run(rises, values).effects, 'fired')).toBe(fired);
  });

  it('falls_by looks down, changes_by both ways', () => {
    const falls = makeRule({ when: { point: POINT, falls_by: 5, within: '1h' } });
    const changes = makeRule({ when: { point: POINT, changes_by: 5, within: '1h' } });
    expect(times(run(falls, ramp(28, -0.1, 80)).effects, 'fired')).toBe(1);
    expect(times(run(falls, ramp(22, 0.1, 80)).effects, 'fired')).toBe(0);
    for (const step of [0.1, -0.1]) expect(times(run(changes, ramp(25, step, 80)).effects, 'fired')).toBe(1);
  });

  it('has risen until less than `clear` of it is within the window, and clears once', () => {
    const { effects } = run(rises, [...flat(22, 40), ...ramp(22, 0.1, 60), ...flat(28, 200)]);
    expect(effects.map((one) => one.split('@')[0])).toEqual(['fired', 'cleared']);
    // An hour after the last of it, but for the 3 °C that it may keep.
    const cleared = Number(effects[1]?.split('@')[1]);
    expect(cleared).toBeGreaterThan(40 + 30 + 100);
    expect(cleared).toBeLessThan(40 + 60 + 130);
  });

  it('never clears because nothing was heard for longer than its window (L29)', () => {
    const silent = Array.from({ length: 300 }, () => null);
    const { effects, state } = run(rises, [...flat(22, 40), ...flat(28, 10), ...silent, 28, 28]);
    expect(effects.map((one) => one.split('@')[0])).toEqual(['fired', 'doubtful']);
    expect(state.phase).toBe('firing');
  });

  it('says nothing of the first minutes after a start: too little is known to call it calm', () => {
    const { state } = run(makeRule({ when: { not: { point: POINT, rises_by: 5, within: '1h' } } }), flat(22, 40));
    expect(state.phase).toBe('idle');
  });

  it('holds a bounded number of samples, evenly over the window, however often it is read', () => {
    const { state } = run(rises, ramp(20, 0.001, 5000), 2);
    const samples = state.memory.tracks?.['0']?.samples ?? [];
    expect(samples.length).toBeLessThanOrEqual(27);
    const gaps = samples.slice(1).map(([at], i) => at - (samples[i]?.[0] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(minutes(60) / 24 + 2000);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(minutes(60) / 24);
  });
});

describe('a forecast', () => {
  it.each([
    ['at rest', 'it never comes there', 0, flat(23, 120)],
    ['0.2 °C a minute from 23 °C', '45 min at first, 30 min at 26 °C', 1, ramp(23, 0.1, 60)],
    ['0.05 °C a minute', 'only when 1.5 °C are left', 1, ramp(23, 0.025, 330)],
    ['falling', 'away from it', 0, ramp(31, -0.05, 120)],
    ['over it already', 'also before a slope is known', 1, flat(33, 30)],
    [
      'two wild readings',
      'the median knows better (Theil–Sen)',
      0,
      [...flat(23, 30), 60, ...flat(23, 20), 55, ...flat(23, 40)],
    ],
  ])('%s: %s (fires %i)', (_name, _why, fired, values) => {
    expect(times(run(nears, values).effects, 'fired')).toBe(fired);
  });

  it('fires when the limit is half an hour away, by a tenth', () => {
    const { effects } = run(nears, ramp(23, 0.1, 100));
    const fired = Number(effects.find((one) => one.startsWith('fired'))?.split('@')[1]);
    const left = (32 - (23 + fired * 0.1)) / 0.2;
    expect(left).toBeGreaterThan(27);
    expect(left).toBeLessThanOrEqual(31);
  });

  it('of a fall ends at the lower limit: the battery runs down', () => {
    const rule = makeRule({ when: { point: 'battery.runtime', forecast: { below: 300, within: '10m', over: '5m' } } });
    expect(times(run(rule, ramp(3600, -30, 100)).effects, 'fired')).toBe(1);
    expect(times(run(rule, ramp(3600, 30, 100)).effects, 'fired')).toBe(0);
  });

  it('is no longer near when the rise has stopped, and clears once', () => {
    const { effects } = run(nears, [...ramp(23, 0.1, 45), ...flat(27.5, 60)]);
    expect(effects.map((one) => one.split('@')[0])).toEqual(['fired', 'cleared']);
  });

  it('neither fires nor forgets by a restart at any moment (L28)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -0.3, max: 0.3, noNaN: true }), { minLength: 60, maxLength: 120 }),
        fc.nat(119),
        (steps, cut) => {
          let value = 26;
          const values = steps.map((step) => (value = Math.round((value + step) * 100) / 100));
          for (const rule of [rises, nears]) {
            const whole = run(rule, values);
            const before = run(rule, values.slice(0, cut));
            // The same instants go on after it.
            let state = JSON.parse(JSON.stringify(before.state)) as RuleState;
            const effects = [...before.effects];
            values.slice(cut).forEach((one, i) => {
              const now = plus(T0, seconds((Math.min(cut, values.length) + i) * 30));
              const stepped = stepRule(rule, state, () => seen(one, now), now, true);
              state = stepped.state;
              effects.push(...stepped.effects.map(({ kind }) => `${kind}@${cut + i}`));
            });
            expect(effects).toEqual(whole.effects);
            expect(state).toEqual(whole.state);
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});
