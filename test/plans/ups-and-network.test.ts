import { describe, expect, it } from 'vitest';
import { drilled } from './support.ts';

describe('UPS fault', () => {
  it('on bypass: backups ahead, the risk is told, the level rises, nothing is shut down (O-PWR-7, O-LVL-1)', async () => {
    const run = await drilled('ups-fault');
    expect(run.incident.level).toBe('serious');
    for (const server of ['server-1', 'server-2', 'server-3'])
      expect(run.step(`backup-ahead:${server}`).state).toBe('done');
    expect(run.step('tell-risk').state).toBe('done');
    expect(run.step('bypass').state).toBe('done');
    expect(run.evidence.truth.commands.filter((one) => one.command === 'shutdown')).toEqual([]);
  }, 30_000);

  it('overloaded: what may be shed is shed, and given back at the end', async () => {
    const run = await drilled('ups-fault', { scenario: 'ups-overload' });
    expect(run.step('shed:display-1').state).toBe('done');
    expect(run.step('restore:display-1').state).toBe('done');
    expect(run.step('reduce-load').state).toBe('done');
    expect(run.step('bypass').state).toBe('skipped');
  }, 30_000);

  it('a battery that is due: the repair is ordered, the level stays ordinary (O-BAT-1)', async () => {
    const run = await drilled('ups-fault', { scenario: 'ups-battery-bad' });
    expect(run.step('battery').state).toBe('done');
    expect(run.incident.level).toBe('ordinary');
  }, 30_000);
});

describe('network outage', () => {
  it('switch and servers gone: it is the switch, and only that branch is taken', async () => {
    const run = await drilled('network-outage');
    expect(run.step('switch-down').state).toBe('done');
    for (const other of ['management-down', 'cabling-down', 'upstream-down'])
      expect(run.step(other).state).toBe('skipped');
    expect(run.step('tell-users').state).toBe('done');
  }, 30_000);

  it('only the switch’s management port: nobody restarts it', async () => {
    const run = await drilled('network-outage', { scenario: 'network-management-port' });
    expect(run.step('management-down').state).toBe('done');
    expect(run.step('switch-down').state).toBe('skipped');
    expect(run.step('tell-users').state).toBe('skipped');
  }, 30_000);

  it('by its button with all well here: the line above', async () => {
    const run = await drilled('network-outage', { scenario: 'network-upstream' });
    expect(run.step('upstream-down').state).toBe('done');
  }, 30_000);
});
