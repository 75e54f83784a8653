import { describe, expect, it } from 'vitest';
import { begunS, drilled, stepsOf } from './support.ts';

describe('electric shock', () => {
  it('by its button: cut the power and never touch the person comes first, everybody is told, each has a task (O-SHK-1..4)', async () => {
    const run = await drilled('electric-shock');
    expect(run.incident.level).toBe('major');
    expect(stepsOf('electric-shock')[0]?.id).toBe('cut-power');
    for (const id of [
      'cut-power',
      'tell-team',
      'call-ambulance',
      'call-power-department',
      'keep-others-away',
      'call-safety',
    ])
      expect(begunS(run, id), id).toBe(0);
    expect(
      new Set(run.evidence.deliveries.filter((one) => one.key.includes('/tell-team/')).map((one) => one.person)).size,
    ).toBe(4);
  }, 30_000);

  it('first aid only after the power is off (O-SHK-4), nothing is started before an electrician has looked', async () => {
    const run = await drilled('electric-shock');
    expect(Date.parse(run.step('first-aid').startedAt ?? '')).toBeGreaterThanOrEqual(
      Date.parse(run.step('cut-power').endedAt ?? ''),
    );
    expect(Date.parse(run.step('may-start').startedAt ?? '')).toBeGreaterThanOrEqual(
      Date.parse(run.step('inspect').endedAt ?? ''),
    );
  }, 30_000);

  it('one press and one person cut nothing by themselves: the outlets go off on two people’s word (O-SHK-2)', async () => {
    const run = await drilled('electric-shock');
    expect(run.evidence.truth.commands.filter((one) => one.command === 'outlet-off')).toEqual([]);
  }, 30_000);
});
