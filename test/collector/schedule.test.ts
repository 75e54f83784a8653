import { describe, expect, it } from 'vitest';
import { sleep } from '#core/ports.ts';
import { seededRandom } from '#core/random.ts';
import { type Duration, instant, milliseconds, minutes, seconds } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { createSchedule, type JobOptions, waitAfter } from '#services/collector/schedule.ts';

function setup(seed = 1) {
  const clock = createVirtualClock(instant(0));
  const schedule = createSchedule(clock, seededRandom(seed));
  const starts = new Map<string, number[]>();
  const add = (name: string, options: Partial<JobOptions> & { takes?: Duration; well?: boolean } = {}) => {
    let under = 0;
    const times: number[] = [];
    starts.set(name, times);
    return schedule.add({
      name,
      interval: seconds(10),
      run: async () => {
        under++;
        if (under > 1) throw new Error(`${name} is read twice at once`);
        times.push(clock.monotonic());
        if (options.takes !== undefined) await sleep(clock, options.takes);
        under--;
        return options.well ?? true;
      },
      ...options,
    });
  };
  return { clock, schedule, starts, add };
}

const gaps = (times: readonly number[]): number[] => times.slice(1).map((time, i) => time - (times[i] ?? 0));

describe('the schedule', () => {
  it('keeps its phase while runs take time', async () => {
    const { clock, schedule, starts, add } = setup();
    add('a', { takes: seconds(3) });
    schedule.start();
    await clock.advanceByAsync(minutes(10));
    expect(new Set(gaps(starts.get('a') ?? []))).toEqual(new Set([10_000]));
  });

  it('a hundred dead devices among a hundred live ones change nobody’s interval (L38)', async () => {
    const { clock, schedule, starts, add } = setup();
    for (let i = 0; i < 100; i++) {
      add(`dead-${i}`, { takes: i % 2 === 0 ? seconds(4) : minutes(60), well: false });
      add(`live-${i}`, { takes: milliseconds(20) });
    }
    schedule.start();
    await clock.advanceByAsync(minutes(10));
    for (const [name, times] of starts) {
      if (!name.startsWith('live')) continue;
      expect(new Set(gaps(times))).toEqual(new Set([10_000]));
      expect(times.length).toBeGreaterThanOrEqual(59);
    }
  });

  it('spreads the first starts, so that they are not all in one millisecond', async () => {
    const { clock, schedule, starts, add } = setup();
    for (let i = 0; i < 1000; i++) add(`d-${i}`);
    schedule.start();
    await clock.advanceByAsync(seconds(10));
    const perSecond = new Array<number>(10).fill(0);
    for (const [first] of starts.values()) perSecond[Math.floor((first ?? 0) / 1000)]!++;
    expect(Math.max(...perSecond)).toBeLessThan(150);
    expect(Math.min(...perSecond)).toBeGreaterThan(50);
  });

  it('starts a small site within a second', async () => {
    const { clock, schedule, starts, add } = setup();
    for (let i = 0; i < 20; i++) add(`d-${i}`, { interval: minutes(5) });
    schedule.start();
    await clock.advanceByAsync(seconds(1));
    expect([...starts.values()].every((times) => times.length === 1)).toBe(true);
  });

  it('the same seed gives the same starts (I8)', async () => {
    const run = async () => {
      const { clock, schedule, starts, add } = setup(7);
      for (let i = 0; i < 10; i++) add(`d-${i}`, { well: i % 3 !== 0 });
      schedule.start();
      await clock.advanceByAsync(minutes(5));
      return [...starts];
    };
    expect(await run()).toEqual(await run());
  });

  it('backs off from a dead device to at most a minute, and comes back to its interval at the first answer', async () => {
    const { clock, schedule, starts } = setup();
    let well = false;
    const times: number[] = [];
    starts.set('x', times);
    schedule.add({ name: 'x', interval: seconds(10), run: async () => times.push(clock.monotonic()) > 0 && well });
    schedule.start();
    await clock.advanceByAsync(minutes(20));
    const waits = gaps(times);
    expect(waits.slice(0, 2)).toEqual([10_000, 10_000]);
    expect(Math.max(...waits)).toBeLessThanOrEqual(66_000);
    expect(waits.at(-1)).toBeGreaterThan(50_000);
    well = true;
    const before = times.length;
    await clock.advanceByAsync(minutes(5));
    expect(gaps(times.slice(before)).every((gap) => gap === 10_000)).toBe(true);
  });

  it('an extra run comes at once, and the plan goes on (L11)', async () => {
    const { clock, schedule, starts, add } = setup();
    const job = add('a', { interval: minutes(5) });
    schedule.start();
    await clock.advanceByAsync(minutes(1));
    const before = clock.monotonic();
    job.soon('trap');
    await clock.advanceByAsync(milliseconds(1));
    expect(starts.get('a')?.at(-1)).toBe(before);
  });

  it('an extra run during a run comes right after it, because that one may have asked before the change', async () => {
    const { clock, schedule, starts, add } = setup();
    const job = add('a', { interval: minutes(5), takes: seconds(2) });
    schedule.start();
    await clock.advanceByAsync(seconds(1));
    job.soon('trap');
    job.soon('trap');
    await clock.advanceByAsync(seconds(10));
    expect(starts.get('a')?.length).toBe(2);
    expect(gaps(starts.get('a') ?? [])[0]).toBe(2000);
  });

  it('a storm of traps makes at most two runs a second', async () => {
    const { clock, schedule, starts, add } = setup();
    const job = add('a', { interval: minutes(5) });
    schedule.start();
    await clock.advanceByAsync(seconds(2));
    for (let i = 0; i < 1000; i++) {
      job.soon('trap');
      await clock.advanceByAsync(milliseconds(10));
    }
    expect(starts.get('a')?.length).toBeLessThanOrEqual(22);
  });

  it('takes another rate and gives its own back', async () => {
    const { clock, schedule, starts, add } = setup();
    const job = add('a', { interval: minutes(1) });
    schedule.start();
    await clock.advanceByAsync(seconds(30));
    job.every(seconds(2));
    await clock.advanceByAsync(seconds(30));
    expect(starts.get('a')?.length).toBeGreaterThanOrEqual(15);
    job.every(null);
    await clock.advanceByAsync(seconds(5));
    const before = starts.get('a')?.length ?? 0;
    await clock.advanceByAsync(minutes(3));
    expect((starts.get('a')?.length ?? 0) - before).toBe(3);
  });

  it('tells once when a run outlives its deadline, and starts no second one meanwhile', async () => {
    const { clock, schedule, starts, add } = setup();
    let overdue = 0;
    add('a', { takes: minutes(30), onOverdue: () => overdue++ });
    schedule.start();
    await clock.advanceByAsync(minutes(29));
    expect(overdue).toBe(1);
    expect(starts.get('a')?.length).toBe(1);
  });

  it('a rejected run is a failure and nothing else', async () => {
    const { clock, schedule } = setup();
    let runs = 0;
    schedule.add({ name: 'x', interval: seconds(10), run: () => Promise.reject(new Error(`run ${runs++}`)) });
    schedule.start();
    await clock.advanceByAsync(minutes(5));
    expect(runs).toBeGreaterThan(5);
    schedule.stop();
    expect(clock.pending).toBe(0);
  });
});

describe('the wait after failures', () => {
  it.each([
    [10, 0, 10, 'well'],
    [10, 2, 10, 'two lost answers change nothing'],
    [10, 3, 20, 'then it doubles'],
    [10, 5, 60, 'up to a minute'],
    [10, 1000, 60, 'for ever'],
    [2, 1000, 12, 'a device that is wanted often is asked often'],
    [300, 50, 300, 'never below the interval'],
  ])('interval %s s, %s failures: %s s (%s)', (interval, failures, expected) => {
    expect(waitAfter(seconds(interval), failures)).toBe(expected * 1000);
  });
});
