import { describe, expect, it } from 'vitest';
import { minutes, seconds } from '#core/time.ts';
import { MiniWorld } from './mini-world.ts';
import { sampleConfig } from './outage-rig.ts';
import { configOf, openPlan, task, tell } from './plan-bench.ts';

const steps = [task('leave'), tell('alarm', { when: { alerts: { rules: ['heat'] } } })];
const worldOf = (plan: object = {}) => new MiniWorld({ config: configOf(steps, plan) });
const open = (world: MiniWorld) => world.incidents.views().filter((view) => view.phase !== 'closed');
const press = (world: MiniWorld) => world.order({ kind: 'incident.open', plan: 'test-plan', reason: 'pressed' });

describe('what starts a plan', () => {
  it('an alert of its rules, once, however often it is told of again', () => {
    const world = worldOf();
    world.alert('smoke', 'smoke-1');
    world.alert('smoke', 'smoke-1');
    expect(open(world)).toHaveLength(1);
    expect(open(world)[0]?.cause.en).toBe('smoke smoke-1');
  });

  it('O-SHK-1: a panic button, which is an alert of a rule on it', () => {
    const world = worldOf();
    world.alert('panic-fire', 'panic-1');
    expect(open(world)).toHaveLength(1);
  });

  it('the button on the page; pressed again it tells which one is open and the record has it', () => {
    const world = worldOf();
    const first = press(world);
    expect(press(world)).toMatchObject({ ok: false, error: 'CONFLICT', created: first.created });
    expect(open(world)).toHaveLength(1);
    expect(open(world)[0]?.timeline.at(-1)?.what.en).toContain('started again: pressed');
  });

  it('a second trigger while it is open adds to its record and opens nothing', async () => {
    const world = worldOf();
    world.alert('smoke', 'smoke-1');
    world.alert('smoke', 'smoke-2');
    world.alert('smoke', 'smoke-2');
    await world.run(seconds(10));
    expect(open(world)).toHaveLength(1);
    const readings = open(world)[0]?.timeline.filter((entry) => entry.kind === 'reading') ?? [];
    expect(readings.map((entry) => entry.what.en)).toEqual(['smoke smoke-2']);
  });

  it('the same firing opens nothing again after it was closed, nor after a restart; a new one does', async () => {
    const world = worldOf();
    world.alert('smoke', 'smoke-1');
    world.alert('smoke', 'smoke-2');
    const [view] = open(world);
    const incident = view?.id ?? '';
    world.order({ kind: 'incident.task-done', incident, step: 'leave' });
    expect(world.order({ kind: 'incident.close', incident, reason: 'out' })).toMatchObject({ ok: true });
    world.alert('smoke', 'smoke-1');
    world.crash();
    await world.run(seconds(10));
    world.alert('smoke', 'smoke-1');
    world.alert('smoke', 'smoke-2');
    expect(open(world)).toHaveLength(0);
    world.alert('smoke', 'smoke-2', false);
    await world.run(seconds(10));
    world.alert('smoke', 'smoke-2');
    expect(open(world)).toHaveLength(1);
  });

  it('alerts that fire already when it opens count from the beginning', () => {
    const world = worldOf({ triggers: { alerts: ['smoke'], button: true } });
    world.alert('heat', 'heat-1');
    expect(open(world)).toHaveLength(0);
    world.alert('smoke', 'smoke-1');
    expect(world.step('alarm').state).toBe('done');
  });

  it('what ended while the monitor was down is over for the incident too', async () => {
    const { world, states } = openPlan([
      task('leave'),
      tell('alarm', { after: ['leave'], when: { alerts: { rules: ['heat'] } } }),
    ]);
    world.alert('heat', 'heat-1');
    world.crash();
    await world.run(seconds(10));
    world.incidents.onActiveAlerts([]);
    world.order({ kind: 'incident.task-done', incident: world.view().id, step: 'leave' });
    expect(states('alarm')).toEqual(['pending']);
  });

  it('a fire during an outage runs beside it', async () => {
    const [fire] = configOf(steps).plans;
    if (fire === undefined) throw new Error('no plan');
    const config = {
      ...sampleConfig(),
      plans: [...sampleConfig().plans.filter(({ id }) => id === 'power-outage'), fire],
    };
    const world = new MiniWorld({ config });
    await world.run(seconds(10));
    world.setMains(false);
    await world.run(minutes(1));
    world.alert('smoke', 'smoke-1');
    expect(
      open(world)
        .map((view) => view.plan.id)
        .sort(),
    ).toEqual(['power-outage', 'test-plan']);
    await world.run(minutes(5));
    expect(open(world).map((view) => view.phase)).toEqual(['responding', 'responding']);
  });

  it('texts say where, when, who and what opened it', () => {
    const text = '{place} {now} {alert} {device_of_alert} {lead} {lead_phone} {temperature} {temperature_limit}';
    const world = new MiniWorld({ config: configOf([task('leave', {}, { script: text })]) });
    world.alert('smoke', 'th-1');
    const { site, devices } = world.config;
    const device = devices.find(({ id }) => id === 'th-1')?.name.en;
    expect(world.step('leave').script?.en).toBe(
      `${site.address.en}, ${site.floor.en} 09:00 smoke th-1 ${device} Gao Jie +86 100 0000 0003 unknown unknown`,
    );
  });
});
