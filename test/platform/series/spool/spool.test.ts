import { describe, expect, it } from 'vitest';
import { ZhishouError } from '#core/errors.ts';
import type { Reading } from '#core/reading.ts';
import { minutes, seconds } from '#core/time.ts';
import { createMemoryFiles, type MemoryFiles } from '#platform/series/spool/memory-files.ts';
import { START as BEGINNING } from '#platform/series/spool/position.ts';
import type { SpoolFiles } from '#platform/series/spool/spool-files.ts';
import { makeSpool, manyReadings, readAll, reading } from './support.ts';

const values = (readings: readonly Reading[]) => readings.map(({ value }) => value);

describe('the spool', () => {
  it('takes readings in the caller’s turn without a word to the disk, and has them in a file a second later', async () => {
    const files = createMemoryFiles();
    const { spool, clock } = await makeSpool(files);
    spool.add(manyReadings(10));
    expect(spool.status()).toMatchObject({ waiting: 10, written: 0, bytes: 0 });
    await clock.advanceByAsync(seconds(1));
    expect(spool.status()).toMatchObject({ waiting: 0, written: 10, state: 'ok' });
    expect(await readAll(spool)).toEqual(manyReadings(10));
    await spool.close();
  });

  it('gives everything in order over many segments, from any place on, also after it was closed and opened', async () => {
    const files = createMemoryFiles();
    const first = await makeSpool(files, { segmentBytes: 4096 });
    for (let i = 0; i < 20; i++) {
      first.spool.add(manyReadings(500, i * 500));
      await first.spool.flush();
    }
    expect((await files.list()).length).toBeGreaterThan(5);
    const { next } = await first.spool.read(BEGINNING, 1);
    expect(values(await readAll(first.spool, next))).toEqual(values(manyReadings(9999, 1)));
    await first.spool.close();
    const second = await makeSpool(files);
    second.spool.add(manyReadings(5, 10_000));
    await second.spool.flush();
    expect(values(await readAll(second.spool))).toEqual(values(manyReadings(10_005)));
    expect(values(await readAll(second.spool, next, 7))).toEqual(values(manyReadings(10_004, 1)));
    await second.spool.close();
  });

  it('syncs in groups: at most `syncEvery` of what was written is not yet on the disk', async () => {
    const files = createMemoryFiles();
    const { spool, clock } = await makeSpool(files, { syncEvery: seconds(5) });
    for (let i = 0; i < 28; i++) {
      spool.add([reading(i * 1000, i)]);
      await clock.advanceByAsync(seconds(1));
    }
    const left = await makeSpool(files.afterPowerCut(() => 0));
    const there = (await readAll(left.spool)).length;
    expect(there).toBeGreaterThanOrEqual(22);
    expect(there).toBeLessThan(28);
    await spool.close();
    await left.spool.close();
  });

  it('lets go of a segment when nobody needs it any more, and never of the one that is written', async () => {
    const files = createMemoryFiles();
    const { spool } = await makeSpool(files, { segmentBytes: 4096 });
    spool.add(manyReadings(5000));
    await spool.flush();
    const before = (await files.list()).length;
    await spool.release([{ from: BEGINNING, to: null }]);
    expect(await files.list()).toHaveLength(before);
    await spool.release([{ from: spool.end(), to: null }]);
    expect((await files.list()).length).toBeLessThanOrEqual(1);
    const end = spool.end();
    spool.add(manyReadings(3, 5000));
    await spool.flush();
    expect(values(await readAll(spool, end))).toEqual(values(manyReadings(3, 5000)));
    await spool.close();
  });

  it('takes no number twice: what a power cut took from behind a cursor does not make new readings look delivered', async () => {
    const files = createMemoryFiles();
    const first = await makeSpool(files);
    first.spool.add(manyReadings(100));
    await first.spool.flush();
    await first.spool.saveCursor('embedded', { behind: [], live: first.spool.end() });
    for (const { name } of await files.list()) if (name.endsWith('.spool')) await files.remove(name);
    const second = await makeSpool(files);
    second.spool.add(manyReadings(3));
    await second.spool.flush();
    const cursor = await second.spool.loadCursor('embedded');
    expect(await readAll(second.spool, cursor?.live)).toHaveLength(3);
    await first.spool.close();
    await second.spool.close();
  });

  it('takes a spoilt cursor for none', async () => {
    const files = createMemoryFiles();
    const { spool } = await makeSpool(files);
    await spool.saveCursor('embedded', { behind: [], live: spool.end() });
    files.content('embedded.cursor')[20]! ^= 1;
    expect(await spool.loadCursor('embedded')).toBeNull();
    await spool.close();
  });

  it('refuses with a clear word what a newer program wrote', async () => {
    const files = createMemoryFiles();
    await files.replace('0000000001-0.spool', new TextEncoder().encode('ZHSPOOL2 and what it likes'));
    await expect(makeSpool(files)).rejects.toMatchObject({ code: 'STORE_TOO_NEW' });
  });
});

