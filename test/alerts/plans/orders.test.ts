import { describe, expect, it } from 'vitest';
import { planSchema } from '#core/config/plan.ts';
import { ZhishouError } from '#core/errors.ts';
import type { Journal } from '#core/ports.ts';
import { hours, minutes, seconds } from '#core/time.ts';
import { type MiniOptions, MiniWorld } from './mini-world.ts';
import { sampleConfig } from './outage-rig.ts';

/** Modes, orders of people, escalation, general plans, the journal. */

async function onBattery(options: MiniOptions = {}): Promise<MiniWorld> {
  const world = new MiniWorld(options);
  await world.run(seconds(20));
  world.setMains(false);
  await world.run(seconds(40));
  return world;
}
const incident = (world: MiniWorld): string => world.view().id;

describe('modes', () => {
  it('unarmed it advises: nothing is touched, people are told what to do, evidence marks it done', async () => {
    const world = await onBattery({ mode: null, armed: false });
    expect(world.view().mode).toBe('advice');
    world.answer('over-limit');
    await world.run(minutes(1));
    expect(world.step('backup:server-1').state).toBe('advised');
    expect(world.step('shed:display-1').state).toBe('advised');
    expect([...world.told.keys()].some((key) => key.includes('advice/backup:server-1'))).toBe(true);
    const display = world.machines.get('display-1');
    if (display !== undefined) display.on = false;
    await world.run(minutes(1));
    expect(world.step('shed:display-1').state).toBe('done');
    expect(
      world.order({ kind: 'incident.task-done', incident: incident(world), step: 'backup:server-1' }),
    ).toMatchObject({ ok: true });
    await world.run(seconds(10));
    expect(world.step('shutdown-servers:server-1').state).toBe('advised');
    expect(world.commands).toEqual([]);
  });

  it('armed in the middle it acts; disarmed it advises again', async () => {
    const world = await onBattery({ mode: null, armed: false });
    world.answer('over-limit');
    await world.run(minutes(1));
    world.armed = true;
    await world.run(minutes(1));
    expect(world.view().mode).toBe('live');
    expect(world.commands.map((one) => one.device)).toContain('server-1');
    world.armed = false;
    await world.run(minutes(1));
    expect(world.view().mode).toBe('advice');
  });

  it('I9 O-DRL-1: a rehearsal says what it would do and touches nothing, to the end', async () => {
    const world = await onBattery({ mode: 'rehearsal' });
    world.answer('over-limit');
    await world.run(minutes(1));
    expect(world.view().phase).toBe('shut-down');
    expect(world.step('shutdown-servers:server-1')).toMatchObject({ state: 'rehearsed' });
    expect([...world.told.values()].every((request) => request.drill)).toBe(true);
    expect(world.commands).toEqual([]);
  });
});

