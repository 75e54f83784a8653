import { describe, expect, it } from 'vitest';
import type { Rule } from '#core/config/rule.ts';
import { bindRule } from '#core/rules/bind-rule.ts';
import { stepFlapping } from '#core/rules/flapping.ts';
import type { Look } from '#core/rules/observation.ts';
import { IDLE, type RuleState } from '#core/rules/rule-step.ts';
import { minutes, plus, seconds } from '#core/time.ts';
import { makeDevice, makeRule, T0 } from '../support.ts';

/** L30 of the kinds of test beside plain limits: what comes and goes is one alert, and what never lasts fires all the same. */

const SENSORS = ['s-1', 's-2', 's-3'].map((id) => makeDevice({ id, mqtt: { topic: id } }));

/** Values each half minute, one a device; effects that people would be told of, with their number. */
function run(rule: Rule, values: readonly (readonly number[])[]): readonly string[] {
  const bound = bindRule(rule, SENSORS);
  let state: RuleState = IDLE;
  return values.flatMap((row, i) => {
    const now = plus(T0, seconds(30 * i));
    const look: Look = (_point, device = 's-1') => {
      const value = row[SENSORS.findIndex(({ id }) => id === device)] ?? null;
      return { value, quality: 'good', goodAt: now, changedAt: now, staleAt: plus(now, minutes(5)), simulated: false };
    };
    // What is kept is JSON: a restart between any two steps changes nothing (L28).
    const stepped = stepFlapping(bound, JSON.parse(JSON.stringify(state)) as RuleState, look, now, true);
    state = stepped.state;
    return stepped.effects.flatMap(({ kind }) => (kind === 'fired' || kind === 'cleared' ? [`${kind}@${i}`] : []));
  });
}

/** Up for `up` readings, down for `down`, so often. */
const wave = (high: readonly number[], low: readonly number[], up: number, down: number, times: number) =>
  Array.from({ length: times }, () => [
    ...Array.from({ length: up }, () => high),
    ...Array.from({ length: down }, () => low),
  ]).flat();
const still = (row: readonly number[], count: number) => Array.from({ length: count }, () => row);

const T = 'ambient.temperature';
const sensors = { kinds: ['sensor'] };

describe('what comes and goes (L30), asked of', () => {
  it.each([
    ['a count', { count: { of: sensors, when: { point: T, above: 27 }, at_least: 2 } }, [28, 28, 22], [28, 22, 22]],
    ['a class as one value', { of: sensors, take: 'spread', point: T, above: 5 }, [22, 28, 22], [22, 23, 22]],
    ['another device', { device: 's-2', point: T, above: 27 }, [22, 28, 22], [22, 22, 22]],
    ['a movement', { point: T, rises_by: 4, within: '1h' }, [28, 22, 22], [22, 22, 22]],
  ])('%s, is told three times at most and clears once, when it is calm', (_what, when, high, low) => {
    const rule = makeRule({ on: { devices: ['s-1'] }, when });
    const told = run(rule, [...still(low, 130), ...wave(high, low, 2, 2, 12), ...still(low, 400)]);
    expect(told.filter((one) => one.startsWith('fired')).length).toBeLessThanOrEqual(3);
    expect(told.map((one) => one.split('@')[0])).toEqual(told.map((_, i) => (i % 2 === 0 ? 'fired' : 'cleared')));
    expect(told.at(-1)).toContain('cleared');
  });

  it.each([
    ['a count', { count: { of: sensors, when: { point: T, above: 27 }, at_least: 2 } }, [28, 28, 22], [28, 22, 22]],
    ['a class as one value', { of: sensors, take: 'mean', point: T, above: 27 }, [28, 28, 28], [22, 23, 22]],
  ])('%s, and never lasts as long as `for`, fires when it has lasted so long in sum', (_what, when, high, low) => {
    const rule = makeRule({ on: { devices: ['s-1'] }, when, for: '5m' });
    const told = run(rule, wave(high, low, 4, 2, 8));
    expect(told.map((one) => one.split('@')[0])).toEqual(['fired']);
  });
});
