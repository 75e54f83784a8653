import { describe, expect, it } from 'vitest';
import { hours, type Instant, minutes, seconds, toIso } from '#core/time.ts';
import { type MiniOptions, MiniWorld } from './mini-world.ts';
import { NIGHT, sampleConfig } from './outage-rig.ts';

/** The courses that an outage may take, one decision at a time, in the small world. */

async function onBattery(options: MiniOptions = {}): Promise<MiniWorld> {
  const world = new MiniWorld(options);
  await world.run(seconds(20));
  world.setMains(false);
  await world.run(seconds(40));
  return world;
}

const withPlan = (change: (power: { treat_silence_on_battery_as: string }) => void) => {
  const config = structuredClone({ ...sampleConfig(), devices: [] });
  const plan = config.plans.find((one) => one.id === 'power-outage');
  if (plan?.power !== undefined) change(plan.power);
  return { ...sampleConfig(), plans: config.plans };
};

const decisions = (world: MiniWorld): string[] =>
  world
    .view()
    .timeline.filter((line) => line.kind === 'decision')
    .map((line) => line.what.en);
const told = (world: MiniWorld, part: string): boolean => [...world.told.keys()].some((key) => key.includes(part));
const took = (world: MiniWorld): string[] =>
  world.accepted().filter((what) => what.endsWith('shutdown') || what.endsWith('outlet-off'));

const waive = (world: MiniWorld, step: string) =>
  ({ kind: 'incident.waive', incident: world.view().id, step, reason: 'pulled its plug' }) as const;

describe('what people answer', () => {
  const rows = [
    { reason: 'O-PWR-4 over the limit starts at once', answer: 'over-limit', phase: 'protecting' },
    { reason: 'O-PWR-5 within the limit sheds and waits', answer: 'within-limit', phase: 'holding' },
    { reason: 'not known goes on waiting', answer: 'unknown', phase: 'responding' },
    { reason: 'a duration below limit and battery waits', answer: 'duration', minutes: 20, phase: 'holding' },
    { reason: 'a duration beyond the limit starts', answer: 'duration', minutes: 100, phase: 'protecting' },
    { reason: 'a duration beyond the battery starts', answer: 'duration', minutes: 75, phase: 'protecting' },
    { reason: 'a time before limit and battery waits', answer: 'time', inMinutes: 20, phase: 'holding' },
    { reason: 'a time beyond the limit starts', answer: 'time', inMinutes: 120, phase: 'protecting' },
  ] as const;
  it.each(rows)('O-PWR-3: $reason', async (row) => {
    const world = await onBattery();
    const until = 'inMinutes' in row ? { until: toIso((world.clock.now() + row.inMinutes * 60_000) as Instant) } : {};
    const given = 'minutes' in row ? { minutes: row.minutes } : until;
    expect(world.answer(row.answer, given)).toMatchObject({ ok: true });
    expect(world.view().phase).toBe(row.phase);
    expect(world.view().acknowledged?.by).toBe('gao-jie');
    await world.run(seconds(30));
    expect(world.machines.get('display-1')?.on).toBe(row.phase === 'responding');
  });

  it('each answer shows its consequence before it is given, in both languages', async () => {
    const world = await onBattery();
    const answers = world.step('ask-outlook').answers;
    expect(answers.every((one) => one.consequence !== null && one.consequence.zh !== one.consequence.en)).toBe(true);
    expect(answers[0]?.consequence?.en).toMatch(/shutdown start now, done at \d\d:\d\d; battery empty at \d\d:\d\d/);
  });

  it('revised before the point of no return takes the sequence back; after it the shutdown goes on', async () => {
    const world = await onBattery();
    world.answer('over-limit');
    await world.run(minutes(2));
    world.answer('within-limit');
    expect(world.view().phase).toBe('holding');
    await world.run(minutes(10));
    expect(took(world)).toEqual(['display-1 outlet-off']);
    world.answer('over-limit');
    await world.until((view) => view.pointOfNoReturn !== null, minutes(30));
    world.answer('within-limit');
    expect(world.view().phase).toBe('protecting');
  });

  it('nobody answers: reminders, the default, and a time that passed is asked again', async () => {
    const world = await onBattery({ battery: hours(5) });
    await world.run(minutes(16));
    expect(world.step('ask-outlook').answer).toMatchObject({ id: 'unknown', by: 'zhishou' });
    // Nobody has acknowledged either: each call to do so asks the question again, with its number.
    const asked = [...world.told.values()].filter(({ body }) => body.zh.includes('何时恢复供电'));
    expect(asked.length).toBeGreaterThanOrEqual(4);
    world.answer('duration', { minutes: 10 });
    expect(world.view().phase).toBe('holding');
    await world.run(minutes(11));
    expect(world.view().clocks?.outlook.kind).toBe('unknown');
    expect(world.step('ask-outlook').state).toBe('waiting');
    await world.run(minutes(70));
    expect(decisions(world).filter((what) => what === 'The outlook is asked anew')).toHaveLength(1);
    // O-PWR-4: not back within one and a half hours.
    expect(world.view().timeline.find((line) => line.what.en === 'The shutdown sequence starts')?.why?.en).toContain(
      '1 h 30 min',
    );
  });

  it('O-PWR-6: off hours, after 30 minutes without a call the duty person is told to call, and the report has it', async () => {
    const world = await onBattery({ at: NIGHT });
    expect(told(world, 'tell-outage-off-hours')).toBe(true);
    expect(world.step('call-power-department').state).toBe('pending');
    await world.run(minutes(30));
    expect(world.step('call-power-department')).toMatchObject({ state: 'waiting', role: 'duty' });
    expect(world.step('call-power-department').script?.en).toContain('100 0000 0100');
    expect(world.view().timeline.some((line) => line.step === 'call-power-department' && line.kind === 'step')).toBe(
      true,
    );
  });

  it('O-PWR-6: an answer before that makes the call needless', async () => {
    const world = await onBattery({ at: NIGHT });
    world.answer('within-limit');
    await world.run(minutes(31));
    expect(world.step('call-power-department').state).toBe('skipped');
  });
});

