import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floorsOf } from '#core/battery-test/floor.ts';
import { preconditionsOf } from '#core/battery-test/preconditions.ts';
import type { BatteryTest, TestCommand, TestEvent, TestFacts } from '#core/battery-test/state.ts';
import { explainsMainsLost, step } from '#core/battery-test/step.ts';
import { viewOf } from '#core/battery-test/view.ts';
import { hours, instant, minutes, plus } from '#core/time.ts';
import { batteryTestSchema } from '#services/dashboard-api/schemas/battery-test.ts';
import { factsAt, NOON, newTest, SETTINGS, sampleAt } from './bench.ts';

describe('what must hold before a battery is discharged (O-BAT-1)', () => {
  it.each<[string, string, Partial<TestFacts>]>([
    ['an incident is open', 'incidents', { incidents: ['inc-1'] }],
    ['another battery test is under way', 'incidents', { otherTest: 'bt-ups-2-2026-11-18' }],
    ['a grave alert fires', 'alerts', { alerts: [{ id: 'a', title: { zh: '烟雾', en: 'Smoke' } }] }],
    ['a cut is announced', 'planned', { outageAt: instant(NOON + hours(2)) }],
    ['mains came back a moment ago', 'mains', { mainsSince: instant(NOON - minutes(5)) }],
    ['the UPS is not on mains', 'mains', { mainsSince: null }],
    [
      'the other UPS is on its battery',
      'others',
      { others: [{ id: 'u', name: { zh: '二', en: '2' }, onBattery: true }] },
    ],
    ['the other UPS is silent', 'others', { others: [{ id: 'u', name: { zh: '二', en: '2' }, onBattery: null }] }],
    ['it is not full', 'charge', { sample: sampleAt(NOON, { charge: 80 }) }],
    ['its charge is not told', 'charge', { sample: sampleAt(NOON, { charge: null }) }],
    ['it was discharged this morning', 'recharged', { dischargedAt: instant(NOON - hours(4)) }],
    ['nobody knows whether it was', 'recharged', { watchedSince: instant(NOON - hours(1)) }],
    ['the battery is hot', 'temperature', { sample: sampleAt(NOON, { temperature: 41 }) }],
    ['next to nothing hangs on it', 'load', { sample: sampleAt(NOON, { loadPercent: 3 }) }],
    ['the UPS itself has an alarm', 'ups', { sample: sampleAt(NOON, { status: 'OL RB' }) }],
    ['nobody knows what hangs on it', 'consumers', { consumers: { all: 0, redundant: 0 } }],
    ['the battery is too short for the plan', 'runtime', { fullS: 500 }],
    ['no plan is about it', 'runtime', { need: null }],
    ['the plan would only advise', 'armed', { armed: false }],
    ['it is night', 'hours', { working: false }],
    ['nobody is there', 'on-site', { onSite: false }],
    ['its last word is old', 'mains', { sample: sampleAt(NOON - minutes(5)) }],
  ])('%s', (_why, id, more) => {
    const all = preconditionsOf(factsAt(NOON), SETTINGS, 'ups', NOON);
    expect(all.filter(({ holds }) => holds !== true)).toEqual([]);
    const missing = preconditionsOf(factsAt(NOON, more), SETTINGS, 'ups', NOON).filter(({ holds }) => holds !== true);
    expect(missing.map((one) => one.id)).toContain(id);
    for (const { label, detail } of missing) {
      expect(label.zh).toMatch(/\p{Script=Han}/u);
      expect(label.en + detail.en).not.toMatch(/\p{Script=Han}/u);
    }
  });
});

describe('what a test explains (O-BAT-1, L3)', () => {
  const during = (way: 'ups' | 'by-hand', status: string, inputVoltage: number | null): BatteryTest =>
    newTest(way, { state: 'discharging', last: sampleAt(NOON, { status, inputVoltage }) });
  it.each([
    ['by hand, a person at the breaker', during('by-hand', 'OB DISCHRG', 0), true],
    ['a UPS that calls its calibration “on battery”, mains at its input', during('ups', 'OB CAL DISCHRG', 221), true],
    ['the same, and mains is gone', during('ups', 'OB CAL DISCHRG', 0), false],
    ['the same, and nothing is told of its input', during('ups', 'OB CAL DISCHRG', null), false],
    ['on battery without a word of a test', during('ups', 'OB DISCHRG', 221), false],
    ['a doubt has let go of it', { ...during('by-hand', 'OB DISCHRG', 0), released: true }, false],
    ['it is prepared only', { ...during('by-hand', 'OB DISCHRG', 0), state: 'ready' as const }, false],
  ])('%s', (_why, test, explained) => {
    expect(explainsMainsLost(test)).toBe(explained);
  });
});

