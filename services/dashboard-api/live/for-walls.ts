import type { LiveEventName, LiveEvents, LiveSnapshot, SiteView } from '#core/api.ts';
import type { IncidentView, StepView } from '#core/incident.ts';

/**
 * The stream for a screen on the wall, before which anybody may stand: names of people but never their numbers, what is done
 * but not the record of who said what, nothing of messages, readiness and the inside of the service. Pure.
 */
export function forWalls(name: LiveEventName, data: unknown): unknown {
  const take = TAKES[name] as ((data: unknown) => unknown) | undefined;
  return take === undefined ? null : take(data);
}

export function snapshotForWalls(snapshot: LiveSnapshot): LiveSnapshot {
  return {
    ...snapshot,
    site: siteForWalls(snapshot.site),
    open: snapshot.open.map(incidentForWalls),
    incidents: [],
    deliveries: [],
    readiness: null,
    simulator: null,
  };
}

const siteForWalls = (site: SiteView): SiteView => ({
  ...site,
  duty: site.duty === null ? null : { ...site.duty, phone: null },
});

const incidentForWalls = (incident: IncidentView): IncidentView => ({
  ...incident,
  lead: incident.lead === null ? null : { ...incident.lead, phone: null },
  steps: incident.steps.map(stepForWalls),
  timeline: [],
});

/** The number of the power department or the fire brigade is no person's; scripts and details may name anybody's. */
const stepForWalls = (step: StepView): StepView => ({
  ...step,
  phone: step.contact === null ? null : step.phone,
  script: null,
});

const asItIs = <T>(data: T): T => data;

/** What is not here no screen gets. */
const TAKES: { readonly [Name in LiveEventName]?: (data: LiveEvents[Name]) => LiveEvents[Name] } = {
  snapshot: snapshotForWalls,
  readings: asItIs,
  device: asItIs,
  alert: asItIs,
  incident: incidentForWalls,
  site: siteForWalls,
  outages: asItIs,
  rota: asItIs,
  duties: asItIs,
  'room-plan': asItIs,
};