describe('spoilt bytes in the spool', () => {
  async function spoilt(at: (bytes: Uint8Array) => void) {
    const files = createMemoryFiles();
    const first = await makeSpool(files);
    for (let i = 0; i < 10; i++) {
      first.spool.add([...manyReadings(50, i * 50), reading(i, `word ${i}`)]);
      await first.spool.flush();
    }
    await first.spool.close();
    const [file] = await files.list();
    at(files.content(file!.name));
    const { spool, metrics } = await makeSpool(files);
    const all = await readAll(spool);
    await readAll(spool);
    const status = spool.status();
    await spool.close();
    return { all, status, metrics: metrics.render() };
  }

  it('in the middle cost the readings of their frame; they are counted once, whoever reads', async () => {
    const { all, status, metrics } = await spoilt((bytes) => {
      bytes[Math.floor(bytes.length / 2)]! ^= 0x10;
    });
    expect(all).toHaveLength(9 * 51);
    expect(status.spoiltBytes).toBeGreaterThan(50);
    expect(metrics).toContain(`zhishou_history_spoilt_bytes_total ${status.spoiltBytes}`);
  });

  it('in a frame of names cost nothing: the names stand at the end once more', async () => {
    const { all, status } = await spoilt((bytes) => {
      bytes[8 + 12 + 4]! ^= 0x10;
    });
    expect(all).toHaveLength(10 * 51);
    expect(status.spoiltBytes).toBeGreaterThan(0);
    expect(status.lost).toBe(0);
  });
});

/** A disk that can be full, gone or hanging. */
function troubledFiles(inner: MemoryFiles) {
  const trouble: { error: Error | null; hang: Promise<void> | null; free: number | null } = {
    error: null,
    hang: null,
    free: null,
  };
  const ask = async <T>(work: () => Promise<T>): Promise<T> => {
    await trouble.hang;
    if (trouble.error !== null) throw trouble.error;
    return work();
  };
  const files: SpoolFiles = {
    hold: () => inner.hold(),
    letGo: () => inner.letGo(),
    list: () => ask(() => inner.list()),
    create: (name) =>
      ask(async () => {
        const file = await inner.create(name);
        return { ...file, append: (bytes) => ask(() => file.append(bytes)), sync: () => ask(() => file.sync()) };
      }),
    read: (name, from, length) => inner.read(name, from, length),
    truncate: (name, bytes) => ask(() => inner.truncate(name, bytes)),
    replace: (name, content) => ask(() => inner.replace(name, content)),
    remove: (name) => inner.remove(name),
    freeBytes: async () => trouble.free,
  };
  return { files, trouble };
}

