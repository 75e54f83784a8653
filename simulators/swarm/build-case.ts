import type { Config } from '#core/config/config.ts';
import { type Plan, planSchema } from '#core/config/plan.ts';
import { instant, milliseconds } from '#core/time.ts';
import type { Blueprint, PlanDraft } from './blueprint.ts';
import { buildDevices } from './build-devices.ts';
import { buildSimulation } from './build-simulation.ts';
import type { SwarmCase } from './case.ts';
import type { SampleSite } from './sample-site.ts';

/** The whole case that a blueprint describes. The same blueprint gives the same case. */
export function buildCase(draft: Blueprint, sample: SampleSite): SwarmCase {
  const devices = buildDevices(draft, sample);
  const ids = new Set(devices.map((device) => device.id));
  const outage = sample.config.plans.find((plan) => plan.power !== undefined);
  if (outage === undefined) throw new RangeError('the sample configuration has no power outage plan');
  const others = sample.config.plans.filter((plan) => draft.otherPlans.includes(plan.id) && fits(plan, ids));
  const config: Config = {
    ...sample.config,
    site: { ...sample.config.site, simulation: true, simulated_hosts: [] },
    devices,
    rules: sample.config.rules.filter((rule) => rule.on.devices?.every((id) => ids.has(id)) ?? true),
    rota: {
      ...sample.config.rota,
      escalation: { ...sample.config.rota.escalation, every: milliseconds(draft.plan.escalateEveryS * 1000) },
    },
    plans: [outagePlan(outage, draft, ids), ...others],
  };
  return {
    seed: draft.seed,
    config: freeze(config),
    simulation: freeze(buildSimulation(draft, sample)),
    mode: draft.mode,
    startsAt: instant(draft.startsAt),
    lastsMs: milliseconds(draft.lastsMs),
    scenario: draft.scenario,
    people: draft.people,
    kills: draft.kills,
  };
}

/** Does everything that the plan names exist on this site? */
function fits(plan: Plan, ids: ReadonlySet<string>): boolean {
  const named: string[] = [];
  const look = (value: unknown, key: string): void => {
    if (Array.isArray(value)) for (const item of value) look(item, key);
    else if (typeof value === 'object' && value !== null)
      for (const [name, item] of Object.entries(value)) look(item, name);
    else if (typeof value === 'string' && (key === 'device' || key === 'devices' || key === 'ups')) named.push(value);
  };
  look(plan.steps, '');
  look(plan.heat ?? null, '');
  return named.every((id) => ids.has(id));
}

const duration = (seconds: number): string => `${seconds}s`;

/** The written plan with this case's settings; steps that it leaves out vanish from `after` too. */
function outagePlan(written: Plan, draft: Blueprint, ids: ReadonlySet<string>): Plan {
  const { plan } = draft;
  const gone = new Set(plan.without);
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
