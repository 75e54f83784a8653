import { describe, expect, it } from 'vitest';
import type { Config } from '#core/config/config.ts';
import type { Plan } from '#core/config/plan.ts';
import { hours, minutes, seconds } from '#core/time.ts';
import type { EventBody } from '#services/alerts/plans/events.ts';
import { MiniWorld } from './mini-world.ts';
import { sampleConfig } from './outage-rig.ts';
import { PureRun } from './pure-run.ts';

/** LESSONS.md L1–L23 as far as the engine keeps them and no other test here is named after them. */

const sample = (ups: string, status: string, more: { charge?: number; runtimeS?: number | null } = {}): EventBody => ({
  type: 'power',
  sample: { ups, status, charge: more.charge ?? 95, runtimeS: more.runtimeS ?? null, loadW: 2400 },
});

describe('false or early shutdown', () => {
  it('L4: "battery low" raised by a threshold of 97 % starts nothing while the measured battery lasts', async () => {
    const world = new MiniWorld();
    await world.run(seconds(20));
    world.status = 'OB LB DISCHRG';
    world.setMains(false);
    await world.run(minutes(15));
    expect(world.view().phase).toBe('responding');
    expect(world.view().clocks?.exhaustion.source).not.toBe('silence');
  });

  it('L5: 65535 seconds of runtime are no reason to wait beyond what the battery was measured to hold', async () => {
    const world = new MiniWorld({ battery: minutes(30) });
    world.sample = { 'battery.runtime': 65_535 };
    await world.run(seconds(20));
    world.setMains(false);
    await world.until((view) => view.phase === 'shut-down', hours(1));
    expect([...world.machines.values()].some((machine) => machine.lost)).toBe(false);
  });

  it('L6: a UPS that counts an hour on battery at its first second starts nothing', async () => {
    const world = new MiniWorld();
    await world.run(seconds(20));
    world.setMains(false);
    await world.run(seconds(30));
    expect(world.view().clocks?.elapsedS).toBeLessThan(60);
    expect(world.view().phase).toBe('responding');
  });

  it('L8: another configuration loaded in the middle of an outage changes nothing of it and opens nothing', async () => {
    const plans = sampleConfig().plans.map((plan) =>
      plan.power === undefined ? plan : { ...plan, power: { ...plan.power, limit: minutes(1) } },
    );
    const config: { present: Config } = { present: sampleConfig() };
    const world = new MiniWorld({
      get config() {
        return config.present;
      },
    });
    await world.run(seconds(20));
    world.setMains(false);
    await world.run(minutes(2));
    config.present = { ...sampleConfig(), plans };
    world.crash();
    await world.run(minutes(3));
    expect(world.incidents.views()).toHaveLength(1);
    expect(world.view().phase).toBe('responding');
    expect(world.view().clocks?.limitS).toBe(90 * 60);
  });
});

describe('L1: the monitor’s own absence', () => {
  const exhausted: Config = {
    ...sampleConfig(),
    plans: sampleConfig().plans.map((plan) =>
      plan.power === undefined ? plan : { ...plan, power: { ...plan.power, treat_silence_on_battery_as: 'exhausted' } },
    ),
  };

  it('is no silence of the UPS: after a restart its silence is counted from then on', async () => {
    const world = new MiniWorld({ config: exhausted, battery: hours(3) });
    await world.run(seconds(20));
    world.setMains(false);
    await world.run(minutes(4));
    world.crash(minutes(5));
    await world.run(seconds(320));
    expect(world.view().phase).toBe('responding');
    expect(world.view().steps.some((step) => step.state === 'cut')).toBe(false);
    await world.run(minutes(3));
    expect(world.view().phase).toBe('responding');
  });

  it('ends, and the UPS stays silent: then it is silence', async () => {
    const world = new MiniWorld({ config: exhausted, battery: hours(3) });
    await world.run(seconds(20));
    world.setMains(false);
    await world.run(minutes(4));
    world.silent = true;
    world.crash(minutes(5));
    await world.run(seconds(330));
    expect(world.view().phase).toBe('responding');
    await world.run(minutes(1));
    expect(world.view().phase).toBe('protecting');
    expect(world.view().clocks?.exhaustion.source).toBe('silence');
  });
});

