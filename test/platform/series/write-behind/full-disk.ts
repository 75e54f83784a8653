import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { messageOf } from '#core/errors.ts';
import { seededRandom } from '#core/random.ts';
import type { Reading } from '#core/reading.ts';
import { hours, instant, milliseconds } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { type EmbeddedStore, openEmbeddedStore } from '#platform/series/embedded/embedded-store.ts';
import { createDiskFiles } from '#platform/series/spool/disk-files.ts';
import { openSpool } from '#platform/series/spool/spool.ts';
import { startHistory } from '#platform/series/write-behind/history.ts';
import { reading, START } from '../spool/support.ts';

/**
 * `node full-disk.ts <folder>`: history in a folder that is a small file system of its own. It is filled to the last block, by
 * others and by history itself, then there is room again. Prints what was seen as JSON; the test says what it must be.
 */
const MB = 1 << 20;
const clock = createVirtualClock(instant(START + 3_600_000));
const random = seededRandom('full disk');
/** Numbers that no compression makes small. */
const noise = (from: number, count: number): Reading[] =>
  Array.from({ length: count }, (_, i) => reading(from + i * 10, random.next()));
const all = {
  device: 'th-1',
  point: 'ambient.temperature',
  from: instant(0),
  to: instant(START + hours(100)),
  limit: 1e7,
};

/** Turns the clock until it is so; false after hours of it. */
async function until(condition: () => boolean | Promise<boolean>): Promise<boolean> {
  for (let i = 0; i < 100_000; i++) {
    if (await condition()) return true;
    clock.advanceBy(milliseconds(100));
    await setImmediate();
  }
  return false;
}

/** Work that waits for the disk as well as for the clock. */
async function ended<T>(work: Promise<T>): Promise<T> {
  let done = false;
  const settled = work.finally(() => {
    done = true;
  });
  await until(() => done);
  return settled;
}

const sound = async (store: EmbeddedStore): Promise<boolean> => {
  const { damaged, wrong, pages } = await ended(store.check());
  return damaged.length + wrong.length + pages.length === 0;
};

/** The store alone: what it acknowledged is there, whatever became of the disk. */
async function fillStore(folder: string) {
  const file = join(folder, 'alone.sqlite');
  const ballast = join(folder, 'others');
  writeFileSync(ballast, new Uint8Array(2.5 * MB));
  const store = openEmbeddedStore(file, { clock, mostInHead: 20_000 });
  let acknowledged = 0;
  let refusal = '';
  while (refusal === '' && acknowledged < 1e6) {
    try {
      await store.write(noise(acknowledged * 10, 1000));
      acknowledged += 1000;
    } catch (error) {
      refusal = messageOf(error);
    }
  }
  const told = store.status().error;
  const whileFull = (await store.raw(all)).length;
  await store.close();
  // Opened while the disk is full, if it opens; then with room.
  let reopened: number | string;
  try {
    const full = openEmbeddedStore(file, { clock });
    reopened = (await full.raw(all)).length;
    await full.close();
  } catch (error) {
    reopened = messageOf(error);
  }
  rmSync(ballast);
  const again = openEmbeddedStore(file, { clock });
  await again.write(noise(acknowledged * 10, 1000));
  await again.settle();
  const figures = {
    acknowledged,
    refusal,
    told,
    whileFull,
    reopened,
    after: (await again.raw(all)).length,
    sound: await sound(again),
  };
  await again.close();
  for (const end of ['', '-wal', '-shm', '-lock']) rmSync(`${file}${end}`, { force: true });
  return figures;
}

async function openAll(folder: string) {
  const store = openEmbeddedStore(join(folder, 'series.sqlite'), { clock, mostInHead: 20_000 });
  const metrics = createMetrics();
  const parts = { clock, random, log: silentLog, metrics };
  const spool = await openSpool({ ...parts, files: createDiskFiles(join(folder, 'spool')), limitBytes: 2 * MB });
  const history = await startHistory({ ...parts, spool, stores: [{ name: 'embedded', store }], catchUpRate: 1e6 });
  return { store, history };
}

/** Somebody else fills the disk while readings come; not one is lost. */
async function filledByOthers(folder: string) {
  const { store, history } = await openAll(folder);
  history.add(noise(0, 1000));
  await until(() => history.status().stores[0]?.delivered === 1000);
  const ballast = fillUp(folder);
  for (let i = 1; i < 20; i++) history.add(noise(i * 10_000, 1000));
  const told = await until(() => history.status().spool.state === 'failing');
  const { spool } = history.status();
  const answers = (await history.store.raw(all)).length;
  for (const file of ballast) rmSync(file);
  await until(() => {
    const { spool: own, stores: all } = history.status();
    return own.state === 'ok' && own.waiting === 0 && all[0]?.state === 'ok' && all[0].waitingBytes === 0;
  });
  const after = history.status();
  const kept = (await store.raw(all)).length;
  await store.settle();
  const figures = {
    told,
    spool: spool.error,
    answers,
    kept,
    states: [after.spool.state, after.stores[0]?.state],
    lost: after.spool.lost,
    thinned: after.spool.thinned,
    sound: await sound(store),
  };
  await ended(history.close());
  for (const name of ['series.sqlite', 'series.sqlite-wal', 'series.sqlite-shm', 'series.sqlite-lock', 'spool'])
    rmSync(join(folder, name), { force: true, recursive: true });
  return figures;
}

function fillUp(folder: string): string[] {
  const files: string[] = [];
  for (let bytes = MB; bytes >= 512; bytes /= 2) {
    try {
      for (;;) {
        const file = join(folder, `others-${files.length}`);
        files.push(file);
        writeFileSync(file, new Uint8Array(bytes));
      }
    } catch {
      // no room for so much: half as much
    }
  }
  return files;
}

/** History fills it by itself: whatever is not in the store afterwards was counted as thinned or lost. */
async function filledByHistory(folder: string) {
  const ballast = join(folder, 'others');
  writeFileSync(ballast, new Uint8Array(3.2 * MB));
  const { store, history } = await openAll(folder);
  let added = 0;
  const full = await until(async () => {
    if (added < 40_000) history.add(noise(added * 10, 2000));
    added += added < 40_000 ? 2000 : 0;
    const { spool, stores } = history.status();
    return stores[0]?.state === 'failing' || spool.state === 'failing';
  });
  rmSync(ballast);
  await until(() => {
    const { spool, stores } = history.status();
    return stores[0]?.state === 'ok' && stores[0].waitingBytes === 0 && spool.waiting === 0 && spool.state === 'ok';
  });
  const { spool } = history.status();
  const kept = (await store.raw(all)).length;
  await store.settle();
  const figures = { full, added, kept, thinned: spool.thinned, lost: spool.lost, sound: await sound(store) };
  await ended(history.close());
  return figures;
}

const folder = process.argv[2] ?? '';
const alone = await fillStore(folder);
const others = await filledByOthers(folder);
process.stdout.write(JSON.stringify({ alone, others, history: await filledByHistory(folder) }));
