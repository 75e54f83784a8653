import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Config } from '#core/config/config.ts';
import type { Rule } from '#core/config/rule.ts';
import type { Value } from '#core/reading.ts';
import { bindRule } from '#core/rules/bind-rule.ts';
import { stepFlapping } from '#core/rules/flapping.ts';
import { createLatestReadings } from '#core/rules/latest-readings.ts';
import { createRuleEngine, type RuleChange } from '#core/rules/rule-engine.ts';
import { IDLE, type RuleState, stepRule } from '#core/rules/rule-step.ts';
import { type Instant, minutes, seconds } from '#core/time.ts';
import { createVirtualClock, type VirtualClock } from '#platform/clock/virtual-clock.ts';
import { openStateStore } from '#platform/state-store.ts';
import { makeBatch, makeConfig, makeDevice, makeRule, T0 } from '../support.ts';

/** Rules over other devices and over classes of them, through the engine: what one reading makes it look at, and what it says. */

const SENSORS = Array.from({ length: 10 }, (_, i) =>
  makeDevice({
    id: `s-${i}`,
    kind: 'sensor',
    mqtt: { topic: `z/s-${i}` },
    interval: '20s',
    stale_after: '1m',
    tags: i < 5 ? ['cold-aisle'] : ['hot-aisle'],
    room: i === 9 ? 'auxiliary' : 'core',
  }),
);
const COOLING = ['ac-1', 'ac-2', 'ac-3'].map((id) =>
  makeDevice({ id, kind: 'cooling', snmp: { host: '127.0.0.1', port: 20162, community: 'public' } }),
);
const configOf = (rules: readonly Rule[]): Config => makeConfig({ devices: [...SENSORS, ...COOLING], rules });

interface Room {
  readonly clock: VirtualClock;
  readonly said: string[];
  /** How often rules were stepped. */
  readonly steps: () => number;
  tell(device: string, points: Readonly<Record<string, Value | null>>): void;
  restart(): void;
}

function open(rules: readonly Rule[]): Room {
  const config = configOf(rules);
  const clock = createVirtualClock(T0);
  const state = openStateStore(':memory:');
  const said: string[] = [];
  let steps = 0;
  const note = (changes: readonly RuleChange[]): void => {
    for (const { rule, device, effects } of changes)
      for (const { kind } of effects) said.push(`${(clock.now() - T0) / 1000} ${rule.id}/${device} ${kind}`);
  };
  const begin = () => {
    const latest = createLatestReadings(config);
    const engine = createRuleEngine({
      ...{ config, clock, state, latest, steady: () => clock.now() },
      rota: { isWorkingTime: () => true },
      onDue: (due) => {
        steps++;
        note(due());
      },
    });
    engine.start();
    return { latest, engine };
  };
  let { latest, engine } = begin();
  return {
    clock,
    said,
    steps: () => steps,
    tell(device, points) {
      const now = clock.now();
      const batch = makeBatch(device, now, points);
      const news = latest.take(batch, now, false) ?? [];
      const touched = engine.touchedBy(device, news, now);
      if (touched === null) return;
      steps += touched.rules.size;
      note(engine.step(touched, now));
    },
    restart() {
      engine.stop();
      ({ latest, engine } = begin());
    },
  };
}

const twoStopped = makeRule({
  id: 'two-stopped',
  on: { devices: ['ac-1'] },
  when: { count: { of: { kinds: ['cooling'] }, when: { point: 'cooling.status', is: 'off' }, at_least: 2 } },
});

describe('a count over a class', () => {
  it('holds when so many say so, of whichever device, and ends when fewer do', () => {
    const room = open([twoStopped]);
    for (const id of ['ac-1', 'ac-2', 'ac-3']) room.tell(id, { 'cooling.status': 'on' });
    room.tell('ac-2', { 'cooling.status': 'off' });
    expect(room.said).toEqual([]);
    room.tell('ac-3', { 'cooling.status': 'off' });
    expect(room.said).toEqual(['0 two-stopped/ac-1 fired']);
    room.tell('ac-2', { 'cooling.status': 'on' });
    expect(room.said.at(-1)).toBe('0 two-stopped/ac-1 cleared');
  });

  it('neither fires nor clears by who is silent: those might be the second (L29)', () => {
    const room = open([twoStopped]);
    for (const id of ['ac-1', 'ac-2', 'ac-3']) room.tell(id, { 'cooling.status': 'on' });
    room.tell('ac-2', { 'cooling.status': 'off' });
    room.tell('ac-3', { 'cooling.status': null });
    expect(room.said).toEqual([]);
    room.tell('ac-3', { 'cooling.status': 'off' });
    room.tell('ac-2', { 'cooling.status': null });
    expect(room.said.map((one) => one.split(' ')[2])).toEqual(['fired', 'doubtful']);
    room.tell('ac-2', { 'cooling.status': 'off' });
    expect(room.said.at(-1)).toContain('certain');
  });

  it('goes on after a restart as if there had been none (L28)', () => {
    const room = open([twoStopped]);
    for (const id of ['ac-1', 'ac-2', 'ac-3']) room.tell(id, { 'cooling.status': 'off' });
    room.restart();
    for (const id of ['ac-1', 'ac-2', 'ac-3']) room.tell(id, { 'cooling.status': 'off' });
    expect(room.said.map((one) => one.split(' ')[2]).filter((one) => one === 'fired' || one === 'cleared')).toEqual([
      'fired',
    ]);
  });
});

