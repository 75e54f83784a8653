import type { MqttConnection } from '#core/config/connections.ts';
import { type Device, isSpokenWith } from '#core/config/device.ts';
import type { Profile } from '#core/config/profile.ts';
import { resolveProfile } from '#core/config/resolve-profile.ts';
import { messageOf } from '#core/errors.ts';
import type { Stop } from '#core/ports.ts';
import { topic } from '#core/topics.ts';
import { limitLog } from '#platform/log.ts';
import { createAliveness } from './aliveness.ts';
import { addCheckJobs } from './check-job.ts';
import { withDerivedPoints } from './derived/derived-points.ts';
import { createRoomFigures, type RoomFigures } from './derived/room-figures.ts';
import { createDeviceBook, type DeviceBook, defaultStaleAfter } from './device-book.ts';
import { startMqttDriver } from './drivers/mqtt-driver.ts';
import { startMqttFamilyDriver } from './drivers/mqtt-family-driver.ts';
import { openPolled } from './drivers/open-polled.ts';
import { createHomeAssistantPublisher, type HomeAssistantPublisher } from './home-assistant-publisher.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import { startPollRequests } from './poll-requests.ts';
import { createPolledJob } from './polled-job.ts';
import { createReachJob } from './reach-job.ts';
import { createSchedule, type Job } from './schedule.ts';
import type { CollectorDependencies, DeviceContext, DeviceJobs } from './seams.ts';
import { startSurveys } from './survey-desk.ts';
import { startTraps } from './trap-intake.ts';

/**
 * The collector: devices → driver → decode by profile → quality → bus.
 *
 *   schedule ── polls ─────┐
 *   traps ─ poll at once ──┤
 *   poll/<device> ─────────┼─→ device book (quality, status) ─→ outbox ─→ reading/<device>, device/<device>
 *   MQTT messages, watch ──┤
 *   reach probe ───────────┘
 */
