import { afterEach, describe, expect, test } from 'vitest';
import type { SeriesStore } from '#core/ports.ts';
import type { Reading } from '#core/reading.ts';
import { seconds } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { createMemorySeriesStore } from '#platform/series/memory-series-store.ts';
import { createRecorder } from '#services/dashboard-api/recorder.ts';
import { batch, reading, START, startDashboard, type TestDashboard } from './support.ts';

/** A store that can fail. */
function makeStore() {
  const written: Reading[] = [];
  const state = { failing: false };
  const store: SeriesStore = {
    ...createMemorySeriesStore(),
    async write(readings) {
      if (state.failing) throw new Error('disk full');
      written.push(...readings);
      return { written: readings.length, rejected: [] };
    },
  };
  return { store, written, state };
}

function makeRecorder() {
  const parts = makeStore();
  const wall = createVirtualClock(START);
  const metrics = createMetrics();
  const recorder = createRecorder({ series: parts.store, wall, log: silentLog, metrics });
  return { ...parts, wall, metrics, recorder };
}

describe('the recorder', () => {
  test('writes in batches a second apart, and what waits when it stops', async () => {
    const { recorder, written, wall } = makeRecorder();
    recorder.add(batch([reading({ value: 1 })]));
    recorder.add(batch([reading({ value: 2 })]));
    expect(written).toHaveLength(0);
    await wall.advanceByAsync(seconds(1));
    expect(written.map(({ value }) => value)).toEqual([1, 2]);
    recorder.add(batch([reading({ value: 3 })]));
    await recorder.stop();
    expect(written).toHaveLength(3);
  });

  test('a failing store throws at nobody; readings wait and are written when it is well again (L40)', async () => {
    const { recorder, written, wall, state, metrics } = makeRecorder();
    state.failing = true;
    recorder.add(batch());
    await wall.advanceByAsync(seconds(3));
    expect(recorder.status()).toMatchObject({ state: 'failing', written: 0, lost: 0, error: 'disk full' });
    expect(metrics.render()).toMatch(/zhishou_recorder_failures_total \d/);
    state.failing = false;
    await wall.advanceByAsync(seconds(1));
    expect(written).toHaveLength(1);
    expect(recorder.status()).toMatchObject({ state: 'ok', written: 1, error: null });
  });

  test('what waits is bounded: the oldest go and are counted', async () => {
    const { recorder, written, state } = makeRecorder();
    state.failing = true;
    for (let i = 0; i < 101; i++) {
      recorder.add(batch(Array.from({ length: 1000 }, (_, j) => reading({ value: i * 1000 + j }))));
    }
    expect(recorder.status().lost).toBe(1000);
    state.failing = false;
    await recorder.flush();
    expect(written).toHaveLength(100_000);
    expect(written[0]?.value).toBe(1000);
  });
});

describe('recording from the bus', () => {
  let running: TestDashboard | null = null;
  afterEach(async () => {
    await running?.dashboard.stop();
    running = null;
  });

  test('what the broker kept from before a restart is shown and not written again', async () => {
    const first = await startDashboard();
    running = first;
    await first.publish('reading/+', 'ups-1', batch());
    await first.dashboard.stop();
    const { store, written } = makeStore();
    const second = await startDashboard({ bus: first.bus, series: store });
    running = second;
    await first.bus.drained();
    await second.wall.advanceByAsync(seconds(2));
    expect((await second.dashboard.inject('/api/v1/readings/latest')).json().readings).toHaveLength(1);
    expect(written).toHaveLength(0);
  });

  test('a failing store shows in health and nowhere else', async () => {
    const { store, state } = makeStore();
    state.failing = true;
    const site = await startDashboard({ series: store });
    running = site;
    await site.publish('reading/+', 'ups-1', batch());
    await site.wall.advanceByAsync(seconds(2));
    const health = (await site.dashboard.inject('/api/v1/health')).json();
    expect(health).toMatchObject({ status: 'degraded', recorder: { state: 'failing', error: 'disk full' } });
    expect((await site.dashboard.inject('/api/v1/readings/latest')).statusCode).toBe(200);
  });
});