describe('a disk that takes nothing', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });

  it.each([
    ['is full', full],
    ['may not be written', Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' })],
  ])(
    'because it %s is told; readings wait in memory and go out by themselves when it takes them again',
    async (_, error) => {
      const { files, trouble } = troubledFiles(createMemoryFiles());
      const { spool, clock, metrics } = await makeSpool(files);
      spool.add(manyReadings(10));
      await spool.flush();
      trouble.error = error;
      spool.add(manyReadings(10, 10));
      await clock.advanceByAsync(seconds(10));
      expect(spool.status()).toMatchObject({ state: 'failing', error: error.message, waiting: 10, lost: 0 });
      expect(metrics.render()).toMatch(/zhishou_history_spool_failures_total [1-9]/);
      trouble.error = null;
      await clock.advanceByAsync(seconds(60));
      expect(spool.status()).toMatchObject({ state: 'ok', error: null, waiting: 0 });
      expect(values(await readAll(spool))).toEqual(values(manyReadings(20)));
      await spool.close();
    },
  );

  it('at the start is no reason not to start: what it held is found when it answers', async () => {
    const inner = createMemoryFiles();
    const before = await makeSpool(inner);
    before.spool.add(manyReadings(5));
    await before.spool.close();
    const { files, trouble } = troubledFiles(inner);
    trouble.error = new Error('EIO');
    const { spool, clock } = await makeSpool(files);
    spool.add(manyReadings(5, 5));
    await clock.advanceByAsync(seconds(5));
    trouble.error = null;
    await clock.advanceByAsync(seconds(60));
    await spool.opened;
    expect(values(await readAll(spool))).toEqual(values(manyReadings(10)));
    await spool.close();
  });

  it('because it hangs holds up nobody: memory is bounded, the oldest go and are counted, and it is told', async () => {
    const { files, trouble } = troubledFiles(createMemoryFiles());
    const { spool, clock } = await makeSpool(files, { mostWaiting: 1000 });
    const hang = Promise.withResolvers<void>();
    trouble.hang = hang.promise;
    for (let i = 0; i < 30; i++) {
      spool.add(manyReadings(100, i * 100));
      await clock.advanceByAsync(seconds(1));
    }
    expect(spool.status()).toMatchObject({ state: 'failing', lost: 1900 });
    expect(spool.status().error).toMatch(/not answered for \d+ s/);
    trouble.hang = null;
    hang.resolve();
    await clock.advanceByAsync(seconds(60));
    expect(spool.status()).toMatchObject({ state: 'ok', waiting: 0 });
    expect(values(await readAll(spool)).slice(-1000)).toEqual(values(manyReadings(1000, 2000)));
    await spool.close();
  });
});

it('what every store has is let go when the disk is full, and counts as neither thinned nor lost', async () => {
  const { files, trouble } = troubledFiles(createMemoryFiles());
  const { spool, clock } = await makeSpool(files);
  spool.add(manyReadings(1000));
  await spool.flush();
  // The one store has read all of it.
  const { next } = await spool.read(BEGINNING, 1000);
  spool.keepFor(() => [{ from: next, to: null }]);
  trouble.error = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  spool.add(manyReadings(10, 1000));
  await clock.advanceByAsync(seconds(10));
  expect(spool.status()).toMatchObject({ state: 'failing', bytes: 0, waiting: 10 });
  trouble.error = null;
  await clock.advanceByAsync(seconds(60));
  expect(spool.status()).toMatchObject({ state: 'ok', thinned: 0, lost: 0 });
  expect(values(await readAll(spool, next))).toEqual(values(manyReadings(10, 1000)));
  await spool.close();
});

describe('a stand-by', () => {
  it('keeps the newest readings alone while another process has the folder, counts none as lost, and goes on with them', async () => {
    const inner = createMemoryFiles();
    let held = true;
    const files: SpoolFiles = {
      ...inner,
      async hold() {
        if (held) throw new ZhishouError('STORE_DOWN', 'spool', 'another process keeps the history');
        await inner.hold();
      },
    };
    const { spool, clock } = await makeSpool(files, { mostStandingBy: 500 });
    for (let minute = 0; minute < 60; minute++) {
      spool.add(manyReadings(100, minute * 100));
      await clock.advanceByAsync(minutes(1));
      expect(spool.status().waiting).toBeLessThanOrEqual(600);
    }
    expect(spool.status()).toMatchObject({ state: 'failing', waiting: 500, lost: 0, givenUp: null });
    held = false;
    await clock.advanceByAsync(seconds(6));
    expect(spool.status()).toMatchObject({ state: 'ok', waiting: 0 });
    expect(values(await readAll(spool))).toEqual(values(manyReadings(500, 5500)));
    await spool.close();
  });
});

