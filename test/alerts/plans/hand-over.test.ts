import { describe, expect, it } from 'vitest';
import { hours, instant, minutes, seconds } from '#core/time.ts';
import { openPlan, task, tell } from './plan-bench.ts';

const script = { script: 'call {contact}: {lead}, {lead_phone}; {duty}, {duty_phone}', remind_every: '5m' };
const steps = [task('call', {}, { ...script, contact: 'security-office' }), task('next', { after: ['call'] }, script)];
const handOver = (to: string, note = 'servers are off, the brigade is here') => ({
  kind: 'incident.hand-over',
  to,
  note,
});
const newest = (bench: ReturnType<typeof openPlan>, part: string) =>
  [...bench.world.told.values()].findLast(({ key }) => key.includes(part));

describe('O-ORG-2: whoever must leave hands the incident over by name', () => {
  it('the duty person of its beginning leads it', () => {
    const bench = openPlan(steps);
    expect(bench.view().lead).toMatchObject({ person: 'gao-jie', phone: '+86 100 0000 0003' });
  });

  it('recorded, told to both, and shown', () => {
    const bench = openPlan(steps);
    expect(bench.order(handOver('zhou-min'), 'sam-reed')).toMatchObject({ ok: true });
    expect(bench.view().lead).toMatchObject({ person: 'zhou-min', name: { en: 'Zhou Min' } });
    expect(newest(bench, 'hand-over/')).toMatchObject({ functions: [], people: ['zhou-min', 'gao-jie'] });
    expect(newest(bench, 'hand-over/')?.body.en).toContain('Open: call.');
    const entry = bench.view().timeline.find((one) => one.what.en === 'Handed over to Zhou Min');
    expect(entry).toMatchObject({ who: 'sam-reed', why: { zh: 'servers are off, the brigade is here' } });
  });

  it('tasks and reminders for the person on duty go to the new lead, with the new name and number', async () => {
    const bench = openPlan(steps);
    expect(newest(bench, '/call/task')).toMatchObject({ functions: ['duty'], people: [] });
    bench.order(handOver('zhou-min'));
    await bench.world.run(minutes(6));
    expect(newest(bench, '/call/reminder')).toMatchObject({ functions: [], people: ['zhou-min'] });
    expect(bench.world.step('call')).toMatchObject({ person: 'zhou-min' });
    expect(bench.world.step('call').script?.en).toBe(
      'call Security office: Zhou Min, +86 100 0000 0001; Zhou Min, +86 100 0000 0001',
    );
    bench.done('call');
    expect(newest(bench, '/next/task')).toMatchObject({ functions: [], people: ['zhou-min'] });
  });

  it('other functions keep their own people', () => {
    const bench = openPlan([tell('news', { after: ['call'] }, { functions: ['duty', 'director'] }), ...steps]);
    bench.order(handOver('lin-hao'));
    bench.done('call');
    expect(newest(bench, '/news/')).toMatchObject({ functions: ['director'], people: ['lin-hao'] });
  });

  it.each([
    ['nobody-here', 'NOT_FOUND', 'not in people.yaml'],
    ['zhou-min', null, 'the first time'],
  ])('to %s: %s', (to, error, _reason) => {
    expect(openPlan(steps).order(handOver(to)).error).toBe(error);
  });

  it('twice to the same person is refused, back again is not', () => {
    const bench = openPlan(steps);
    bench.order(handOver('zhou-min'));
    expect(bench.order(handOver('zhou-min'))).toMatchObject({ error: 'CONFLICT' });
    expect(bench.order(handOver('gao-jie'))).toMatchObject({ ok: true });
  });

  it('outlives a restart', async () => {
    const bench = openPlan(steps);
    bench.order(handOver('zhou-min'));
    bench.world.crash();
    await bench.world.run(seconds(10));
    expect(bench.view().lead?.person).toBe('zhou-min');
  });

  it('the rota changes in the middle: who leads stays, and both are told to hand it over', async () => {
    // Monday 08:20 in Shanghai; the duty changes at 08:30.
    const bench = openPlan(steps, {}, { at: instant(Date.parse('2026-11-23T00:20:00Z')) });
    expect(bench.view().lead?.person).toBe('lin-hao');
    await bench.world.run(hours(1));
    expect(bench.view().lead?.person).toBe('lin-hao');
    expect(newest(bench, '/rota/')).toMatchObject({ people: ['gao-jie', 'lin-hao'] });
  });
});

describe('notes', () => {
  it('are lines of the record, with name', () => {
    const bench = openPlan(steps);
    expect(bench.order({ kind: 'incident.note', text: 'three people counted' }, 'lin-hao')).toMatchObject({ ok: true });
    expect(bench.view().timeline.at(-1)).toMatchObject({ who: 'lin-hao', what: { en: 'Note: three people counted' } });
  });
});
