import { describe, expect, it } from 'vitest';
import { hours, minutes, seconds } from '#core/time.ts';
import { ask, openPlan, task } from './plan-bench.ts';

const steps = [ask('look', ['fire', 'nothing'], { ask: { within: '2h' } }), task('more', { when: { level: 'major' } })];
const rising = {
  level: 'ordinary',
  rises: [
    { to: 'serious', when: { elapsed: '10m' } },
    { to: 'major', when: { answered: { step: 'look', is: ['fire'] } } },
  ],
};
const raise = (level: string) => ({ kind: 'incident.raise-level', level, reason: 'smells of more' });

describe('O-LVL-1: levels', () => {
  it('rise by the plan’s rules, with the reason, and tell whom the new level concerns', async () => {
    const bench = openPlan(steps, rising);
    expect(bench.view().level).toBe('ordinary');
    await bench.world.run(minutes(10));
    expect(bench.view().level).toBe('serious');
    const entry = bench.view().timeline.find((one) => one.kind === 'level');
    expect(entry).toMatchObject({
      who: 'zhishou',
      figures: { level: 'serious' },
      why: { en: 'from ordinary: 10 min have passed' },
    });
    const told = [...bench.world.told.values()].find(({ key }) => key.endsWith('level/serious'));
    expect(told?.functions).toEqual(['duty', 'deputy', 'director']);
    bench.answer('look', 'fire');
    expect(bench.view().level).toBe('major');
    expect(bench.world.step('more').state).toBe('waiting');
    const team = [...bench.world.told.values()].find(({ key }) => key.endsWith('level/major'));
    expect(team?.functions).toContain('emergency-team');
    expect(team?.functions).toContain('director');
  });

  it('never sink: an answer taken back leaves them', () => {
    const bench = openPlan(steps, rising);
    bench.answer('look', 'fire');
    bench.answer('look', 'nothing');
    expect(bench.view().level).toBe('major');
    expect(bench.order(raise('serious'))).toMatchObject({ ok: false, error: 'CONFLICT' });
  });

  it('rise by hand, with name and reason, and steps for that level begin', () => {
    const bench = openPlan(steps, rising);
    expect(bench.order(raise('major'), 'sam-reed')).toMatchObject({ ok: true });
    expect(bench.view().level).toBe('major');
    expect(bench.view().timeline.find((one) => one.kind === 'level')).toMatchObject({
      who: 'sam-reed',
      why: { en: 'from ordinary: smells of more' },
    });
    expect(bench.world.step('more').state).toBe('waiting');
  });

  it('after a restart the level is what it was', async () => {
    const bench = openPlan(steps, rising);
    bench.order(raise('major'));
    bench.world.crash();
    await bench.world.run(seconds(10));
    expect(bench.view().level).toBe('major');
  });
});

describe('I5: escalation by level', () => {
  const rounds = (bench: ReturnType<typeof openPlan>) =>
    [...bench.world.told.keys()].filter((key) => key.includes('/escalation/')).length;

  it('nobody is chased for what is ordinary; from serious on the list is gone down, counted from then', async () => {
    const bench = openPlan(steps, { ...rising, rises: [{ to: 'serious', when: { elapsed: '1h' } }] });
    await bench.world.run(minutes(59));
    expect(rounds(bench)).toBe(0);
    await bench.world.run(minutes(2));
    expect(rounds(bench)).toBe(0);
    await bench.world.run(minutes(5));
    expect(rounds(bench)).toBe(1);
    await bench.world.run(minutes(5));
    expect(rounds(bench)).toBe(2);
  });

  it('goes on ringing at the end of the list until somebody acknowledges', async () => {
    const bench = openPlan(steps, { level: 'major' });
    await bench.world.run(hours(1));
    expect(rounds(bench)).toBe(12);
    const last = [...bench.world.told.values()].findLast(({ key }) => key.includes('/escalation/'));
    expect(last?.functions).toContain('emergency-team');
    bench.order({ kind: 'incident.acknowledge' });
    await bench.world.run(hours(1));
    expect(rounds(bench)).toBe(12);
  });

  it('after twelve rounds every second one is rung, for as long as nobody acknowledges', async () => {
    const bench = openPlan(steps, { level: 'major' });
    await bench.world.run(hours(1));
    await bench.world.run(hours(2));
    expect(rounds(bench)).toBe(24);
  });

  it('after an hour without a monitor one message goes to all who are due, not one for each round missed', async () => {
    const bench = openPlan(steps);
    await bench.world.run(minutes(1));
    bench.world.crash(hours(1));
    await bench.world.run(hours(1));
    await bench.world.run(seconds(10));
    expect(rounds(bench)).toBe(1);
    const last = [...bench.world.told.values()].findLast(({ key }) => key.includes('/escalation/'));
    expect(last?.functions).toEqual(['duty', 'deputy', 'director']);
  });
});
