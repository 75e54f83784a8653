import { describe, expect, it } from 'vitest';
import { minutes, seconds } from '#core/time.ts';
import { act, ask, openPlan, task, tell } from './plan-bench.ts';

const lightOff = { when: { answered: { step: 'look', is: ['fire'] } }, steps: [tell('alarm'), task('leave')] };
const decision = (branches: readonly object[], more: object = {}) => ({
  id: 'decide',
  title: 'decide',
  stage: 'respond',
  after: ['look'],
  choose: branches,
  ...more,
});
const inner = ({ stage: _stage, ...step }: { stage: string }) => step;

describe('O-FIR-3: choose', () => {
  const steps = [
    ask('look', ['fire', 'smell', 'nothing']),
    decision([
      lightOff,
      { when: { answered: { step: 'look', is: ['smell'] } }, steps: [inner(task('air'))] },
      { steps: [inner(task('reset'))] },
    ]),
    task('report', { after: ['decide'] }),
  ];

  it.each([
    ['fire', ['done', 'waiting', 'skipped', 'skipped'], 'the first branch'],
    ['smell', ['skipped', 'skipped', 'waiting', 'skipped'], 'the second'],
    ['nothing', ['skipped', 'skipped', 'skipped', 'waiting'], 'the rest'],
  ])('answered %s: takes its branch and skips the others with the reason', (answer, expected, _reason) => {
    const bench = openPlan(steps);
    expect(bench.states('decide', 'alarm', 'air', 'reset', 'report')).toEqual(Array(5).fill('pending'));
    bench.answer('look', answer);
    expect(bench.states('alarm', 'leave', 'air', 'reset')).toEqual(expected);
    expect(bench.states('decide', 'report')).toEqual(['waiting', 'pending']);
    const left = bench.view().steps.filter((step) => step.state === 'skipped');
    expect(left.every((step) => step.detail?.en === 'another branch was taken')).toBe(true);
  });

  it('is decided once: an answer revised later changes nothing of it', () => {
    const bench = openPlan(steps);
    bench.answer('look', 'smell');
    bench.answer('look', 'fire');
    expect(bench.states('air', 'leave')).toEqual(['waiting', 'skipped']);
  });

  it('I7: says which branch and why', () => {
    const bench = openPlan(steps);
    bench.answer('look', 'smell');
    const entry = bench.view().timeline.find((one) => one.step === 'decide' && one.kind === 'decision');
    expect(entry).toMatchObject({ what: { en: 'decide: air' }, why: { en: '“look” was answered “smell”' } });
  });

  it('who waits for it waits for its branch to end', () => {
    const bench = openPlan(steps);
    bench.answer('look', 'fire');
    expect(bench.states('decide', 'report')).toEqual(['waiting', 'pending']);
    bench.done('leave');
    expect(bench.states('decide', 'report')).toEqual(['done', 'waiting']);
  });

  it('ends at once when no branch holds', () => {
    const bench = openPlan([
      ask('look', ['fire', 'nothing']),
      decision([lightOff, { when: { level: 'major' }, steps: [inner(task('more'))] }]),
      task('report', { after: ['decide'] }),
    ]);
    bench.answer('look', 'nothing');
    expect(bench.states('decide', 'leave', 'more', 'report')).toEqual(['done', 'skipped', 'skipped', 'waiting']);
  });

  it('waived as a whole, its steps are not begun', () => {
    const bench = openPlan(steps);
    bench.order({ kind: 'incident.waive', step: 'decide', reason: 'drill' });
    bench.answer('look', 'fire');
    expect(bench.states('alarm', 'leave', 'air', 'reset', 'report')).toEqual([
      'skipped',
      'skipped',
      'skipped',
      'skipped',
      'waiting',
    ]);
  });

  it('nobody can say "done" of the whole', () => {
    const bench = openPlan(steps);
    bench.answer('look', 'fire');
    expect(bench.done('decide')).toMatchObject({ ok: false, error: 'CONFLICT' });
  });

  it('after a restart the branch taken stays taken', async () => {
    const bench = openPlan(steps);
    bench.answer('look', 'smell');
    bench.world.crash();
    await bench.world.run(seconds(10));
    bench.answer('look', 'fire');
    expect(bench.states('air', 'leave')).toEqual(['waiting', 'skipped']);
  });

  it('skipped by its own condition, so are its steps', () => {
    const bench = openPlan([
      decision([lightOff, { steps: [inner(task('rest'))] }], { after: [], when: { mode: 'live' } }),
    ]);
    expect(bench.states('decide', 'alarm', 'leave', 'rest')).toEqual(Array(4).fill('skipped'));
  });
});

describe('together', () => {
  const side = (more: object = {}) => ({
    id: 'side',
    title: 'side',
    stage: 'respond',
    together: [inner(task('left')), inner(task('right')), { ...inner(task('last')), after: ['left'] }],
    ...more,
  });

  it('begins side by side and has ended when all have', () => {
    const bench = openPlan([task('first'), side({ after: ['first'] }), task('next', { after: ['side'] })]);
    expect(bench.states('side', 'left', 'right')).toEqual(['pending', 'pending', 'pending']);
    bench.done('first');
    expect(bench.states('side', 'left', 'right', 'last')).toEqual(['waiting', 'waiting', 'waiting', 'pending']);
    bench.done('right');
    bench.done('left');
    expect(bench.states('last', 'side', 'next')).toEqual(['waiting', 'waiting', 'pending']);
    bench.done('last');
    expect(bench.states('side', 'next')).toEqual(['done', 'waiting']);
  });

  it('acts inside it and after it keep their order: what comes after waits for every device', async () => {
    const bench = openPlan([
      {
        id: 'both',
        title: 'both',
        stage: 'respond',
        together: [
          inner(act('off-1', 'emergency_off', ['server-1'])),
          inner(act('off-2', 'emergency_off', ['server-2'])),
        ],
      },
      act('off-3', 'emergency_off', ['server-3'], { after: ['both'] }),
    ]);
    expect(bench.view().steps.find((step) => step.id === 'off-3:server-3')?.after).toEqual([
      'both',
      'off-1:server-1',
      'off-2:server-2',
    ]);
    await bench.world.run(minutes(2));
    const order = bench.world.accepted();
    expect(order.indexOf('server-3 outlet-off')).toBe(2);
  });
});