describe('missed or late shutdown', () => {
  it('L9: a UPS whose figures all stand still is not believed for ever: what must have flowed out counts', async () => {
    const world = new MiniWorld({ battery: minutes(45) });
    world.sample = { 'battery.charge': 100, 'battery.runtime': 3600 };
    await world.run(seconds(20));
    world.setMains(false);
    await world.until((view) => view.phase === 'shut-down', hours(2));
    expect(world.view().phase).toBe('shut-down');
  });

  it('L10: a discharged UPS that says OFF is no power: with the other one on battery that is the outage’s end in sight', () => {
    const run = new PureRun({ config: twoUpses(2), plan: 'power-outage' });
    run.handle(sample('ups-1', 'OL'));
    run.handle(sample('ups-2', 'OFF', { charge: 0 }));
    run.run(seconds(40), { ms: 5000, say: () => sample('ups-2', 'OFF', { charge: 0 }) });
    expect(run.state.power?.mains).toBe('lost');
  });

  it('L11: on battery each UPS is asked every few seconds, and its own rate is given back afterwards', async () => {
    const world = new MiniWorld();
    await world.run(seconds(20));
    world.setMains(false);
    await world.run(minutes(1));
    expect(world.polls.findLast((poll) => poll.device === 'ups-1')?.everyMs).toBe(5000);
    world.setMains(true);
    await world.until((view) => view.phase === 'closed', minutes(10));
    expect(world.polls.findLast((poll) => poll.device === 'ups-1')?.everyMs).toBeNull();
  });

  it('L12: the very first reading says battery: the outage is there at once, and its clocks run', async () => {
    const world = new MiniWorld();
    world.setMains(false);
    await world.run(seconds(30));
    expect(world.view()).toMatchObject({ phase: 'responding', clocks: { mains: 'lost' } });
    expect(world.view().clocks?.exhaustion.at).not.toBeNull();
  });

  it('L15: what traps say beside the polls changes no clock: many readings within a second confirm nothing (L2)', async () => {
    const world = new MiniWorld({ battery: minutes(3) });
    await world.run(seconds(21));
    world.setMains(false);
    for (let i = 0; i < 10; i++) world.read();
    await world.run(seconds(2));
    expect(world.accepted()).toEqual([]);
    expect(world.view().phase).toBe('responding');
  });
});

describe('L7: partial loss', () => {
  it('one of two UPSes is off and every machine has its other feed: no outage, and people are told which it is', () => {
    const run = new PureRun({ config: twoUpses(1), plan: 'power-outage' });
    run.handle(sample('ups-1', 'OL'));
    run.handle(sample('ups-2', 'OFF'));
    run.run(seconds(60), { ms: 5000, say: () => sample('ups-2', 'OFF') });
    expect(run.state.power?.mains).toBe('present');
    expect(run.state.sequence).toBeNull();
    expect(run.told('/partial/ups-2')).toBe(true);
    expect(run.acts()).toEqual([]);
  });

  it('one of two stands on bypass: no outage; mains lost on it then: no battery carries it, the other one’s battery counts', () => {
    const run = new PureRun({ config: twoUpses(1), plan: 'power-outage' });
    run.handle(sample('ups-1', 'OL'));
    run.handle(sample('ups-2', 'BYPASS OVER'));
    run.run(minutes(1), { ms: 5000, say: () => sample('ups-2', 'BYPASS OVER') });
    expect(run.state.power?.mains).toBe('present');
    run.handle(sample('ups-2', 'OB BYPASS'));
    run.handle(sample('ups-1', 'OB', { runtimeS: 3000 }));
    run.run(seconds(30), {
      ms: 5000,
      say: (now) => sample(now % 2 === 0 ? 'ups-1' : 'ups-2', 'OB', { runtimeS: 3000 }),
    });
    expect(run.state.power?.mains).toBe('lost');
    expect((run.state.power?.exhaustion.at ?? 0) - run.now).toBeGreaterThan(minutes(20));
  });

  it('L3: mains lost while the only UPS stands on bypass: the end is now, and the sequence starts as soon as that is sure', () => {
    const run = new PureRun({ config: sampleConfig(), plan: 'power-outage' });
    run.handle(sample('ups-1', 'OB BYPASS', { runtimeS: 3600 }));
    expect(run.state.power?.exhaustion.at).toBe(run.now);
    run.run(seconds(40), { ms: 5000, say: () => sample('ups-1', 'OB BYPASS', { runtimeS: 3600 }) });
    expect(run.state.sequence?.reason).toBe('latest-safe-start');
    expect(run.state.power?.exhaustion.estimates[0]?.why.en).toContain('bypass');
  });
});

