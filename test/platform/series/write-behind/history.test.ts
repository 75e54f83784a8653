import { describe, expect, it } from 'vitest';
import { ZhishouError } from '#core/errors.ts';
import type { SeriesStore } from '#core/ports.ts';
import { seededRandom } from '#core/random.ts';
import type { Reading } from '#core/reading.ts';
import { type Duration, hours, instant, minutes, seconds } from '#core/time.ts';
import { silentLog } from '#platform/log.ts';
import { createMemorySeriesStore } from '#platform/series/memory-series-store.ts';
import { createMemoryFiles, type MemoryFiles } from '#platform/series/spool/memory-files.ts';
import type { SpoolOptions } from '#platform/series/spool/spool.ts';
import { type History, startHistory } from '#platform/series/write-behind/history.ts';
import type { NamedStore } from '#platform/series/write-behind/reading-store.ts';
import { makeSpool, manyReadings, reading, START } from '../spool/support.ts';

/** A store that remembers what it was given, and can be down, slow or particular. */
function makeStore(name: string) {
  const memory = createMemorySeriesStore();
  const state = { down: false, refuses: (_: Reading): boolean => false, rejects: (_: Reading): boolean => false };
  const calls: number[][] = [];
  const store: SeriesStore = {
    ...memory,
    async write(readings) {
      if (state.down) throw new ZhishouError('STORE_DOWN', name, 'switched off');
      if (readings.some(state.refuses)) throw new TypeError('cannot read properties of undefined');
      const rejected = readings.filter(state.rejects).map((one) => ({ reading: one, reason: 'too old' }));
      const taken = readings.filter((one) => !state.rejects(one));
      calls.push(taken.map(({ value }) => Math.round(Number(value) * 10)));
      await memory.write(taken);
      return { written: taken.length, rejected };
    },
    async buckets(query) {
      if (state.down) throw new ZhishouError('STORE_DOWN', name, 'switched off');
      return memory.buckets(query);
    },
    async table(query) {
      if (state.down) throw new ZhishouError('STORE_DOWN', name, 'switched off');
      return memory.table(query);
    },
  };
  return { named: { name, store }, state, calls, numbers: () => calls.flat() };
}

interface MadeHistory {
  readonly history: History;
  readonly clock: Awaited<ReturnType<typeof makeSpool>>['clock'];
  readonly metrics: Awaited<ReturnType<typeof makeSpool>>['metrics'];
}

async function makeHistory(
  files: MemoryFiles,
  stores: readonly [NamedStore, ...NamedStore[]],
  change: Partial<SpoolOptions> & { catchUpRate?: number } = {},
): Promise<MadeHistory> {
  const { spool, clock, metrics } = await makeSpool(files, change);
  const history = await startHistory({
    stores,
    spool,
    clock,
    random: seededRandom(5),
    log: silentLog,
    metrics,
    catchUpRate: change.catchUpRate ?? 20_000,
  });
  return { history, clock, metrics };
}

