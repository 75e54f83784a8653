import { type Site, siteSchema } from '#core/config/site.ts';
import type { ActionContext, StateStore } from '#core/ports.ts';
import type { Value } from '#core/reading.ts';
import { createLatestReadings } from '#core/rules/latest-readings.ts';
import { Secret } from '#core/secret.ts';
import { seconds } from '#core/time.ts';
import { createVirtualClock, type VirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { createMemoryNutNet, type MemoryNutNet } from '#platform/nut/memory-nut.ts';
import type { NutListener } from '#platform/nut/nut-listener.ts';
import { openStateStore } from '#platform/state-store.ts';
import { createNutServer, type NutServer } from '#services/alerts/nut-server/nut-server.ts';
import { fakeMetrics, makeBatch, makeConfig, makeDevice, T0 } from '../support.ts';

/** Our NUT server alone, on a virtual clock and without sockets unless a listener is given; `read` is what the UPS says. */
export interface NutRig {
  readonly server: NutServer;
  readonly net: MemoryNutNet;
  readonly clock: VirtualClock;
  readonly state: StateStore;
  readonly metrics: ReturnType<typeof fakeMetrics>;
  read(points: Readonly<Record<string, Value | null>>): void;
  start(): Promise<void>;
}

export const ON_LINE = {
  'ups.status': 'OL',
  'battery.charge': 100,
  'battery.runtime': 3600,
  'device.mfr': 'Made up "Power"',
};
export const ON_BATTERY = { ...ON_LINE, 'ups.status': 'OB DISCHRG', 'battery.charge': 80, 'battery.runtime': 1800 };

export function nutSite(more: Record<string, unknown> = {}): Site {
  return siteSchema.parse({
    id: 'test',
    name: 'Test room',
    address: 'a',
    floor: 'f',
    time_zone: 'Asia/Shanghai',
    nut_server: {
      port: 34_930,
      users: [
        { name: 'monuser', password: new Secret('secret') },
        { name: 'admin', password: new Secret('123456') },
      ],
      upses: [
        { id: 'ups', of: 'ups-1', description: { zh: '存储组', en: 'Storage group' } },
        { id: 'qnapups', of: 'ups-1' },
      ],
      ...more,
    },
  });
}

export const NAS = makeDevice({
  id: 'nas-1',
  kind: 'storage',
  shutdown: {
    by: { nut_serve: { ups: 'ups', say: 'shutdown' } },
    estimate: '3m',
    verify: [{ tcp: { host: '127.0.0.1', port: 5000 }, is: 'closed' }],
  },
  start: {
    by: { wake: { mac: '00:11:22:33:44:55' } },
    estimate: '4m',
    verify: [{ tcp: { host: '127.0.0.1', port: 5000 }, is: 'open' }],
  },
});

export function nutRig(
  options: { state?: StateStore; listener?: NutListener; site?: Site; clock?: VirtualClock } = {},
): NutRig {
  const site = options.site ?? nutSite();
  const base = makeConfig();
  const config = { ...base, site, devices: [...base.devices, NAS] };
  const clock = options.clock ?? createVirtualClock(T0);
  const latest = createLatestReadings(config);
  const state = options.state ?? openStateStore(':memory:');
  const net = createMemoryNutNet();
  const metrics = fakeMetrics();
  const server = createNutServer({
    ...{ config, clock, latest, state, metrics, log: silentLog, steady: () => clock.now() },
    listener: options.listener ?? net.listener,
  });
  if (server === null) throw new Error('the site has no NUT server');
  return {
    ...{ server, net, clock, state, metrics },
    read: (points) => void latest.take(makeBatch('ups-1', clock.now(), points), clock.now(), false),
    async start() {
      server.start();
      await clock.advanceByAsync(seconds(0));
    },
  };
}

export const contextOf = (values: Record<string, string> = {}): ActionContext => ({
  run: 'i1/nas/1',
  limit: seconds(60),
  values: { incident: 'i1', ...values },
});

export const LOGIN = 'USERNAME monuser\nPASSWORD secret\nLOGIN ups\n';
