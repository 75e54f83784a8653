import type { Config } from '#core/config/config.ts';
import {
  type Action,
  type Device,
  DRIVERS,
  type DriverName,
  type Evidence,
  type Operation,
} from '#core/config/device.ts';
import { type Plan, type PlanLine, type PlanStep, planLines } from '#core/config/plan.ts';
import { type Ladder, laddersOf } from '#core/escalation.ts';
import type { BatteryModel } from '#core/paperwork/battery-test.ts';
import { sameText, type Text } from '#core/text.ts';
import { type Duration, milliseconds, seconds } from '#core/time.ts';
import { planConditions } from './conditions.ts';
import type {
  ActDefinition,
  IncidentDefinition,
  PowerDefinition,
  Rung,
  StepDefinition,
  WayDefinition,
} from './definition.ts';
import { linkSteps } from './link-steps.ts';
import { monitorLast } from './monitor-last.ts';
import { suppliesOf, supplyOfEach } from './supply-graph.ts';

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
  /** What a discharge test measured here, over what devices.yaml declares (O-BAT-1). Default: nothing was. */
  readonly measured?: (ups: Device) => BatteryModel | null;
}

type ActStep = Extract<PlanStep, { act: unknown }>;

export function compileIncident(plan: Plan, context: CompileContext): IncidentDefinition {
  const { config } = context;
  const director = config.people.people.find((person) => person.functions.includes('director'));
  const linked = linkSteps(
    planLines(plan).flatMap((line) => instancesOf(line, context)),
    config.devices,
  );
  const steps = monitorLast(linked, config.devices);
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
    names: Object.fromEntries(config.people.people.map(({ id, name }) => [id, name])),
    contacts: Object.fromEntries(
      Object.entries(config.people.contacts).flatMap(([id, contact]) => (contact === undefined ? [] : [[id, contact]])),
    ),
    escalation: {
      order: config.rota.escalation.order,
      everyMs: config.rota.escalation.every,
      chain: chainOf(config),
      ladders: highLadders(config),
    },
    rises: plan.rises,
    alertRules: alertRulesOf(plan),
    atOnce: plan.at_once,
    power: plan.power === undefined ? null : powerOf(plan.power, steps, context),
    heat: plan.heat === undefined ? null : { ...plan.heat, names: sensorNames(plan.heat.points, config.devices) },
    steps,
  };
}

export const operationOf = (device: Device | undefined, operation: string): Operation | undefined =>
  device === undefined ? undefined : (device[operation as 'shutdown'] as Operation | undefined);

/** Each action has one key, the driver's name. */
export const driverOf = (action: Action): DriverName =>
  DRIVERS.find((driver) => Object.hasOwn(action, driver)) ?? 'local';

/** It takes the supply away from whatever runs behind it, where a gentler way would have asked it to stop. */
function takesSupply(action: Action): boolean {
  if ('snmp_set' in action) return true;
  if ('ipmi' in action) return action.ipmi.power !== 'soft' && action.ipmi.power !== 'on';
  if ('redfish' in action) return action.redfish.reset === 'ForceOff' || action.redfish.reset === 'PowerCycle';
  return 'nut' in action && /^(load\.off|shutdown)/.test(action.nut.command);
}

/** Rules whose alerts the incident must know. */
export const alertRulesOf = (plan: Plan): string[] => [
  ...new Set([...plan.triggers.alerts, ...planConditions(plan).flatMap(({ alerts }) => alerts?.rules ?? [])]),
];

/** The chains of high severity without steps in which nobody can be told (L26); who is on duty is looked at when it rings. */
function highLadders({ rota, people }: Config): Ladder[] {
  const all = people.people.filter(({ routes }) => routes.length > 0);
  const somebody = ({ tell, people: named }: Ladder['steps'][number]): boolean =>
    tell.some((name) => name === 'duty' || all.some(({ functions }) => functions.includes(name))) ||
    named.some((id) => all.some((person) => person.id === id));
  return laddersOf(rota.escalation)
    .filter(({ severity }) => severity.includes('high'))
    .map((ladder) => ({ ...ladder, steps: ladder.steps.filter(somebody) }))
    .filter(({ steps }) => steps.length > 0);
}

