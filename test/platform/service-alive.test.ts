import { describe, expect, it } from 'vitest';
import type { Clock } from '#core/ports.ts';
import type { ServiceAlive } from '#core/service-alive.ts';
import { instant, milliseconds } from '#core/time.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { sayAlive } from '#platform/service-alive.ts';

/** A clock whose timers run only as late as the test says: an event loop that stands still. */
function slowClock() {
  let now = 0;
  let timers: { at: number; run: () => void }[] = [];
  const clock: Clock = {
    now: () => instant(1_800_000_000_000 + now),
    monotonic: () => milliseconds(now),
    after(delay, run) {
      const timer = { at: now + delay, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
  };
  return {
    clock,
    async runTo(time: number): Promise<void> {
      for (;;) {
        const next = timers.toSorted((a, b) => a.at - b.at)[0];
        if (next === undefined || next.at > time) break;
        now = Math.max(now, next.at);
        timers = timers.filter((one) => one !== next);
        next.run();
        await Promise.resolve();
      }
      now = Math.max(now, time);
    },
    standStill(forMs: number): void {
      now += forMs;
    },
  };
}

async function setUp(trouble: () => string | null = () => null) {
  const { clock, runTo, standStill } = slowClock();
  const bus = createMemoryBus();
  const said: ServiceAlive[] = [];
  await bus.subscribe('zhishou/hq/service/+', ({ payload }) => {
    said.push(JSON.parse(new TextDecoder().decode(payload)) as ServiceAlive);
  });
  const metrics = createMetrics();
  const cease = sayAlive({ site: 'hq', service: 'collector', bus, wall: clock, log: silentLog, metrics, trouble });
  return { runTo, standStill, said, cease, metrics };
}

describe('a service says that it is alive (L32)', () => {
  it('each fifteen seconds, with what it knows to be wrong, until it ceases', async () => {
    const { runTo, said, cease } = await setUp(() => 'disk is full');
    await runTo(60_000);
    expect(said.length).toBe(5);
    expect(said[0]).toMatchObject({ service: 'collector', trouble: 'disk is full', stalls: { count: 0 } });
    cease();
    await runTo(120_000);
    expect(said.length).toBe(5);
  });

  it('counts how often it stood still for over two seconds, and how long; a short pause is none', async () => {
    const { runTo, standStill, said, metrics } = await setUp();
    await runTo(1000);
    standStill(1500);
    await runTo(5000);
    standStill(4000);
    await runTo(31_000);
    expect(said.at(-1)?.stalls.count).toBe(1);
    expect(said.at(-1)?.stalls.longestS).toBeGreaterThan(3);
    expect(metrics.render()).toContain('zhishou_event_loop_stalls_total');
  });
});