describe('where a discharge ends', () => {
  it('always leaves the bare shutdown with the plan’s own margin, and the way by hand more than the other', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 60, max: 3000 }),
        fc.integer({ min: 30, max: 3000 }),
        fc.integer({ min: 600, max: 14_400 }),
        (needS, bare, fullS) => {
          const need = { needS: Math.max(needS, bare), bareS: bare, share: 0.1, leastS: 90 };
          for (const way of ['ups', 'by-hand'] as const) {
            const { floor, stopsAt, keeps } = floorsOf({ need, fullS }, SETTINGS, way);
            const kept = keeps === 'all' ? need.needS : need.bareS;
            expect(floor.runtimeS).toBeGreaterThanOrEqual(kept + Math.max(90, kept / 9) + 60 - 1);
            expect(stopsAt.runtimeS).toBeGreaterThanOrEqual(floor.runtimeS + 60);
            expect(stopsAt.charge).toBeGreaterThan(floor.charge);
          }
        },
      ),
    );
  });
});

/** What can come: looks at a UPS in any state, people's words, answers to orders, a restart. */
const EVENTS = fc.array(
  fc.record({
    afterS: fc.constantFrom(1, 5, 5, 5, 10, 30, 130, 700),
    kind: fc.constantFrom(
      ...([
        'look',
        'look',
        'look',
        'look',
        'begin',
        'mains-off',
        'mains-on',
        'stop',
        'ended',
        'failed',
        'resumed',
      ] as const),
    ),
    status: fc.constantFrom(
      'OL',
      'OL',
      'OL CHRG',
      'OB DISCHRG',
      'OB DISCHRG',
      'OL CAL DISCHRG',
      'OL CAL DISCHRG',
      'OL BYPASS',
      'OFF',
    ),
    charge: fc.option(fc.integer({ min: 0, max: 100 }), { freq: 12 }),
    runtimeS: fc.option(fc.integer({ min: 0, max: 7200 }), { freq: 12 }),
    power: fc.constantFrom(2000, 2000, 2000, 2050, 3500, null),
    alert: fc.boolean(),
    silent: fc.constantFrom(false, false, false, false, true),
  }),
  { maxLength: 60 },
);

interface Turn {
  readonly before: BatteryTest;
  readonly event: TestEvent;
  readonly after: BatteryTest;
  readonly commands: readonly TestCommand[];
}

type Drawn = typeof EVENTS extends fc.Arbitrary<infer All> ? All : never;

function play(way: 'ups' | 'by-hand', drawn: Drawn): Turn[] {
  let test = newTest(way);
  let now = NOON;
  const turns: Turn[] = [];
  const turn = (event: TestEvent): void => {
    const { state, commands } = step(test, event, now);
    turns.push({ before: test, event, after: state, commands });
    test = state;
  };
  turn({ type: 'facts', facts: factsAt(now) });
  for (const one of drawn) {
    now = plus(now, (one.afterS * 1000) as never);
    const remainingS = one.runtimeS;
    const sample = sampleAt(one.silent ? now - minutes(3) : now, {
      status: one.status,
      charge: one.charge,
      runtimeS: one.runtimeS,
      remainingS,
      power: one.power,
    });
    const alerts =
      one.alert && one.charge !== null && one.charge < 10 ? [{ id: 'a', title: { zh: '烟雾', en: 'Smoke' } }] : [];
    switch (one.kind) {
      case 'look':
        turn({ type: 'facts', facts: factsAt(now, { sample, alerts }) });
        break;
      case 'stop':
        turn({ type: 'stop', by: 'ann', reason: null });
        break;
      case 'ended':
      case 'failed':
        turn({ type: 'order-ended', order: 'start', result: one.kind === 'ended' ? 'ok' : 'failed', detail: 'x' });
        break;
      case 'resumed':
        turn({ type: 'resumed' });
        break;
      default:
        turn({ type: one.kind, by: 'ann' });
    }
  }
  return turns;
}

