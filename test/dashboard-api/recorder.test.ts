import { afterEach, describe, expect, test } from 'vitest';
import { ZhishouError } from '#core/errors.ts';
import type { SeriesStore } from '#core/ports.ts';
import type { Reading } from '#core/reading.ts';
import { seconds } from '#core/time.ts';
import { createMemorySeriesStore } from '#platform/series/memory-series-store.ts';
import { createMemoryFiles } from '#platform/series/spool/memory-files.ts';
import { batch, iso, reading, startDashboard, type TestDashboard } from './support.ts';

/** A store that can fail. */
function makeStore() {
  const written: Reading[] = [];
  const state = { failing: false };
  const store: SeriesStore = {
    ...createMemorySeriesStore(),
    async write(readings) {
      if (state.failing) throw new ZhishouError('STORE_DOWN', 'memory', 'disk full');
      written.push(...readings);
      return { written: readings.length, rejected: [] };
    },
  };
  return { store, written, state };
}

describe('readings from the bus into the history', () => {
  let running: TestDashboard | null = null;
  afterEach(async () => {
    await running?.dashboard.stop();
    running = null;
  });
  const health = async () => (await running?.dashboard.inject('/api/v1/health'))?.json();

  test('go through the spool into the store, a second later', async () => {
    const { store, written } = makeStore();
    running = await startDashboard({ series: store });
    await running.publish(
      'reading/+',
      'ups-1',
      batch([reading({ value: 1 }), reading({ value: 2, point: 'ups.load' })]),
    );
    expect(written).toHaveLength(0);
    await running.wall.advanceByAsync(seconds(2));
    expect(written.map(({ value }) => value)).toEqual([1, 2]);
    expect(await health()).toMatchObject({ recorder: { state: 'ok', written: 2, lost: 0, error: null } });
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

  test('a store that fails shows in health and nowhere else; its readings wait and come when it is well again (L40)', async () => {
    const { store, written, state } = makeStore();
    state.failing = true;
    running = await startDashboard({ series: store });
    await running.publish('reading/+', 'ups-1', batch());
    await running.wall.advanceByAsync(seconds(2));
    expect(await health()).toMatchObject({
      status: 'degraded',
      recorder: { state: 'ok', lost: 0 },
      history: { state: 'failing', stores: [{ store: 'memory', state: 'failing', since: iso() }] },
    });
    // Everybody may ask for health: a server's own words stay in the log.
    expect(JSON.stringify(await health())).not.toContain('disk full');
    expect((await running.dashboard.inject('/api/v1/readings/latest')).statusCode).toBe(200);
    state.failing = false;
    await running.wall.advanceByAsync(seconds(60));
    expect(written).toHaveLength(1);
    expect(await health()).toMatchObject({ history: { state: 'ok', stores: [{ since: null, waitingBytes: 0 }] } });
  });

  test('a history that is asked for while its store is down answers quickly that it is down', async () => {
    const { store, state } = makeStore();
    state.failing = true;
    running = await startDashboard({
      series: {
        ...store,
        buckets: async () => {
          throw new ZhishouError('STORE_DOWN', 'memory', 'disk full');
        },
      },
    });
    await running.publish('reading/+', 'ups-1', batch());
    await running.wall.advanceByAsync(seconds(3));
    const answer = await running.dashboard.inject('/api/v1/readings/history?device=ups-1&point=battery.charge');
    expect(answer.statusCode).toBe(503);
  });

  test('a spool that cannot be written is told as readings that are not stored', async () => {
    const files = createMemoryFiles();
    running = await startDashboard({
      spoolFiles: { ...files, create: () => Promise.reject(new Error('EACCES: permission denied')) },
    });
    await running.publish('reading/+', 'ups-1', batch());
    await running.wall.advanceByAsync(seconds(2));
    expect(await health()).toMatchObject({
      status: 'degraded',
      recorder: { state: 'failing', error: 'EACCES: permission denied', lost: 0 },
    });
  });
});
