import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlanCondition } from '#core/config/plan.ts';
import { instant, minutes, seconds } from '#core/time.ts';
import { compileIncident } from '#services/alerts/plans/compile.ts';
import { conditionHolds } from '#services/alerts/plans/conditions.ts';
import { openState } from '#services/alerts/plans/open.ts';
import type { IncidentState } from '#services/alerts/plans/state.ts';
import { act, ask, configOf, openPlan, task } from './plan-bench.ts';

function stateOf(change: Partial<IncidentState> = {}): IncidentState {
  const config = configOf([ask('seen', ['yes', 'no']), task('call')]);
  const [plan] = config.plans;
  if (plan === undefined) throw new Error('no plan');
  const definition = compileIncident(plan, { config, recordedP95: () => null, describe: () => '' });
  const { state } = openState({
    type: 'opened',
    at: instant(1000),
    incident: 'inc-1',
    definition,
    mode: 'drill',
    armed: true,
    trigger: 't',
    cause: { zh: '', en: '' },
    by: 'x',
    outageSince: null,
    samples: [],
    points: { 'th-1/ambient.temperature': 24 },
    people: { working: true, duty: null },
  });
  return { ...state, ...change };
}

const answered = (by: string, id = 'yes'): IncidentState => {
  const state = stateOf();
  const seen = state.steps.seen;
  if (seen === undefined) throw new Error('no step');
  return {
    ...state,
    steps: { ...state.steps, seen: { ...seen, state: 'done', answer: { id, by, at: instant(0) } } },
  };
};
const skipped = (): IncidentState => {
  const state = stateOf();
  const seen = state.steps.seen;
  if (seen === undefined) throw new Error('no step');
  return { ...state, steps: { ...state.steps, seen: { ...seen, state: 'skipped' } } };
};
const alert = (rule: string, device: string) => ({ rule, device, deviceName: { zh: '', en: '' }, key: 'k' });

const ROWS: readonly (readonly [PlanCondition, IncidentState, 'yes' | 'not-yet' | 'never', string])[] = [
  [{}, stateOf(), 'yes', 'nothing is demanded'],
  [{ hours: 'off' }, stateOf(), 'never', 'the hours of the opening do not change'],
  [{ mode: 'live' }, stateOf(), 'never', 'a drill stays one'],
  [{ not: { mode: 'live' } }, stateOf(), 'yes', 'not of what never holds'],
  [{ not: { mode: 'drill' } }, stateOf(), 'never', 'not of what holds for good'],
  [{ elapsed: minutes(5) }, stateOf(), 'not-yet', 'time passes'],
  [{ elapsed: minutes(5) }, stateOf({ now: instant(1000 + minutes(5)) }), 'yes', 'to the millisecond'],
  [{ not: { elapsed: minutes(5) } }, stateOf({ now: instant(1000 + minutes(6)) }), 'never', 'time does not go back'],
  [{ answered: { step: 'seen', is: ['yes'] } }, stateOf(), 'not-yet', 'it may yet be answered'],
  [{ answered: { step: 'seen', is: ['yes'] } }, answered('gao-jie'), 'yes', 'it was'],
  [{ answered: { step: 'seen', is: ['no'] } }, answered('gao-jie'), 'not-yet', 'it may be revised'],
  [{ answered: { step: 'seen', is: ['yes'] } }, skipped(), 'never', 'what was skipped is asked no more'],
  [{ unanswered: 'seen' }, answered('zhishou'), 'yes', 'a default is nobody’s answer'],
  [{ unanswered: 'seen' }, answered('gao-jie'), 'never', 'a person has answered'],
  [{ level: 'serious' }, stateOf(), 'yes', 'at least'],
  [{ level: 'major' }, stateOf(), 'not-yet', 'it may rise'],
  [{ not: { level: 'serious' } }, stateOf(), 'never', 'it never sinks'],
  [{ planned: true }, stateOf(), 'not-yet', 'none was announced yet'],
  [{ planned: false }, stateOf(), 'yes', 'none was announced'],
  [{ outlook: 'unknown' }, stateOf(), 'yes', 'nobody said anything'],
  [
    { point: { point: { device: 'th-1', point: 'ambient.temperature' }, above: 30 } },
    stateOf(),
    'not-yet',
    'the room may become warmer',
  ],
  [
    { point: { point: { device: 'nobody', point: 'ambient.temperature' }, below: 99 } },
    stateOf(),
    'not-yet',
    'what was never read says nothing',
  ],
  [
    { alerts: { rules: ['smoke', 'heat'], devices: 2 } },
    stateOf({ alerts: { a: alert('smoke', 'smoke-1'), b: alert('heat', 'smoke-1') } }),
    'not-yet',
    'O-FIR-2: two alerts of one detector are one witness',
  ],
  [
    { alerts: { rules: ['smoke', 'heat'], devices: 2 } },
    stateOf({ alerts: { a: alert('smoke', 'smoke-1'), b: alert('heat', 'smoke-2') } }),
    'yes',
    'O-FIR-2: two detectors',
  ],
  [{ any: [{ mode: 'live' }, { hours: 'off' }] }, stateOf(), 'never', 'no part can come to hold'],
  [{ any: [{ mode: 'live' }, { level: 'major' }] }, stateOf(), 'not-yet', 'one part can'],
  [{ all: [{ mode: 'live' }, { level: 'major' }] }, stateOf(), 'never', 'one part cannot'],
  [{ mode: 'drill', any: [{ level: 'major' }] }, stateOf(), 'not-yet', 'all that are given must hold'],
];

