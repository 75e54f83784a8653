import { performance } from 'node:perf_hooks';
import { runCase } from '#commands/simulate/run-case.ts';
import { runSeed } from '#commands/simulate/run-seed.ts';
import { loadSample } from '#commands/simulate/sample.ts';
import { percentile } from '../alerts/latency.ts';
import { say } from './figures.ts';
import { type Profile, profiled, tellProfile } from './profile.ts';
import { DEVICES, OUTAGE, threeHourCase } from './simulate-case.ts';

/**
 * The simulator's budget: a three-hour outage with thirty devices read every ten seconds costs 50 ms of one core. The runs
 * before the measured ones pay for compiling, as the first of thousands of seeds do. Then the generator's own seeds.
 */
const WARM_UP = 8;
const RUNS = 7;
const BUDGET_MS = 50;
/** Seeds that are measured; those of one kind are much dearer than those of another. */
const SEEDS = 40;

export interface SimulateFigures extends Profile {
  readonly devices: number;
  readonly outageHours: number;
  /** CPU of the first run, which compiles. */
  readonly firstCpuMs: number;
  /** Median of the runs after the warm-up, for the outage and all that follows it. */
  readonly cpuMs: number;
  readonly leastCpuMs: number;
  readonly budgetMs: number;
  readonly simulatedHours: number;
  readonly journalRecords: number;
  /** The runs gave one journal, byte for byte (I8). */
  readonly same: boolean;
  readonly seeds: { readonly count: number; readonly perMinute: number; readonly simulatedHoursEach: number };
}

export async function measureSimulate(): Promise<SimulateFigures> {
  const sample = loadSample();
  const swarmCase = threeHourCase(sample.config, sample.simulation);
  const hashes = new Set<string>();
  const cpu: number[] = [];
  let simulatedMs = 0;
  let journalRecords = 0;
  const once = async (): Promise<void> => {
    const from = process.cpuUsage();
    const result = await runCase(swarmCase);
    const used = process.cpuUsage(from);
    cpu.push((used.user + used.system) / 1000);
    if (!result.ended) throw new Error('the case did not come to its end');
    simulatedMs = result.simulatedMs;
    journalRecords = result.records().length;
    hashes.add(result.journalHash);
  };
  for (let run = 0; run < WARM_UP + RUNS; run++) await once();
  const warm = cpu.slice(WARM_UP);
  const profile = await profiled(once);
  return {
    devices: DEVICES,
    outageHours: OUTAGE / 3_600_000,
    firstCpuMs: cpu[0] ?? Number.NaN,
    cpuMs: percentile(warm, 0.5),
    leastCpuMs: Math.min(...warm),
    budgetMs: BUDGET_MS,
    simulatedHours: simulatedMs / 3_600_000,
    journalRecords,
    same: hashes.size === 1,
    seeds: await measureSeeds(sample),
    ...profile,
  };
}

async function measureSeeds(sample: ReturnType<typeof loadSample>): Promise<SimulateFigures['seeds']> {
  let simulatedMs = 0;
  const from = performance.now();
  for (let seed = 0; seed < SEEDS; seed++) simulatedMs += (await runSeed(seed, sample)).simulatedMs;
  const minutes = (performance.now() - from) / 60_000;
  return { count: SEEDS, perMinute: SEEDS / minutes, simulatedHoursEach: simulatedMs / 3_600_000 / SEEDS };
}

export function tellSimulate(figures: SimulateFigures): void {
  const { cpuMs, budgetMs, seeds } = figures;
  say(`A ${figures.outageHours} h outage with ${figures.devices} devices read every 10 s, on the virtual clock`);
  say(
    `  until all is back ${figures.simulatedHours.toFixed(1)} h of room time, ${figures.journalRecords} records, ${figures.same ? 'the same journal each time' : 'NOT the same journal each time'}`,
  );
  say(`  first run (compiling included) CPU ${figures.firstCpuMs.toFixed(0)} ms`);
  say(`  then CPU p50 ${cpuMs.toFixed(0)} ms, least ${figures.leastCpuMs.toFixed(0)} ms`);
  say(`  budget ${budgetMs} ms: ${cpuMs <= budgetMs ? 'within' : 'over'} (×${(cpuMs / budgetMs).toFixed(1)} of it)`);
  say(
    `  the generator's own seeds, judged: ${seeds.perMinute.toFixed(0)} a minute on one thread, ${seeds.simulatedHoursEach.toFixed(1)} h each (${seeds.count} measured)`,
  );
  tellProfile(figures);
}
