import { describe, expect, it } from 'vitest';
import { drilled, planOf } from './support.ts';

describe.each(['cooling-failure', 'over-temperature'])('%s', (id) => {
  it('portable cooling, less load, then backups and an orderly shutdown before the limit; back when it is cool (O-CLG-1)', async () => {
    const run = await drilled(id);
    const limit = planOf(id).heat?.limit ?? 0;
    const off = run.evidence.truth.commands.filter((one) => one.command === 'shutdown').map((one) => one.at);
    expect(off).toHaveLength(4);
    expect(run.step('portable-cooling').state).toBe('done');
    expect(run.step('shed:display-1').state).toBe('done');
    for (const server of ['server-1', 'server-2', 'server-3']) expect(run.step(`backup:${server}`).state).toBe('done');
    expect(run.incident.outcome).toBe('recovered');
    // What the servers breathe in never reached the limit while one of them ran.
    const lastOff = Date.parse(run.step('shutdown-array:array-1').endedAt ?? '');
    const hottest = Math.max(
      ...run.evidence.truth.climate.filter((one) => one.at <= lastOff).map((one) => one.temperatureC),
    );
    expect(hottest).toBeLessThan(limit + 1);
  }, 60_000);
});

describe('mains lost while the room is too hot', () => {
  it('two incidents shut each machine down once and start it once; the last that needs it off starts it (I2, I4, I6)', async () => {
    const run = await drilled('over-temperature', { scenario: 'heat-and-outage' });
    const { truth, incidents } = run.evidence;
    expect(incidents.map(({ plan, outcome }) => [plan.id, outcome])).toEqual([
      ['over-temperature', 'recovered'],
      ['power-outage', 'recovered'],
    ]);
    const ordered = (command: string) => truth.commands.filter((one) => one.command === command);
    expect(
      ordered('shutdown')
        .map(({ device }) => device)
        .toSorted(),
    ).toEqual(['array-1', 'server-1', 'server-2', 'server-3']);
    expect(ordered('backup')).toHaveLength(3);
    expect(new Set(ordered('outlet-on').map(({ detail }) => detail)).size).toBe(ordered('outlet-on').length);
    const outage = incidents.find(({ plan }) => plan.id === 'power-outage');
    const stepOf = (id: string) => outage?.steps.find((step) => step.id === id);
    expect(stepOf('shutdown-servers:server-1')?.detail?.en).toBe('done by “Over-temperature”');
    expect(stepOf('start-servers:server-1')?.detail?.en).toContain('kept off by “Over-temperature”');
  }, 60_000);
});
