import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bus, Channel } from '#core/ports.ts';
import { seededRandom } from '#core/random.ts';
import type { ReadingBatch } from '#core/reading.ts';
import { topic } from '#core/topics.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { openJournal } from '#platform/journal.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { openStateStore } from '#platform/state-store.ts';
import { withAbsent } from '#services/alerts/actions/absent-driver.ts';
import { createAlerts } from '#services/alerts/app.ts';
import { makeConfig, makeReading, makeRule } from './support.ts';

/**
 * Measures the budget of DESIGN.md: a smoke message on the bus → the first notification handed to its channel, with the
 * stores on disk. Returns each message's time in milliseconds, in the order they were sent.
 */
export async function measureLatency(options: { readonly count: number; readonly bus?: Bus }): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'zhishou-latency-'));
  const state = openStateStore(join(folder, 'state.sqlite'));
  const journal = openJournal(join(folder, 'journal.sqlite'));
  const bus = options.bus ?? createMemoryBus();
  const rule = makeRule({
    id: 'smoke',
    on: { devices: ['smoke-1'] },
    when: { point: 'room.smoke', is: true },
    safety: true,
  });
  const config = makeConfig({ rules: [rule] });
  const clock = createSystemClock();
  let arrived: (at: number) => void = () => {};
  const channel: Channel = {
    send: () => {
      arrived(performance.now());
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
  const driver = { run: () => Promise.resolve({ result: 'failed' as const, detail: 'none here' }) };
  const alerts = createAlerts({
    ...{ config, clock, bus, journal, state, log: silentLog, metrics: createMetrics(), random: seededRandom(1) },
    drivers: withAbsent({ ssh: driver, snmp_set: driver, mqtt: driver, local: driver }),
    reach: { tcp: () => Promise.resolve('closed') },
    channels: { phone: channel, email: channel },
    signatureKey: 'latency',
    forcedMode: null,
  });
  const say = (smoke: boolean): Promise<void> => {
    const at = clock.now();
    const readings = [makeReading('smoke-1', 'room.smoke', smoke, at)];
    const batch: ReadingBatch = { device: 'smoke-1', at, readings, cause: 'message' };
    return bus.publish(topic(config.site.id, 'reading/+', 'smoke-1'), JSON.stringify(batch), { qos: 1 });
  };
  const took: number[] = [];
  try {
    await alerts.start();
    for (let i = 0; i < options.count; i++) {
      // Fires, is handed over, clears, and its recovery is handed over before the next.
      for (const smoke of [true, false]) {
        const handed = new Promise<number>((resolve) => {
          arrived = resolve;
        });
        const from = performance.now();
        await say(smoke);
        const at = await handed;
        if (smoke) took.push(at - from);
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    return took;
  } finally {
    await alerts.stop();
    journal.close();
    state.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Example: `percentile([1, 2, 3, 4], 0.5)` is 2. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
