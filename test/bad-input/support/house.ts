import { join } from 'node:path';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { vi } from 'vitest';
import { loadSite, SAMPLE_CONFIG } from '#commands/configuration.ts';
import { type House, openHouse } from '#commands/house.ts';
import type { AlertView } from '#core/alert.ts';
import type { Config } from '#core/config/config.ts';
import type { OutgoingMessage } from '#core/notification.ts';
import type { Channel, Log } from '#core/ports.ts';
import { seededRandom } from '#core/random.ts';
import type { ReadingBatch } from '#core/reading.ts';
import { instant } from '#core/time.ts';
import { topicFilter } from '#core/topics.ts';
import { createEmbeddedBroker, type EmbeddedBroker } from '#platform/bus/embedded-broker.ts';
import { createVirtualClock, type VirtualClock } from '#platform/clock/virtual-clock.ts';
import { makeTemporaryFolder } from '#platform/environment.ts';
import { createMetrics } from '#platform/metrics.ts';
import { freePorts } from '#platform/net.ts';
import { createTrapSource } from '#platform/snmp/trap-source.ts';
import { createDrivers } from '#services/alerts/actions/create-drivers.ts';
import { createInMemoryFaces } from '#simulators/in-memory.ts';
import { createRoom, type Room } from '#simulators/room.ts';

/**
 * The whole house with its real doors open (trap port, MQTT port, HTTP port) and a simulated room behind it, on a virtual
 * clock: room time stands still while something hostile comes in, so "nobody was delayed" is a comparison of instants.
 */
export interface BadDay {
  readonly config: Config;
  readonly clock: VirtualClock;
  readonly room: Room;
  readonly broker: EmbeddedBroker;
  readonly house: House;
  readonly trapPort: number;
  /** What was handed to a channel. */
  readonly sent: readonly OutgoingMessage[];
  /** Every reading batch that was heard on the bus. */
  readonly batches: readonly ReadingBatch[];
  /** The alerts as they were published last. */
  readonly alerts: ReadonlyMap<string, AlertView>;
  readonly incidents: ReadonlySet<string>;
  /** Warnings and errors that were logged. */
  readonly logged: readonly string[];
  /** The sum of a counter over the series with these labels. */
  count(name: string, labels?: Readonly<Record<string, string>>): number;
  /** A client on the MQTT port, with no rights. */
  stranger(options?: IClientOptions): Promise<MqttClient>;
  firing(): string[];
  stop(): Promise<void>;
}

export interface BadDayOptions {
  readonly page?: boolean;
  /** Before any service listens: what the broker keeps from earlier. */
  readonly before?: (connect: () => Promise<MqttClient>) => Promise<void>;
  readonly trapsPerSecond?: number;
}

/** A Monday morning in the sample room. */
export const START = instant(Date.parse('2026-11-23T01:00:00Z'));

export async function openBadDay(options: BadDayOptions = {}): Promise<BadDay> {
  const folder = makeTemporaryFolder('zhishou-bad-');
  const stops: (() => unknown)[] = [() => folder.remove()];
  const stop = async (): Promise<void> => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  const variables = { ZHISHOU_HTTP_PORT: String((await freePorts(1))[0]) };
  const { config, simulation } = loadSite(SAMPLE_CONFIG, { secretsDirectory: join(folder.path, 'keys'), variables });
  if (config === null || simulation === null) throw new Error('the sample configuration has mistakes');
  const clock = createVirtualClock(START);
  const metrics = createMetrics();
  const random = seededRandom(1);
  const logged: string[] = [];
  const log = noting(logged);
  const room = createRoom({ config, simulation, clock, random: random.fork('world'), log });
  stops.push(() => room.stop());
  const faces = createInMemoryFaces(room, { config, clock });
  stops.push(() => faces.stop());
  const broker = await createEmbeddedBroker({ host: '127.0.0.1', port: 0, metrics, log });
  stops.push(() => broker.close());
  const clients = connector(broker.port, stops);
  await options.before?.(clients);
  const heard = await listen(broker, config);
  stops.push(faces.startSensors(broker));
  const traps = createTrapSource({
    ...{ host: '127.0.0.1', port: 0, community: 'public', log, metrics },
    connections: config.devices.flatMap((device) => device.snmp ?? []),
    ...(options.trapsPerSecond === undefined ? {} : { mostPerSecond: options.trapsPerSecond }),
  });
  const sent: OutgoingMessage[] = [];
  const channel: Channel = { send: async (message) => void sent.push(message), close: async () => {} };
  const house = await openHouse({
    ...{ config, clock, wall: clock, log, metrics, bus: broker, traps, snmp: faces.snmp, reach: faces.reach },
    stateDirectory: null,
    random: random.fork('services'),
    drivers: {
      ...createDrivers({ config, clock, bus: broker, snmp: faces.snmp }),
      ssh: faces.ssh,
      redfish: faces.redfish,
    },
    channels: Object.fromEntries(Object.keys(config.site.channels).map((name) => [name, channel])),
    forcedMode: 'drill',
    page: options.page === true ? { webRoot: join(folder.path, 'no-page'), speed: () => 1 } : null,
  });
  stops.push(() => house.stop());
  return {
    ...{ config, clock, room, broker, house, sent, logged, stop },
    ...heard,
    trapPort: traps.listeningPort() ?? 0,
    count: (name, labels = {}) => sum(metrics.render(), name, labels),
    stranger: clients,
    firing: () => [...heard.alerts.values()].filter(({ state }) => state === 'firing').map(({ rule }) => rule),
  };
}

function noting(lines: string[]): Log {
  const note = (_fields: unknown, message: string): void => void lines.push(message);
  const log: Log = { debug: () => {}, info: () => {}, warn: note, error: note, child: () => log };
  return log;
}

const connector =
  (port: number, stops: (() => unknown)[]) =>
  async (options: IClientOptions = {}): Promise<MqttClient> => {
    const client = await connectAsync({ host: '127.0.0.1', port, reconnectPeriod: 0, ...options });
    client.on('error', () => {});
    stops.push(() => client.endAsync(true));
    return client;
  };

async function listen(bus: EmbeddedBroker, { site }: Config) {
  const batches: ReadingBatch[] = [];
  const alerts = new Map<string, AlertView>();
  const incidents = new Set<string>();
  const hear = async <T>(pattern: 'reading/+' | 'alert/+' | 'incident/+', take: (payload: T) => void) =>
    bus.subscribe(topicFilter(site.id, pattern), ({ payload }) => {
      if (payload.length > 0) take(JSON.parse(new TextDecoder().decode(payload)) as T);
    });
  await hear<ReadingBatch>('reading/+', (batch) => batches.push(batch));
  await hear<AlertView>('alert/+', (view) => alerts.set(view.id, view));
  await hear<{ id: string }>('incident/+', ({ id }) => incidents.add(id));
  return { batches, alerts, incidents };
}

/** Of the Prometheus text: `name{a="b"} 3`. */
function sum(text: string, name: string, labels: Readonly<Record<string, string>>): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter((line) => wanted.every((one) => line.includes(one)))
    .reduce((total, line) => total + Number(line.split(' ').at(-1)), 0);
}

/** Waits for what comes over a real socket; the test's own limit ends it. */
export const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20_000, interval: 5 });

/** Who was read when and why: two days with the same diary were not delayed by anything. */
export const diaryOf = (day: BadDay, except: readonly string[] = []): string[] =>
  day.batches
    .filter(({ device }) => !except.includes(device))
    .map(({ device, at, cause }) => `${at - START} ${device} ${cause}`);
