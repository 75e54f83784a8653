import type { IncidentPhase } from '#core/incident.ts';
import { milliseconds } from '#core/time.ts';
import type { IncidentEvent } from './events.ts';
import { newHeat } from './heat.ts';
import { BY_PLAN } from './planned.ts';
import { newUps, summarise, takeSample } from './power.ts';
import { type IncidentState, newStep, type PowerState } from './state.ts';
import { Turn } from './turn.ts';

/** The state that an incident begins with. */
export function openState(event: Extract<IncidentEvent, { type: 'opened' }>): Turn {
  const { definition, at } = event;
  const working = event.people?.working ?? true;
  const state: IncidentState = {
    id: event.incident,
    definition,
    mode: event.mode,
    armed: event.armed,
    openedAt: at,
    openedWorking: working,
    trigger: event.trigger,
    cause: event.cause,
    now: at,
    offsetMs: event.offsetMs ?? 0,
    working,
    duty: event.people?.duty ?? null,
    lead: event.people?.duty == null ? null : { person: event.people.duty, since: at, byHand: false },
    level: definition.plan.level,
    ringsSince: definition.plan.level === 'ordinary' ? null : at,
    alerts: { ...event.alerts },
    openedOn: Object.values(event.alerts ?? {}).find(({ key }) => key === event.trigger)?.deviceName ?? null,
    phase: openingPhase(event),
    before: null,
    outcome: null,
    closedAt: null,
    // Whoever announced the cut knows of it.
    acknowledged: isAhead(event) && event.planned != null ? { by: event.planned.by, at } : null,
    escalated: 0,
    relapses: 0,
    sequence: null,
    pointOfNoReturn: null,
    outlook: { kind: 'unknown', until: null, by: null, at: null },
    power: definition.power === null ? null : openPower(event),
    heat: definition.heat == null ? null : newHeat(at, lastTemperatures(event)),
    planned: event.planned ?? null,
    backups: { ...event.backups },
    others: { ...event.others },
    steps: Object.fromEntries(definition.steps.map((step) => [step.id, newStep()])),
    points: { ...event.points },
    unconfirmedSince: null,
    entries: 0,
    told: {},
  };
  const turn = new Turn(state, at);
  turn.record('opened', event.cause, {
    who: event.by,
    figures: { mode: event.mode, plan: definition.plan.id, version: definition.plan.version, trigger: event.trigger },
  });
  return turn;
}

const lastTemperatures = ({ definition, points }: Extract<IncidentEvent, { type: 'opened' }>): number[] =>
  (definition.heat?.points ?? []).flatMap(({ device, point }) => {
    const value = points[`${device}/${point}`];
    return typeof value === 'number' ? [value] : [];
  });

/** Opened ahead of an announced cut. */
const isAhead = (event: Extract<IncidentEvent, { type: 'opened' }>): boolean =>
  event.planned != null && event.trigger.startsWith(BY_PLAN);

const openingPhase = (event: Extract<IncidentEvent, { type: 'opened' }>): IncidentPhase =>
  isAhead(event) ? 'preparing' : 'responding';

function openPower(event: Extract<IncidentEvent, { type: 'opened' }>): PowerState {
  const settings = event.definition.power;
  const ups = Object.fromEntries((settings?.ups ?? []).map((id) => [id, newUps(event.outageSince ?? event.at)]));
  const power: PowerState = {
    ups,
    mains: 'unknown',
    mainsSince: event.outageSince ?? event.at,
    outageSince: event.outageSince,
    silent: false,
    listeningSince: event.at,
    measuredEnd: null,
    measuredEnds: {},
    exhaustion: { at: null, source: null, estimates: [] },
    need: { ms: milliseconds(0), path: [] },
    bareMs: milliseconds(0),
    marginMs: milliseconds(0),
    latestSafeStart: null,
    charge: null,
    loadW: null,
  };
  for (const sample of event.samples) {
    const before = power.ups[sample.ups];
    if (settings !== null && before !== undefined)
      power.ups[sample.ups] = takeSample(before, sample, event.at, settings);
  }
  if (settings !== null && Object.values(power.ups).every((ups) => ups.status !== 'unknown')) {
    summarise(power, settings, event.at);
    // L7: a UPS is on battery, but every machine has another feed: no outage yet.
    if (power.mains === 'present') power.outageSince = null;
  }
  return power;
}
