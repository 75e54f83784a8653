import { computed, reactive } from 'vue';
import type { AlertView } from '#core/alert.ts';
import type {
  DeviceView,
  IncidentSummary,
  LiveEvents,
  LiveSnapshot,
  ReadingView,
  RulesChanged,
  SiteView,
} from '#core/api.ts';
import type { IncidentView } from '#core/incident.ts';
import type { DeliveryView } from '#core/notification.ts';
import type { PlannedOutage } from '#core/outage.ts';
import type { ReadinessView } from '#core/readiness.ts';
import { EMPTY_ROOM_PLAN, type RoomPlanView } from '#core/room-layout.ts';
import type { CaughtMessage, SimulatorState } from '#core/simulator.ts';
import type { Text } from '#core/text.ts';
import { mergeTimeline, summaryOf } from '../model/incident-merge.ts';
import { byUrgency, isTold } from '../model/severity.ts';
import { byRecency, isOpenIncident } from '../model/steps.ts';
import { setSiteTime } from './site-clock.ts';
import { extendTrails } from './trails.ts';

/** Everything the page knows, kept up by the live stream (live/connection.ts). One writer: `applyEvent`. */
export interface LiveState {
  connection: 'connecting' | 'live' | 'offline';
  /** Local wall time; the bar says since when. */
  offlineSince: number | null;
  /** The first snapshot has arrived. */
  loaded: boolean;
  site: SiteView | null;
  devices: Map<string, DeviceView>;
  readings: Map<string, ReadingView>;
  alerts: Map<string, AlertView>;
  incidents: Map<string, IncidentView>;
  summaries: Map<string, IncidentSummary>;
  deliveries: Map<string, DeliveryView>;
  /** Counts up when a battery test moves, by its id: whoever shows it asks for it. */
  batteryTests: Map<string, number>;
  /** When what answers lead to was worked out last, by incident: whoever shows it asks for it. */
  forecastsAt: Map<string, string>;
  readiness: ReadinessView | null;
  /** Of the rules that run; null until they change while this page looks on. */
  rules: RulesChanged | null;
  outages: readonly PlannedOutage[];
  /** Of the rota; null until it changes while this page looks on. */
  rotaChangedAt: string | null;
  /** Of the duties; null until they change while this page looks on. */
  dutiesChangedAt: string | null;
  /** Of the registers' entries, likewise. */
  registersChangedAt: string | null;
  /** Counts up when windows or shelves are others: whoever shows them asks for them. */
  outOfService: number;
  /** How the rooms look from above. */
  roomPlan: RoomPlanView;
  simulator: SimulatorState | null;
  caught: CaughtMessage[];
}

const LIMIT = 300;

export const live = reactive<LiveState>({
  connection: 'connecting',
  offlineSince: null,
  loaded: false,
  site: null,
  devices: new Map(),
  readings: new Map(),
  alerts: new Map(),
  incidents: new Map(),
  summaries: new Map(),
  deliveries: new Map(),
  batteryTests: new Map(),
  forecastsAt: new Map(),
  readiness: null,
  rules: null,
  outages: [],
  rotaChangedAt: null,
  dutiesChangedAt: null,
  registersChangedAt: null,
  outOfService: 0,
  roomPlan: EMPTY_ROOM_PLAN,
  simulator: null,
  caught: [],
});

type Apply = { [Name in keyof LiveEvents]: (data: LiveEvents[Name]) => void };

const byId = <T extends { readonly id: string }>(list: readonly T[]): Map<string, T> =>
  new Map(list.map((item) => [item.id, item]));

const applySite = (site: SiteView): void => {
  live.site = site;
  setSiteTime(Date.parse(site.clock.now), site.clock.speed);
};

function applySnapshot(snapshot: LiveSnapshot): void {
  applySite(snapshot.site);
  live.devices = byId(snapshot.devices);
  live.readings = new Map(snapshot.readings.map((reading) => [`${reading.device}/${reading.point}`, reading]));
  live.alerts = byId(snapshot.alerts);
  live.incidents = byId(snapshot.open.map((view) => mergeTimeline(live.incidents.get(view.id), view)));
  live.summaries = byId(snapshot.incidents);
  live.deliveries = byId(snapshot.deliveries);
  live.readiness = snapshot.readiness;
  live.outages = snapshot.outages;
  live.roomPlan = snapshot.roomPlan;
  live.simulator = snapshot.simulator?.state ?? null;
  live.caught = [...(snapshot.simulator?.caught ?? [])];
  extendTrails(snapshot.readings, Date.parse(snapshot.site.clock.now));
  live.loaded = true;
}

