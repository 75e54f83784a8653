import { describe, expect, it } from 'vitest';
import { hours, minutes } from '#core/time.ts';
import { act, ask, openPlan, task, tell } from './plan-bench.ts';

const inStage = (stage: string, more: object = {}) => ({ stage, ...more });
const over = { kind: 'incident.stand-down', reason: 'it is over' };

describe('plans without a clock: fire, shock, theft, leak', () => {
  const steps = [
    task('leave'),
    task('count', { after: ['leave'] }),
    task('inspect', inStage('recover')),
    tell('tell-over', inStage('recover')),
    task('report', inStage('stand-down')),
  ];

  it('respond → danger over → recover → stand-down → closed by itself when the last step has ended', () => {
    const bench = openPlan(steps);
    expect(bench.view().phase).toBe('responding');
    expect(bench.states('leave', 'count', 'inspect', 'report')).toEqual(['waiting', 'pending', 'pending', 'pending']);
    bench.done('leave');
    bench.done('count');
    expect(bench.view()).toMatchObject({
      phase: 'responding',
      headline: { en: expect.stringContaining('danger is over') },
    });
    expect(bench.order(over)).toMatchObject({ ok: true });
    expect(bench.view().phase).toBe('recovering');
    expect(bench.states('inspect', 'tell-over', 'report')).toEqual(['waiting', 'done', 'pending']);
    bench.done('inspect');
    expect(bench.view().phase).toBe('standing-down');
    bench.done('report');
    expect(bench.view()).toMatchObject({ phase: 'closed', outcome: 'stood-down' });
  });

  it('O-ORG-2: the danger being over ends nobody’s task: what has begun is done or waived, what has not is left', () => {
    const bench = openPlan(steps);
    bench.order(over);
    expect(bench.states('leave', 'count')).toEqual(['waiting', 'skipped']);
    bench.done('inspect');
    bench.done('report');
    expect(bench.view().phase).toBe('standing-down');
    const refused = bench.order({ kind: 'incident.close', reason: 'home' });
    expect(refused).toMatchObject({ ok: false, error: 'CONFLICT', detail: expect.stringContaining('leave') });
    bench.order({ kind: 'incident.waive', step: 'leave', reason: 'nobody was inside' });
    expect(bench.view().phase).toBe('closed');
    expect(bench.view().steps.find((step) => step.id === 'leave')).toMatchObject({
      state: 'waived',
      detail: { en: 'nobody was inside' },
    });
  });

  it('O-ORG-2: nobody closes it while steps are open, nor before somebody has said that the danger is over', () => {
    const bench = openPlan(steps);
    bench.done('leave');
    bench.done('count');
    const refused = bench.order({ kind: 'incident.close', reason: 'home' });
    expect(refused).toMatchObject({ ok: false, error: 'CONFLICT' });
    expect(refused.detail).toContain('inspect, tell-over, report');
  });

  it('the branch of an answer that was not given keeps nothing open', () => {
    const bench = openPlan([
      ask('look', ['fire', 'nothing']),
      task('fight', { when: { answered: { step: 'look', is: ['fire'] } } }),
      task('tell-leaders', { after: ['fight'], when: { answered: { step: 'look', is: ['fire'] } } }),
    ]);
    expect(bench.order({ kind: 'incident.close', reason: 'x' }).detail).toContain('look');
    bench.answer('look', 'nothing');
    expect(bench.order({ kind: 'incident.close', reason: 'false alarm' })).toMatchObject({ ok: true });
  });

  it('the same in recovery: it goes on and closes, the branch not taken is skipped with its reason', () => {
    const bench = openPlan([
      ask('may-start', ['yes', 'no'], inStage('recover')),
      task('start', inStage('recover', { when: { answered: { step: 'may-start', is: ['yes'] } } })),
    ]);
    bench.order(over);
    bench.answer('may-start', 'no');
    expect(bench.view().phase).toBe('closed');
    expect(bench.states('start')).toEqual(['skipped']);
  });

  it('what time will bring keeps it open', async () => {
    const bench = openPlan([task('later', inStage('recover', { when: { elapsed: '30m' } }))]);
    bench.order(over);
    await bench.world.run(minutes(29));
    expect(bench.view().phase).toBe('recovering');
    await bench.world.run(minutes(2));
    expect(bench.states('later')).toEqual(['waiting']);
  });

  it('the alert that opened it clears: nothing is closed, the record has it', async () => {
    const bench = openPlan(steps);
    bench.world.alert('smoke', 'smoke-1');
    bench.world.alert('smoke', 'smoke-1', false);
    await bench.world.run(hours(1));
    expect(bench.view().phase).toBe('responding');
    expect(bench.what('reading')).toEqual(['smoke smoke-1', 'Alert over: smoke smoke-1']);
  });

  it('after the danger is over nobody is rung for what a default has answered', async () => {
    const bench = openPlan([
      ask('look', ['fire', 'not-seen'], { ask: { within: '2m', remind_every: '1m' } }),
      task('write', inStage('stand-down')),
    ]);
    await bench.world.run(minutes(8));
    bench.order(over);
    const before = bench.world.told.size;
    await bench.world.run(minutes(30));
    expect([...bench.world.told.keys()].slice(before).filter((key) => key.includes('/look/'))).toEqual([]);
  });

  it('saying it twice is refused', () => {
    const bench = openPlan(steps);
    bench.order(over);
    expect(bench.order(over)).toMatchObject({ ok: false, error: 'CONFLICT' });
  });

  it('a failed act keeps it open until a person mends or waives it', async () => {
    const bench = openPlan(
      [act('off', 'emergency_off', ['server-1']), tell('end', inStage('stand-down'))],
      {},
      { faults: { 'server-1': 'unstoppable' } },
    );
    await bench.world.run(minutes(10));
    expect(bench.states('off:server-1')).toEqual(['failed']);
    bench.order(over);
    expect(bench.view()).toMatchObject({
      phase: 'standing-down',
      headline: { en: expect.stringContaining('Needs a person') },
    });
    bench.order({ kind: 'incident.waive', step: 'off:server-1', reason: 'cut by hand at the board' });
    expect(bench.view().phase).toBe('closed');
  });
});