describe('when mains returns', () => {
  it('L2: a glitch of four seconds is told and stands down after it has settled', async () => {
    const world = new MiniWorld();
    await world.run(seconds(20));
    world.setMains(false);
    await world.run(seconds(4));
    world.setMains(true);
    expect(world.view().phase).toBe('settling');
    await world.until((view) => view.phase === 'closed', minutes(10));
    expect(world.view().outcome).toBe('stood-down');
    expect(world.accepted()).toEqual([]);
    expect(told(world, 'tell-outage') && told(world, 'tell-stand-down')).toBe(true);
  });

  it('flapping mains resets no clock', async () => {
    const world = await onBattery();
    for (let i = 0; i < 10; i++) {
      world.setMains(true);
      await world.run(seconds(50));
      world.setMains(false);
      await world.run(seconds(50));
    }
    expect(world.view().phase).toBe('responding');
    expect(world.view().clocks?.elapsedS).toBeGreaterThan(1000);
    world.answer('duration', { minutes: 80 });
    expect(world.view().clocks?.outlook.overLimit).toBe(true);
  });

  it('O-PWR-8: before the point of no return it stands down and gives back what was shed', async () => {
    const world = await onBattery();
    world.answer('over-limit');
    await world.run(minutes(2));
    world.setMains(true);
    await world.until((view) => view.phase === 'closed', minutes(20));
    expect(world.view().outcome).toBe('stood-down');
    expect(world.accepted().filter((what) => what.includes('display'))).toEqual([
      'display-1 outlet-off',
      'display-1 outlet-on',
    ]);
    expect([...world.machines.values()].every((machine) => machine.state === 'running' || machine.on)).toBe(true);
  });

  it('O-PWR-8 L21 L22: after it, what was begun is completed, what was not begun stays, only what we stopped starts', async () => {
    const world = await onBattery();
    world.answer('over-limit');
    await world.until((view) => view.pointOfNoReturn !== null, minutes(30));
    world.setMains(true);
    await world.until((view) => view.outcome === 'recovered', hours(2));
    await world.run(minutes(3));
    const given = world.accepted();
    for (const server of ['server-1', 'server-2', 'server-3']) {
      if (!given.includes(`${server} shutdown`)) continue;
      expect(given).toContain(`${server} outlet-off`);
      expect(given).toContain(`${server} outlet-on`);
    }
    expect(given).not.toContain('array-1 shutdown');
    expect(given).not.toContain('array-1 outlet-on');
    expect(world.step('start-array:array-1').state).toBe('skipped');
    for (const machine of world.machines.values())
      expect(machine).toMatchObject({ state: 'running', on: true, lost: false });
  });

  it('L23: nothing starts before mains was stable, the battery charged and the room cool', async () => {
    const world = await onBattery({ charge: 30 });
    world.answer('over-limit');
    await world.until((view) => view.phase === 'shut-down', hours(1));
    world.setMains(true);
    await world.until((view) => view.phase === 'awaiting-recovery', minutes(10));
    expect(world.charge).toBeLessThan(30);
    expect(world.accepted().filter((what) => what.endsWith('outlet-on'))).toEqual([]);
    await world.until((view) => view.outcome === 'recovered', hours(3));
    expect(world.view().outcome).toBe('recovered');
  });

  it('lost again during the recovery: a new outage in the same incident, everything comes back in the end', async () => {
    const world = await onBattery();
    world.answer('over-limit');
    await world.until((view) => view.phase === 'shut-down', hours(1));
    world.setMains(true);
    await world.until((view) => view.phase === 'recovering', hours(1));
    await world.run(minutes(4));
    world.setMains(false);
    await world.run(minutes(1));
    expect(world.view().phase).toBe('responding');
    expect(world.step('ask-outlook').state).toBe('waiting');
    world.answer('over-limit');
    await world.until((view) => view.phase === 'shut-down', hours(1));
    world.setMains(true);
    await world.until((view) => view.outcome === 'recovered', hours(2));
    await world.run(minutes(3));
    for (const machine of world.machines.values())
      expect(machine).toMatchObject({ state: 'running', on: true, lost: false });
  });
});