/** The escalation's order person by person, each once. */
function chainOf(config: Config): Rung[] {
  const seen = new Set<string>();
  return config.rota.escalation.order.flatMap((name): Rung[] => {
    if (name === 'duty') return [{ function: name, person: null }];
    const people = config.people.people.filter(({ id, functions }) => functions.includes(name) && !seen.has(id));
    for (const { id } of people) seen.add(id);
    return people.map(({ id }) => ({ function: name, person: id }));
  });
}

function instancesOf({ step, group, branch }: PlanLine, context: CompileContext): StepDefinition[] {
  const base = {
    id: step.id,
    base: step.id,
    title: step.title,
    stage: step.stage,
    after: step.after,
    when: step.when ?? null,
    obligations: step.obligations,
    group: group === null ? null : { id: group, branch },
  };
  if ('tell' in step) return [{ ...base, kind: 'tell', tell: step.tell }];
  if ('ask' in step) return [{ ...base, kind: 'ask', ask: step.ask }];
  if ('task' in step) return [{ ...base, kind: 'task', task: step.task }];
  if ('wait' in step) return [{ ...base, kind: 'wait', wait: step.wait }];
  if ('choose' in step) return [{ ...base, kind: 'choose', branches: step.choose.map(({ when }) => when ?? null) }];
  if ('together' in step) return [{ ...base, kind: 'together' }];
  return context.config.devices.flatMap((device) => {
    const operation = matches(step, device) ? operationOf(device, step.act.operation) : undefined;
    return operation === undefined ? [] : [actOf(step, base.group, device, operation, context)];
  });
}

const matches = (step: ActStep, device: Device): boolean => {
  const { kinds, devices } = step.act.on;
  return (kinds?.includes(device.kind) ?? false) || (devices?.includes(device.id) ?? false);
};

function actOf(
  step: ActStep,
  group: StepDefinition['group'],
  device: Device,
  operation: Operation,
  context: CompileContext,
): ActDefinition {
  const name = step.act.operation;
  const recorded = context.recordedP95(device.id, name);
  const way = (action: Action): WayDefinition => ({
    driver: driverOf(action),
    description: context.describe(action, { device: device.id }),
    keyed: JSON.stringify(action).includes('{run}'),
    cutsPower: name === 'shutdown' && takesSupply(action) && !takesSupply(operation.by),
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
    group,
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
    irreversible: name === 'shutdown' || name === 'power_off' || name === 'emergency_off',
  };
}

const evidenceDevice = (item: Evidence): string[] => ('point' in item ? [item.point.device] : []);

const sensorNames = (
  points: readonly { readonly device: string; readonly point: string }[],
  devices: readonly Device[],
): Readonly<Record<string, Text>> =>
  Object.fromEntries(
    points.map(({ device, point }) => [
      `${device}/${point}`,
      devices.find((one) => one.id === device)?.name ?? sameText(device),
    ]),
  );

function powerOf(
  settings: NonNullable<Plan['power']>,
  steps: readonly StepDefinition[],
  { config: { devices }, measured }: CompileContext,
): PowerDefinition {
  const byId = new Map(devices.map((device) => [device.id, device]));
  const protectedDevices = steps.flatMap((step) =>
    step.kind === 'act' && step.stage === 'protect' && !step.own ? [step.device] : [],
  );
  return {
    ...settings,
    supplies: suppliesOf(protectedDevices, settings.ups, devices),
    supplyOf: supplyOfEach(protectedDevices, settings.ups, devices),
    batteries: Object.fromEntries(
      settings.ups.map((id) => {
        const device = byId.get(id);
        const found = device === undefined ? null : (measured?.(device) ?? null);
        const test = found === null ? device?.battery : asTested(found);
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

const asTested = ({ runtimeS, atLoadW }: BatteryModel) => ({ runtime: seconds(runtimeS), at_load: atLoadW });

/** Nearest-rank p95 in milliseconds of durations in seconds; null below five records. */
export function p95(durationsS: readonly number[]): Duration | null {
  if (durationsS.length < 5) return null;
  const sorted = [...durationsS].sort((a, b) => a - b);
  const value = sorted[Math.ceil(0.95 * sorted.length) - 1] ?? 0;
  return milliseconds(value * 1000);
}
