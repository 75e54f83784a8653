import { describe, expect, it } from 'vitest';
import { minutes, seconds } from '#core/time.ts';
import { act, ask, openPlan } from './plan-bench.ts';

const CUT = { answered: { step: 'confirm', is: ['cut'] } };
const steps = [
  ask('confirm', [['cut', 2], 'not-yet'], { ask: { function: 'emergency-team', within: '5m', remind_every: '2m' } }),
  act('off', 'emergency_off', ['server-1'], { when: CUT }),
];
const option = (bench: ReturnType<typeof openPlan>, id = 'cut') =>
  bench.world.step('confirm').answers.find((one) => one.id === id);

describe('O-FIR-2: an answer that two people must give', () => {
  it('counts when two different people gave it, and only then', async () => {
    const bench = openPlan(steps);
    bench.answer('confirm', 'cut', 'gao-jie');
    await bench.world.run(minutes(1));
    expect(bench.states('confirm', 'off:server-1')).toEqual(['waiting', 'pending']);
    expect(option(bench)).toMatchObject({ people: 2, givenBy: ['gao-jie'] });
    bench.answer('confirm', 'cut', 'lin-hao');
    await bench.world.run(minutes(1));
    expect(bench.states('confirm', 'off:server-1')).toEqual(['done', 'done']);
    expect(option(bench)).toMatchObject({ givenBy: ['gao-jie', 'lin-hao'] });
    const entry = bench.view().timeline.find((one) => one.what.en === 'Answer: cut');
    expect(entry?.why?.en).toBe('given by 2 people: Gao Jie, Lin Hao');
  });

  it('one person twice is one', async () => {
    const bench = openPlan(steps);
    for (const _ of [1, 2, 3]) bench.answer('confirm', 'cut', 'gao-jie');
    await bench.world.run(minutes(1));
    expect(option(bench)?.givenBy).toEqual(['gao-jie']);
    expect(bench.states('confirm', 'off:server-1')).toEqual(['waiting', 'pending']);
  });

  it('a different answer by the first takes it back, and the record says so', async () => {
    const bench = openPlan(steps);
    bench.answer('confirm', 'cut', 'gao-jie');
    bench.answer('confirm', 'not-yet', 'gao-jie');
    bench.answer('confirm', 'cut', 'lin-hao');
    await bench.world.run(minutes(1));
    expect(option(bench)?.givenBy).toEqual(['lin-hao']);
    expect(bench.states('off:server-1')).toEqual(['pending']);
    expect(bench.what('answer')).toEqual([
      'To be confirmed: cut',
      'Taken back: cut',
      'Answer: not-yet',
      'To be confirmed: cut',
    ]);
    expect(bench.world.accepted()).toEqual([]);
  });

  it('the wait is said in the view and told to the others, not to the one who said it', () => {
    const bench = openPlan(steps);
    bench.answer('confirm', 'cut', 'gao-jie');
    expect(bench.world.step('confirm').detail?.en).toBe('“cut” has been given by 1 (Gao Jie); 1 more must give it');
    const request = [...bench.world.told.values()].find(({ key }) => key.includes('/confirm/confirm/'));
    expect(request).toMatchObject({ butNot: ['gao-jie'], severity: 'high' });
    expect(request?.functions).toContain('emergency-team');
  });

  it('silence is nobody’s word: when time runs out the power stays on, and one who said it stays one', async () => {
    const bench = openPlan(steps);
    bench.answer('confirm', 'cut', 'gao-jie');
    await bench.world.run(minutes(6));
    expect(bench.world.step('confirm').answer).toMatchObject({ id: 'not-yet', by: 'zhishou' });
    expect(bench.world.accepted()).toEqual([]);
    bench.answer('confirm', 'cut', 'sam-reed');
    await bench.world.run(minutes(1));
    expect(bench.world.accepted()).toEqual(['server-1 outlet-off']);
  });

  it('a default that would need two people is never taken by silence, whatever check let pass', async () => {
    const bench = openPlan([
      ask('confirm', [['cut', 2], 'not-yet'], { ask: { default: 'cut', within: '1m' } }),
      act('off', 'emergency_off', ['server-1'], { when: CUT }),
    ]);
    await bench.world.run(minutes(30));
    expect(bench.states('confirm', 'off:server-1')).toEqual(['waiting', 'pending']);
    expect(bench.world.accepted()).toEqual([]);
  });

  it('I4: what the first said outlives a crash, and the power is cut once', async () => {
    const bench = openPlan(steps);
    bench.answer('confirm', 'cut', 'gao-jie');
    bench.world.crash();
    await bench.world.run(seconds(20));
    expect(option(bench)?.givenBy).toEqual(['gao-jie']);
    bench.answer('confirm', 'cut', 'lin-hao');
    await bench.world.run(minutes(1));
    expect(bench.world.accepted()).toEqual(['server-1 outlet-off']);
  });
});

describe('emergency power off', () => {
  it('O-FIR-2: an unarmed site advises it and cuts nothing', async () => {
    const bench = openPlan([act('off', 'emergency_off', ['server-1'])], {}, { mode: null, armed: false });
    await bench.world.run(minutes(2));
    expect(bench.states('off:server-1')).toEqual(['advised']);
    expect(bench.told('advice/off:server-1')).toBe(true);
    expect(bench.world.accepted()).toEqual([]);
  });

  it('cuts whatever runs: it waits for no backup, no dependant and no clean shutdown', async () => {
    const bench = openPlan([act('off', 'emergency_off', ['array-1', 'server-1'])]);
    await bench.world.run(minutes(1));
    expect(bench.states('off:array-1', 'off:server-1')).toEqual(['done', 'done']);
    expect(bench.view().pointOfNoReturn).not.toBeNull();
  });

  it('I4: tried again only after its failure is proven', async () => {
    const bench = openPlan([act('off', 'emergency_off', ['server-1'])], {}, { faults: { 'server-1': 'unstoppable' } });
    await bench.world.run(minutes(10));
    const tries = bench.world.commands.filter((one) => one.what === 'outlet-off');
    expect(tries.length).toBeGreaterThan(1);
    const proofs = bench.what('evidence').filter((what) => what.startsWith('Not achieved'));
    expect(proofs.length).toBe(tries.length);
    expect(bench.states('off:server-1')).toEqual(['failed']);
  });
});
