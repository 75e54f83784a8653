import { describe, expect, it } from 'vitest';
import { begunS, drilled, planOf, stepsOf } from './support.ts';

describe('power outage', () => {
  it('by surprise: asked and told at once, backups, servers, array, switch, back in order (O-PWR-2..4, O-PWR-8)', async () => {
    const run = await drilled('power-outage');
    expect([begunS(run, 'ask-outlook'), begunS(run, 'tell-outage')]).toEqual([0, 0]);
    expect(run.incident.outcome).toBe('recovered');
    expect(run.incident.level).toBe('major');
  }, 60_000);

  it('planned: told, approved and backed up ahead; its length is known from the first second (O-PWR-1)', async () => {
    const run = await drilled('power-outage', { scenario: 'planned-outage', seed: 2 });
    for (const id of ['tell-planned', 'approve-planned', 'confirm-planned', 'tell-users-planned'])
      expect(run.step(id).state).toBe('done');
    const lost = run.evidence.truth.power.find((one) => one.what === 'mains-lost')?.at ?? 0;
    for (const server of ['server-1', 'server-2', 'server-3']) {
      expect(run.step(`backup-ahead:${server}`).state).toBe('done');
      expect(Date.parse(run.step(`backup-ahead:${server}`).endedAt ?? '')).toBeLessThan(lost);
    }
    expect(run.incident.outcome).toBe('recovered');
  }, 60_000);

  it('is the one incident while mains is away: cooling and heat that it took along open none of their own, and nobody shuts down', async () => {
    const short = await drilled('power-outage', { scenario: 'test/plans/outage-50m.yaml', answer: '45m' });
    const back = short.evidence.truth.power.findLast((one) => one.what === 'mains-back')?.at ?? 0;
    for (const other of short.evidence.incidents) {
      if (other.plan.id === 'power-outage') continue;
      // A room that is still too hot five minutes after mains is back is told; it cools, so nothing is shut down for it.
      expect(other.plan.id).toBe('over-temperature');
      expect(Date.parse(other.openedAt)).toBeGreaterThanOrEqual(back + 300_000);
      expect(other.outcome).toBe('stood-down');
    }
    expect(short.incident.outcome).toBe('stood-down');
    expect(short.evidence.truth.commands.filter((one) => one.command === 'shutdown')).toEqual([]);
  }, 60_000);

  it('outside working hours the missing call is chased after 30 minutes (O-PWR-6)', () => {
    const call = stepsOf('power-outage').find((step) => step.id === 'call-power-department');
    expect(call?.when).toMatchObject({ hours: 'off', elapsed: 1_800_000, unanswered: 'ask-outlook' });
  });

  it('heat on a long battery asks people; silence waits as the rules say (O-CLG-1, O-PWR-5, I3)', () => {
    const heat = stepsOf('power-outage').find((step) => step.id === 'heat');
    expect(heat !== undefined && 'ask' in heat && heat.ask.default).toBe('wait');
  });
});

describe('power return by hand', () => {
  it('waits for its gates, asks, and starts what is off: array before servers, each proven (O-PWR-8, L23)', async () => {
    const run = await drilled('power-return');
    expect(run.step('start-network:switch-1').attempts).toBe(0);
    const on = run.evidence.truth.commands.filter((one) => one.command === 'outlet-on').map((one) => one.detail);
    expect(on[0]).toBe('4');
    expect(on.toSorted()).toEqual(['1', '2', '3', '4']);
    expect(begunS(run, 'may-start')).toBeGreaterThanOrEqual(300);
  }, 30_000);

  it('nobody answers: nothing is started', () => {
    for (const id of ['ask-stable', 'may-start']) {
      const ask = stepsOf('power-return').find((step) => step.id === id);
      expect(ask !== undefined && 'ask' in ask && ['wait', 'leave-off']).toContain(
        ask !== undefined && 'ask' in ask ? ask.ask.default : '',
      );
    }
    expect(planOf('power-return').triggers.alerts).toEqual([]);
  });
});
