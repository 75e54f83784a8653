import type { Config } from '#core/config/config.ts';
import type { Plan } from '#core/config/plan.ts';
import { type DrillScore, scoreDrill } from '#core/drill-score.ts';
import { ZhishouError } from '#core/errors.ts';
import type { IncidentOutcome, IncidentView, TimelineKind } from '#core/incident.ts';
import type { Language } from '#core/text.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { keepDrill, type PastDrill, readDrills } from '#platform/drill-log.ts';
import { makeTemporaryFolder, printLine, setExitCode } from '#platform/environment.ts';
import { freePorts } from '#platform/net.ts';
import { checkDeterminism } from '#simulators/checkers/determinism.ts';
import type { Evidence, Verdict } from '#simulators/checkers/evidence.ts';
import { judge } from '#simulators/checkers/judge.ts';
import { ensureSimulatorSecrets } from '#simulators/devices/secrets.ts';
import type { SimulationSpec } from '#simulators/world/spec.ts';
import { configDirectory, describeProblem, isSimulation, loadSite, PORT_VARIABLES } from './configuration.ts';
import { type DrillOptions, type DrillPlan, planDrill, planOf } from './drill-plan.ts';
import { drillLines, summaryLines } from './drill-words.ts';
import { runLiveDrill } from './live-drill.ts';
import { rehearse } from './rehearsal.ts';
import { runVirtualDrill } from './virtual-drill.ts';

/** What a drill answers; `zhishou drill … --json` prints it as one line. */
export interface DrillResult {
  readonly plan: string;
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
  /** Null: the plan was never opened. */
  readonly score: DrillScore | null;
  /** Earlier drills of this plan, newest last. */
  readonly previous: readonly PastDrill[];
}

/** `zhishou drill PLAN`: exit 0 when the plan reached its end and every invariant was kept; `--all` drills every plan in memory. */
export async function drill(planId: string | undefined, options: DrillOptions): Promise<void> {
  if (options.rehearse === true) return rehearse(planId, options);
  if (options.all === true ? planId !== undefined : planId === undefined)
    throw new ZhishouError('BAD_REQUEST', 'drill', 'name one plan, or all of them with --all');
  const folder = makeTemporaryFolder('zhishou-drill-');
  try {
    const site = await openSite(options, folder.path);
    if (site === null) return;
    const plans = planId === undefined ? site.config.plans : [planOf(site.config, planId)];
    const results: DrillResult[] = [];
    for (const plan of plans) {
      const virtual = options.virtual === true || options.all === true;
      results.push(await drillPlan(site, plan, { ...options, virtual }, folder.path));
    }
    if (results.some(failed)) setExitCode(1);
    await tell(results, options);
  } finally {
    folder.remove();
  }
}

const failed = ({ outcome, invariants }: DrillResult): boolean =>
  outcome === null || invariants.some((one) => !one.kept);

async function tell(results: readonly DrillResult[], options: DrillOptions): Promise<void> {
  const [only] = results;
  if (options.json === true) {
    await printLine(JSON.stringify(options.all === true || only === undefined ? { results } : only));
    return;
  }
  const lines = options.all === true || only === undefined ? summaryLines(results) : drillLines(only, options.language);
  for (const line of lines) await printLine(line);
}

interface DrillSite {
  readonly config: Config;
  readonly simulation: SimulationSpec;
}

/** The simulated room on free ports; null when the configuration has mistakes, which are told. */
async function openSite(options: DrillOptions, folder: string): Promise<DrillSite | null> {
  const directory = configDirectory(options.config);
  if (!isSimulation(directory))
    throw new ZhishouError(
      'CONFLICT',
      directory,
      'a drill needs a simulated room (simulation: true); on a real one use --rehearse, which acts on nothing',
    );
  const ports = await freePorts(PORT_VARIABLES.length);
  const variables = Object.fromEntries(PORT_VARIABLES.map((name, index) => [name, String(ports[index])]));
  const { config, simulation, problems } = loadSite(directory, {
    secretsDirectory: folder,
    profiles: 'named',
    variables: { ...variables, ZHISHOU_BUS_URL: 'inside' },
  });
  if (config !== null && simulation !== null) return { config, simulation };
  for (const problem of problems) await printLine(describeProblem(problem));
  setExitCode(1);
  return null;
}

async function drillPlan(site: DrillSite, plan: Plan, options: DrillOptions, folder: string): Promise<DrillResult> {
  const { config, simulation } = site;
  const now = createSystemClock().now();
  const drillPlan = planDrill(plan, options, now);
  const first = await runVirtualDrill(config, simulation, drillPlan);
  const second = await runVirtualDrill(config, simulation, drillPlan);
  const determinism = checkDeterminism([first.journal, second.journal]);
  const run =
    options.virtual === true
      ? first
      : await runLiveDrill(config, simulation, drillPlan, {
          speed: options.speed,
          stateDirectory: folder,
          secrets: ensureSimulatorSecrets(folder),
        });
  const previous = readDrills(options.state).filter(
    (one) => one.plan === plan.id && one.site === config.site.id && one.mode === 'drill',
  );
  const result = resultOf(plan, drillPlan, run, determinism, previous, options.language);
  const { score, outcome, invariants } = result;
  keepDrill(options.state, {
    at: now,
    site: config.site.id,
    plan: plan.id,
    version: plan.version,
    mode: 'drill',
    scenario: drillPlan.scenario.id,
    outcome,
    score: score?.figure ?? null,
    acknowledgedS: score?.acknowledgedS ?? null,
    late: score?.late.length ?? 0,
    lacks: score?.lacks.length ?? 0,
    broken: invariants.flatMap((one) => (one.kept ? [] : [one.id])),
  });
  return result;
}

function resultOf(
  plan: Plan,
  { scenario }: DrillPlan,
  { evidence, ended }: { readonly evidence: Evidence; readonly ended: boolean },
  determinism: Verdict,
  previous: readonly PastDrill[],
  language: Language,
): DrillResult {
  // The plan's own incident; an alert of another kind on the way may have opened others.
  const incident = evidence.incidents.find((view) => view.plan.id === plan.id);
  return {
    plan: plan.id,
    scenario: scenario.id,
    outcome: ended ? (incident?.outcome ?? null) : null,
    timeline: timelineOf(incident, language),
    // I8 needs two runs of one seed; the live run is one of its kind.
    invariants: [...judge(evidence), determinism].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
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
    score: incident === undefined ? null : scoreDrill(incident, evidence.deliveries),
    previous: previous.slice(-10),
  };
}

const timelineOf = (incident: IncidentView | undefined, language: Language): DrillResult['timeline'] =>
  (incident?.timeline ?? []).map(({ at, elapsedS, kind, what, who, why, figures }) => ({
    at,
    elapsedS,
    kind,
    what: what[language],
    who,
    why: why?.[language] ?? null,
    figures,
  }));
