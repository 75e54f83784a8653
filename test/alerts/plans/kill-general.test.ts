import { describe, expect, it } from 'vitest';
import { hours, minutes, seconds } from '#core/time.ts';
import { MiniWorld } from './mini-world.ts';
import { act, ask, configOf, task, tell } from './plan-bench.ts';

/** A fire from the first detector to the report, with two people's word, a choice and a hand-over; killed once at the given write. */
const steps = [
  task('leave', {}, { within: '2m', remind_every: '1m' }),
  tell('tell-team', {}, { functions: ['emergency-team'] }),
  ask('confirm', [['cut', 2], 'not-yet'], { ask: { within: '5m' } }),
  act('off', 'emergency_off', ['server-1', 'array-1'], { when: { answered: { step: 'confirm', is: ['cut'] } } }),
  {
    id: 'decide',
    title: 'decide',
    stage: 'respond',
    after: ['off'],
    choose: [
      { when: { level: 'major' }, steps: [{ id: 'call', title: 'call', task: { function: 'duty', script: '119' } }] },
      { steps: [{ id: 'air', title: 'air', task: { function: 'duty', script: 'air' } }] },
    ],
  },
  act('start', 'start', ['array-1', 'server-1'], { stage: 'recover' }),
  task('report', { stage: 'stand-down' }),
];
const plan = { rises: [{ to: 'major', when: { answered: { step: 'confirm', is: ['cut'] } } }] };

type Test = (world: MiniWorld) => boolean;
const is =
  (step: string, ...states: string[]): Test =>
  (world) =>
    states.includes(world.step(step).state);

async function fire(kill?: { write: number; when: 'before' | 'after' }) {
  const config = configOf(steps, plan);
  const world = new MiniWorld({ config, ...(kill === undefined ? {} : { kill }) });
  // The detector goes on alerting, and a person presses again when the page did not take it.
  const press = async (body: Record<string, unknown>, test: Test, user = 'gao-jie') => {
    for (let i = 0; i < 4 && !test(world); i++) {
      if (!world.dead) world.order({ incident: world.view().id, ...body } as never, user);
      await world.run(seconds(10));
    }
  };
  for (let i = 0; i < 3 && world.latest === null; i++) {
    world.alert('smoke', 'smoke-1');
    await world.run(seconds(10));
  }
  await world.run(minutes(4));
  await press({ kind: 'incident.task-done', step: 'leave' }, is('leave', 'done'));
  const cut = { kind: 'incident.answer', step: 'confirm', answer: 'cut' };
  const given: Test = (w) => (w.step('confirm').answers[0]?.givenBy.length ?? 0) > 0;
  await press(cut, given);
  await press(cut, is('confirm', 'done'), 'lin-hao');
  await press({ kind: 'incident.hand-over', to: 'zhou-min', note: 'n' }, (w) => w.view().lead?.person === 'zhou-min');
  await world.until((view) => view.steps.some((step) => step.id === 'call' && step.state === 'waiting'), minutes(10));
  await press({ kind: 'incident.task-done', step: 'call' }, is('call', 'done'));
  await press({ kind: 'incident.stand-down', reason: 'out' }, (w) => w.view().phase !== 'responding');
  await world.until((view) => view.phase === 'standing-down', hours(1));
  await press({ kind: 'incident.task-done', step: 'report' }, (w) => w.view().phase === 'closed');
  return world;
}

const kindOfNews = (key: string): string =>
  key
    .split('/')
    .slice(1)
    .join('/')
    .replaceAll(/\d{10,}/g, '#');

describe('a kill at every journal write of a fire', async () => {
  const whole = await fire();
  const wholeSteps = whole.view().steps.map((step) => `${step.id} ${step.state}`);
  const wholeNews = new Set([...whole.told.keys()].map(kindOfNews));

  it('runs through without a kill', () => {
    expect(whole.view()).toMatchObject({ phase: 'closed', outcome: 'recovered', level: 'major' });
    expect(wholeSteps).toContain('air skipped');
    expect(whole.writes).toBeGreaterThan(30);
    expect(whole.accepted()).toEqual([
      'server-1 outlet-off',
      'array-1 outlet-off',
      'array-1 outlet-on',
      'server-1 outlet-on',
    ]);
  });

  it('I8: the same course writes the same journal', async () => {
    expect(JSON.stringify((await fire()).records)).toBe(JSON.stringify(whole.records));
  });

  it.each(['before', 'after'] as const)(
    'I4 I5: killed %s each write is durable, it ends the same, cuts each outlet once and leaves nobody untold',
    async (when) => {
      const different: string[] = [];
      for (let write = 1; write <= whole.writes; write++) {
        const world = await fire({ write, when });
        const where = `write ${write} (${whole.records[write - 1]?.kind})`;
        if (world.kills !== 1) different.push(`${where}: was not killed`);
        const { phase, outcome, level } = world.view();
        if (phase !== 'closed' || outcome !== 'recovered' || level !== 'major')
          different.push(`${where}: ${phase} ${outcome} ${level}`);
        const states = world.view().steps.map((step) => `${step.id} ${step.state}`);
        if (states.join() !== wholeSteps.join())
          different.push(`${where}: ${states.filter((state, i) => state !== wholeSteps[i])}`);
        const cuts = world.accepted().filter((one) => one.endsWith('outlet-off'));
        if (cuts.length !== 2) different.push(`${where}: ${cuts}`);
        const news = new Set([...world.told.keys()].map(kindOfNews));
        for (const one of wholeNews) if (!news.has(one)) different.push(`${where}: not told: ${one}`);
      }
      expect(different).toEqual([]);
    },
    120_000,
  );
});