const OVER = ['done', 'failed', 'abandoned'];
const inUse = ({ state }: BatteryTest): boolean => ['starting', 'discharging', 'stopping'].includes(state);

describe('the state machine of a battery test, whatever comes (O-BAT-1)', () => {
  const holds = (name: string, check: (turns: readonly Turn[], way: 'ups' | 'by-hand') => void): void =>
    it(name, () => {
      fc.assert(
        fc.property(fc.constantFrom('ups' as const, 'by-hand' as const), EVENTS, (way, drawn) =>
          check(play(way, drawn), way),
        ),
        { numRuns: 400 },
      );
    });

  holds('begins only when a person says so while everything holds, and once', (turns) => {
    const starts = turns.flatMap(({ commands }) =>
      commands.filter((one) => one.do === 'order' && one.order === 'start'),
    );
    expect(starts.length).toBeLessThanOrEqual(1);
    for (const { before, after, event } of turns)
      if (before.state !== 'starting' && after.state === 'starting') {
        expect(event.type).toBe('begin');
        expect(before.preconditions.every(({ holds: does }) => does === true)).toBe(true);
      }
  });

  holds('never discharges on: at its line, in doubt or in silence the same step ends it', (turns) => {
    for (const { after, event } of turns) {
      if (after.state !== 'discharging' || event.type !== 'facts') continue;
      const { sample } = event.facts;
      expect(sample).not.toBeNull();
      if (sample?.charge != null && sample.status !== 'OL' && sample.status !== 'OL CHRG')
        expect(sample.charge).toBeGreaterThan(after.stopsAt.charge);
      expect(event.facts.alerts).toEqual([]);
    }
  });

  holds('back on mains only by two looks that say so, never by an order', (turns) => {
    for (const { before, after, event } of turns)
      if (before.state !== 'recharging' && after.state === 'recharging') {
        expect(event.type).toBe('facts');
        expect(before.backSamples).toBeGreaterThanOrEqual(1);
      }
  });

  holds(
    'explains missing mains only while it is in use, by order only a calibration with mains there; once it has let go it never does again',
    (turns, way) => {
      let released = false;
      for (const { before, after, event } of turns) {
        if (explainsMainsLost(after)) {
          if (way === 'ups') expect(`${after.last?.status} ${after.last?.inputVoltage}`).toMatch(/CAL.* 220$/);
          expect(inUse(after)).toBe(true);
          expect(released).toBe(false);
          const at = event.type === 'facts' ? event.facts.sample : null;
          // Not below the floor.
          if (at?.charge != null && after.state === 'stopping' && before.state === 'stopping')
            expect(at.charge).toBeGreaterThan(after.floor.charge);
        }
        released ||= after.released;
      }
    },
  );

  holds('is over when it is over, tells each thing once, and its view is what its topic promises', (turns) => {
    const keys = turns.flatMap(({ commands }) => commands.flatMap((one) => (one.do === 'tell' ? [one.key] : [])));
    expect(new Set(keys).size).toBe(keys.length);
    for (const { before, after, commands } of turns) {
      if (OVER.includes(before.state)) {
        expect(after).toEqual(before);
        expect(commands).toEqual([]);
      }
      expect(after.curve.length).toBeLessThanOrEqual(500);
    }
    const last = turns.at(-1)?.after;
    if (last !== undefined)
      expect(batteryTestSchema.safeParse(JSON.parse(JSON.stringify(viewOf(last)))).error).toBeUndefined();
  });

  holds('what is kept says everything: a test that was written and read goes on the same', (turns) => {
    for (const { before, event, after, commands } of turns.slice(-5)) {
      const read = JSON.parse(JSON.stringify(before)) as BatteryTest;
      const at = event.type === 'facts' && event.facts.sample !== null ? event.facts.sample.at : NOON;
      expect(JSON.stringify(step(read, event, at))).toBe(JSON.stringify(step(before, event, at)));
      expect(after.id).toBe(before.id);
      expect(commands).toBeDefined();
    }
  });
});