const spread = { of: { tags: ['cold-aisle'] }, point: 'ambient.temperature' };

describe('a class as one value', () => {
  it.each([
    ['max', { above: 30 }, [22, 22, 22, 22, 31], 'fired', 'the hottest counts'],
    ['max', { above: 30 }, [22, 22, null, 22, 31], 'fired', 'whatever the silent one hides'],
    ['mean', { above: 30 }, [31, 31, 31, null, null], 'fired', 'most of them are known'],
    ['mean', { above: 30 }, [31, 31, null, null, null], '', 'too few are known'],
    ['min', { below: 18 }, [22, 17, null, 22, 22], 'fired', 'the coldest is at most that'],
    ['min', { above: 20 }, [22, 22, null, 22, 22], '', 'the silent one might be colder'],
    ['spread', { above: 5 }, [22, 28, null, 22, 22], 'fired', 'more could only widen it'],
    ['spread', { above: 5 }, [22, null, null, null, null], '', 'one alone has none'],
  ] as const)('%s %j of %j: %s, %s', (take, limit, values, expected, _why) => {
    const room = open([makeRule({ id: 'r', on: { devices: ['s-0'] }, when: { ...spread, take, ...limit } })]);
    // Each was good once.
    for (const i of values.keys())
      room.tell(`s-${i}`, { 'ambient.temperature': 'above' in limit && limit.above === 20 ? 19 : 22 });
    for (const [i, value] of values.entries()) room.tell(`s-${i}`, { 'ambient.temperature': value });
    expect(room.said.map((one) => one.split(' ')[2]).join(' ')).toBe(expected);
  });

  it('that fires does not clear because its hottest place falls silent (L29)', () => {
    const room = open([makeRule({ id: 'r', on: { devices: ['s-0'] }, when: { ...spread, take: 'max', above: 30 } })]);
    for (let i = 0; i < 5; i++) room.tell(`s-${i}`, { 'ambient.temperature': i === 4 ? 31 : 22 });
    room.tell('s-4', { 'ambient.temperature': null });
    for (let i = 0; i < 4; i++) room.tell(`s-${i}`, { 'ambient.temperature': 22.5 });
    expect(room.said.map((one) => one.split(' ')[2])).toEqual(['fired', 'doubtful']);
    room.tell('s-4', { 'ambient.temperature': 25 });
    expect(room.said.at(-1)).toContain('cleared');
  });
});

describe('a test of another device', () => {
  const rule = makeRule({
    id: 'hot-without-cooling',
    on: { devices: ['s-0'] },
    when: {
      all: [
        { point: 'ambient.temperature', above: 27 },
        { device: 'ac-1', point: 'cooling.status', is: 'off' },
      ],
    },
  });

  it('is looked at when either of them speaks', () => {
    const room = open([rule]);
    room.tell('s-0', { 'ambient.temperature': 28 });
    room.tell('ac-1', { 'cooling.status': 'on' });
    expect(room.said).toEqual([]);
    room.tell('ac-1', { 'cooling.status': 'off' });
    expect(room.said.at(-1)).toBe('0 hot-without-cooling/s-0 fired');
  });

  it('of one that falls silent is doubtful after its own time, with nobody speaking (L29)', () => {
    const room = open([rule]);
    room.tell('s-0', { 'ambient.temperature': 28 });
    room.tell('ac-1', { 'cooling.status': 'off' });
    room.clock.advanceBy(minutes(3));
    expect(room.said.at(-1)).toContain('doubtful');
  });
});