describe('a full spool', () => {
  /** Two series, one number and one word that changes each minute. */
  const hour = (from: number): Reading[] =>
    Array.from({ length: 3600 }, (_, i) => [
      reading((from + i) * 1000, 20 + ((i * 7919) % 100) / 10),
      reading((from + i) * 1000, `state ${Math.floor((from + i) / 60) % 5}`, { point: 'ups.status' }),
    ]).flat();

  it('thins the oldest first, to minutes and then to quarters of an hour, and drops only what is coarse already', async () => {
    const files = createMemoryFiles();
    const limitBytes = 50_000;
    const { spool, clock, metrics } = await makeSpool(files, { limitBytes });
    let droppedAt: number | null = null;
    const levels = new Set<string>();
    for (let h = 0; h < 60; h++) {
      spool.add(hour(h * 3600));
      await spool.flush();
      await clock.advanceByAsync(minutes(1));
      await new Promise((resolve) => setImmediate(resolve));
      for (let wait = 0; wait < 2000 && spool.status().bytes > limitBytes; wait++) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      const names = (await files.list()).map(({ name }) => name.slice(11, 12));
      for (const level of names) levels.add(level);
      expect(spool.status().bytes).toBeLessThanOrEqual(limitBytes);
      if (spool.status().lost > 0) droppedAt ??= h;
      // Nothing is dropped while something fine could be thinned.
      if (droppedAt === h) expect(names.slice(0, -2).every((level) => level !== '0')).toBe(true);
    }
    expect([...levels].sort()).toEqual(['0', '1', '2']);
    expect(spool.status().thinned).toBeGreaterThan(100_000);
    const kept = await readAll(spool);
    expect(kept.at(-1)?.measuredAt).toBeGreaterThan(reading((60 * 3600 - 16 * 60) * 1000, 0).measuredAt);
    expect(metrics.render()).toMatch(/zhishou_history_thinned_total \d{6}/);
    // All changes of the word are there, from the first that was not dropped on.
    const words = kept.filter(({ point }) => point === 'ups.status');
    const minutesKept = new Set(words.map(({ measuredAt }) => Math.floor(measuredAt / 60_000)));
    const first = Math.min(...minutesKept);
    expect(minutesKept.size).toBe(Math.max(...minutesKept) - first + 1);
    await spool.close();
  }, 60_000);

  it('shrinks too when the disk has little left, though not below a sixteenth of its limit', async () => {
    const { files, trouble } = troubledFiles(createMemoryFiles());
    const { spool, clock } = await makeSpool(files, { limitBytes: 400_000, keepFreeBytes: 1_000_000 });
    for (let h = 0; h < 4; h++) {
      spool.add(hour(h * 3600));
      await spool.flush();
    }
    const before = spool.status().bytes;
    trouble.free = 1000;
    for (let i = 0; i < 20; i++) {
      await clock.advanceByAsync(minutes(1));
      for (let wait = 0; wait < 200; wait++) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(spool.status().bytes).toBeLessThan(before / 2);
    expect(spool.status().thinned).toBeGreaterThan(0);
    await spool.close();
  });

  it('a place in a segment that was thinned meanwhile stands for its beginning: nothing is left out', async () => {
    const files = createMemoryFiles();
    const { spool } = await makeSpool(files, { limitBytes: 200_000 });
    spool.add(hour(0));
    await spool.flush();
    const { next } = await spool.read(BEGINNING, 1000);
    for (let h = 1; h < 8; h++) {
      spool.add(hour(h * 3600));
      await spool.flush();
      for (let wait = 0; wait < 500; wait++) await new Promise((resolve) => setImmediate(resolve));
    }
    const minutesThere = new Set((await readAll(spool, next)).map(({ measuredAt }) => Math.floor(measuredAt / 60_000)));
    expect(minutesThere.size).toBeGreaterThanOrEqual(7 * 60);
    await spool.close();
  }, 30_000);
});

it('readings beyond what memory may hold go, the oldest first, and are counted', async () => {
  const { spool } = await makeSpool(createMemoryFiles(), { mostWaiting: 50_000 });
  const batch = manyReadings(10);
  for (let i = 0; i < 20_000; i++) spool.add(batch);
  expect(spool.status().waiting).toBe(50_000);
  expect(spool.status().lost).toBe(150_000);
  await spool.close();
});
