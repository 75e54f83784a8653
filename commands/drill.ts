import { ZhishouError } from '#core/errors.ts';
import type { IncidentOutcome, TimelineKind } from '#core/incident.ts';
import type { Language } from '#core/text.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { makeTemporaryFolder, printLine, setExitCode } from '#platform/environment.ts';
import { freePorts } from '#platform/net.ts';
import { checkDeterminism } from '#simulators/checkers/determinism.ts';
import type { Evidence, Verdict } from '#simulators/checkers/evidence.ts';
import { judge } from '#simulators/checkers/judge.ts';
import { ensureSimulatorSecrets } from '#simulators/devices/secrets.ts';
import { configDirectory, describeProblem, isSimulation, loadSite, PORT_VARIABLES } from './configuration.ts';
import { type DrillOptions, type DrillPlan, planDrill } from './drill-plan.ts';
import { runLiveDrill } from './live-drill.ts';
import { runVirtualDrill } from './virtual-drill.ts';

/** What a drill answers; `zhishou drill … --json` prints it as one line. */
export interface DrillResult {
  readonly scenario: string;
  readonly outcome: IncidentOutcome | null;
  readonly timeline: readonly {
    readonly at: string;
    readonly elapsedS: number;
    readonly kind: TimelineKind;
    readonly what: string;
    readonly who: string;
    readonly why: string | null;
    readonly figures: Readonly<Record<string, number | string | boolean | null>>;
  }[];
  readonly invariants: readonly Verdict[];
  readonly notifications: readonly {
    readonly at: string;
    readonly person: string;
    readonly channel: string;
    readonly subject: string;
    readonly body: string;
    readonly state: string;
  }[];
}

/** `zhishou drill PLAN`: exit 0 when the plan reached its end and every invariant was kept. */
export async function drill(planId: string, options: DrillOptions): Promise<void> {
  const folder = makeTemporaryFolder('zhishou-drill-');
  try {
    const result = await runDrill(planId, options, folder.path);
    if (result === null) return;
    if (result.outcome === null || result.invariants.some((one) => !one.kept)) setExitCode(1);
    if (options.json === true) await printLine(JSON.stringify(result));
    else for (const line of asLines(result)) await printLine(line);
  } finally {
    folder.remove();
  }
}

async function runDrill(planId: string, options: DrillOptions, folder: string): Promise<DrillResult | null> {
  const directory = configDirectory(options.config);
  if (!isSimulation(directory))
    throw new ZhishouError(
      'CONFLICT',
      directory,
      'a drill needs a simulated room (simulation: true); nothing real is ever touched by one',
    );
  const ports = await freePorts(PORT_VARIABLES.length);
  const variables = Object.fromEntries(PORT_VARIABLES.map((name, index) => [name, String(ports[index])]));
  const { config, simulation, problems } = loadSite(directory, {
    secretsDirectory: folder,
    variables: { ...variables, ZHISHOU_BUS_URL: 'inside' },
  });
  if (config === null || simulation === null) {
    for (const problem of problems) await printLine(describeProblem(problem));
    setExitCode(1);
    return null;
  }
  if (!config.plans.some((plan) => plan.id === planId))
    throw new ZhishouError('NOT_FOUND', planId, `known plans: ${config.plans.map((plan) => plan.id).join(', ')}`);
  const plan = planDrill(options, createSystemClock().now());
  const first = await runVirtualDrill(config, simulation, plan);
  const second = await runVirtualDrill(config, simulation, plan);
  const determinism = checkDeterminism([first.journal, second.journal]);
  const run =
    options.virtual === true
      ? first
      : await runLiveDrill(config, simulation, plan, {
          speed: options.speed,
          stateDirectory: folder,
          secrets: ensureSimulatorSecrets(folder),
        });
  return report(planId, plan, run.evidence, run.ended, determinism, options.language);
}

function report(
  planId: string,
  plan: DrillPlan,
  evidence: Evidence,
  ended: boolean,
  determinism: Verdict,
  language: Language,
): DrillResult {
  // The plan's own incident; an alert of another kind on the way may have opened others.
  const incident = evidence.incidents.find((view) => view.plan.id === planId);
  // I8 needs two runs of one seed; the live run is one of its kind.
  const verdicts = [...judge(evidence), determinism].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return {
    scenario: plan.scenario.id,
    outcome: ended ? (incident?.outcome ?? null) : null,
    timeline: (incident?.timeline ?? []).map(({ at, elapsedS, kind, what, who, why, figures }) => ({
      at,
      elapsedS,
      kind,
      what: what[language],
      who,
      why: why?.[language] ?? null,
      figures,
    })),
    invariants: verdicts,
    notifications: evidence.deliveries
      .toSorted((a, b) => (a.queuedAt < b.queuedAt ? -1 : 1))
      .map(({ queuedAt, person, channel, subject, body, state }) => ({
        at: queuedAt,
        person,
        channel,
        subject,
        body,
        state,
      })),
  };
}

function asLines(result: DrillResult): string[] {
  const clock = (elapsedS: number): string => {
    const sign = elapsedS < 0 ? '-' : '+';
    const whole = Math.abs(Math.round(elapsedS));
    const two = (n: number): string => String(n).padStart(2, '0');
    return `${sign}${two(Math.floor(whole / 3600))}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  };
  return [
    ...result.timeline
      .filter((entry) => entry.kind !== 'reading' && entry.kind !== 'clocks')
      .map(
        (entry) =>
          `${clock(entry.elapsedS)}  ${entry.kind.padEnd(12)} ${entry.what}${entry.why === null ? '' : ` (${entry.why})`}`,
      ),
    '',
    ...result.invariants.map((one) => `${one.kept ? 'kept  ' : 'BROKEN'}  ${one.id}  ${one.detail}`),
    '',
    `outcome: ${result.outcome ?? 'none: the plan did not reach its end'}; ${result.notifications.length} messages`,
  ];
}
