import type { Config } from '#core/config/config.ts';
import { deviceSchema } from '#core/config/device.ts';
import { siteSchema } from '#core/config/site.ts';
import { ZhishouError } from '#core/errors.ts';
import type { ReachProbe, SnmpTransport, Trap, TrapSource } from '#core/ports.ts';
import { seededRandom } from '#core/random.ts';
import type { DeviceStatus, Reading, ReadingBatch } from '#core/reading.ts';
import type { Secret } from '#core/secret.ts';
import { instant } from '#core/time.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { createCollector } from '#services/collector/app.ts';
import type { DeviceLinks } from '#services/collector/seams.ts';
import { createFakeAgent, type FakeAgent, upsObjects } from './fake-agent.ts';
import { sampleProfiles } from './profiles.ts';

/** A whole collector on a virtual clock, with agents in memory by port, a bus in memory, and everything it published. */
export const START = instant(Date.parse('2026-11-23T01:00:00Z'));

export async function startSite(
  devices: readonly object[],
  options: { readonly start?: boolean; readonly links?: DeviceLinks; readonly surveyKey?: Secret } = {},
) {
  const clock = createVirtualClock(START);
  const bus = createMemoryBus();
  const metrics = createMetrics();
  const agents = new Map<number, FakeAgent>();
  const ports = new Map<number, 'open' | 'closed'>();
  const batches: ReadingBatch[] = [];
  const statuses: DeviceStatus[] = [];
  const latest = new Map<string, Reading>();
  const handlers = new Set<(trap: Trap) => void>();
  const parsed = devices.map((device) => deviceSchema.parse(device));
  for (const { snmp } of parsed) if (snmp !== undefined) agents.set(snmp.port, createFakeAgent(upsObjects()));
  const snmp: SnmpTransport = {
    open: (connection) => {
      const agent = agents.get(connection.port);
      if (agent === undefined) throw new ZhishouError('UNREACHABLE', String(connection.port));
      return agent.transport.open(connection);
    },
  };
  const reach: ReachProbe = { tcp: async (_host, port) => ports.get(port) ?? 'closed' };
  const traps: TrapSource = {
    listen: async (handler) => {
      handlers.add(handler);
      return async () => void handlers.delete(handler);
    },
  };
  await bus.subscribe('zhishou/test/reading/+', (message) => {
    if (message.payload.length === 0) return;
    const batch = JSON.parse(new TextDecoder().decode(message.payload)) as ReadingBatch;
    batches.push(batch);
    for (const reading of batch.readings) latest.set(`${reading.device}/${reading.point}`, reading);
  });
  await bus.subscribe('zhishou/test/device/+', (message) => {
    statuses.push(JSON.parse(new TextDecoder().decode(message.payload)) as DeviceStatus);
  });
  const config = {
    site: siteSchema.parse({
      id: 'test',
      name: 'Test',
      address: 'x',
      floor: 'x',
      time_zone: 'UTC',
      simulation: true,
      traps: { community: 'public' },
    }),
    devices: parsed,
    profiles: sampleProfiles(),
  } as unknown as Config;
  const random = seededRandom(1);
  const links = options.links ?? {};
  const { surveyKey: key } = options;
  const collector = createCollector({
    ...{ config, clock, bus, log: silentLog, metrics, snmp, reach, traps, random, links },
    ...(key === undefined ? {} : { surveys: { key, wall: clock, profiles: async () => config.profiles } }),
  });
  if (options.start !== false) await collector.start();
  return {
    clock,
    bus,
    metrics,
    agents,
    ports,
    batches,
    statuses,
    collector,
    reading: (name: string): Reading | undefined => latest.get(name),
    status: (device: string): DeviceStatus | undefined => statuses.filter((status) => status.device === device).at(-1),
    trap: (trap: Partial<Trap>): void => {
      const whole = {
        from: '127.0.0.1',
        varbinds: [],
        version: '2c',
        name: 'public',
        inform: false,
        oid: '1.3',
        ...trap,
      } as Trap;
      for (const handler of handlers) handler(whole);
    },
  };
}

export const upsDevice = (id = 'ups-1', port = 1161, more: object = {}) => ({
  id,
  name: id,
  kind: 'ups',
  profile: 'rfc1628-ups',
  snmp: { host: '127.0.0.1', port, community: 'public' },
  interval: '10s',
  ...more,
});

export const climateDevice = (id = 'th-1', more: object = {}) => ({
  id,
  name: id,
  kind: 'sensor',
  profile: 'zigbee2mqtt-climate',
  mqtt: { topic: `zigbee2mqtt/${id}` },
  interval: '30s',
  stale_after: '5m',
  ...more,
});
