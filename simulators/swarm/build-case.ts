import type { Config } from '#core/config/config.ts';
import { type Device, OPERATIONS } from '#core/config/device.ts';
import { type Plan, type PlanStep, planSchema, planSteps } from '#core/config/plan.ts';
import { selects } from '#core/config/selector.ts';
import { instant, milliseconds } from '#core/time.ts';
import type { WorldCommand } from '../world/world-command.ts';
import type { Blueprint, PlanDraft } from './blueprint.ts';
import { buildDevices, pdusOf } from './build-devices.ts';
import { buildSimulation } from './build-simulation.ts';
import type { SwarmCase } from './case.ts';
import type { SampleSite } from './sample-site.ts';

/** The whole case that a blueprint describes. The same blueprint gives the same case. */
export function buildCase(draft: Blueprint, sample: SampleSite): SwarmCase {
  const devices = buildDevices(draft, sample);
  const ids = new Set(devices.map((device) => device.id));
  const outage = sample.config.plans.find((plan) => plan.power !== undefined);
  if (outage === undefined) throw new RangeError('the sample configuration has no power outage plan');
  const rules = sample.config.rules.filter(
    ({ on }) =>
      (on.devices?.every((id) => ids.has(id)) ?? true) &&
      // Nobody asks after a place that this site does not have.
      (on.tags === undefined || devices.some((device) => selects(on, device))),
  );
  const known = new Set(rules.map((rule) => rule.id));
  const others = sample.config.plans.filter(
    (plan) =>
      draft.otherPlans.includes(plan.id) && fits(plan, ids) && plan.triggers.alerts.every((id) => known.has(id)),
  );
  const plans = [outagePlan(outage, draft, ids), ...others];
  const acts = actsOf(plans);
  // The sample's paperwork is about the sample's devices.
  const { duties: _duties, ...room } = sample.config;
  const config: Config = {
    ...room,
    site: { ...sample.config.site, simulation: true, simulated_hosts: [] },
    devices: devices.map((device) => withoutUnused(device, acts)),
    rules,
    rota: {
      ...sample.config.rota,
      // The short form: each draw has an interval of its own.
      escalation: { order: sample.config.rota.escalation.order, every: milliseconds(draft.plan.escalateEveryS * 1000) },
    },
    plans,
    registers: [],
  };
  return {
    seed: draft.seed,
    config: freeze(config),
    simulation: freeze(buildSimulation(draft, sample)),
    mode: draft.mode,
    startsAt: instant(draft.startsAt),
    lastsMs: milliseconds(draft.lastsMs),
    scenario: draft.scenario.filter(({ do: command }) => isPossible(command, draft, ids)),
    people: draft.people,
    kills: draft.kills,
  };
}

type ActStep = Extract<PlanStep, { act: unknown }>;

const actsOf = (plans: readonly Plan[]): ActStep[] =>
  plans.flatMap((plan) => planSteps(plan).filter((step): step is ActStep => 'act' in step));

/** Nothing happens to what is not there: a smaller case leaves out what befell the devices that it leaves out. */
function isPossible(command: WorldCommand, draft: Blueprint, ids: ReadonlySet<string>): boolean {
  if (!('device' in command) || command.device === undefined) return true;
  if (!ids.has(command.device)) return false;
  if (command.kind !== 'outlet' && command.kind !== 'outlet-stuck') return true;
  return pdusOf(draft).some((pdu) => pdu.id === command.device && command.outlet <= pdu.outlets);
}

/** Operations that no plan ever does are left out, as `check` asks. */
function withoutUnused(device: Device, acts: readonly ActStep[]): Device {
  const used = new Set(
    acts.flatMap(({ act }) =>
      (act.on.kinds?.includes(device.kind) ?? false) || (act.on.devices?.includes(device.id) ?? false)
        ? [act.operation]
        : [],
    ),
  );
  const unused = new Set<string>(OPERATIONS.filter((name) => device[name] !== undefined && !used.has(name)));
  if (unused.size === 0) return device;
  return Object.fromEntries(Object.entries(device).filter(([key]) => !unused.has(key))) as Device;
}

/** Does everything that the plan names exist on this site? */
const fits = (plan: Plan, ids: ReadonlySet<string>): boolean =>
  [...namedIn(plan.steps), ...namedIn(plan.heat ?? null), ...namedIn(plan.rises)].every((id) => ids.has(id));

/** Every device that a part of a plan names. */
function namedIn(part: unknown, key = ''): string[] {
  if (Array.isArray(part)) return part.flatMap((item) => namedIn(item, key));
  if (typeof part === 'object' && part !== null)
    return Object.entries(part).flatMap(([name, item]) => namedIn(item, name));
  const names = key === 'device' || (key === 'devices' && typeof part === 'string') || key === 'ups';
  return names && typeof part === 'string' ? [part] : [];
}

const duration = (seconds: number): string => `${seconds}s`;

/** The written plan with this case's settings; steps that it leaves out, or whose devices the site has not, vanish from `after` too. */
function outagePlan(written: Plan, draft: Blueprint, ids: ReadonlySet<string>): Plan {
  const { plan } = draft;
  const gone = new Set([
    ...plan.without,
    ...written.steps.flatMap((step) => (namedIn(step).every((id) => ids.has(id)) ? [] : [step.id])),
  ]);
  const steps = written.steps
    .filter((step) => !gone.has(step.id))
    .map((step) => {
      const after = step.after.filter((id) => !gone.has(id));
      if (!('ask' in step)) return { ...step, after };
      return { ...step, after, ask: { ...step.ask, within: milliseconds(plan.askWithinS * 1000) } };
    });
  const settings = planSchema.shape.power.parse(powerSettings(plan, draft, ids));
  return {
    ...written,
    ...(settings === undefined ? {} : { power: settings }),
    at_once: { ...written.at_once, ssh: plan.sshAtOnce, snmp_set: plan.snmpAtOnce },
    steps,
  };
}

const powerSettings = (plan: PlanDraft, draft: Blueprint, ids: ReadonlySet<string>): object => ({
  ups: draft.upses.map((ups) => ups.id),
  limit: duration(plan.limitS),
  settle: duration(plan.settleS),
  margin: { share: plan.marginShare, at_least: duration(plan.marginAtLeastS) },
  treat_silence_on_battery_as: plan.silence,
  silence_after: duration(plan.silenceAfterS),
  poll_on_battery: duration(plan.pollS),
  recovery: {
    charge_above: plan.chargeAbove,
    settle: duration(plan.recoverySettleS),
    ...(plan.temperatureGate && ids.has('th-1')
      ? { temperature: { point: 'th-1/ambient.temperature', below: 30 } }
      : {}),
  },
});

/** Frozen through and through; secrets and what is frozen already are left as they are. */
export function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const item of Object.values(value)) freeze(item);
  return value;
}
