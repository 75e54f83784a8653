import type { AlertView } from '#core/alert.ts';
import type { LiveSnapshot, ReadingView } from '#core/api.ts';
import { LIVE_TIMELINE_ENTRIES } from '#core/api.ts';
import type { Config } from '#core/config/config.ts';
import type { Device } from '#core/config/device.ts';
import type { IncidentView } from '#core/incident.ts';
import type { DeliveryView } from '#core/notification.ts';
import type { DeviceStatus, Reading, ReadingBatch } from '#core/reading.ts';
import type { RulesView } from '#core/rules-view.ts';
import type { CaughtMessage, SimulatorState } from '#core/simulator.ts';
import type { SiteStatus } from '#core/topics.ts';
import { createBatteryTests } from './battery-tests.ts';
import type { Changed } from './changed.ts';
import { createForecasts } from './forecasts.ts';
import { keepNewest } from './keep-newest.ts';
import type { KeptMessages } from './kept-messages.ts';
import { limitsOf } from './limits.ts';
import { createSiteWide } from './site-wide.ts';
import { toDeviceView, toIncidentSummary, toReadingView, toSiteView } from './views.ts';

/** What the page sees now, in memory, bounded; told of each change. The bus's retained messages, and what is kept of the others, fill it again after a restart. */

export interface ReadModelDependencies {
  readonly config: Config;
  readonly present: () => Parameters<typeof toSiteView>[2];
  readonly changed: Changed;
  /** What was told to whom, across restarts; null: only as long as this process. */
  readonly kept: KeptMessages | null;
  readonly readingsChanged: (readings: readonly Reading[]) => void;
}

export const MOST_INCIDENTS = 200;
export const MOST_DELIVERIES = 1000;
export const MOST_CAUGHT = 200;
const MOST_ALERTS = 2000;
/** Points the page can hold per device; a device that claims more is wrong. */
const MOST_POINTS_PER_DEVICE = 5000;
const SNAPSHOT_DELIVERIES = 100;

export type ReadModel = ReturnType<typeof createReadModel>;

