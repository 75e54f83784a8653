import { createSystemClock } from '#platform/clock/system-clock.ts';
import { printLine, printProgress, setExitCode } from '#platform/environment.ts';
import { coreCount } from '#platform/worker-pool.ts';
import { drawBlueprint } from '#simulators/swarm/generate.ts';
import { shrink } from '#simulators/swarm/shrink.ts';
import { runBlueprint, type Violation } from './simulate/run-seed.ts';
import { loadSample } from './simulate/sample.ts';
import { runSwarm, type SwarmReport } from './simulate/swarm.ts';
import { traceOf } from './simulate/trace.ts';

/** What `zhishou simulate` is told. */
export interface SimulateOptions {
  readonly seeds: number;
  readonly from: number;
  readonly seed?: number;
  readonly trace?: boolean;
  readonly shrink: boolean;
  readonly jobs?: number;
  readonly json?: boolean;
}

/** What `--json` prints, as one line. */
export interface SimulateResult extends SwarmReport {
  readonly wallSeconds: number;
}

/** `zhishou simulate`: exit 0 when no invariant was broken, 1 otherwise. */
export async function simulate(options: SimulateOptions): Promise<void> {
  if (options.seed !== undefined) {
    await replay(options.seed, options);
    return;
  }
  const clock = createSystemClock();
  const begun = clock.monotonic();
  const elapsedS = (): number => Math.round((clock.monotonic() - begun) / 10) / 100;
  let violations = 0;
  const report = await runSwarm({
    from: options.from,
    seeds: options.seeds,
    jobs: options.jobs ?? coreCount(),
    onSeed: (result, done) => {
      violations += result.violations.length;
      if (done % 50 === 0 || result.violations.length > 0 || done === options.seeds)
        printProgress(`${done}/${options.seeds} seeds, ${elapsedS()} s, ${violations} violations`);
      for (const one of result.violations) printProgress(describeViolation(one));
    },
  });
  const result: SimulateResult = { ...report, wallSeconds: elapsedS() };
  if (result.violations.length > 0) setExitCode(1);
  if (options.json === true) await printLine(JSON.stringify(result));
  else for (const line of summaryOf(result)) await printLine(line);
}

const replayOf = (seed: number): string => `npm run zhishou -- simulate --seed ${seed} --trace`;

export const describeViolation = ({ seed, invariant, detail }: Violation): string =>
  `seed ${seed} breaks ${invariant}: ${detail.slice(0, 300)}\n    → ${replayOf(seed)}`;

/** One seed again; a failing one is made as small as it can be before its story is told. */
async function replay(seed: number, options: SimulateOptions): Promise<void> {
  const sample = loadSample();
  const first = drawBlueprint(seed, sample);
  const run = await runBlueprint(first, sample, undefined, true);
  const broken = run.violations[0];
  if (broken !== undefined) setExitCode(1);
  let shown = { draft: first, run };
  if (broken !== undefined && options.trace === true && options.shrink) {
    printProgress(`seed ${seed} breaks ${broken.invariant}; looking for the smallest case that does…`);
    const twice = broken.invariant === 'I8';
    const small = await shrink(first, async (draft) => {
      const { violations } = await runBlueprint(draft, sample, undefined, twice);
      return violations.some((one) => one.invariant === broken.invariant);
    });
    printProgress(`${small.tried} smaller cases tried`);
    shown = { draft: small.blueprint, run: await runBlueprint(small.blueprint, sample, undefined, twice) };
  }
  if (options.json === true) {
    await printLine(JSON.stringify({ seed, violations: run.violations, blueprint: shown.draft }));
    return;
  }
  const { swarmCase, result, verdicts } = shown.run;
  if (options.trace === true && swarmCase !== null && result !== null)
    for (const line of traceOf(shown.draft, swarmCase, result.evidence, verdicts)) await printLine(line);
  else for (const one of verdicts) await printLine(`${one.kept ? 'kept  ' : 'BROKEN'}  ${one.id}  ${one.detail}`);
  if (result === null) for (const one of shown.run.violations) await printLine(`${one.invariant}: ${one.detail}`);
}

function summaryOf(result: SimulateResult): string[] {
  const { steps, branches, faults } = result.coverage;
  const listed = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
  return [
    `${result.seeds} seeds, ${result.simulatedHours} simulated hours in ${result.wallSeconds} s`,
    '',
    `branches: ${listed(branches)}`,
    `faults:   ${listed(faults)}`,
    `steps:    ${listed(steps)}`,
    `never:    ${[...result.coverage.never.steps, ...result.coverage.never.faults].join(', ') || 'nothing was left out'}`,
    '',
    ...(result.violations.length === 0 ? ['no invariant was broken'] : result.violations.map(describeViolation)),
  ];
}
