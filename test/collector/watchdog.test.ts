import { describe, expect, it } from 'vitest';
import { siteSchema } from '#core/config/site.ts';
import { minutes, seconds } from '#core/time.ts';
import { topic } from '#core/topics.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { sayAlive } from '#platform/service-alive.ts';
import { startWatchdog } from '#services/collector/watchdog.ts';

const SITE = {
  ...{ id: 'hq', name: { zh: '机房', en: 'Room' }, address: 'a', floor: 'f', time_zone: 'Asia/Shanghai' },
  watchdog: { webhook: 'https://last.example/', mqtt: { topic: 'siren/set' } },
};

async function setUp(site: object = {}) {
  const wall = createVirtualClock(1_800_000_000_000 as never);
  const bus = createMemoryBus();
  const posts: { state: string; text: string }[] = [];
  const siren: string[] = [];
  const world = { reached: true };
  await bus.subscribe('siren/set', ({ payload }) => {
    siren.push(new TextDecoder().decode(payload));
  });
  const config = { site: siteSchema.parse({ ...SITE, ...site }) };
  const stop = await startWatchdog({
    ...{ config, bus, wall, log: silentLog, metrics: createMetrics() },
    post: async (_url, body) => {
      if (!world.reached) throw new Error('no route');
      posts.push(body as (typeof posts)[number]);
    },
  });
  const alive = () => sayAlive({ site: 'hq', service: 'alerts', bus, wall, log: silentLog, metrics: createMetrics() });
  return { wall, bus, posts, siren, stop, alive, world };
}

describe('the collector watches the service that tells people (L32)', () => {
  it('tells the last resort once it has been silent for a minute, again each five, and its return once', async () => {
    const { wall, posts, siren, alive } = await setUp();
    const kill = alive();
    await wall.advanceByAsync(minutes(10));
    expect(posts).toEqual([]);
    kill();
    await wall.advanceByAsync(seconds(80));
    expect(posts.map(({ state }) => state)).toEqual(['silent']);
    expect(posts[0]?.text).toContain('不会通知任何人');
    await wall.advanceByAsync(minutes(5));
    expect(posts).toHaveLength(2);
    alive();
    await wall.advanceByAsync(minutes(10));
    expect(posts.map(({ state }) => state)).toEqual(['silent', 'silent', 'back']);
    expect(siren).toEqual(['ON', 'ON', 'OFF']);
  });

  it('gives it two minutes to come up', async () => {
    const { wall, posts } = await setUp();
    await wall.advanceByAsync(seconds(110));
    expect(posts).toEqual([]);
    await wall.advanceByAsync(seconds(20));
    expect(posts).toHaveLength(1);
  });

  it('the siren sounds although the webhook is not reached, and the next round tries both again', async () => {
    const { wall, posts, siren, world } = await setUp();
    world.reached = false;
    await wall.advanceByAsync(minutes(3));
    expect(siren).toEqual(['ON']);
    world.reached = true;
    await wall.advanceByAsync(minutes(5));
    expect(posts).toHaveLength(1);
  });

  it('another service that lives is not the one that tells people; nor is what the broker kept', async () => {
    const { wall, bus, posts } = await setUp();
    await bus.publish(topic('hq', 'service/+', 'collector'), '{}');
    await wall.advanceByAsync(minutes(3));
    expect(posts).toHaveLength(1);
  });

  it('says nothing more after it has been stopped', async () => {
    const { wall, posts, stop } = await setUp();
    await stop();
    await wall.advanceByAsync(minutes(10));
    expect(posts).toEqual([]);
  });
});
