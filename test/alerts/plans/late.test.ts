import { describe, expect, it } from 'vitest';
import { hours, minutes } from '#core/time.ts';
import { ask, openPlan, task } from './plan-bench.ts';

const calls = (bench: ReturnType<typeof openPlan>, part: string) =>
  [...bench.world.told.values()]
    .filter(({ key }) => key.includes(part))
    .map(({ functions, people }) => [...functions, ...people].join(' '));

describe('a task or a question that is not done by its time', () => {
  it('goes to the next person of the escalation as well, person by person, and everybody rung is reminded', async () => {
    const bench = openPlan([task('call', {}, { within: '10m', remind_every: '4m' })]);
    bench.order({ kind: 'incident.acknowledge' });
    await bench.world.run(minutes(9));
    expect(calls(bench, '/call/overdue')).toEqual([]);
    await bench.world.run(minutes(2));
    expect(calls(bench, '/call/overdue')).toEqual(['lin-hao']);
    await bench.world.run(minutes(5));
    expect(calls(bench, '/call/overdue')).toEqual(['lin-hao', 'zhou-min']);
    await bench.world.run(minutes(30));
    expect(calls(bench, '/call/overdue')).toHaveLength(2);
    expect(calls(bench, '/call/reminder').slice(0, 2)).toEqual(['duty', 'duty']);
    expect(calls(bench, '/call/reminder').at(-1)).toBe('duty lin-hao zhou-min');
  });

  it('without reminders the end of the list keeps ringing by the escalation’s own round', async () => {
    const bench = openPlan([task('call', {}, { within: '10m' })]);
    await bench.world.run(hours(1));
    expect(calls(bench, '/call/overdue').slice(2, 4)).toEqual(['duty lin-hao zhou-min', 'duty lin-hao zhou-min']);
    expect(calls(bench, '/call/overdue')).toHaveLength(11);
    bench.done('call');
    await bench.world.run(hours(1));
    expect(calls(bench, '/call/overdue')).toHaveLength(11);
  });

  it('a task of the deputy is not escalated to the deputy', async () => {
    const bench = openPlan([task('call', {}, { function: 'deputy', within: '10m', remind_every: '5m' })]);
    await bench.world.run(minutes(30));
    expect(calls(bench, '/call/overdue')).toEqual(['duty', 'zhou-min']);
  });

  it('says to whom it comes why it is their turn', async () => {
    const bench = openPlan([task('call', {}, { within: '10m' })]);
    await bench.world.run(minutes(11));
    const request = [...bench.world.told.values()].findLast(({ key }) => key.includes('/call/overdue'));
    expect(request?.body.en).toBe('Nobody has done it for 10 min: please take it over.\ndo call');
  });

  it('is recorded as late, and by how much when it is done at last', async () => {
    const bench = openPlan([task('call', {}, { within: '10m' }), task('other', {}, { within: '10m' })]);
    await bench.world.run(minutes(5));
    bench.done('other');
    await bench.world.run(minutes(8));
    bench.done('call');
    const late = bench.view().timeline.filter((entry) => entry.figures.lateS !== undefined);
    expect(late.map((entry) => [entry.step, entry.figures.lateS])).toEqual([
      ['call', 0],
      ['call', 180],
    ]);
  });

  it('a question takes its default and people go on being asked; the late answer says how late it was', async () => {
    const bench = openPlan([ask('look', ['fire', 'not-seen'], { ask: { within: '2m', remind_every: '1m' } })]);
    await bench.world.run(minutes(8));
    expect(bench.world.step('look').answer).toMatchObject({ id: 'not-seen', by: 'zhishou' });
    expect(calls(bench, '/look/overdue')).toEqual(['lin-hao', 'zhou-min']);
    bench.answer('look', 'fire', 'lin-hao');
    const entry = bench.view().timeline.findLast((one) => one.kind === 'answer');
    expect(entry).toMatchObject({ who: 'lin-hao', figures: { answer: 'fire', lateS: 360 } });
    const before = bench.world.told.size;
    await bench.world.run(hours(1));
    expect([...bench.world.told.keys()].slice(before).filter((key) => key.includes('/look/'))).toEqual([]);
  });

  it('handed over, the escalation spares who has taken it over', async () => {
    const bench = openPlan([task('call', {}, { within: '10m', remind_every: '5m' })]);
    bench.order({ kind: 'incident.hand-over', to: 'lin-hao', note: '' });
    await bench.world.run(minutes(30));
    expect(calls(bench, '/call/overdue')).toEqual(['zhou-min']);
  });
});

describe('reminders', () => {
  const reminders = (bench: ReturnType<typeof openPlan>) =>
    [...bench.world.told.values()].filter(({ key }) => key.includes('/reminder/'));

  it('of several open requests to one function are one message that lists them, the most urgent first', async () => {
    const bench = openPlan([
      task('slow', {}, { within: '40m', remind_every: '4m' }),
      task('soon', {}, { within: '20m', remind_every: '6m' }),
      ask('look', ['fire', 'not-seen'], { ask: { within: '30m', remind_every: '5m' } }),
      task('guide', {}, { function: 'deputy', within: '30m', remind_every: '4m' }),
    ]);
    await bench.world.run(minutes(5));
    expect(reminders(bench).map(({ functions }) => functions)).toEqual([['duty'], ['deputy']]);
    const [duty, deputy] = reminders(bench);
    expect(duty?.key).toContain('/soon/reminder/');
    expect(duty?.body.en).toMatch(
      /^3 things are still open:\n1\. soon \(by [\d:]+\)\n2\. look \(by [\d:]+\)\n3\. slow \(by [\d:]+\)\ndo soon$/,
    );
    expect(duty?.body.zh).toMatch(/^还有 3 项未完成：\n1\. soon（[\d:]+ 前）/);
    expect(deputy?.body.en).toBe('do guide');
    // What is done is named no more.
    bench.done('soon');
    await bench.world.run(minutes(5));
    expect(reminders(bench).findLast(({ functions }) => functions.includes('duty'))?.body.en).toMatch(
      /^2 things are still open:\n1\. look/,
    );
  });

  it('while nobody has acknowledged, come within the call to do so: one message with all that is open', async () => {
    const bench = openPlan([
      task('call', {}, { within: '40m', remind_every: '5m' }),
      ask('look', ['fire', 'not-seen'], { ask: { within: '30m', remind_every: '5m' } }),
    ]);
    await bench.world.run(minutes(6));
    expect(reminders(bench)).toEqual([]);
    const call = [...bench.world.told.values()].findLast(({ key }) => key.includes('/escalation/'));
    expect(call?.body.en).toMatch(
      /nobody has acknowledged it\. Please do so on the page\.\n2 things are still open:\n1\. look .*\n2\. call .*\nlook\?$/,
    );
    expect(call?.body.zh).toMatch(/尚无人确认。请在页面上确认。\n还有 2 项未完成：\n1\. look/);
  });

  it('come as the plan says three times, then half as often, from the sixth on a quarter as often', async () => {
    const bench = openPlan([task('call', {}, { remind_every: '2m' })]);
    bench.order({ kind: 'incident.acknowledge' });
    await bench.world.run(minutes(7));
    expect(reminders(bench)).toHaveLength(3);
    await bench.world.run(minutes(12));
    expect(reminders(bench)).toHaveLength(6);
    await bench.world.run(minutes(12));
    expect(reminders(bench)).toHaveLength(7);
    await bench.world.run(hours(1));
    expect(reminders(bench).length).toBeGreaterThan(12);
  });
});