/** So many seconds of a hundred readings each, told one after the other. */
async function live({ history, clock }: MadeHistory, from: number, count: number, each = 100): Promise<void> {
  for (let i = 0; i < count; i++) {
    history.add(manyReadings(each, from + i * each));
    await clock.advanceByAsync(seconds(1));
  }
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const closing = async (made: MadeHistory, passes: Duration = seconds(5)): Promise<void> => {
  const closed = made.history.close();
  await made.clock.advanceByAsync(passes);
  await closed;
};

describe('history behind the spool', () => {
  it('reaches every store, in order, a second or two later', async () => {
    const [one, other] = [makeStore('embedded'), makeStore('influxdb')];
    const made = await makeHistory(createMemoryFiles(), [one.named, other.named]);
    await live(made, 0, 10);
    await made.clock.advanceByAsync(seconds(2));
    expect(one.numbers()).toEqual(upTo(1000));
    expect(other.numbers()).toEqual(upTo(1000));
    expect(made.history.status().stores.map(({ state, waitingBytes }) => [state, waitingBytes])).toEqual([
      ['ok', 0],
      ['ok', 0],
    ]);
    await closing(made);
  });

  it('is there at once for who asks: `settled` waits for what was added, but not for a store that is down', async () => {
    const one = makeStore('embedded');
    const made = await makeHistory(createMemoryFiles(), [one.named]);
    made.history.add(manyReadings(3));
    await made.history.settled(seconds(1));
    expect(one.numbers()).toEqual(upTo(3));
    one.state.down = true;
    made.history.add(manyReadings(3, 3));
    const waited = made.history.settled(seconds(1));
    await made.clock.advanceByAsync(seconds(1));
    await waited;
    await made.history.settled(hours(1));
    await closing(made);
  });

  it('one store that is down does not delay the other, and gets what it missed when it is back', async () => {
    const [one, other] = [makeStore('embedded'), makeStore('influxdb')];
    const made = await makeHistory(createMemoryFiles(), [one.named, other.named]);
    other.state.down = true;
    await live(made, 0, 60);
    expect(one.numbers().length).toBeGreaterThanOrEqual(5800);
    expect(made.history.status().stores[1]).toMatchObject({
      state: 'failing',
      error: expect.stringContaining('switched off'),
      since: instant(START),
      delivered: 0,
    });
    other.state.down = false;
    await live(made, 6000, 70);
    await made.clock.advanceByAsync(minutes(2));
    expect(other.numbers()).toEqual(upTo(13_000));
    expect(made.history.status().stores[1]).toMatchObject({ state: 'ok', delivered: 13_000, error: null });
    await closing(made);
  });

  it('tries a store that is down ever less often, with jitter', async () => {
    const one = makeStore('embedded');
    const made = await makeHistory(createMemoryFiles(), [one.named]);
    one.state.down = true;
    made.history.add(manyReadings(1));
    await made.clock.advanceByAsync(hours(1));
    const tries = Number(
      /zhishou_history_store_failures_total\{store="embedded"\} (\d+)/.exec(made.metrics.render())?.[1],
    );
    expect(tries).toBeGreaterThan(60);
    expect(tries).toBeLessThan(140);
    await closing(made);
  });

  it('after a long absence what is new comes at once and what was missed beside it, in order, no faster than allowed', async () => {
    const one = makeStore('embedded');
    const made = await makeHistory(createMemoryFiles(), [one.named], { catchUpRate: 1000 });
    one.state.down = true;
    await live(made, 0, 100, 1000);
    one.state.down = false;
    await made.clock.advanceByAsync(minutes(1));
    const before = one.numbers().length;
    await live(made, 100_000, 10, 10);
    await made.clock.advanceByAsync(seconds(1));
    const got = one.numbers();
    // What was said last is there although most of the past is not.
    expect(got).toContain(100_099);
    expect(got.length - before).toBeLessThan(1000 * 11 + 100 + 4096);
    expect(made.history.status().stores[0]).toMatchObject({ state: 'behind' });
    await made.clock.advanceByAsync(minutes(5));
    const all = one.numbers();
    expect(all.filter((n) => n < 100_000)).toEqual(upTo(100_000));
    expect(new Set(all).size).toBe(100_100);
    expect(made.history.status().stores[0]).toMatchObject({ state: 'ok', waitingBytes: 0, since: null });
    await closing(made);
  });

  it('goes on after a restart exactly where it was, also in the middle of catching up', async () => {
    const files = createMemoryFiles();
    const one = makeStore('embedded');
    const first = await makeHistory(files, [one.named], { catchUpRate: 1000 });
    one.state.down = true;
    await live(first, 0, 100, 1000);
    one.state.down = false;
    await first.clock.advanceByAsync(seconds(60));
    expect(one.numbers().length).toBeLessThan(100_000);
    await closing(first);
    const second = await makeHistory(files, [one.named]);
    await second.clock.advanceByAsync(minutes(1));
    expect(one.numbers()).toEqual(upTo(100_000));
    await closing(second);
  });

  it('after a kill repeats a little and leaves nothing out', async () => {
    const files = createMemoryFiles();
    const one = makeStore('embedded');
    const first = await makeHistory(files, [one.named]);
    await live(first, 0, 25);
    const left = files.afterPowerCut(() => 0);
    const second = await makeHistory(left, [one.named]);
    await second.clock.advanceByAsync(seconds(5));
    const numbers = one.numbers();
    expect(new Set(numbers).size).toBeGreaterThanOrEqual(2400);
    expect(numbers.length).toBeLessThan(2500 + 1500);
    await closing(first);
    await closing(second);
  });

  it('frees the spool of what every store has, and keeps what one still needs', async () => {
    const files = createMemoryFiles();
    const [one, other] = [makeStore('embedded'), makeStore('influxdb')];
    const made = await makeHistory(files, [one.named, other.named], { segmentBytes: 4096 });
    other.state.down = true;
    await live(made, 0, 60);
    expect((await files.list()).length).toBeGreaterThan(5);
    other.state.down = false;
    await made.clock.advanceByAsync(minutes(3));
    expect((await files.list()).filter(({ name }) => name.endsWith('.spool')).length).toBeLessThanOrEqual(2);
    await closing(made);
  });

  it('a store that was taken out of the configuration holds nothing back', async () => {
    const files = createMemoryFiles();
    const [one, other] = [makeStore('embedded'), makeStore('influxdb')];
    other.state.down = true;
    const both = await makeHistory(files, [one.named, other.named], { segmentBytes: 4096 });
    await live(both, 0, 60);
    await closing(both);
    const alone = await makeHistory(files, [one.named], { segmentBytes: 4096 });
    await live(alone, 6000, 20);
    expect((await files.list()).filter(({ name }) => name.endsWith('.spool')).length).toBeLessThanOrEqual(3);
    await closing(alone);
  });

  it('counts and tells what a store will never take, and the rest goes on', async () => {
    const one = makeStore('embedded');
    one.state.rejects = ({ value }) => value === 1.5;
    const made = await makeHistory(createMemoryFiles(), [one.named]);
    await live(made, 0, 3);
    await made.clock.advanceByAsync(seconds(2));
    expect(one.numbers()).toEqual(upTo(300).filter((n) => n !== 15));
    expect(made.history.status().stores[0]).toMatchObject({ rejected: 1, delivered: 299, state: 'ok' });
    expect(made.metrics.render()).toContain('zhishou_history_rejected_total{store="embedded"} 1');
    await closing(made);
  });

  it('finds the one reading that breaks a store’s own code, leaves it out and goes on', async () => {
    const one = makeStore('embedded');
    one.state.refuses = ({ value }) => value === 12.3;
    const made = await makeHistory(createMemoryFiles(), [one.named]);
    await live(made, 0, 3);
    await made.clock.advanceByAsync(hours(1));
    expect(new Set(one.numbers())).toEqual(new Set(upTo(300).filter((n) => n !== 123)));
    expect(made.history.status().stores[0]).toMatchObject({ rejected: 1, state: 'ok' });
    await closing(made);
  });

  it('is read from the other store when the first does not answer; when none does the first one’s reason is told', async () => {
    const [one, other] = [makeStore('influxdb'), makeStore('embedded')];
    const made = await makeHistory(createMemoryFiles(), [one.named, other.named]);
    made.history.add([reading(0, 1), reading(1000, 3)]);
    await made.history.settled(seconds(1));
    await made.clock.advanceByAsync(seconds(2));
    one.state.down = true;
    const query = { device: 'th-1', point: 'ambient.temperature', from: instant(START), to: instant(START + 60_000) };
    expect(await made.history.store.buckets({ ...query, step: { every: minutes(1) } })).toMatchObject([{ count: 2 }]);
    other.state.down = true;
    await expect(made.history.store.buckets({ ...query, step: { every: minutes(1) } })).rejects.toMatchObject({
      code: 'STORE_DOWN',
      subject: 'influxdb',
    });
    await closing(made);
  });
});
