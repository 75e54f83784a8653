import { describe, expect, it } from 'vitest';
import { minutes } from '#core/time.ts';
import type { EventBody } from '#services/alerts/plans/events.ts';
import { sampleConfig } from './outage-rig.ts';
import { PureRun } from './pure-run.ts';

/** I4 across incidents: a UPS fault that becomes an outage backs nothing up twice. */

const takesMs = (step: string) => (step.startsWith('backup') ? 300_000 : 20_000);
const onBattery = (charge = 90, loadW = 2400): EventBody => ({
  type: 'power',
  sample: { ups: 'ups-1', status: 'OB', charge, runtimeS: null, loadW },
});
const open = () => {
  const run = new PureRun({ config: sampleConfig(), plan: 'power-outage', takesMs });
  run.handle(onBattery());
  return run;
};
const backups = (run: PureRun, device: string) => run.acts().filter((act) => act.startsWith(`backup:${device}`));
const poll = { ms: 10_000, say: () => onBattery() };

describe('a backup that another incident makes', () => {
  it('is waited for while it runs, and not made again once it is done', () => {
    const run = open();
    run.handle({ type: 'backup-elsewhere', device: 'server-1', what: 'begun' });
    run.run(minutes(1), poll);
    run.handle({ type: 'start-sequence', by: 'gao-jie', reason: 'now' });
    run.run(minutes(2), poll);
    expect(backups(run, 'server-1')).toEqual([]);
    expect(backups(run, 'server-2')).toHaveLength(1);
    run.handle({ type: 'backup-elsewhere', device: 'server-1', what: 'done' });
    run.run(minutes(10), poll);
    expect(backups(run, 'server-1')).toEqual([]);
    expect(run.state.steps['backup:server-1']?.detail?.en).toMatch(/by another incident at \d\d:\d\d/);
    expect(run.state.steps['shutdown-servers:server-1']?.state).toBe('done');
  });

  it('and fails there is made here', () => {
    const run = open();
    run.handle({ type: 'backup-elsewhere', device: 'server-1', what: 'begun' });
    run.run(minutes(1), poll);
    run.handle({ type: 'start-sequence', by: 'gao-jie', reason: 'now' });
    run.handle({ type: 'backup-elsewhere', device: 'server-1', what: 'ended' });
    run.run(minutes(1), poll);
    expect(backups(run, 'server-1')).toHaveLength(1);
  });

  it('and of which nothing more is heard is waited for no longer than it may take', () => {
    const run = open();
    run.handle({ type: 'backup-elsewhere', device: 'server-1', what: 'begun' });
    run.run(minutes(1), poll);
    run.handle({ type: 'start-sequence', by: 'gao-jie', reason: 'now' });
    run.run(minutes(25), poll);
    expect(backups(run, 'server-1')).toHaveLength(1);
  });

  it('an hour ago is stale: it is made again, and that is said', () => {
    const run = open();
    run.handle({ type: 'backup-elsewhere', device: 'server-1', what: 'done' });
    let charge = 95;
    run.run(minutes(65), {
      ms: 10_000,
      say: () => {
        charge -= 0.05;
        return onBattery(Math.round(charge), 200);
      },
    });
    run.handle({ type: 'start-sequence', by: 'gao-jie', reason: 'now' });
    run.run(minutes(1), poll);
    expect(backups(run, 'server-1')).toHaveLength(1);
    expect(run.lines()).toContain('Backed up again: Server 1 (business system)');
  });

  it('each incident tells of its own: begun, then done', () => {
    const run = open();
    run.handle({ type: 'start-sequence', by: 'gao-jie', reason: 'now' });
    run.run(minutes(8), poll);
    const news = run.commands.flatMap(({ command }) =>
      command.type === 'backup' && command.device === 'server-1' ? [command.what] : [],
    );
    expect(news).toEqual(['begun', 'done']);
  });
});