describe('orders of people', () => {
  it('starting the sequence works whatever the outlook, and is recorded with the name', async () => {
    const world = await onBattery();
    expect(
      world.order({ kind: 'incident.start-sequence', incident: incident(world), reason: 'smell of burning' }),
    ).toMatchObject({ ok: true });
    expect(world.view().phase).toBe('protecting');
    expect(world.view().timeline.find((line) => line.what.en === 'The shutdown sequence starts')?.who).toBe('gao-jie');
    await world.until((view) => view.phase === 'shut-down', hours(1));
    expect(world.view().outcome).toBe('shutdown');
  });

  it('standing down takes a person’s start back, but not the battery’s', async () => {
    const world = await onBattery();
    world.answer('over-limit');
    await world.run(seconds(20));
    expect(world.order({ kind: 'incident.stand-down', incident: incident(world), reason: 'misheard' })).toMatchObject({
      ok: true,
    });
    expect(world.view().phase).toBe('responding');
    await world.until((view) => view.phase === 'protecting', hours(1));
    expect(world.order({ kind: 'incident.stand-down', incident: incident(world), reason: 'no' })).toMatchObject({
      ok: false,
      error: 'CONFLICT',
    });
  });

  it('what is not possible is refused with a code and a reason', async () => {
    const world = await onBattery();
    const id = incident(world);
    const rows = [
      [{ kind: 'incident.answer', incident: 'inc-nowhere', step: 'ask-outlook', answer: 'unknown' }, 'NOT_FOUND'],
      [{ kind: 'incident.answer', incident: id, step: 'nothing', answer: 'unknown' }, 'NOT_FOUND'],
      [{ kind: 'incident.answer', incident: id, step: 'shed:display-1', answer: 'unknown' }, 'CONFLICT'],
      [{ kind: 'incident.answer', incident: id, step: 'ask-outlook', answer: 'maybe' }, 'BAD_REQUEST'],
      [{ kind: 'incident.answer', incident: id, step: 'ask-outlook', answer: 'duration' }, 'BAD_REQUEST'],
      [
        { kind: 'incident.answer', incident: id, step: 'ask-outlook', answer: 'time', until: '2020-01-01T00:00:00Z' },
        'BAD_REQUEST',
      ],
      [{ kind: 'incident.task-done', incident: id, step: 'check-services' }, 'CONFLICT'],
      [{ kind: 'incident.waive', incident: id, step: 'tell-outage', reason: 'x' }, 'CONFLICT'],
      [{ kind: 'incident.stand-down', incident: id, reason: 'x' }, 'CONFLICT'],
      [{ kind: 'incident.close', incident: id, reason: 'x' }, 'CONFLICT'],
      [{ kind: 'incident.open', plan: 'power-outage', reason: 'x' }, 'CONFLICT'],
      [{ kind: 'incident.open', plan: 'no-such-plan', reason: 'x' }, 'NOT_FOUND'],
    ] as const;
    for (const [body, error] of rows) {
      const result = world.order(body);
      expect([body.kind, result.error]).toEqual([body.kind, error]);
      expect(result.detail).not.toBeNull();
    }
  });

  it('O-ORG-2: an incident with a failed step stays open until the step is waived with a reason', async () => {
    const world = await onBattery({ faults: { 'server-3': 'backup-fails' } });
    world.answer('over-limit');
    await world.until((view) => view.phase === 'shut-down', hours(1));
    world.setMains(true);
    await world.until((view) => view.outcome === 'recovered', hours(2));
    world.order({ kind: 'incident.task-done', incident: incident(world), step: 'check-services', note: 'all well' });
    expect(world.view().phase).toBe('recovering');
    world.order({
      kind: 'incident.waive',
      incident: incident(world),
      step: 'backup:server-3',
      reason: 'copied by hand',
    });
    expect(world.view().phase).toBe('closed');
    expect(world.view().timeline.some((line) => line.kind === 'order' && line.why?.en === 'copied by hand')).toBe(true);
  });
});

describe('escalation', () => {
  it('I5 L27: goes down the list, and its end keeps ringing each quarter of an hour until somebody acknowledges', async () => {
    const world = await onBattery({ battery: hours(5) });
    await world.run(minutes(61));
    const rings = [...world.told.values()].filter((request) => request.key.includes('/escalation/'));
    expect(rings.map((request) => request.functions.join())).toEqual([
      'duty,deputy',
      ...Array(5).fill('duty,deputy,director'),
    ]);
    world.order({ kind: 'incident.acknowledge', incident: incident(world) });
    await world.run(minutes(20));
    expect([...world.told.keys()].filter((key) => key.includes('/escalation/'))).toHaveLength(6);
  });
});

