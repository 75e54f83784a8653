import { Session } from 'node:inspector/promises';
import { relative } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { loadSite, PROJECT_ROOT, SAMPLE_CONFIG } from '#commands/configuration.ts';
import { planDrill } from '#commands/drill-plan.ts';
import { runVirtualDrill } from '#commands/virtual-drill.ts';
import { instant } from '#core/time.ts';
import { makeTemporaryFolder } from '#platform/environment.ts';
import { type Measure, say, summary } from './figures.ts';

/**
 * One outage of three hours, with everything after it until the room is back, without sockets: how long it takes and where the
 * time goes. The first run also pays for compiling, so the figures are of those after it; the profile is of one more.
 */
const RUNS = 5;
/** Of CPU time. */
const BUDGET_MS = 50;
const TOP = 20;

export interface DrillFigures {
  readonly firstMs: number;
  readonly warmMs: Measure;
  /** CPU time of the same runs: what a busy machine does not blur. */
  readonly warmCpuMs: Measure;
  readonly budgetMs: number;
  readonly roomHours: number;
  readonly journalRecords: number;
  readonly hot: readonly HotFunction[];
  /** `services/alerts`, `simulators/world`, `node` … */
  readonly byPart: readonly { readonly part: string; readonly percent: number }[];
}

interface HotFunction {
  readonly name: string;
  readonly where: string;
  readonly selfMs: number;
  readonly percent: number;
}

export async function measureDrill(): Promise<DrillFigures> {
  const secrets = makeTemporaryFolder('zhishou-bench-drill-');
  try {
    const { config, simulation } = loadSite(SAMPLE_CONFIG, { secretsDirectory: secrets.path });
    if (config === null || simulation === null) throw new Error('the sample configuration has mistakes');
    const plan = planDrill(
      { config: null, outage: '3h', battery: '60m', answer: '>90m', seed: 1, speed: 600, language: 'en' },
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

async function profiled(run: () => Promise<unknown>): Promise<Pick<DrillFigures, 'hot' | 'byPart'>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 200 });
  await session.post('Profiler.start');
  await run();
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  const nodes = new Map(profile.nodes.map((node) => [node.id, node.callFrame]));
  const functions = new Map<string, { name: string; where: string; selfMs: number }>();
  const parts = new Map<string, number>();
  let totalMs = 0;
  for (const [place, id] of (profile.samples ?? []).entries()) {
    const frame = nodes.get(id);
    const ms = (profile.timeDeltas?.[place] ?? 0) / 1000;
    if (frame === undefined || frame.functionName === '(idle)') continue;
    totalMs += ms;
    const file = shortName(frame.url);
    const where = frame.url === '' ? 'node' : `${file}:${frame.lineNumber + 1}`;
    const key = `${frame.functionName} ${where}`;
    const found = functions.get(key) ?? { name: frame.functionName || '(anonymous)', where, selfMs: 0 };
    found.selfMs += ms;
    functions.set(key, found);
    const part = partOf(file);
    parts.set(part, (parts.get(part) ?? 0) + ms);
  }
  const percent = (ms: number): number => (100 * ms) / totalMs;
  return {
    hot: [...functions.values()]
      .toSorted((a, b) => b.selfMs - a.selfMs)
      .slice(0, TOP)
      .map((one) => ({ ...one, percent: percent(one.selfMs) })),
    byPart: [...parts]
      .toSorted(([, a], [, b]) => b - a)
      .map(([part, ms]) => ({ part, percent: percent(ms) }))
      .filter((one) => one.percent >= 1),
  };
}

/** The folder that a file stands in, at most three names deep; a package by its own name. */
const partOf = (file: string): string =>
  /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ??
  (file.split('/').slice(0, -1).slice(0, 3).join('/') || 'node');

const shortName = (url: string): string => {
  if (url === '') return 'node';
  return url.startsWith('file:') ? relative(PROJECT_ROOT, fileURLToPath(url)) : url;
};

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
  say('  where the time goes (self time of one more run)');
  for (const { name, where, percent } of figures.hot) say(`    ${percent.toFixed(1).padStart(5)} %  ${name}  ${where}`);
  say('  by part');
  for (const { part, percent } of figures.byPart) say(`    ${percent.toFixed(1).padStart(5)} %  ${part}`);
}
