import { describe, expect, it } from 'vitest';
import { drilled, planOf, stepsOf } from './support.ts';

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

  it('gives no orders while the outage’s own incident leads: two plans never shut one server down', () => {
    for (const step of stepsOf(id)) {
      if (step.stage !== 'protect') continue;
      expect(JSON.stringify(step.when), step.id).toContain('mains-lost');
    }
  });
});
