import { execFile } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { hours, instant, minutes } from '#core/time.ts';
import { openEmbeddedStoreInWorker } from '#platform/series/embedded/store-worker.ts';
import { referenceMs } from './reference-loop.ts';
import { deviceOf, pointOf, START } from './store-data.ts';

/**
 * `node test/bench/store-first-year.ts <file>`: the hourly means of 20 series over a year as the first long question of a process,
 * through the store's thread, all at once as a report or a comparison asks (and as the others are asked in one question); then again.
 */
export interface FirstYear {
  readonly wallMs: number;
  /** Of the whole process, its threads and compilers too. */
  readonly cpuMs: number;
  readonly againMs: number;
  /** A loop that is always the same, in the same process: the machine's speed just then. */
  readonly referenceMs: number;
  /** What the process's memory grew by at most while these and a page of each series' whole year were asked for, and its size before. */
  readonly grownMb: number;
  readonly beforeMb: number;
}

const PROCESSES = 12;
const SERIES = 20;

/** One process after the other, so that none is warm. */
export async function askInProcesses(file: string): Promise<readonly FirstYear[]> {
  const found: FirstYear[] = [];
  for (let i = 0; i < PROCESSES; i++) {
    const { stdout } = await promisify(execFile)(process.execPath, [import.meta.filename, file]);
    found.push(JSON.parse(stdout) as FirstYear);
  }
  return found;
}

async function ask(file: string): Promise<FirstYear> {
  const store = await openEmbeddedStoreInWorker(file);
  // Whoever looks at a year has looked at an hour before: the page begins with it.
  const hour = instant(START + 3_600_000);
  await store.buckets({
    device: deviceOf(0),
    point: pointOf(0),
    from: START_AT,
    to: hour,
    step: { every: minutes(1) },
  });
  await store.warm;
  const rssMb = (): number => process.memoryUsage.rss() / 2 ** 20;
  const beforeMb = rssMb();
  let mostMb = beforeMb;
  const year = async (): Promise<number> => {
    const from = performance.now();
    let sum = 0;
    const all = Array.from({ length: SERIES }, async (_, series) => {
      const key = { device: deviceOf(series), point: pointOf(series) };
      const means = await store.table({
        ...key,
        from: START_AT,
        to: END,
        step: { every: hours(1) },
        figures: ['mean'],
      });
      for (let hour = 0; hour < means.length; hour++) sum += means.figure(hour, 'mean');
      mostMb = Math.max(mostMb, rssMb());
    });
    await Promise.all(all);
    if (!(sum > 0)) throw new Error('no means');
    return performance.now() - from;
  };
  const before = process.cpuUsage();
  const wallMs = await year();
  const { user, system } = process.cpuUsage(before);
  const againMs = await year();
  const reference = Math.min(referenceMs(), referenceMs(), referenceMs());
  for (let series = 0; series < SERIES; series++) {
    await store.raw({ device: deviceOf(series), point: pointOf(series), from: START_AT, to: END });
    mostMb = Math.max(mostMb, rssMb());
  }
  await store.close();
  return {
    wallMs,
    cpuMs: (user + system) / 1000,
    againMs,
    referenceMs: reference,
    grownMb: mostMb - beforeMb,
    beforeMb,
  };
}

const START_AT = instant(START);
const END = instant(START + 365 * 86_400_000);

if (import.meta.main) process.stdout.write(JSON.stringify(await ask(process.argv[2] ?? '')));
