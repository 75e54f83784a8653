import { describe, expect, it } from 'vitest';
import { hours, minutes, seconds } from '#core/time.ts';
import { MiniWorld } from './mini-world.ts';

/** One whole outage with an answer, shutdown, return and recovery; the product dies once at the given journal write. */
async function outage(kill?: { write: number; when: 'before' | 'after' }) {
  const world = new MiniWorld(kill === undefined ? {} : { kill });
  await world.run(seconds(20));
  world.setMains(false);
  await world.run(seconds(50));
  // A person presses again when the page did not take it.
  for (
    let i = 0;
    i < 5 && world.view().steps.find((step) => step.id === 'ask-outlook')?.answer?.id !== 'over-limit';
    i++
  ) {
    world.answer('over-limit');
    await world.run(seconds(10));
  }
  await world.until((view) => view.phase === 'shut-down', hours(1));
  await world.run(minutes(3));
  world.setMains(true);
  await world.until((view) => view.outcome === 'recovered', hours(2));
  for (let i = 0; i < 5 && world.view().phase !== 'closed'; i++) {
    world.order({ kind: 'incident.task-done', incident: world.view().id, step: 'check-services' });
    await world.run(seconds(10));
  }
  return world;
}

/** A notification's key without the instants in it: the same told thing in two runs. */
const kindOfNews = (key: string): string =>
  key
    .split('/')
    .slice(1)
    .join('/')
    .replaceAll(/\d{10,}/g, '#');

describe('a kill at every journal write of one outage', async () => {
  const whole = await outage();
  const writes = whole.writes;
  const wholeSteps = whole.view().steps.map((step) => `${step.id} ${step.state}`);
  const wholeNews = new Set([...whole.told.keys()].map(kindOfNews));
  const irreversible = whole.commands.filter((one) => one.what === 'shutdown' || one.what === 'outlet-off');

  it('runs through without a kill', () => {
    expect(whole.view()).toMatchObject({ phase: 'closed', outcome: 'recovered' });
    expect(irreversible.length).toBeGreaterThan(8);
    expect(writes).toBeGreaterThan(100);
  });

  it.each(['before', 'after'] as const)(
    'I4 L22: killed %s each write is durable, it ends the same and no irreversible command is given twice',
    async (when) => {
      const different: string[] = [];
      for (let write = 1; write <= writes; write++) {
        const world = await outage({ write, when });
        const view = world.view();
        const where = `write ${write} (${world.records[write - 1]?.kind})`;
        if (world.kills !== 1 && write < writes - 5) different.push(`${where}: was not killed`);
        if (view.phase !== 'closed' || view.outcome !== 'recovered')
          different.push(`${where}: ${view.phase} ${view.outcome}`);
        const counts = Map.groupBy(world.commands, (one) => `${one.device} ${one.what}`);
        for (const [what, given] of counts) {
          if (given.length > 1 && (what.endsWith(' shutdown') || what.endsWith(' outlet-off')))
            different.push(`${where}: ${what} × ${given.length}`);
        }
        const lost = [...world.machines].filter(([, machine]) => machine.lost).map(([device]) => device);
        if (lost.length > 0) different.push(`${where}: lost ${lost}`);
        const steps = view.steps.map((step) => `${step.id} ${step.state}`);
        if (steps.join() !== wholeSteps.join())
          different.push(`${where}: ${steps.filter((step, i) => step !== wholeSteps[i])}`);
        // I5: nothing that was told in the whole run is missing.
        const news = new Set([...world.told.keys()].map(kindOfNews));
        for (const one of wholeNews) if (!news.has(one)) different.push(`${where}: not told: ${one}`);
      }
      expect(different).toEqual([]);
    },
    300_000,
  );
});