export function createReadModel({ config, present, changed, kept, readingsChanged }: ReadModelDependencies) {
  const devices = new Map(config.devices.map((device) => [device.id, device]));
  let rules: RulesView | null = null;
  let limits = new Map(config.devices.map((device) => [device.id, limitsOf(device, config.rules)]));
  const statuses = new Map<string, DeviceStatus>();
  /** Made into what the page is shown only when somebody looks. */
  const readings = new Map<string, Map<string, Reading>>();
  const alerts = new Map<string, AlertView>();
  const incidents = new Map<string, IncidentView>();
  const before = kept?.restore();
  const deliveries = new Map<string, DeliveryView>(before?.deliveries.map((delivery) => [delivery.id, delivery]));
  const caught: CaughtMessage[] = [...(before?.caught ?? [])];
  let site: SiteStatus | null = null;
  let simulator: SimulatorState | null = null;
  const siteWide = { ...createSiteWide(changed), ...createBatteryTests(changed) };
  const forecasts = createForecasts(changed);

  const siteView = () => toSiteView(config, site, present());
  const view = (device: Device) => toDeviceView(device, statuses.get(device.id) ?? null, limits.get(device.id));
  const deviceView = (id: string) => {
    const device = devices.get(id);
    return device === undefined ? null : view(device);
  };
  const latest = (device?: string): readonly ReadingView[] =>
    device === undefined
      ? [...readings.values()].flatMap((points) => [...points.values()].map(toReadingView))
      : [...(readings.get(device)?.values() ?? [])].map(toReadingView);
  const newestAlerts = () => [...alerts.values()].sort((a, b) => b.since.localeCompare(a.since));
  const newestIncidents = () => [...incidents.values()].sort((a, b) => b.openedAt.localeCompare(a.openedAt));
  const newestDeliveries = () => [...deliveries.values()].reverse();
  const simulatorView = () => ({ state: simulator, caught: caught.toReversed() });
  const deviceViews = () => config.devices.map(view);

  return {
    ...siteWide,
    ...forecasts,
    /** False when it is about a device that the configuration does not have. */
    onReadings(batch: ReadingBatch): boolean {
      if (!devices.has(batch.device)) return false;
      const points = readings.get(batch.device) ?? new Map<string, Reading>();
      readings.set(batch.device, points);
      const own = ownReadings(batch);
      keepLatest(points, own);
      readingsChanged(own);
      return true;
    },
    onDevice(status: DeviceStatus): boolean {
      const device = devices.get(status.device);
      if (device === undefined) return false;
      statuses.set(status.device, status);
      changed('device', view(device));
      return true;
    },
    onAlert(alert: AlertView): void {
      keepNewest(alerts, alert.id, alert, MOST_ALERTS, (old) => old.state === 'cleared');
      changed('alert', alert);
    },
    onIncident(incident: IncidentView): void {
      keepNewest(incidents, incident.id, incident, MOST_INCIDENTS, (old) => old.phase === 'closed');
      forecasts.endForecast(incident);
      changed('incident', withNewestTimeline(incident));
    },
    onDelivery(delivery: DeliveryView): void {
      keepNewest(deliveries, delivery.id, delivery, MOST_DELIVERIES, () => true);
      kept?.delivery(delivery);
      changed('delivery', delivery);
    },
    onSite(status: SiteStatus): void {
      site = status;
      changed('site', siteView());
    },
    /** Limits on the page are those of the rules that run. */
    onRules(running: RulesView): void {
      const before = limits;
      rules = running;
      limits = new Map(config.devices.map((device) => [device.id, limitsOf(device, running.rules, running.overrides)]));
      for (const device of config.devices)
        if (JSON.stringify(before.get(device.id)) !== JSON.stringify(limits.get(device.id)))
          changed('device', view(device));
      const { since, readAt, problems } = running;
      changed('rules', { since, readAt, problems });
    },
    onSimulator(state: SimulatorState): void {
      simulator = state;
      changed('simulator', state);
    },
    onCaught(message: CaughtMessage): void {
      caught.push(message);
      if (caught.length > MOST_CAUGHT) caught.shift();
      kept?.caught(message);
      changed('caught', message);
    },

    site: siteView,
    devices: deviceViews,
    device: deviceView,
    readings: latest,
    alerts: newestAlerts,
    incidents: newestIncidents,
    incident: (id: string): IncidentView | null => incidents.get(id) ?? null,
    deliveries: newestDeliveries,
    simulator: simulatorView,
    rules: () => rules,
    /** What a page needs to begin; `whole` for people who have signed in. */
    snapshot: (whole: boolean): LiveSnapshot => ({
      site: siteView(),
      devices: deviceViews(),
      readings: latest(),
      alerts: newestAlerts(),
      open: newestIncidents()
        .filter((incident) => incident.phase !== 'closed')
        .map(withNewestTimeline),
      incidents: newestIncidents().map(toIncidentSummary),
      deliveries: whole ? newestDeliveries().slice(0, SNAPSHOT_DELIVERIES) : [],
      ...siteWide.inSnapshot(),
      simulator: config.site.simulation ? { state: simulator, caught: whole ? caught.toReversed() : [] } : null,
    }),
  };
}

const withNewestTimeline = (incident: IncidentView): IncidentView => ({
  ...incident,
  timeline: incident.timeline.slice(-LIVE_TIMELINE_ENTRIES),
});

/** No list is made where all are the device's own, as they nearly always are. */
function ownReadings({ device, readings }: ReadingBatch): readonly Reading[] {
  const isOwn = (reading: Reading): boolean => reading.device === device;
  return readings.every(isOwn) ? readings : readings.filter(isOwn);
}

/** By place: each reading of the house comes along here, and an iterator is an object a reading. */
function keepLatest(points: Map<string, Reading>, own: readonly Reading[]): void {
  for (let i = 0; i < own.length; i++) {
    const reading = own[i] as Reading;
    if (points.size < MOST_POINTS_PER_DEVICE || points.has(reading.point)) points.set(reading.point, reading);
  }
}
