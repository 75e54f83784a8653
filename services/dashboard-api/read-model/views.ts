import type { DeviceView, IncidentSummary, PlanView, ReadingView, SiteView } from '#core/api.ts';
import type { Config } from '#core/config/config.ts';
import { type Device, intervalOf, OPERATIONS, POLLED } from '#core/config/device.ts';
import type { FunctionName, OutsideContact } from '#core/config/people.ts';
import { OUTSIDE_CONTACTS } from '#core/config/people.ts';
import { type Plan, type PlanLine, planLines } from '#core/config/plan.ts';
import type { IncidentView, StepKind } from '#core/incident.ts';
import { definePoint } from '#core/points.ts';
import type { DeviceStatus, Reading } from '#core/reading.ts';
import type { Duration, Instant } from '#core/time.ts';
import { toIso } from '#core/time.ts';
import type { SiteStatus } from '#core/topics.ts';

/** From what the bus and the configuration say to what the page is shown. Pure. */

export const toReadingView = (reading: Reading): ReadingView => ({
  device: reading.device,
  point: reading.point,
  value: reading.value,
  unit: definePoint(reading.point)?.unit ?? '',
  quality: reading.quality,
  reason: reading.reason ?? null,
  measuredAt: toIso(reading.measuredAt),
  receivedAt: toIso(reading.receivedAt),
  changedAt: toIso(reading.changedAt),
  simulated: reading.simulated,
});

export const toDeviceView = (
  device: Device,
  status: DeviceStatus | null,
  limits: DeviceView['limits'] = [],
): DeviceView => ({
  id: device.id,
  name: device.name,
  kind: device.kind,
  room: device.room,
  place: device.place ?? null,
  profile: status?.profile ?? device.profile ?? null,
  intervalS: intervalOf(device) / 1000,
  source: sourceOf(device),
  state: status?.state ?? 'unknown',
  lastSeenAt: status?.lastSeenAt == null ? null : toIso(status.lastSeenAt),
  failures: status?.failures ?? 0,
  reason: status?.reason ?? null,
  labels: status?.labels ?? {},
  dependsOn: device.depends_on,
  feeds: device.power?.feeds ?? [],
  ...(device.power === undefined || device.power.min_feeds === 1 ? {} : { minFeeds: device.power.min_feeds }),
  operations: OPERATIONS.filter((operation) => device[operation] !== undefined),
  limits,
  note: device.note ?? null,
});

function sourceOf(device: Device): DeviceView['source'] {
  const polled = POLLED.find((way) => device[way] !== undefined);
  if (polled !== undefined) return polled;
  if (device.mqtt !== undefined) return 'mqtt';
  if (device.reach !== undefined) return 'reach';
  return device.checks.length === 0 ? 'none' : 'checks';
}

export function toSiteView(
  config: Config,
  status: SiteStatus | null,
  present: { now: Instant; speed: number; version: string },
): SiteView {
  const { site, people } = config;
  return {
    id: site.id,
    name: site.name,
    address: site.address,
    floor: site.floor,
    timeZone: site.time_zone,
    language: site.language,
    simulation: site.simulation,
    version: present.version,
    armed: status?.armed ?? null,
    armedBy: status?.armedBy ?? null,
    workingHours: status?.workingHours ?? null,
    duty: status?.duty ?? null,
    clock: { now: toIso(present.now), speed: present.speed },
    people: people.people.map(({ id, name, functions }) => ({ id, name, functions })),
    contacts: OUTSIDE_CONTACTS.flatMap((id) => {
      const contact = people.contacts[id];
      return contact === undefined ? [] : [{ id, name: contact.name, phone: contact.phone }];
    }),
  };
}

const ENDED = new Set(['done', 'failed', 'skipped', 'cut', 'waived', 'advised', 'rehearsed']);

export function toIncidentSummary(incident: IncidentView): IncidentSummary {
  const { steps, timeline: _timeline, ...rest } = incident;
  return {
    ...rest,
    steps: {
      total: steps.length,
      ended: steps.filter((step) => ENDED.has(step.state)).length,
      failed: steps.filter((step) => step.state === 'failed').length,
    },
  };
}

export const toPlanView = (plan: Plan): PlanView => ({
  id: plan.id,
  version: plan.version,
  title: plan.title,
  source: plan.source,
  level: plan.level,
  button: plan.triggers.button,
  alerts: plan.triggers.alerts,
  steps: planLines(plan).map(({ step }) => toPlanStepView(step)),
});

function toPlanStepView(step: PlanLine['step']): PlanView['steps'][number] {
  const base = {
    id: step.id,
    stage: step.stage,
    title: step.title,
    after: step.after,
    obligations: step.obligations,
    functions: [] as readonly FunctionName[],
    contact: null as OutsideContact | null,
    operation: null,
    script: null,
    withinS: null,
  };
  if ('tell' in step) return { ...base, kind: 'tell', functions: step.tell.functions, script: step.tell.body };
  if ('ask' in step) return { ...base, kind: 'ask', ...personStep(step.ask), script: step.ask.question };
  if ('task' in step) return { ...base, kind: 'task', ...personStep(step.task), script: step.task.script };
  if ('act' in step) return { ...base, kind: 'act', operation: step.act.operation };
  const kind: StepKind = 'wait' in step ? 'wait' : 'choose' in step ? 'choose' : 'together';
  return { ...base, kind };
}

const personStep = (part: {
  function: FunctionName;
  contact?: OutsideContact | undefined;
  within?: Duration | undefined;
}): { functions: readonly FunctionName[]; contact: OutsideContact | null; withinS: number | null } => ({
  functions: [part.function],
  contact: part.contact ?? null,
  withinS: part.within === undefined ? null : part.within / 1000,
});