describe('devices that a rule is for', () => {
  it.each([
    [{ tags: ['cold-aisle'] }, ['s-0', 's-4'], ['s-5', 'ac-1']],
    [{ kinds: ['sensor'], room: 'auxiliary' }, ['s-9'], ['s-0', 'ac-1']],
    [{ kinds: ['sensor'], except: ['s-3'] }, ['s-0', 's-9'], ['s-3']],
    [{ devices: ['ac-1'], tags: ['hot-aisle'] }, ['ac-1', 's-6'], ['s-0', 'ac-2']],
  ])('%j', (on, concerned, others) => {
    const room = open([makeRule({ id: 'r', on, when: { point: 'sensor.battery.low', is: true } })]);
    for (const id of [...concerned, ...others]) room.tell(id, { 'sensor.battery.low': true });
    expect(room.said).toEqual(concerned.map((id) => `0 r/${id} fired`));
  });

  it('have limits of their own, or none', () => {
    const rule = makeRule({
      id: 'r',
      on: { kinds: ['sensor'] },
      when: { point: 'ambient.temperature', above: 27, clear: 26 },
      overrides: [
        { devices: ['s-5', 's-6'], above: 38, clear: 36 },
        { devices: ['s-7'], off: 'outside air' },
        { devices: ['s-8'], when: { point: 'ambient.humidity', above: 60 } },
      ],
    });
    const room = open([rule]);
    for (const { id } of SENSORS) room.tell(id, { 'ambient.temperature': 30, 'ambient.humidity': 70 });
    expect(room.said.map((one) => one.split(' ')[1])).toEqual(
      ['0', '1', '2', '3', '4', '8', '9'].map((i) => `r/s-${i}`),
    );
    room.tell('s-5', { 'ambient.temperature': 39 });
    room.tell('s-5', { 'ambient.temperature': 37 });
    expect(room.said.at(-1)).toBe('0 r/s-5 fired');
    room.tell('s-5', { 'ambient.temperature': 36 });
    expect(room.said.at(-1)).toBe('0 r/s-5 cleared');
  });

  it('cannot have a safety rule switched off (L34)', () => {
    const rule = makeRule({
      ...{ id: 'smoke', safety: true, on: { kinds: ['sensor'] }, when: { point: 'room.smoke', is: true } },
      overrides: [{ devices: ['s-1'], off: 'it beeps' }],
    });
    const room = open([rule]);
    room.tell('s-1', { 'room.smoke': true });
    expect(room.said).toEqual(['0 smoke/s-1 fired']);
  });
});

const classes = [
  { ...spread, take: 'spread', above: 5, clear: 3 },
  { of: { kinds: ['sensor'] }, take: 'max', point: 'ambient.temperature', above: 27, clear: 24 },
  { count: { of: { kinds: ['sensor'] }, when: { point: 'ambient.temperature', above: 27, clear: 24 }, at_least: 2 } },
  {
    count: {
      of: { kinds: ['sensor'] },
      when: { point: 'ambient.temperature', rises_by: 5, within: '2m' },
      at_least: 1,
    },
  },
  { point: 'ambient.temperature', forecast: { above: 40, within: '10m', over: '2m' } },
  {
    any: [
      { device: 's-1', point: 'ambient.temperature', above: 27 },
      { not: { device: 's-2', point: 'ambient.temperature', above: 20 } },
    ],
  },
];

describe('a rule that is stepped when something may have changed', () => {
  it('says the same, second by second, as one that is stepped each second', () => {
    let lazily = 0;
    let always = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...classes),
        fc.boolean(),
        fc.array(
          fc.record({
            wait: fc.constantFrom(1, 1, 2, 5, 20, 90),
            device: fc.nat(3),
            value: fc.constantFrom<number | null>(19, 23, 23.1, 23.2, 26, 28, 30, null),
          }),
          { minLength: 10, maxLength: 60 },
        ),
        (when, safety, events) => {
          const rule = makeRule({ id: 'r', on: { devices: ['s-0'] }, when, for: '5s', safety });
          const room = open([rule]);
          const config = configOf([rule]);
          const seen = createLatestReadings(config);
          const bound = bindRule(rule, config.devices);
          const stepOf = safety ? stepRule : stepFlapping;
          const expected: string[] = [];
          let state: RuleState = IDLE;
          let begun = false;
          const stepAt = (now: Instant): void => {
            always++;
            const stepped = stepOf(bound, state, (point, device = 's-0') => seen.observe(device, point), now, true);
            state = stepped.state;
            for (const { kind } of stepped.effects) expected.push(`${(now - T0) / 1000} r/s-0 ${kind}`);
          };
          for (const { wait, device, value } of events) {
            for (let i = 0; i < wait; i++) {
              room.clock.advanceBy(seconds(1));
              if (begun) stepAt(room.clock.now());
            }
            const now = room.clock.now();
            const points = { 'ambient.temperature': value };
            room.tell(`s-${device}`, points);
            seen.take(makeBatch(`s-${device}`, now, points), now, false);
            begun = true;
            stepAt(now);
          }
          lazily += room.steps();
          expect(room.said).toEqual(expected);
        },
      ),
      { numRuns: 300 },
    );
    expect(lazily).toBeLessThan(always / 5);
  });
});
