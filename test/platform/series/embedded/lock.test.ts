import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { hours, instant, seconds } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { openEmbeddedStore } from '#platform/series/embedded/embedded-store.ts';
import { openEmbeddedStoreInWorker } from '#platform/series/embedded/store-worker.ts';
import { crashBatch, POINTS, START } from './crash-batches.ts';

const folder = mkdtempSync(join(tmpdir(), 'zhishou-lock-'));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});
const RANGE = { device: 'rack-1', from: instant(START), to: instant(START + hours(80)), limit: 1e6 };

async function holder(file: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'lock-holder.ts'), file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout!, 'data');
  return child;
}

async function count(store: { raw: ReturnType<typeof openEmbeddedStore>['raw'] }): Promise<number> {
  const found = await Promise.all(POINTS.map((point) => store.raw({ ...RANGE, point })));
  return found.flat().length;
}

it('a second process is refused with a plain word while one has the store open, and has all of it once that one is gone', async () => {
  const file = join(folder, 'two.sqlite');
  const child = await holder(file);
  const refused = { code: 'STORE_DOWN', message: expect.stringContaining('another process writes this history') };
  expect(() => openEmbeddedStore(file)).toThrow(expect.objectContaining(refused));
  await expect(openEmbeddedStoreInWorker(file)).rejects.toMatchObject(refused);
  child.kill('SIGKILL');
  await once(child, 'close');
  const store = openEmbeddedStore(file);
  // One of the batch's forty replaces another.
  expect(await count(store)).toBe(39);
  await store.close();
});

it('a second one in the same process is refused too, and a refused opening leaves no lock behind', async () => {
  const file = join(folder, 'same.sqlite');
  const first = openEmbeddedStore(file);
  expect(() => openEmbeddedStore(file)).toThrow(expect.objectContaining({ code: 'STORE_DOWN' }));
  await first.close();
  await openEmbeddedStore(file).close();
});

it('where the lock was taken away, the first one stops before it drops readings that only the second knows', async () => {
  const file = join(folder, 'past.sqlite');
  const first = openEmbeddedStore(file);
  await first.write(crashBatch(0));
  rmSync(`${file}-lock`);
  const second = openEmbeddedStore(file);
  await second.write(crashBatch(1));
  const overtaken = { code: 'STORE_DOWN', message: expect.stringContaining('another program') };
  await expect(first.settle()).rejects.toMatchObject(overtaken);
  await expect(first.write(crashBatch(2))).rejects.toMatchObject(overtaken);
  await first.close();
  await second.close();
  const third = openEmbeddedStore(file);
  const before = await count(third);
  await third.settle();
  expect([before, await count(third)]).toEqual([before, before]);
  expect(before).toBeGreaterThan(60);
  expect(await third.check()).toMatchObject({ damaged: [], wrong: [] });
  await third.close();
});

it('a thread that was overtaken is started again and has what the other wrote', async () => {
  const file = join(folder, 'thread.sqlite');
  const clock = createVirtualClock(instant(START));
  const store = await openEmbeddedStoreInWorker(file, { clock });
  await store.write(crashBatch(0));
  rmSync(`${file}-lock`);
  const other = openEmbeddedStore(file);
  await other.write(crashBatch(1));
  await other.close();
  await expect(store.write(crashBatch(2))).rejects.toMatchObject({ code: 'STORE_DOWN' });
  await expect
    .poll(
      async () => {
        clock.advanceBy(seconds(60));
        return (await store.write(crashBatch(2)).catch(() => null))?.written;
      },
      { timeout: 20_000 },
    )
    .toBe(40);
  expect(await count(store)).toBeGreaterThan(90);
  await store.close();
});