const APPLY: Apply = {
  snapshot: applySnapshot,
  site: applySite,
  readings: ({ at, readings }) => {
    for (const reading of readings) live.readings.set(`${reading.device}/${reading.point}`, reading);
    const now = Date.parse(at);
    setSiteTime(now, live.site?.clock.speed ?? 1);
    extendTrails(readings, now);
  },
  device: (device) => void live.devices.set(device.id, device),
  alert: (alert) => void live.alerts.set(alert.id, alert),
  incident: (incident) => applyIncident(incident),
  forecast: ({ incident, at }) => void live.forecastsAt.set(incident, at),
  'battery-test': ({ id }) => void live.batteryTests.set(id, (live.batteryTests.get(id) ?? 0) + 1),
  delivery: (delivery) => {
    live.deliveries.set(delivery.id, delivery);
    trim(live.deliveries);
  },
  readiness: (view) => {
    live.readiness = view;
  },
  rules: (changed) => {
    live.rules = changed;
  },
  rota: ({ at }) => {
    live.rotaChangedAt = at;
  },
  duties: ({ at }) => {
    live.dutiesChangedAt = at;
  },
  registers: ({ at }) => {
    live.registersChangedAt = at;
  },
  outages: (planned) => {
    live.outages = planned;
  },
  'room-plan': (plan) => {
    live.roomPlan = plan;
  },
  'out-of-service': () => {
    live.outOfService++;
  },
  simulator: (state) => {
    live.simulator = state;
    setSiteTime(Date.parse(state.at), state.speed);
  },
  caught: (message) => {
    live.caught = [message, ...live.caught].slice(0, LIMIT);
  },
};

/**
 * Takes the answer of a request. `asked`: what stood here when it was sent. Where the stream has told something since, that stands, and
 * the answer gives only its older entries: it may have been written before and come later, and a question just answered would be open again.
 */
export function applyAnswer(answer: IncidentView, asked: IncidentView | undefined): void {
  const told = live.incidents.get(answer.id);
  applyIncident(told === undefined || told === asked ? answer : mergeTimeline(answer, told));
}

/** Takes a whole view; older timeline entries are kept. */
function applyIncident(incident: IncidentView): void {
  const merged = mergeTimeline(live.incidents.get(incident.id), incident);
  live.incidents.set(incident.id, merged);
  live.summaries.set(incident.id, summaryOf(merged));
}

function trim<T>(map: Map<string, T>): void {
  for (const key of map.keys()) {
    if (map.size <= LIMIT) return;
    map.delete(key);
  }
}

/** One event of the stream. Unknown names are of a newer server: passed over. */
export function applyEvent(name: string, data: string): void {
  if (!Object.hasOwn(APPLY, name)) return;
  const apply = APPLY[name as keyof LiveEvents] as (data: unknown) => void;
  apply(JSON.parse(data));
}

/** Nothing of one person's view is left to the next. */
export function forget(): void {
  live.loaded = false;
  for (const map of [live.devices, live.readings, live.alerts, live.incidents, live.summaries, live.deliveries]) {
    map.clear();
  }
  live.readiness = null;
  live.rules = null;
  live.outages = [];
  live.roomPlan = EMPTY_ROOM_PLAN;
  live.rotaChangedAt = null;
  live.dutiesChangedAt = null;
  live.registersChangedAt = null;
  live.simulator = null;
  live.caught = [];
}

export const readingOf = (device: string, point: string): ReadingView | null =>
  live.readings.get(`${device}/${point}`) ?? null;

/** When a device was last heard of: its status, or a later reading. */
export function lastHeard(device: DeviceView): string | null {
  let latest = device.lastSeenAt;
  for (const { receivedAt, quality } of readingsOf(device.id)) {
    if (quality === 'good' && (latest === null || receivedAt > latest)) latest = receivedAt;
  }
  return latest;
}

export const readingsOf = (device: string): ReadingView[] =>
  [...live.readings.values()].filter((reading) => reading.device === device);

/** Open alerts that people are told of, the most urgent first. */
export const openAlerts = computed(() => [...live.alerts.values()].filter(isTold).sort(byUrgency));
export const incidentList = computed(() => [...live.summaries.values()].sort(byRecencySummary));
export const openIncidents = computed(() =>
  [...live.incidents.values()].filter(isOpenIncident).sort((a, b) => byRecency(a, b)),
);

const byRecencySummary = (a: IncidentSummary, b: IncidentSummary): number =>
  Number(b.phase !== 'closed') - Number(a.phase !== 'closed') || b.openedAt.localeCompare(a.openedAt);

const UNKNOWN_NAME = (id: string): Text => ({ zh: id, en: id });
export const deviceName = (id: string): Text => live.devices.get(id)?.name ?? UNKNOWN_NAME(id);
export const personName = (id: string): Text =>
  live.site?.people.find((person) => person.id === id)?.name ?? UNKNOWN_NAME(id);
