import { performance } from 'node:perf_hooks';
import { loadSite, SAMPLE_CONFIG } from '#commands/configuration.ts';
import { planDrill, planOf } from '#commands/drill-plan.ts';
import { runVirtualDrill } from '#commands/virtual-drill.ts';
import { instant } from '#core/time.ts';
import { makeTemporaryFolder } from '#platform/environment.ts';
import { type Measure, say, summary } from './figures.ts';
import { type Profile, profiled, tellProfile } from './profile.ts';

/**
 * One outage of three hours, with everything after it until the room is back, without sockets: how long it takes and where the
 * time goes. The first run also pays for compiling, so the figures are of those after it; the profile is of one more.
 */
const RUNS = 5;
/** Of CPU time. */
const BUDGET_MS = 50;

export interface DrillFigures extends Profile {
  readonly firstMs: number;
  readonly warmMs: Measure;
  /** CPU time of the same runs: what a busy machine does not blur. */
  readonly warmCpuMs: Measure;
  readonly budgetMs: number;
  readonly roomHours: number;
  readonly journalRecords: number;
}

export async function measureDrill(): Promise<DrillFigures> {
  const secrets = makeTemporaryFolder('zhishou-bench-drill-');
  try {
    const { config, simulation } = loadSite(SAMPLE_CONFIG, { secretsDirectory: secrets.path });
    if (config === null || simulation === null) throw new Error('the sample configuration has mistakes');
    const plan = planDrill(
      planOf(config, 'power-outage'),
      {
        config: null,
        state: secrets.path,
        outage: '3h',
        battery: '60m',
        answer: '>90m',
        seed: 1,
        speed: 600,
        language: 'en',
      },
      instant(0),
    );
    const cpu: number[] = [];
    let records = 0;
    let roomHours = 0;
    const once = async (): Promise<number> => {
      const from = performance.now();
      const cpuFrom = process.cpuUsage();
      const { journal, ended, evidence } = await runVirtualDrill(config, simulation, plan);
      const took = performance.now() - from;
      const used = process.cpuUsage(cpuFrom);
      cpu.push((used.user + used.system) / 1000);
      if (!ended) throw new Error('the drill did not reach its end');
      records = journal.split('\n').filter((line) => line !== '').length;
      roomHours = evidence.incidents.length === 0 ? 0 : hoursOf(evidence.incidents);
      return took;
    };
    const firstMs = await once();
    const warm: number[] = [];
    for (let run = 0; run < RUNS; run++) warm.push(await once());
    const warmCpuMs = summary(cpu.slice(1));
    const profile = await profiled(once);
    return {
      firstMs,
      warmMs: summary(warm),
      warmCpuMs,
      budgetMs: BUDGET_MS,
      roomHours,
      journalRecords: records,
      ...profile,
    };
  } finally {
    secrets.remove();
  }
}

const hoursOf = (incidents: readonly { openedAt: string; closedAt: string | null }[]): number =>
  Math.max(
    ...incidents.map(({ openedAt, closedAt }) =>
      closedAt === null ? 0 : (Date.parse(closedAt) - Date.parse(openedAt)) / 3_600_000,
    ),
  );

export function tellDrill(figures: DrillFigures): void {
  const { warmMs, budgetMs } = figures;
  say('A 3 h outage in the sample room, virtual clock, no sockets');
  say(
    `  until the incident is closed ${figures.roomHours.toFixed(1)} h of room time, ${figures.journalRecords} records`,
  );
  say(`  first run (compiling included) ${figures.firstMs.toFixed(0)} ms`);
  say(`  then p50 ${warmMs.p50.toFixed(0)} ms, max ${warmMs.max.toFixed(0)} ms of ${warmMs.count}`);
  say(`  CPU  p50 ${figures.warmCpuMs.p50.toFixed(0)} ms`);
  say(
    `  budget ${budgetMs} ms: ${figures.warmCpuMs.p50 <= budgetMs ? 'within' : 'over'} (×${(figures.warmCpuMs.p50 / budgetMs).toFixed(1)} of it)`,
  );
  tellProfile(figures);
}
