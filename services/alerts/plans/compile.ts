import type { Config } from '#core/config/config.ts';
import type { Action, Device, Evidence, Operation } from '#core/config/device.ts';
import { type Plan, type PlanStep, planSteps } from '#core/config/plan.ts';
import { sameText } from '#core/text.ts';
import { type Duration, milliseconds } from '#core/time.ts';
import type {
  ActDefinition,
  DriverName,
  IncidentDefinition,
  PowerDefinition,
  StepDefinition,
  Supply,
  WayDefinition,
} from './definition.ts';

/**
 * Turns a plan into the steps of one incident. An act step becomes one instance for each device it is for. Order comes
 * from `after` (per device where both steps act on the same device) and from `depends_on`: shutdown against the arrows,
 * start along them, whatever the order of the lines in the plan.
 */
export interface CompileContext {
  readonly config: Config;
  /** Recorded p95 of an operation, null while there are too few records. */
  readonly recordedP95: (device: string, operation: string) => Duration | null;
  readonly describe: (action: Action, values: Readonly<Record<string, string>>) => string;
}

type ActStep = Extract<PlanStep, { act: unknown }>;

export function compileIncident(plan: Plan, context: CompileContext): IncidentDefinition {
  const { config } = context;
  const director = config.people.people.find((person) => person.functions.includes('director'));
  const steps = linkSteps(
    planSteps(plan).flatMap((step) => instancesOf(step, context)),
    plan,
    config.devices,
  );
  return {
    plan: { id: plan.id, version: plan.version, title: plan.title, level: plan.level },
    site: {
      id: config.site.id,
      name: config.site.name,
      address: config.site.address,
      floor: config.site.floor,
      timeZone: config.site.time_zone,
      simulated: config.site.simulation,
    },
    director: director?.name ?? null,
    contacts: Object.fromEntries(
      Object.entries(config.people.contacts).flatMap(([id, contact]) => (contact === undefined ? [] : [[id, contact]])),
    ),
    escalation: { order: config.rota.escalation.order, everyMs: config.rota.escalation.every },
    atOnce: plan.at_once,
    power: plan.power === undefined ? null : powerOf(plan.power, steps, config.devices),
    steps,
  };
}

export const operationOf = (device: Device | undefined, operation: string): Operation | undefined =>
  device === undefined ? undefined : (device[operation as 'shutdown'] as Operation | undefined);

export const driverOf = (action: Action): DriverName => {
  if ('ssh' in action) return 'ssh';
  if ('snmp_set' in action) return 'snmp_set';
  return 'mqtt' in action ? 'mqtt' : 'local';
};

function instancesOf(step: PlanStep, context: CompileContext): StepDefinition[] {
  const base = {
    id: step.id,
    base: step.id,
    title: step.title,
    stage: step.stage,
    after: step.after,
    when: step.when ?? null,
    obligations: step.obligations,
  };
  if ('tell' in step) return [{ ...base, kind: 'tell', tell: step.tell }];
  if ('ask' in step) return [{ ...base, kind: 'ask', ask: step.ask }];
  if ('task' in step) return [{ ...base, kind: 'task', task: step.task }];
  if ('wait' in step) return [{ ...base, kind: 'wait', wait: step.wait }];
  return context.config.devices.flatMap((device) => {
    const operation = matches(step, device) ? operationOf(device, step.act.operation) : undefined;
    return operation === undefined ? [] : [actOf(step, device, operation, context)];
  });
}

const matches = (step: ActStep, device: Device): boolean => {
  const { kinds, devices } = step.act.on;
  return (kinds?.includes(device.kind) ?? false) || (devices?.includes(device.id) ?? false);
};

function actOf(step: ActStep, device: Device, operation: Operation, context: CompileContext): ActDefinition {
  const name = step.act.operation;
  const recorded = context.recordedP95(device.id, name);
  const way = (action: Action): WayDefinition => ({
    driver: driverOf(action),
    description: context.describe(action, { device: device.id }),
    keyed: JSON.stringify(action).includes('{run}'),
    cutsPower: name === 'shutdown' && 'snmp_set' in action && driverOf(operation.by) !== 'snmp_set',
  });
  return {
    kind: 'act',
    id: `${step.id}:${device.id}`,
    base: step.id,
    title: { zh: `${step.title.zh}：${device.name.zh}`, en: `${step.title.en}: ${device.name.en}` },
    stage: step.stage,
    after: step.after,
    when: step.when ?? null,
    obligations: step.obligations,
    device: device.id,
    deviceName: device.name,
    operation: name,
    proven: [],
    ways: [operation.by, ...operation.otherwise].map(way),
    expectedMs: recorded ?? operation.estimate,
    expectedFrom: recorded === null ? 'declared' : 'records',
    giveUpMs: operation.give_up_after ?? milliseconds(3 * operation.estimate),
    attempts: operation.attempts,
    repeatable: operation.repeatable,
    provenByCommand: operation.verify.some((item) => 'command' in item),
    evidenceDevices: [...new Set(operation.verify.flatMap(evidenceDevice))],
    priority: name === 'backup' ? (device.backup?.priority ?? 50) : 0,
    rehearseOnly: step.act.rehearse_only,
    own: device.kind === 'monitor' && name === 'shutdown',
    irreversible: name === 'shutdown' || name === 'power_off',
  };
}

