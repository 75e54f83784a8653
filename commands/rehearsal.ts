import type { Config } from '#core/config/config.ts';
import type { Action } from '#core/config/device.ts';
import type { Plan } from '#core/config/plan.ts';
import { ZhishouError } from '#core/errors.ts';
import type { StepKind, StepView } from '#core/incident.ts';
import type { ActionOutcome, Bus, Clock } from '#core/ports.ts';
import { seededRandom } from '#core/random.ts';
import { seconds } from '#core/time.ts';
import { createMqttBus } from '#platform/bus/mqtt-bus.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { keepDrill } from '#platform/drill-log.ts';
import { makeTemporaryFolder, printLine, setExitCode } from '#platform/environment.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { createSnmpTransport } from '#platform/snmp/snmp-transport.ts';
import { createActionRunner } from '#services/alerts/actions/action-runner.ts';
import { createDrivers } from '#services/alerts/actions/create-drivers.ts';
import { compileIncident, operationOf } from '#services/alerts/plans/compile.ts';
import { decide } from '#services/alerts/plans/decide.ts';
import { viewOf } from '#services/alerts/plans/view.ts';
import { createRota } from '#services/alerts/rota/rota.ts';
import type { ActionRunner } from '#services/alerts/seams.ts';
import { configDirectory, describeProblem, loadSite } from './configuration.ts';
import { type DrillOptions, planOf } from './drill-plan.ts';
import { table } from './drill-words.ts';

/**
 * `zhishou drill PLAN --rehearse --config DIR`: the plan on the real configuration. It is opened in mode rehearsal, every step
 * says whom it would ring or what it would do, and every way to do something is tested without side effects. Nothing is acted on
 * (I9) and no message leaves: nobody is rung, the table is for whoever called the command.
 */
export interface RehearsedStep {
  readonly step: string;
  readonly stage: string;
  readonly kind: StepKind;
  readonly title: string;
  /** Device, person, or who is told. */
  readonly target: string;
  /** The command as it would be given; the words as they would be said. */
  readonly would: string;
  /** Acts: their test. People: whether there is somebody with a number now. */
  readonly test: 'ok' | 'failed' | 'unknown' | 'nothing to test';
  readonly detail: string;
}

export interface RehearsalResult {
  readonly plan: string;
  readonly mode: 'rehearsal';
  readonly steps: readonly RehearsedStep[];
  readonly ok: boolean;
}

/** Exit 0 when every target is reached with good credentials and every role has somebody to ring. */
export async function rehearse(planId: string | undefined, options: DrillOptions): Promise<void> {
  const folder = makeTemporaryFolder('zhishou-rehearsal-');
  try {
    const { config, problems } = loadSite(configDirectory(options.config), { secretsDirectory: folder.path });
    if (config === null) {
      for (const problem of problems) await printLine(describeProblem(problem));
      setExitCode(1);
      return;
    }
    if (planId === undefined && options.all !== true)
      throw new ZhishouError('BAD_REQUEST', 'drill --rehearse', 'name one plan, or all of them with --all');
    const plans = planId === undefined ? config.plans : [planOf(config, planId)];
    const results = await rehearsePlans(config, plans, options);
    if (results.some(({ ok }) => !ok)) setExitCode(1);
    if (options.json === true)
      await printLine(JSON.stringify(planId === undefined ? { results } : (results[0] ?? null)));
    else for (const line of results.flatMap(linesOf)) await printLine(line);
  } finally {
    folder.remove();
  }
}

async function rehearsePlans(
  config: Config,
  plans: readonly Plan[],
  options: DrillOptions,
): Promise<readonly RehearsalResult[]> {
  const clock = createSystemClock();
  const bus = openClient(config, clock);
  try {
    await untilUp(bus, clock);
    const drivers = createDrivers({ config, clock, bus, snmp: createSnmpTransport() });
    const metrics = createMetrics();
    const runner = createActionRunner({ config, drivers, mode: 'rehearsal', log: silentLog, metrics });
    const test = testedOnce(runner);
    const results: RehearsalResult[] = [];
    for (const plan of plans) {
      const result = await rehearsePlan(config, plan, { runner, test, clock, language: options.language });
      results.push(result);
      keep(options.state, config, plan, result, clock);
    }
    return results;
  } finally {
    await bus.close();
  }
}

interface Stage {
  readonly runner: ActionRunner;
  readonly test: (device: string, action: Action) => Promise<ActionOutcome>;
  readonly clock: Clock;
  readonly language: DrillOptions['language'];
}

async function rehearsePlan(config: Config, plan: Plan, stage: Stage): Promise<RehearsalResult> {
  const steps: RehearsedStep[] = [];
  for (const step of opened(config, plan, stage)) steps.push(...(await rowsOf(config, plan, step, stage)));
  return { plan: plan.id, mode: 'rehearsal', steps, ok: steps.every(({ test }) => test !== 'failed') };
}