describe('what goes wrong', () => {
  it('L1: silence on battery taken for exhaustion shuts down at once', async () => {
    const world = await onBattery({
      config: withPlan((power) => Object.assign(power, { treat_silence_on_battery_as: 'exhausted' })),
    });
    world.silent = true;
    await world.run(minutes(2));
    expect(world.view().phase).toBe('protecting');
    expect(world.view().clocks).toMatchObject({ mains: 'unknown', exhaustion: { source: 'silence' } });
  });

  it('L1: silence on battery that is held goes on by the last figures, and starts in time', async () => {
    const world = await onBattery();
    world.silent = true;
    await world.run(minutes(20));
    expect(world.view().phase).toBe('responding');
    await world.until((view) => view.phase === 'shut-down', hours(1));
    expect(world.view().phase).toBe('shut-down');
    expect([...world.machines.values()].some((machine) => machine.lost)).toBe(false);
  });

  it('L1: loss of contact on mains is no outage, and settles nothing either', async () => {
    const world = await onBattery();
    world.setMains(true);
    world.silent = true;
    await world.run(minutes(30));
    expect(world.view().phase).toBe('settling');
    expect(took(world)).toEqual([]);
  });

  it('a hanging shutdown: its outlet goes off after the time it was given, then the array', async () => {
    const world = await onBattery({ faults: { 'server-2': 'shutdown-hangs' } });
    world.answer('over-limit');
    await world.until((view) => view.phase === 'shut-down', hours(1));
    const given = world.accepted();
    expect(given.indexOf('server-2 outlet-off')).toBeGreaterThan(given.indexOf('server-2 shutdown'));
    expect(given.indexOf('array-1 shutdown')).toBeGreaterThan(given.indexOf('server-2 outlet-off'));
    expect(world.step('shutdown-servers:server-2')).toMatchObject({ state: 'done', attempts: 2 });
  });

  it('a refused login: a person is asked, the server runs on, its outlet is cut only when the battery forces it', async () => {
    const world = await onBattery({ faults: { 'server-2': 'login-refused' }, battery: minutes(40) });
    world.answer('over-limit');
    await world.run(minutes(12));
    expect(world.step('shutdown-servers:server-2').state).toBe('waiting');
    expect(told(world, 'held/shutdown-servers:server-2')).toBe(true);
    expect(world.machines.get('server-2')?.on).toBe(true);
    await world.until((view) => view.phase === 'shut-down', hours(4));
    expect(world.machines.get('array-1')).toMatchObject({ lost: false, state: 'off' });
    expect(world.accepted().indexOf('array-1 shutdown')).toBeGreaterThan(
      world.accepted().indexOf('server-2 outlet-off'),
    );
    expect(world.charge).toBeLessThan(40);
  });

  it('I2: a server that nothing can stop holds the array to the end; people are told, and by their word the array is closed', async () => {
    const world = await onBattery({ faults: { 'server-2': 'unstoppable' }, battery: minutes(40) });
    world.answer('over-limit');
    await world.run(minutes(20));
    expect(world.step('shutdown-servers:server-2').state).toBe('failed');
    expect(world.step('shutdown-array:array-1').state).toBe('pending');
    expect(told(world, 'holding/shutdown-array:array-1')).toBe(true);
    expect(world.order({ ...waive(world, 'shutdown-servers:server-2') }).ok).toBe(true);
    await world.until((view) => view.phase === 'shut-down', hours(5));
    expect(world.machines.get('array-1')).toMatchObject({ lost: false, state: 'off' });
    expect(world.step('power-off:server-2').state).not.toBe('done');
  });

  it('I2: nobody helps: the array is never closed under a server that runs on it, however late it gets', async () => {
    const world = await onBattery({ faults: { 'server-2': 'unstoppable' }, battery: minutes(40) });
    world.answer('over-limit');
    await world.run(hours(5));
    expect(world.charge).toBe(0);
    expect(world.accepted()).not.toContain('array-1 shutdown');
    expect(told(world, 'failed/shutdown-servers:server-2')).toBe(true);
  });

  it('a failing backup is tried again, told, and the server is shut down all the same', async () => {
    const world = await onBattery({ faults: { 'server-3': 'backup-fails' } });
    world.answer('over-limit');
    await world.until((view) => view.phase === 'shut-down', hours(1));
    expect(world.step('backup:server-3')).toMatchObject({ state: 'failed', attempts: 2 });
    expect(told(world, 'failed/backup:server-3')).toBe(true);
    expect(world.step('shutdown-servers:server-3').state).toBe('done');
  });

  it('I1: short of time, unfinished backups are cut, told and recorded, in time for a clean shutdown', async () => {
    const world = await onBattery({ battery: minutes(8) });
    await world.until((view) => view.phase === 'shut-down', hours(1));
    const cut = world
      .view()
      .steps.filter((step) => step.state === 'cut')
      .map((step) => step.id);
    expect(cut).toEqual(['backup:server-1', 'backup:server-2', 'backup:server-3']);
    expect(cut.every((id) => told(world, `cut/${id}`))).toBe(true);
    const lines = world
      .view()
      .timeline.filter((line) => line.kind === 'decision' && line.what.en.startsWith('Backup given up'));
    expect(lines.map((line) => line.figures.priority)).toEqual([30, 20, 10]);
    expect([...world.machines.values()].some((machine) => machine.lost)).toBe(false);
  });

  it('L20: a monitor that was killed during the outage waits for a fresh reading before anything irreversible', async () => {
    const world = await onBattery();
    world.answer('over-limit');
    await world.until(
      (view) => view.steps.some((step) => step.id === 'backup:server-3' && step.state === 'done'),
      minutes(20),
    );
    const before = took(world).length;
    world.silent = true;
    world.crash();
    await world.run(seconds(20));
    expect(took(world).length).toBe(before);
    await world.until((view) => view.phase === 'shut-down', hours(1));
    expect(world.view().phase).toBe('shut-down');
  });
});