describe('sequencing', () => {
  const withEarly = (): Config => {
    const config = sampleConfig();
    const early: Plan['steps'][number] = {
      id: 'early',
      title: { zh: '提前关闭三号服务器', en: 'Shut down server 3 early' },
      stage: 'hold',
      after: [],
      obligations: ['O-PWR-5'],
      when: { point: { point: { device: 'ups-1', point: 'battery.charge' }, below: 80 } },
      act: { operation: 'shutdown', on: { devices: ['server-3'] }, rehearse_only: false },
    };
    return {
      ...config,
      plans: config.plans.map((plan) =>
        plan.id === 'power-outage' ? { ...plan, steps: [...plan.steps, early] } : plan,
      ),
    };
  };

  it('L18: a machine with a threshold of its own goes down at it while the others run on, and comes back with them', async () => {
    const world = new MiniWorld({ config: withEarly() });
    await world.run(seconds(20));
    world.setMains(false);
    await world.run(seconds(40));
    world.answer('within-limit');
    await world.run(minutes(8));
    expect(world.machines.get('server-3')?.state).toBe('running');
    await world.run(minutes(10));
    expect(world.charge).toBeLessThan(80);
    expect(world.machines.get('server-3')?.state).toBe('off');
    expect(world.machines.get('server-1')?.state).toBe('running');
    expect(world.view().phase).toBe('holding');
    world.setMains(true);
    await world.until((view) => view.outcome === 'recovered', hours(2));
    expect(world.machines.get('server-3')).toMatchObject({ state: 'running', lost: false });
    expect(world.accepted()).not.toContain('server-1 shutdown');
  });

  it('L19: what is proven off in eight seconds is not waited for: the next begins at once, whatever was estimated', () => {
    const run = new PureRun({ config: sampleConfig(), plan: 'power-outage', takesMs: () => 8000 });
    const poll = { ms: 5000, say: () => sample('ups-1', 'OB', { runtimeS: 3000 }) };
    run.handle(sample('ups-1', 'OB', { runtimeS: 3000 }));
    run.run(minutes(1), poll);
    run.handle({ type: 'start-sequence', by: 'gao-jie', reason: 'test' });
    const from = run.now;
    run.run(minutes(10), poll);
    const array = run.commands.find(
      ({ command }) => command.type === 'act' && command.step.startsWith('shutdown-array'),
    );
    // Backups and servers are estimated at eight minutes.
    expect((array?.at ?? 0) - from).toBeLessThan(seconds(30));
  });
});

/** The sample room with every protected machine on a second UPS as well. */
function twoUpses(minFeeds: number): Config {
  const config = sampleConfig();
  const first = config.devices.find((device) => device.id === 'ups-1');
  if (first === undefined) throw new Error('no ups-1');
  return {
    ...config,
    devices: [
      ...config.devices.map((device) =>
        device.power === undefined || device.kind === 'ups' || device.kind === 'pdu'
          ? device
          : { ...device, power: { feeds: [...device.power.feeds, 'ups-2'], min_feeds: minFeeds } },
      ),
      { ...first, id: 'ups-2', name: { zh: 'UPS 二号', en: 'UPS 2' } },
    ],
    plans: config.plans.map((plan) =>
      plan.power === undefined ? plan : { ...plan, power: { ...plan.power, ups: ['ups-1', 'ups-2'] } },
    ),
  };
}