const evidenceDevice = (item: Evidence): string[] => ('point' in item ? [item.point.device] : []);

/** Turns the plan's `after` into instances and adds the order that `depends_on` demands. */
function linkSteps(steps: StepDefinition[], plan: Plan, devices: readonly Device[]): StepDefinition[] {
  const byBase = Map.groupBy(steps, (step) => step.base);
  const dependsOn = new Map(devices.map((device) => [device.id, device.depends_on]));
  const known = new Set(plan.steps.map((step) => step.id));
  return steps.map((step) => {
    const after = step.after
      .filter((base) => known.has(base))
      .flatMap((base) => afterInstances(step, byBase.get(base) ?? [], byBase.get(step.base) ?? []));
    if (step.kind !== 'act') return { ...step, after };
    const acts = steps.filter((other): other is ActDefinition => other.kind === 'act' && other.id !== step.id);
    return {
      ...step,
      after: step.own ? lastOf(step, acts, after) : after,
      proven: provenBefore(step, acts, dependsOn),
    };
  });
}

/** Two act steps that share devices are ordered device by device; else all of the earlier step come first. */
function afterInstances(step: StepDefinition, earlier: StepDefinition[], siblings: StepDefinition[]): string[] {
  if (step.kind !== 'act') return earlier.map((other) => other.id);
  const deviceOf = (other: StepDefinition): string | null => (other.kind === 'act' ? other.device : null);
  const earlierDevices = new Set(earlier.map(deviceOf));
  const shared = siblings.some((sibling) => sibling.kind === 'act' && earlierDevices.has(sibling.device));
  return earlier.filter((other) => !shared || deviceOf(other) === step.device).map((other) => other.id);
}

/** The monitor goes down last: after every other act of its stage has ended. */
const lastOf = (step: ActDefinition, acts: ActDefinition[], after: string[]): string[] => [
  ...new Set([...after, ...acts.filter((other) => other.stage === step.stage && !other.own).map((other) => other.id)]),
];

function provenBefore(
  step: ActDefinition,
  acts: ActDefinition[],
  dependsOn: ReadonlyMap<string, readonly string[]>,
): string[] {
  const same = acts.filter((other) => other.stage === step.stage && other.operation === step.operation && !other.own);
  if (step.operation === 'shutdown' && !step.own) {
    return same.filter((other) => dependsOn.get(other.device)?.includes(step.device)).map((other) => other.id);
  }
  if (step.operation === 'start') {
    return same.filter((other) => dependsOn.get(step.device)?.includes(other.device)).map((other) => other.id);
  }
  if (step.operation !== 'power_off') return [];
  const own = acts.filter((o) => o.stage === step.stage && o.operation === 'shutdown' && o.device === step.device);
  return own.map((other) => other.id);
}

function powerOf(
  settings: NonNullable<Plan['power']>,
  steps: readonly StepDefinition[],
  devices: readonly Device[],
): PowerDefinition {
  const byId = new Map(devices.map((device) => [device.id, device]));
  const all: Supply = { need: settings.ups.length, of: settings.ups.map((ups) => ({ ups })) };
  const supplyOf = (id: string, seen: readonly string[]): Supply => {
    const device = byId.get(id);
    if (device?.kind === 'ups') return { ups: id };
    if (device?.power === undefined || seen.includes(id)) return all;
    const of = device.power.feeds.map((feed) => supplyOf(feed.split('/')[0] ?? feed, [...seen, id]));
    return { need: Math.min(device.power.min_feeds, of.length), of };
  };
  const protectedDevices = steps.flatMap((step) =>
    step.kind === 'act' && step.stage === 'protect' && !step.own ? [step.device] : [],
  );
  const supplies = new Map<string, Supply>();
  for (const id of protectedDevices) {
    const supply = simplify(supplyOf(id, []));
    supplies.set(JSON.stringify(supply), supply);
  }
  if (supplies.size === 0) supplies.set('all', all);
  return {
    ...settings,
    supplies: [...supplies.values()],
    batteries: Object.fromEntries(
      settings.ups.map((id) => {
        const device = byId.get(id);
        const test = device?.battery;
        return [
          id,
          {
            name: device?.name ?? sameText(id),
            test: test === undefined ? null : { runtimeMs: test.runtime, atLoadW: test.at_load },
            ratedW: device?.rated_power ?? null,
          },
        ];
      }),
    ),
  };
}

const simplify = (supply: Supply): Supply => {
  if ('ups' in supply) return supply;
  const [only, ...others] = supply.of.map(simplify);
  return others.length === 0 && only !== undefined ? only : { need: supply.need, of: supply.of.map(simplify) };
};

/** Nearest-rank p95 in milliseconds of durations in seconds; null below five records. */
export function p95(durationsS: readonly number[]): Duration | null {
  if (durationsS.length < 5) return null;
  const sorted = [...durationsS].sort((a, b) => a - b);
  const value = sorted[Math.ceil(0.95 * sorted.length) - 1] ?? 0;
  return milliseconds(value * 1000);
}
