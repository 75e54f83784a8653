import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '#core/random.ts';
import type { Reading } from '#core/reading.ts';
import { minutes, seconds } from '#core/time.ts';
import { createDiskFiles } from '#platform/series/spool/disk-files.ts';
import { createMemoryFiles, type MemoryFiles } from '#platform/series/spool/memory-files.ts';
import { dyingFiles, makeSpool, manyReadings, readAll, reading } from './support.ts';

/** What every life after a death must find: all that was synced, in order, nothing that was not said. */
const numbers = (readings: readonly Reading[]): readonly number[] =>
  readings.map(({ value }) => Math.round(Number(value) * 10));

/** Writes until the disk dies; how many readings were surely on it. Small segments, so that every kind of write is met. */
async function liveUntilDeath(
  memory: MemoryFiles,
  at: number,
  part: number,
): Promise<{ synced: number; operations: number }> {
  const files = dyingFiles(memory, at, part);
  const { spool, clock } = await makeSpool(files, { segmentBytes: 4096, limitBytes: 40_000 });
  let synced = 0;
  for (let i = 0; i < 12; i++) {
    spool.add(manyReadings(200, i * 200));
    await spool.flush();
    await clock.advanceByAsync(seconds(1));
    if (files.operations >= at) break;
    const left = memory.afterPowerCut(() => 0);
    const look = await makeSpool(left);
    synced = Math.max(synced, ...numbers(await readAll(look.spool)).map((n) => n + 1), 0);
    await look.spool.close();
  }
  await clock.advanceByAsync(minutes(1));
  return { synced, operations: files.operations };
}

async function reopened(files: MemoryFiles) {
  const { spool } = await makeSpool(files);
  const found = numbers(await readAll(spool));
  // The new life writes on.
  spool.add(manyReadings(10, 100_000));
  await spool.flush();
  const more = numbers(await readAll(spool));
  const status = spool.status();
  await spool.close();
  return { found, more, status };
}

describe('killed in any write, the spool', () => {
  it('opens with all that was synced, in order, nothing besides, and goes on', async () => {
    const { operations } = await liveUntilDeath(createMemoryFiles(), Number.POSITIVE_INFINITY, 0);
    expect(operations).toBeGreaterThan(30);
    for (let at = 1; at <= operations; at++) {
      for (const part of [0, 5, 1_000_000]) {
        const memory = createMemoryFiles();
        const { synced } = await liveUntilDeath(memory, at, part);
        // The process died: what the system was given stays. Then: the power went, too.
        for (const left of [memory.afterPowerCut((_, unsynced) => unsynced), memory.afterPowerCut(() => 0)]) {
          const { found, more, status } = await reopened(left);
          expect(found, `killed at write ${at}, ${part} bytes of it`).toEqual(found.map((_, place) => place));
          expect(found.length).toBeGreaterThanOrEqual(synced);
          expect(more.slice(0, -10)).toEqual(found);
          expect(more.slice(-10)).toEqual(numbers(manyReadings(10, 100_000)));
          expect(status).toMatchObject({ spoiltBytes: 0, lost: 0, error: null });
        }
      }
    }
  }, 120_000);

  it('while it thins keeps every change of a word that was synced', async () => {
    const story = (n: number): Reading[] =>
      Array.from({ length: 200 }, (_, i) => [
        reading((n * 200 + i) * 1000, (i * 37) % 11),
        reading((n * 200 + i) * 1000, `word ${n}`, { point: 'ups.status' }),
      ]).flat();
    const live = async (memory: MemoryFiles, at: number): Promise<number> => {
      const files = dyingFiles(memory, at, 0);
      const { spool, clock } = await makeSpool(files, { segmentBytes: 4096, limitBytes: 24_000 });
      let told = 0;
      for (let n = 0; n < 30 && files.operations < at; n++) {
        spool.add(story(n));
        await spool.flush();
        await clock.advanceByAsync(seconds(1));
        for (let wait = 0; wait < 40; wait++) await new Promise((resolve) => setImmediate(resolve));
        if (files.operations < at) told = n;
      }
      return files.operations < at ? files.operations : told;
    };
    const operations = await live(createMemoryFiles(), Number.POSITIVE_INFINITY);
    expect(operations).toBeGreaterThan(80);
    for (let at = 5; at <= operations; at += 7) {
      const memory = createMemoryFiles();
      const told = await live(memory, at);
      const { spool } = await makeSpool(
        memory.afterPowerCut(() => 0),
        { limitBytes: 24_000 },
      );
      const words = (await readAll(spool)).flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
      const changes = words.filter((word, place) => word !== words[place - 1]);
      expect(changes.slice(0, told), `killed at operation ${at}`).toEqual(
        Array.from({ length: told }, (_, n) => `word ${n}`),
      );
      expect(spool.status()).toMatchObject({ spoiltBytes: 0 });
      await spool.close();
    }
  }, 120_000);

  it('at each byte of a frame: the torn frame is cut off, the whole ones stay', async () => {
    const memory = createMemoryFiles();
    const { spool } = await makeSpool(memory);
    const ends = [8];
    for (let i = 0; i < 4; i++) {
      spool.add(manyReadings(3, i * 3));
      await spool.flush();
      ends.push(spool.status().bytes);
    }
    const name = (await memory.list())[0]!.name;
    const bytes = Uint8Array.from(memory.content(name));
    for (let length = 0; length <= bytes.length; length++) {
      const files = createMemoryFiles();
      await files.replace(name, bytes.subarray(0, length));
      const { found, status } = await reopened(files);
      const whole = ends.filter((end) => end <= length).length - 1;
      expect(found).toEqual(Array.from({ length: Math.max(0, whole) * 3 }, (_, i) => i));
      expect(status.spoiltBytes).toBe(0);
    }
    await spool.close();
  });

  it('with garbage behind the torn frame passes over it and says how much', async () => {
    const memory = createMemoryFiles();
    const { spool } = await makeSpool(memory);
    spool.add(manyReadings(50));
    await spool.flush();
    const [{ name } = { name: '' }] = await memory.list();
    const whole = Uint8Array.from(memory.content(name));
    const random = seededRandom(7);
    for (let round = 0; round < 50; round++) {
      const noise = Uint8Array.from({ length: random.integer(1, 300) }, () => random.integer(0, 255));
      const files = createMemoryFiles();
      await files.replace(name, Buffer.concat([whole, noise]));
      expect((await reopened(files)).found).toEqual(numbers(manyReadings(50)));
    }
    await spool.close();
  });
});

