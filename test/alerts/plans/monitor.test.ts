import { describe, expect, it } from 'vitest';
import type { Config } from '#core/config/config.ts';
import type { Device } from '#core/config/device.ts';
import { minutes, seconds } from '#core/time.ts';
import { compileIncident } from '#services/alerts/plans/compile.ts';
import type { ActDefinition } from '#services/alerts/plans/definition.ts';
import type { EventBody } from '#services/alerts/plans/events.ts';
import { monitorNeeds } from '#services/alerts/plans/supply-graph.ts';
import { sampleConfig } from './outage-rig.ts';
import { PureRun } from './pure-run.ts';

/** L17: the monitor is a consumer like any other, and the last of them; what it needs goes before it alone. */

const configWith = (change: (device: Device) => Device): Config => {
  const config = sampleConfig();
  return { ...config, devices: config.devices.map(change) };
};
const hangsOnSwitch = configWith((device) =>
  device.id === 'monitor-1' ? { ...device, depends_on: ['ups-1', 'pdu-1', 'switch-1'] } : device,
);
/** The monitor's own step really does it. */
const inEarnest = (config: Config): Config => ({
  ...config,
  plans: config.plans.map((plan) => ({
    ...plan,
    steps: plan.steps.map((step) =>
      'act' in step && step.id === 'shutdown-monitor' ? { ...step, act: { ...step.act, rehearse_only: false } } : step,
    ),
  })),
});

const stepsOf = (config: Config): Map<string, ActDefinition> => {
  const plan = config.plans.find((one) => one.id === 'power-outage');
  if (plan === undefined) throw new Error('no plan');
  const { steps } = compileIncident(plan, { config, recordedP95: () => null, describe: () => '' });
  return new Map(steps.flatMap((step) => (step.kind === 'act' ? [[step.id, step] as const] : [])));
};

const onBattery: EventBody = {
  type: 'power',
  sample: { ups: 'ups-1', status: 'OB', charge: 90, runtimeS: 3000, loadW: 2400 },
};
const poll = { ms: 10_000, say: () => onBattery };
const open = (config: Config, takesMs: (step: string) => number | null = () => 8_000) => {
  const run = new PureRun({
    config: inEarnest(config),
    plan: 'power-outage',
    takesMs,
    points: { 'th-1/ambient.temperature': 24 },
  });
  run.handle(onBattery);
  run.run(minutes(1), poll);
  run.handle({ type: 'start-sequence', by: 'gao-jie', reason: 'test' });
  return run;
};
const mains: EventBody = {
  type: 'power',
  sample: { ups: 'ups-1', status: 'OL', charge: 80, runtimeS: null, loadW: 100 },
};

describe('L17: what the monitor itself needs', () => {
  it('is known: its supplies up to the feed, and all that they and it depend on', () => {
    expect([...monitorNeeds(sampleConfig().devices)].sort()).toEqual(['mains-1', 'pdu-1', 'ups-1']);
    expect([...monitorNeeds(hangsOnSwitch.devices)].sort()).toEqual(['mains-1', 'pdu-1', 'switch-1', 'ups-1']);
  });

  it('goes down after everything else, also where the plan does not say so', () => {
    const plain = stepsOf(sampleConfig()).get('shutdown-network:switch-1');
    const needed = stepsOf(hangsOnSwitch).get('shutdown-network:switch-1');
    expect(plain?.after).not.toContain('power-off:array-1');
    for (const id of ['power-off:array-1', 'power-off:server-1', 'shutdown-servers:server-3', 'shutdown-array:array-1'])
      expect(needed?.after).toContain(id);
    expect(needed?.after).not.toContain('shutdown-monitor:monitor-1');
  });

  it('a whole outage of a monitor that hangs on the switch: everything, then the switch, then the monitor', () => {
    const run = open(hangsOnSwitch);
    run.run(minutes(15), poll);
    const acts = run.acts().filter((act) => /shutdown|power-off/.test(act));
    expect(acts.at(-2)).toBe('shutdown-network:switch-1/0');
    expect(acts.at(-1)).toBe('shutdown-monitor:monitor-1/0');
  });

  it('a plan that puts something after it on purpose is obeyed, and nothing waits for itself', () => {
    const config = {
      ...hangsOnSwitch,
      plans: hangsOnSwitch.plans.map((plan) => ({
        ...plan,
        steps: plan.steps.map((step) =>
          step.id === 'power-off' ? { ...step, after: [...step.after, 'shutdown-network'] } : step,
        ),
      })),
    };
    expect(stepsOf(config).get('shutdown-network:switch-1')?.after).not.toContain('power-off:array-1');
    const run = open(config);
    run.run(minutes(15), poll);
    expect(run.acts().at(-1)).toBe('shutdown-monitor:monitor-1/0');
  });
});

describe('L17: the monitor’s own shutdown', () => {
  it('comes last, and leaves a note with people and in the journal before it is given', () => {
    const run = open(sampleConfig());
    run.run(minutes(15), poll);
    expect(run.acts().at(-1)).toBe('shutdown-monitor:monitor-1/0');
    const order = run.commands.flatMap(({ command }) =>
      command.type === 'notify' && command.request.key.includes('/note/')
        ? ['note']
        : command.type === 'act' && command.step.startsWith('shutdown-monitor')
          ? ['act']
          : [],
    );
    expect(order).toEqual(['note', 'act']);
    expect(run.whyOf('The monitor is about to go down')).toMatch(
      /started in order: Core switch, Disk array, Server 1 .*, Server 2 .*, Server 3/,
    );
  });

  it('waits while something could not be proven off, to ring people; near the battery’s end it goes', () => {
    const run = open(sampleConfig(), (step) => (step === 'shutdown-servers:server-2' ? null : 8_000));
    run.run(minutes(30), poll);
    expect(run.state.steps['shutdown-servers:server-2']?.state).toBe('failed');
    expect(run.acts()).not.toContain('shutdown-monitor:monitor-1/0');
    run.handle({ type: 'waive', step: 'shutdown-servers:server-2', by: 'gao-jie', reason: 'pulled its plug' });
    run.run(minutes(10), poll);
    expect(run.acts().at(-1)).toBe('shutdown-monitor:monitor-1/0');
  });

  it('L21 L22: back again it takes its own absence for the proof, tells people, and recovers; it never goes down twice', () => {
    const run = open(sampleConfig(), (step) => (step.startsWith('shutdown-monitor') ? null : 8_000));
    while (!run.acts().includes('shutdown-monitor:monitor-1/0')) run.run(seconds(10), poll);
    run.now = (run.now + minutes(50)) as typeof run.now;
    run.handle({ type: 'restarted' });
    expect(run.state.steps['shutdown-monitor:monitor-1']?.state).toBe('done');
    expect(run.told('/back/')).toBe(true);
    run.run(minutes(40), { ms: 10_000, say: () => mains });
    expect(run.acts().filter((act) => act.startsWith('shutdown-monitor'))).toHaveLength(1);
    expect(run.acts().some((act) => act.startsWith('start-servers:server-1'))).toBe(true);
  });
});