/** The steps of the plan as they stand the moment it is opened, with names, numbers and words filled in. */
function opened(config: Config, plan: Plan, { runner, clock }: Stage): readonly StepView[] {
  const at = clock.now();
  const rota = createRota(config);
  const duty = rota.dutyAt(at)?.person ?? null;
  const definition = compileIncident(plan, { config, recordedP95: () => null, describe: runner.describe });
  const { state } = decide(null, {
    type: 'opened',
    at,
    incident: `rehearsal-${plan.id}`,
    definition,
    mode: 'rehearsal',
    armed: false,
    trigger: 'rehearsal',
    cause: definition.plan.title,
    by: 'zhishou',
    outageSince: null,
    samples: [],
    points: {},
    people: {
      working: rota.isWorkingTime(at),
      duty: duty === null ? null : { id: duty.id, name: duty.name, phone: duty.phone ?? null },
    },
    offsetMs: 0,
  });
  const personFor: Parameters<typeof viewOf>[1]['personFor'] = (name) => rota.peopleOf(name, at)[0] ?? null;
  return viewOf(state, { timeline: [], personFor }).steps;
}

async function rowsOf(config: Config, plan: Plan, step: StepView, stage: Stage): Promise<RehearsedStep[]> {
  const { language } = stage;
  const base = { step: step.id, stage: step.stage, kind: step.kind, title: step.title[language] };
  if (step.kind === 'act') return actRows(config, step, base, stage);
  if (step.kind === 'ask' || step.kind === 'task') {
    const person = config.people.people.find((one) => one.id === step.person);
    const number = step.contact === null ? '' : `; ${step.contact[language]} ${step.phone ?? ''}`;
    const known = person !== undefined && person.phone !== undefined && person.routes.length > 0;
    return [
      {
        ...base,
        target: `${step.role ?? ''}: ${person?.name[language] ?? 'NOBODY'}${number}`,
        would: step.script?.[language] ?? step.title[language],
        test: known ? 'ok' : 'failed',
        detail: known ? `${person.phone ?? ''}` : 'nobody with a phone and a route has this role now',
      },
    ];
  }
  return [{ ...base, target: tellTargets(plan, step), would: '', test: 'nothing to test', detail: '' }];
}

function tellTargets(plan: Plan, step: StepView): string {
  const found = plan.steps.find((one) => one.id === step.id);
  return found !== undefined && 'tell' in found ? found.tell.functions.join(', ') : '';
}

type Base = Pick<RehearsedStep, 'step' | 'stage' | 'kind' | 'title'>;

/** One row for each way to do it: the first, and what is tried when that has failed. */
async function actRows(config: Config, step: StepView, base: Base, stage: Stage): Promise<RehearsedStep[]> {
  const device = config.devices.find((one) => one.id === step.device);
  const operation = operationOf(device, step.operation ?? '');
  if (device === undefined || operation === undefined) return [];
  const rows: RehearsedStep[] = [];
  for (const [way, action] of [operation.by, ...operation.otherwise].entries()) {
    const outcome = await stage.test(device.id, action);
    rows.push({
      ...base,
      target: device.id,
      would: `${way === 0 ? '' : 'else '}${stage.runner.describe(action, { device: device.id })}`,
      test: outcome.result,
      detail: outcome.detail,
    });
  }
  return rows;
}

const TEST_LIMIT = seconds(20);

/** Each way to a device is tried once a run, however many steps use it. */
function testedOnce(runner: ActionRunner): Stage['test'] {
  const known = new Map<string, Promise<ActionOutcome>>();
  return (device, action) => {
    const key = `${device} ${runner.describe(action, { device })}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const values = { device, run: 'rehearsal', incident: 'rehearsal' };
    const outcome = runner.test(action, { run: `rehearsal/${key}`, limit: TEST_LIMIT, values });
    known.set(key, outcome);
    return outcome;
  };
}

/** A client of the site's broker, whether it is one outside or the running service's own. */
function openClient({ site }: Config, clock: Clock): Bus {
  const { url, listen, user, password, ca } = site.bus;
  return createMqttBus({
    url: url ?? `mqtt://${listen.host}:${listen.port}`,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca }),
    clock,
    random: seededRandom('rehearsal'),
  });
}

const CONNECTS_WITHIN = seconds(5);

function untilUp(bus: Bus, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const giveUp = clock.after(CONNECTS_WITHIN, resolve);
    bus.onConnection((up) => {
      if (!up) return;
      giveUp();
      resolve();
    });
  });
}

function keep(stateDirectory: string, config: Config, plan: Plan, result: RehearsalResult, clock: Clock): void {
  keepDrill(stateDirectory, {
    at: clock.now(),
    site: config.site.id,
    plan: plan.id,
    version: plan.version,
    mode: 'rehearsal',
    scenario: 'rehearsal',
    outcome: result.ok ? 'rehearsed' : null,
    score: null,
    acknowledgedS: null,
    late: 0,
    lacks: result.steps.filter(({ test }) => test === 'failed').length,
    broken: [...new Set(result.steps.flatMap(({ test, target }) => (test === 'failed' ? [target] : [])))],
  });
}

function linesOf(result: RehearsalResult): string[] {
  const rows = result.steps.map(({ stage, step, target, would, test, detail }) => [
    stage,
    step,
    target,
    would.length > 90 ? `${would.slice(0, 89)}…` : would,
    test === 'nothing to test' ? '' : `${test}${detail === '' ? '' : `: ${detail}`}`,
  ]);
  const failed = result.steps.filter(({ test }) => test === 'failed').length;
  return [
    `${result.plan}: rehearsal. Nothing is acted on, nobody is rung.`,
    ...table([['stage', 'step', 'target', 'would do', 'test'], ...rows]),
    result.ok ? 'every target is reached, every role has somebody' : `${failed} would not work as written`,
    '',
  ];
}