export interface Collector {
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createCollector(deps: CollectorDependencies): Collector {
  const stops: Stop[] = [];
  let running = false;
  const stop = async (): Promise<void> => {
    running = false;
    for (const one of stops.splice(0).reverse()) {
      await one().catch((error: unknown) => deps.log.warn({ error: messageOf(error) }, 'stopping'));
    }
  };
  return {
    start: async () => {
      if (running) return;
      running = true;
      try {
        await startAll(deps, stops);
      } catch (error) {
        await stop();
        throw error;
      }
    },
    stop,
  };
}

async function startAll(deps: CollectorDependencies, stops: Stop[]): Promise<void> {
  const { config, clock, log, metrics, random } = deps;
  const outbox = createOutbox(deps);
  stops.push(async () => {
    await outbox.settled();
    outbox.stop();
  });
  const homeAssistant = createHomeAssistantPublisher({ config, clock, outbox });
  homeAssistant?.start();
  stops.push(async () => homeAssistant?.stop());
  const schedule = createSchedule(clock, random.fork('collector'), deps.spread, outbox.together);
  stops.push(async () => schedule.stop());
  const limited = limitLog(log, clock);
  const all: DeviceJobs[] = [];
  const figures = createRoomFigures(config.devices);
  for (const device of config.devices) {
    const isLookedAt = isSpokenWith(device) || device.reach !== undefined || device.checks.length > 0;
    if (!isLookedAt && device.derived === undefined) continue;
    const profile = device.profile === undefined ? null : resolveProfile(device.profile, config.profiles);
    const plain = openBook({ device, profile, deps, outbox, homeAssistant });
    const book = withDerivedPoints(figures.listening(plain), defaultStaleAfter(device));
    const context: DeviceContext = { deps, device, book, schedule };
    const jobs: Job[] = [];
    let profileOf = (): Profile | null => profile;
    let looks: Pick<DeviceJobs, 'trace' | 'labels'> = {};
    const driver = openPolled(context);
    if (driver !== null) {
      const polled = createPolledJob(context, driver);
      jobs.push(polled.job);
      profileOf = polled.profile;
      looks = { trace: polled.trace, labels: polled.labels };
      stops.push(async () => polled.close());
    }
    const aliveness = createAliveness();
    if (device.reach !== undefined) jobs.push(createReachJob(context, device.reach, aliveness));
    // Not among the jobs that a trap or a plan hurries: they ask the device's own conversation.
    if (deps.links?.services !== undefined) addCheckJobs(context, deps.links.services, aliveness);
    if (device.derived !== undefined) addFigures(context, figures);
    if (device.mqtt !== undefined) stops.push(await startSensor(context, device.mqtt, limited));
    all.push({ device, jobs, profile: profileOf, book, ...looks });
    book.announce(clock.now());
  }
  stops.push(await startPollRequests(deps, all));
  if (deps.surveys !== undefined) stops.push(await startSurveys(deps, deps.surveys, all));
  if (deps.traps !== null) stops.push(await startTraps(deps, deps.traps, all));
  metrics.gauge('zhishou_collector_devices', all.length);
  schedule.start();
}

/** They are worked out each interval, and said like an answer. */
function addFigures({ deps, device, book, schedule }: DeviceContext, figures: RoomFigures): void {
  schedule.add({
    name: `${device.id}/derived`,
    interval: device.interval,
    run: () => {
      const now = deps.clock.now();
      book.heard(figures.say(device, now), 'schedule', now, true);
      return true;
    },
  });
}

const REPEATED = { cause: 'repetition' };

interface BookParts {
  readonly device: Device;
  readonly profile: Profile | null;
  readonly deps: CollectorDependencies;
  readonly outbox: Outbox;
  readonly homeAssistant: HomeAssistantPublisher | null;
}

function openBook({ device, profile, deps, outbox, homeAssistant }: BookParts): DeviceBook {
  const { config, metrics } = deps;
  const names = {
    'reading/+': topic(config.site.id, 'reading/+', device.id),
    'device/+': topic(config.site.id, 'device/+', device.id),
  };
  const put = (pattern: keyof typeof names, payload: object): void => outbox.put(names[pattern], payload);
  return createDeviceBook({
    device,
    simulated: config.site.simulation,
    staleAfter: defaultStaleAfter(device),
    expected: expectedPoints(device, profile),
    publishReadings: (batch) => {
      metrics.count(
        'zhishou_collector_readings_total',
        { cause: batch.cause },
        batch.news?.points.length ?? batch.readings.length,
      );
      put('reading/+', batch);
      homeAssistant?.heard(device, batch);
    },
    publishStatus: (status) => put('device/+', status),
    again: {
      readings: names['reading/+'],
      status: names['device/+'],
      readingsAgain: (again, points) => {
        metrics.count('zhishou_collector_readings_total', REPEATED, points);
        outbox.again(again);
        homeAssistant?.heard(device, again.value());
      },
      statusAgain: outbox.again,
    },
  });
}

/** What is told as missing when it never came: set points over SNMP, what a sensor is there for over MQTT. */
function expectedPoints(device: Device, profile: Profile | null): string[] {
  if (device.nut !== undefined) return device.kind === 'ups' ? ['ups.status'] : [];
  if (profile === null) return [];
  if (device.modbus !== undefined) return profile.modbus.sets.map((set) => set.point);
  if (device.snmp !== undefined) return profile.snmp.sets.map((set) => set.point);
  return profile.mqtt.points.filter((entry) => entry.expected).map((entry) => entry.point);
}

/** A device with an MQTT profile is read by it; any other in whatever manner it speaks. */
function startSensor(
  { deps, device, book }: DeviceContext,
  mqtt: MqttConnection,
  limited: ReturnType<typeof limitLog>,
): Promise<Stop> {
  const profile = device.profile ?? null;
  const common = {
    book,
    profiles: deps.config.profiles,
    staleAfter: defaultStaleAfter(device),
    bus: deps.bus,
    clock: deps.clock,
    metrics: deps.metrics,
    onRejected: (reason: string) => {
      deps.metrics.count('zhishou_collector_rejected_messages_total', { reason });
      const about = { device: device.id, topic: mqtt.topic, reason };
      limited.warn(`${device.id} ${reason}`, about, 'MQTT message rejected');
    },
  };
  const isOneState = !/[+#]/.test(mqtt.topic) && mqtt.also === undefined && mqtt.name === undefined;
  if (isOneState && (profile !== null || mqtt.topic.startsWith('zigbee2mqtt/')))
    return startMqttDriver({ ...common, topic: mqtt.topic, profile });
  return startMqttFamilyDriver({ ...common, topics: [mqtt.topic, ...(mqtt.also ?? [])], name: mqtt.name ?? null });
}
