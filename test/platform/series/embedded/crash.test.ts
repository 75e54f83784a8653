import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, it } from 'vitest';
import type { SeriesStore } from '#core/ports.ts';
import type { Reading } from '#core/reading.ts';
import { hours, instant, milliseconds } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { openEmbeddedStore } from '#platform/series/embedded/embedded-store.ts';
import { createMemorySeriesStore } from '#platform/series/memory-series-store.ts';
import { crashBatch, POINTS, START } from './crash-batches.ts';
import { driven, rounded } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'zhishou-crash-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const RANGE = { device: 'rack-1', from: instant(START), to: instant(START + hours(80)) };

/** Every sample and the hours, as one value to compare. */
async function everything(store: SeriesStore) {
  const found = [];
  for (const point of POINTS) {
    found.push(await store.raw({ ...RANGE, point }));
    found.push(rounded(await store.buckets({ ...RANGE, point, step: { every: hours(1) } })));
  }
  return found;
}

/** What the batches up to this number come to. */
async function truth(batches: number) {
  const memory = createMemorySeriesStore();
  for (let i = 0; i < batches; i++) await memory.write(crashBatch(i));
  return everything(memory);
}

/** Opens what a dead process left: all that was acknowledged, at most the batch under way besides, whole or not at all. */
async function expectSound(file: string, acknowledged: number): Promise<void> {
  const clock = createVirtualClock(instant(START));
  const store = openEmbeddedStore(file, { clock });
  const found = JSON.stringify(await everything(store));
  const allowed = [JSON.stringify(await truth(acknowledged)), JSON.stringify(await truth(acknowledged + 1))];
  expect(allowed.includes(found), `after ${acknowledged} batches`).toBe(true);
  expect(await driven(clock, store.check())).toMatchObject({ damaged: [], wrong: [], pages: [], setAside: 0 });
  await store.settle();
  expect(JSON.stringify(await everything(store))).toBe(found);
  await store.close();
}

it('a death at any step that changes the file leaves all that was acknowledged, nothing twice, and rollups that agree', async () => {
  const file = join(folder, 'steps.sqlite');
  const clock = createVirtualClock(instant(START));
  const left: { copy: string; acknowledged: number }[] = [];
  let acknowledged = 0;
  const store = openEmbeddedStore(file, {
    clock,
    mostInHead: 60,
    onStep: () => {
      // The files as they are now are what a killed process leaves behind.
      const copy = join(folder, `left-${left.length}.sqlite`);
      for (const end of ['', '-wal']) if (existsSync(file + end)) copyFileSync(file + end, copy + end);
      left.push({ copy, acknowledged });
    },
  });
  for (let i = 0; i < 10; i++) {
    const readings: readonly Reading[] = crashBatch(i);
    await store.write(readings);
    acknowledged++;
    clock.advanceBy(milliseconds(i % 2 === 0 ? 1 : 6000));
  }
  await store.settle();
  await store.close();
  expect(left.length).toBeGreaterThan(50);
  for (const { copy, acknowledged } of left) await expectSound(copy, acknowledged);
}, 120_000);

it.each([1, 2, 3])(
  'a process killed while it writes, seals and tidies up loses nothing that it was told is kept (%i)',
  async (turn) => {
    const file = join(folder, `killed-${turn}.sqlite`);
    const child = spawn(process.execPath, [join(import.meta.dirname, 'crash-writer.ts'), file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const acknowledged = await killedAfter(child, 4 + turn * 3);
    expect(acknowledged).toBeGreaterThanOrEqual(4 + turn * 3);
    await expectSound(file, acknowledged);
  },
  60_000,
);

/** Kills it once it has acknowledged so many batches, at whatever it does then, and says how many it had in the end. */
function killedAfter(child: ChildProcess, batches: number): Promise<number> {
  let last = 0;
  return new Promise((resolve) => {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      last = Number(line);
      if (last >= batches) child.kill('SIGKILL');
    });
    child.on('close', () => resolve(last));
  });
}