describe('a general plan', () => {
  const fire = planSchema.parse({
    id: 'small-fire',
    version: '1',
    title: { zh: '火灾', en: 'Fire' },
    source: 'test',
    level: 'major',
    triggers: { alerts: ['smoke'], button: true },
    steps: [
      {
        id: 'tell',
        title: 'Tell',
        stage: 'respond',
        tell: { functions: ['emergency-team'], severity: 'high', subject: 'Fire at {site}', body: '{address}' },
      },
      {
        id: 'evacuate',
        title: 'Evacuate',
        stage: 'respond',
        after: ['tell'],
        task: { function: 'duty', script: 'Everybody out of {floor}' },
      },
      {
        id: 'controlled',
        title: 'Controlled?',
        stage: 'respond',
        after: ['evacuate'],
        ask: {
          function: 'duty',
          question: 'Is it under control?',
          answers: [
            { id: 'yes', label: 'Yes' },
            { id: 'no', label: 'No' },
          ],
          within: '5m',
          default: 'no',
        },
      },
      {
        id: 'call',
        title: 'Call',
        stage: 'respond',
        when: { answered: { step: 'controlled', is: ['no'] } },
        after: ['controlled'],
        task: { function: 'duty', contact: 'fire-brigade', script: 'Call {contact_phone}' },
      },
    ],
  });

  it('O-FIR-3: is opened by a button, follows its branches and is closed by a person when nothing is open', async () => {
    const world = new MiniWorld({ config: { ...sampleConfig(), plans: [...sampleConfig().plans, fire] } });
    const opened = world.order({ kind: 'incident.open', plan: 'small-fire', reason: 'smoke seen' });
    expect(opened).toMatchObject({ ok: true, created: expect.stringMatching(/^inc-/) });
    const id = opened.created ?? '';
    expect(world.step('evacuate')).toMatchObject({ state: 'waiting' });
    expect(world.view().clocks).toBeNull();
    expect(world.step('controlled').state).toBe('pending');
    world.order({ kind: 'incident.task-done', incident: id, step: 'evacuate' });
    world.order({ kind: 'incident.answer', incident: id, step: 'controlled', answer: 'no' });
    expect(world.step('call').script?.en).toBe('Call 119');
    expect(world.order({ kind: 'incident.close', incident: id, reason: 'over' })).toMatchObject({ error: 'CONFLICT' });
    world.order({ kind: 'incident.task-done', incident: id, step: 'call' });
    expect(world.order({ kind: 'incident.close', incident: id, reason: 'over' })).toMatchObject({ ok: true });
    expect(world.view().phase).toBe('closed');
  });
});

describe('the journal', () => {
  it('I8: the same course writes the same journal', async () => {
    const course = async () => {
      const world = await onBattery();
      world.answer('over-limit');
      await world.until((view) => view.phase === 'shut-down', hours(1));
      return JSON.stringify(world.records);
    };
    expect(await course()).toBe(await course());
  });

  const broken = (code: 'STORE_DOWN' | 'CONFLICT'): Journal => ({
    append: () => {
      throw new ZhishouError(code, 'journal');
    },
    read: () => [],
    streams: () => [],
    verify: () => null,
    close: () => {},
  });

  it('a full disk stops nobody from being told; a site taken over by another instance is left alone', async () => {
    for (const [code, opens] of [
      ['STORE_DOWN', true],
      ['CONFLICT', false],
    ] as const) {
      const world = new MiniWorld({ journal: broken(code) });
      await world.run(seconds(10));
      world.setMains(false);
      await world.run(seconds(10));
      expect(world.told.size > 0).toBe(opens);
      expect([...world.told.keys()].some((key) => key.includes('journal-down'))).toBe(opens);
    }
  });

  it('L6: setting the wall clock in the middle changes no clock of the outage', async () => {
    const world = await onBattery();
    const before = world.view().clocks?.elapsedS ?? 0;
    const now = world.clock.now.bind(world.clock);
    world.clock.now = () => (now() + 3 * 3_600_000) as never;
    await world.run(minutes(2));
    const clocks = world.view().clocks;
    expect((clocks?.elapsedS ?? 0) - before).toBeGreaterThan(110);
    expect((clocks?.elapsedS ?? 0) - before).toBeLessThan(130);
    expect(world.view().phase).toBe('responding');
    expect(Date.parse(clocks?.at ?? '')).toBeGreaterThan(now() + 2.9 * 3_600_000);
  });
});
