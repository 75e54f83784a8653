import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, it } from 'vitest';
import { hours, instant, seconds } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { createMetrics } from '#platform/metrics.ts';
import { openEmbeddedStoreInWorker, type WorkerStore } from '#platform/series/embedded/store-worker.ts';
import { seriesStoreContract } from '../../../contract/series-store.contract.ts';
import { reading } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'zhishou-thread-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;
const newFile = (): string => join(folder, `${++made}.sqlite`);
const START = Date.UTC(2026, 0, 5);
const whole = {
  device: 'rack-1',
  point: 'room.temperature',
  from: instant(START),
  to: instant(START + hours(200)),
  limit: 1e6,
};
const readings = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => reading('room.temperature', START + (from + i) * 1000, (from + i) / 10));

seriesStoreContract(
  'embedded in a thread',
  (settings) => openEmbeddedStoreInWorker(newFile(), { settings, mostInHead: 200 }),
  {
    async disturb(store) {
      await (store as WorkerStore).settle();
      return store;
    },
  },
);

it('many batches at once are all kept, those that come together in one commit', async () => {
  const store = await openEmbeddedStoreInWorker(newFile());
  const batches = Array.from({ length: 60 }, (_, i) => store.write(readings(i * 1000, 1000)));
  expect((await Promise.all(batches)).every(({ written }) => written === 1000)).toBe(true);
  expect(await store.raw(whole)).toHaveLength(60_000);
  await store.close();
});

it('who brings far more than the disk takes is told to come later', async () => {
  const store = await openEmbeddedStoreInWorker(newFile());
  const batch = readings(0, 200_000);
  const results = await Promise.allSettled(Array.from({ length: 9 }, () => store.write(batch)));
  const failed = results.filter((one) => one.status === 'rejected');
  expect(failed.length).toBeGreaterThan(0);
  expect(failed.every(({ reason }) => (reason as { code: string }).code === 'STORE_DOWN')).toBe(true);
  expect((await store.write(readings(0, 10))).written).toBe(10);
  await store.close();
});

it('a thread that dies: calls say STORE_DOWN, it is started again, and nothing that was kept is lost', async () => {
  const clock = createVirtualClock(instant(START));
  const metrics = createMetrics();
  const store = await openEmbeddedStoreInWorker(newFile(), { clock, metrics });
  await store.write(readings(0, 1000));
  const underWay = store.write(readings(1000, 1000)).catch((error: unknown) => error);
  await store.killThread();
  expect([{ written: 1000, rejected: [] }, expect.objectContaining({ code: 'STORE_DOWN' })]).toContainEqual(
    await underWay,
  );
  await expect(store.raw(whole)).rejects.toMatchObject({ code: 'STORE_DOWN' });
  await expect(store.write(readings(0, 1))).rejects.toMatchObject({ code: 'STORE_DOWN' });
  expect(store.status()).toMatchObject({ state: 'failing' });
  expect(metrics.render()).toContain('zhishou_history_thread_ends_total 1');
  clock.advanceBy(seconds(1));
  await expect.poll(() => store.status().state, { timeout: 20_000 }).toBe('ok');
  expect((await store.raw(whole)).length).toBeGreaterThanOrEqual(1000);
  await store.write(readings(1000, 1000));
  expect(await store.raw(whole)).toHaveLength(2000);
  await store.close();
  await expect(store.raw(whole)).rejects.toMatchObject({ code: 'STORE_DOWN' });
});

it('a file of a newer program, or one that is none, is refused at the opening', async () => {
  const file = newFile();
  const database = new DatabaseSync(file);
  database.exec('PRAGMA user_version = 99');
  database.close();
  await expect(openEmbeddedStoreInWorker(file)).rejects.toMatchObject({ code: 'STORE_TOO_NEW' });
  const none = newFile();
  copyFileSync(import.meta.filename, none);
  await expect(openEmbeddedStoreInWorker(none)).rejects.toMatchObject({ code: 'STORE_DOWN' });
});

it('a copy and a check are made beside the writing', async () => {
  const store = await openEmbeddedStoreInWorker(newFile());
  await store.write(readings(0, 5000));
  await store.settle();
  const copy = newFile();
  const [, report] = await Promise.all([store.backup(copy), store.check(), store.write(readings(5000, 5000))]);
  expect(report).toMatchObject({ damaged: [], wrong: [], pages: [] });
  await store.close();
  const copied = await openEmbeddedStoreInWorker(copy);
  expect((await copied.raw(whole)).length).toBeGreaterThanOrEqual(5000);
  await copied.close();
});
