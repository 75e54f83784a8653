import { describe, expect, it } from 'vitest';
import { hours, minutes, seconds } from '#core/time.ts';
import { MiniWorld } from './mini-world.ts';

/** When nothing is left to do, or nothing has changed, the incident is calm: sensible clocks, few views, few records. */

async function shutDown(): Promise<MiniWorld> {
  const world = new MiniWorld();
  await world.run(seconds(20));
  world.setMains(false);
  await world.run(seconds(40));
  world.answer('over-limit');
  await world.until((view) => view.phase === 'shut-down', hours(1));
  await world.run(minutes(2));
  return world;
}

describe('after everything is off', () => {
  it('no clock counts down to anything: no need, no margin, no latest start, no battery of days', async () => {
    const world = await shutDown();
    expect(world.remainingS()).toBeGreaterThan(86_400);
    const clocks = world.view().clocks;
    expect(clocks).toMatchObject({ needS: 0, needPath: [], marginS: 0, latestSafeStart: null });
    const left = Date.parse(clocks?.exhaustion.at ?? '') - Date.parse(clocks?.at ?? '');
    expect(left).toBeLessThanOrEqual(hours(24));
    expect(left).toBeGreaterThan(hours(1));
  });

  it('the clocks come back with a new outage while recovering', async () => {
    const world = await shutDown();
    world.setMains(true);
    await world.until((view) => view.phase === 'recovering', hours(3));
    await world.run(minutes(5));
    world.setMains(false);
    await world.run(minutes(1));
    expect(world.view().phase).toBe('responding');
    expect(world.view().clocks?.needS).toBeGreaterThan(0);
    expect(world.view().clocks?.latestSafeStart).not.toBeNull();
  });

  it('a figure that only flickers writes and shows next to nothing; the return of mains shows at once', async () => {
    const world = await shutDown();
    const before = { records: world.records.length, published: world.published };
    for (let i = 0; i < 60; i++) {
      world.sample = { 'battery.charge': Math.round(world.charge) - (i % 2) };
      await world.run(seconds(5));
    }
    // Five minutes of readings each five seconds.
    expect(world.records.length - before.records).toBeLessThan(15);
    expect(world.published - before.published).toBeLessThan(10);
    expect(world.published - before.published).toBeGreaterThanOrEqual(4);
    world.setMains(true);
    expect(world.latest?.phase).toBe('settling');
  });
});

describe('while it waits', () => {
  it('figures that moved reach the page within seconds, not with every reading', async () => {
    const world = new MiniWorld();
    await world.run(seconds(20));
    world.setMains(false);
    await world.run(minutes(1));
    const from = world.published;
    await world.run(minutes(10));
    const shown = world.published - from;
    expect(shown).toBeLessThan(60);
    expect(shown).toBeGreaterThan(9);
    const latest = world.latest?.clocks;
    expect(Math.abs((latest?.chargePercent ?? 0) - world.charge)).toBeLessThan(3);
    world.answer('within-limit');
    expect(world.latest?.phase).toBe('holding');
  });
});