describe('the shutdown of a plan without a clock', () => {
  const steps = [
    ask('look', ['bypass', 'fine']),
    act('shutdown', 'shutdown', ['server-1'], {
      stage: 'protect',
      when: { answered: { step: 'look', is: ['bypass'] } },
    }),
    act('array', 'shutdown', ['array-1'], { stage: 'protect', after: ['shutdown'] }),
    act('cut', 'power_off', ['server-1'], { stage: 'protect', after: ['shutdown'] }),
    act('start', 'start', ['server-1', 'server-2'], inStage('recover')),
  ];

  it('begins when the condition of one of its steps comes true, and says which', async () => {
    const bench = openPlan(steps);
    await bench.world.run(minutes(5));
    expect(bench.world.accepted()).toEqual([]);
    bench.answer('look', 'bypass');
    expect(bench.view().phase).toBe('protecting');
    const why = bench.view().timeline.find((entry) => entry.what.en === 'The shutdown sequence starts')?.why;
    expect(why?.en).toBe('“look” was answered “bypass”');
    await bench.world.run(minutes(10));
    expect(bench.states('shutdown:server-1', 'array:array-1')).toEqual(['done', 'done']);
    expect(bench.view().pointOfNoReturn).not.toBeNull();
  });

  it('begins by a person’s order', async () => {
    const bench = openPlan([
      ask('look', ['bypass', 'fine']),
      act('array', 'shutdown', ['array-1'], inStage('protect')),
    ]);
    await bench.world.run(minutes(5));
    expect(bench.states('array:array-1')).toEqual(['pending']);
    expect(bench.order({ kind: 'incident.start-sequence', reason: 'smell of burning' })).toMatchObject({ ok: true });
    await bench.world.run(minutes(5));
    expect(bench.states('array:array-1')).toEqual(['done']);
  });

  it('is refused where the plan has none', () => {
    const bench = openPlan([task('leave')]);
    expect(bench.order({ kind: 'incident.start-sequence', reason: 'x' })).toMatchObject({ error: 'CONFLICT' });
  });

  it('L22: recovery starts only what this plan stopped, and then it is recovered', async () => {
    const bench = openPlan(steps);
    bench.answer('look', 'bypass');
    await bench.world.run(minutes(10));
    bench.order(over);
    await bench.world.until((view) => view.phase === 'closed', hours(1));
    expect(bench.view()).toMatchObject({ phase: 'closed', outcome: 'recovered' });
    expect(bench.states('start:server-1', 'start:server-2')).toEqual(['done', 'skipped']);
  });
});