it('two processes on one folder never both write: the second waits with its readings in memory until the first is gone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zhishou-spool-'));
  const first = await makeSpool(createDiskFiles(folder));
  first.spool.add(manyReadings(10));
  await first.spool.flush();
  const second = await makeSpool(createDiskFiles(folder));
  second.spool.add(manyReadings(10, 10));
  await second.spool.flush();
  expect(second.spool.status()).toMatchObject({ state: 'failing', error: expect.stringMatching(/another process/) });
  await first.spool.close();
  await second.spool.flush();
  expect(second.spool.status()).toMatchObject({ state: 'ok', waiting: 0 });
  expect(numbers(await readAll(second.spool))).toEqual(numbers(manyReadings(20)));
  await second.spool.close();
  rmSync(folder, { recursive: true, force: true });
});

it('a real process killed by SIGKILL, again and again, loses at most what it had not yet said was written', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zhishou-spool-'));
  const script = join(folder, 'writer.ts');
  const root = join(import.meta.dirname, '..', '..', '..', '..');
  const url = (path: string): string => JSON.stringify(`file://${root}/${path}`);
  writeFileSync(
    script,
    `import { openSpool } from ${url('platform/series/spool/spool.ts')};
     import { createDiskFiles } from ${url('platform/series/spool/disk-files.ts')};
     import { createSystemClock } from ${url('platform/clock/system-clock.ts')};
     import { createMetrics } from ${url('platform/metrics.ts')};
     import { silentLog } from ${url('platform/log.ts')};
     import { seededRandom } from ${url('core/random.ts')};
     const spool = await openSpool({ files: createDiskFiles(process.argv[2]), clock: createSystemClock(), random: seededRandom(1),
       log: silentLog, metrics: createMetrics(), limitBytes: 1e9, segmentBytes: 20_000 });
     for (let n = Number(process.argv[3]); ; n += 100) {
       spool.add(Array.from({ length: 100 }, (_, i) => ({ device: 'd', point: 'ups.load', value: (n + i) / 10, quality: 'good',
         measuredAt: n + i, receivedAt: 0, changedAt: 0, simulated: false })));
       await spool.flush();
       console.log(n + 100);
     }`,
  );
  const random = seededRandom(3);
  let told = 0;
  for (let life = 0; life < 4; life++) {
    const child = spawn(process.execPath, [script, join(folder, 'spool'), String(told)], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const wanted = told + 100 * random.integer(5, 60);
    for await (const line of createInterface({ input: child.stdout })) {
      told = Math.max(told, Number(line));
      if (told >= wanted) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    const { spool } = await makeSpool(createDiskFiles(join(folder, 'spool')));
    const found = new Set(numbers(await readAll(spool)));
    for (let n = 0; n < told; n++) expect(found.has(n), `reading ${n} of ${told}`).toBe(true);
    expect(spool.status()).toMatchObject({ spoiltBytes: 0, lost: 0 });
    await spool.close();
  }
  rmSync(folder, { recursive: true, force: true });
}, 60_000);