describe('conditions of a plan', () => {
  it.each(ROWS)('%j: %#', (when, state, expected, _reason) => {
    expect(conditionHolds(state, when)).toBe(expected);
  });

  const leaf = fc.constantFrom<PlanCondition>(
    { mode: 'live' },
    { mode: 'drill' },
    { level: 'major' },
    { elapsed: minutes(5) },
    { planned: false },
    { unanswered: 'seen' },
  );
  const { tree } = fc.letrec<{ tree: PlanCondition }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.record({ any: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ all: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ not: tie('tree') }),
    ),
  }));

  it('what is never stays never, whatever time, level and answers bring', () => {
    const laters = [
      stateOf({ now: instant(1000 + minutes(9)) }),
      stateOf({ now: instant(1000 + minutes(9)), level: 'major' }),
      answered('gao-jie'),
      { ...answered('gao-jie', 'no'), level: 'major' as const, now: instant(1000 + minutes(9)) },
    ];
    fc.assert(
      fc.property(tree, (when) => {
        if (conditionHolds(stateOf(), when) !== 'never') return;
        for (const later of laters) expect(conditionHolds(later, when)).not.toBe('yes');
      }),
    );
  });

  it('not not says the same, and not turns yes and no about', () => {
    fc.assert(
      fc.property(tree, (when) => {
        const plain = conditionHolds(stateOf(), when);
        expect(conditionHolds(stateOf(), { not: { not: when } })).toBe(plain);
        expect(conditionHolds(stateOf(), { not: when }) === 'yes').toBe(plain !== 'yes');
      }),
    );
  });
});

describe('conditions in a running incident', () => {
  it('a point that only a condition names is watched, and starts its step the moment it holds', async () => {
    const warm = { point: { point: 'th-1/ambient.temperature', above: 30 } };
    const { world, states } = openPlan([task('open-doors', { when: { any: [warm, { level: 'major' }] } })]);
    await world.run(minutes(1));
    expect(states('open-doors')).toEqual(['pending']);
    world.temperature = 31;
    await world.run(seconds(10));
    expect(states('open-doors')).toEqual(['waiting']);
  });

  it('time inside any is waited for by a timer of its own', async () => {
    const { world, states } = openPlan([task('call', { when: { any: [{ elapsed: '7m' }, { mode: 'live' }] } })]);
    await world.run(minutes(7) as never);
    expect(states('call')).toEqual(['waiting']);
  });

  it('what can never hold is skipped with the reason, and who waits for it goes on', () => {
    const { states, view } = openPlan([
      task('live-only', { when: { not: { mode: 'drill' } } }),
      task('next', { after: ['live-only'] }),
    ]);
    expect(states('live-only', 'next')).toEqual(['skipped', 'waiting']);
    expect(view().steps.find((step) => step.id === 'live-only')?.detail?.en).toContain('condition');
  });

  it('O-FIR-2: the second of two detectors cuts the power, one alone however often it alerts does not', async () => {
    const two = { alerts: { rules: ['smoke', 'heat'], devices: 2 } };
    const { world, states } = openPlan([
      act('off', 'emergency_off', ['server-1', 'server-2'], { when: two }),
      task('leave'),
    ]);
    world.alert('smoke', 'smoke-1');
    world.alert('heat', 'smoke-1');
    world.alert('smoke', 'smoke-1');
    await world.run(minutes(1));
    expect(states('off:server-1')).toEqual(['pending']);
    world.alert('heat', 'smoke-1', false);
    world.alert('smoke', 'smoke-2');
    await world.run(minutes(1));
    expect(states('off:server-1', 'off:server-2')).toEqual(['done', 'done']);
    expect(world.accepted()).toEqual(['server-1 outlet-off', 'server-2 outlet-off']);
  });

  it('O-FIR-2: detectors that fired one after the other, never together, are not two witnesses', async () => {
    const two = { alerts: { rules: ['smoke'], devices: 2 } };
    const { world, states } = openPlan([act('off', 'emergency_off', ['server-1'], { when: two })]);
    world.alert('smoke', 'smoke-1');
    world.alert('smoke', 'smoke-1', false);
    world.alert('smoke', 'smoke-2');
    await world.run(minutes(1));
    expect(states('off:server-1')).toEqual(['pending']);
  });
});
