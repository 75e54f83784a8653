import { describe, expect, it } from 'vitest';
import { minutes } from '#core/time.ts';
import { conditionWords } from '#services/alerts/plans/condition-words.ts';
import { holdsOf, unknownHolds } from '#services/alerts/plans/elsewhere.ts';
import type { EventBody } from '#services/alerts/plans/events.ts';
import { headlineOf } from '#services/alerts/plans/headline.ts';
import type { Hold, Holds } from '#services/alerts/plans/state.ts';
import { sampleConfig } from './outage-rig.ts';
import { PureRun } from './pure-run.ts';

/** Two incidents of one site on the same machines: done once, never blocked, never started under the other's hands. */

const HEAT = { zh: '超温', en: 'Heat' };
const MACHINES = ['server-1', 'server-2', 'server-3', 'array-1'];
const all = (what: Hold): Holds => Object.fromEntries(MACHINES.map((device) => [device, what]));
const elsewhere = (holds: Holds): EventBody => ({ type: 'holds-elsewhere', by: 'inc-heat', title: HEAT, holds });
const mains = (status: string): EventBody => ({
  type: 'power',
  sample: { ups: 'ups-1', status, charge: 90, runtimeS: null, loadW: 1500 },
});
const battery = { ms: 10_000, say: () => mains('OB') };
const back = { ms: 10_000, say: () => mains('OL') };
const outage = (): PureRun => {
  const run = new PureRun({ config: sampleConfig(), plan: 'power-outage' });
  run.handle(mains('OB'));
  run.run(minutes(1), battery);
  return run;
};
const shutsDown = (run: PureRun): void => run.handle({ type: 'start-sequence', by: 'gao-jie', reason: 'now' });
const given = (run: PureRun, base: string) => run.acts().filter((act) => act.startsWith(`${base}:`));

describe('a machine that another incident', () => {
  it('takes down now is waited for, and done once it is down: neither backed up nor ordered again', () => {
    const run = outage();
    run.handle(elsewhere(all('going')));
    for (const device of MACHINES) run.handle({ type: 'backup-elsewhere', device, what: 'done' });
    shutsDown(run);
    run.run(minutes(1), battery);
    expect(given(run, 'shutdown-servers')).toEqual([]);
    expect(headlineOf(run.state).en).toContain('waiting for “Heat” with');
    run.handle(elsewhere(all('off')));
    // Nobody answers in the dark: what the other has proven counts.
    const step = 'shutdown-servers:server-1';
    const since = run.state.steps[step]?.verify?.since ?? run.now;
    run.handle({ type: 'verified', step, since, items: [{ kind: 'tcp', holds: null, detail: 'no answer' }] });
    expect(run.state.steps[step]).toMatchObject({ state: 'done', ours: true, detail: { en: 'done by “Heat”' } });
    expect([...given(run, 'backup'), ...given(run, 'shutdown-servers')]).toEqual([]);
  });

  it('took down, but that answers again, is shut down here: nothing is believed against the evidence', () => {
    const run = outage();
    run.handle(elsewhere({ 'server-1': 'off' }));
    shutsDown(run);
    run.run(minutes(1), battery);
    expect(given(run, 'shutdown-servers').filter((act) => act.includes('server-1'))).toHaveLength(1);
  });

  it('is at for longer than it may take is taken down here: nothing blocks', () => {
    const run = outage();
    run.handle(elsewhere({ 'server-1': 'going' }));
    shutsDown(run);
    run.run(minutes(40), battery);
    expect(given(run, 'shutdown-servers').filter((act) => act.includes('server-1')).length).toBeGreaterThan(0);
  });

  it('keeps off is not started here, and it is said who starts it', () => {
    const run = outage();
    shutsDown(run);
    run.run(minutes(20), battery);
    expect(run.state.phase).toBe('shut-down');
    run.handle(elsewhere(all('off')));
    run.handle({ type: 'points', points: { 'th-1/ambient.temperature': 22 } });
    run.run(minutes(30), back);
    expect(given(run, 'start-servers')).toEqual([]);
    expect(run.state.steps['start-servers:server-1']?.detail?.en).toBe('kept off by “Heat”, which will start it');
  });

  it('is about to take down is not started in between, and started when it no longer is', () => {
    const run = outage();
    shutsDown(run);
    run.run(minutes(20), battery);
    run.handle(elsewhere(all('wanted')));
    run.handle({ type: 'points', points: { 'th-1/ambient.temperature': 22 } });
    run.run(minutes(30), back);
    expect(given(run, 'start-array')).toEqual([]);
    expect(headlineOf(run.state).en).toContain('waiting for “Heat” with Disk array');
    run.handle(elsewhere({}));
    run.run(minutes(10), back);
    expect(given(run, 'start-array')).toHaveLength(1);
    expect(given(run, 'start-servers')).toHaveLength(3);
  });

  it('starts is not taken for down', () => {
    const run = outage();
    run.handle(elsewhere(all('rising')));
    shutsDown(run);
    run.run(minutes(2), battery);
    expect(given(run, 'backup')).toHaveLength(3);
  });
});

describe('what an incident tells of itself', () => {
  it('wants, takes down, keeps off, lets go and has started; when closed nothing', () => {
    const run = outage();
    expect(holdsOf(run.state)).toEqual({});
    shutsDown(run);
    expect(holdsOf(run.state)['server-1']).toBe('wanted');
    run.run(minutes(20), battery);
    expect(holdsOf(run.state)).toMatchObject(all('off'));
    run.handle({ type: 'points', points: { 'th-1/ambient.temperature': 22 } });
    run.run(minutes(30), back);
    expect(Object.keys(holdsOf(run.state)).filter((device) => MACHINES.includes(device))).toEqual([]);
    expect(holdsOf({ ...run.state, phase: 'closed' })).toEqual({});
  });

  it('reaches whoever missed it, and is forgotten with the incident', () => {
    const run = outage();
    shutsDown(run);
    run.run(minutes(20), battery);
    const other = outage().state;
    const beside = { ...other, id: 'inc-other' };
    expect(unknownHolds(beside, [run.state, beside])).toMatchObject([{ by: 'inc-test', holds: all('off') }]);
    const knows = { ...beside, others: { 'inc-gone': { title: HEAT, holds: {} } } };
    expect(unknownHolds(knows, [knows])).toEqual([{ type: 'holds-elsewhere', by: 'inc-gone', title: HEAT, holds: {} }]);
  });
});

describe('the reason of a condition', () => {
  it('names the branch that held, not the ones beside it', () => {
    const { state } = outage();
    const when = { any: [{ alerts: { rules: ['smoke'], devices: 2 } }, { outlook: 'unknown' as const }] };
    expect(conditionWords(state, when)).toEqual({ zh: '恢复时间未知', en: 'the outlook is not known' });
    expect(conditionWords(state, { alerts: { rules: ['smoke'], devices: 2 } }).zh).toBe('没有设备告警');
  });
});
