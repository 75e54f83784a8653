import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type SnmpConnection, snmpConnectionSchema } from '#core/config/connections.ts';
import { devicesFileSchema } from '#core/config/device.ts';
import { ZhishouError } from '#core/errors.ts';
import type { SnmpLink, SnmpTransport } from '#core/ports.ts';
import { hours, instant } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { type Credential, type DiscoverDependencies, discoverNetwork } from '#services/collector/discover-network.ts';
import { asDevicesYaml } from '#services/collector/discovered-devices.ts';
import { createFakeAgent, octets, oidValue, upsObjects } from './support/fake-agent.ts';
import { sampleProfiles } from './support/profiles.ts';

const credential = (community: string, version: '1' | '2c' = '2c'): Credential => {
  const { host: _, ...rest } = snmpConnectionSchema.parse({ host: '127.0.0.1', community, version });
  return rest;
};

/** Agents by address, each with the community it answers to; silence everywhere else. */
function network(agents: Readonly<Record<string, { community: string; version?: string; transport: SnmpTransport }>>) {
  const asked: string[] = [];
  const silent = (host: string): SnmpLink => {
    const none = async (): Promise<never> => {
      throw new ZhishouError('TIMED_OUT', host, 'no answer');
    };
    return { get: none, walk: none, set: none, close: () => {} };
  };
  const snmp: SnmpTransport = {
    open: (connection: SnmpConnection) => {
      asked.push(`${connection.host} ${String(connection.community)} v${connection.version}`);
      const agent = agents[connection.host];
      if (agent === undefined || agent.community !== connection.community) return silent(connection.host);
      if (agent.version !== undefined && agent.version !== connection.version) return silent(connection.host);
      return agent.transport.open(connection);
    },
  };
  return { snmp, asked };
}

const ups = createFakeAgent([...upsObjects(), octets('1.3.6.1.2.1.1.5.0', 'UPS Room 3')]);
const stranger = createFakeAgent([
  octets('1.3.6.1.2.1.1.1.0', 'A "toaster"\nwith two lines'),
  oidValue('1.3.6.1.2.1.1.2.0', '1.3.6.1.4.1.99999.7'),
]);

async function find(
  hosts: readonly string[],
  snmp: SnmpTransport,
  credentials: readonly Credential[],
  more: Partial<DiscoverDependencies> = {},
) {
  const clock = createVirtualClock(instant(0));
  const running = discoverNetwork(hosts, credentials, {
    snmp,
    profiles: sampleProfiles(),
    clock,
    rate: 20,
    atOnce: 4,
    ...more,
  });
  await clock.advanceByAsync(hours(1));
  return { found: await running, clock };
}

describe('who answers on these addresses, and as what', () => {
  it('finds each by the first credentials it answers to, and leaves the silent out', async () => {
    const { snmp, asked } = network({
      '10.0.0.2': { community: 'private', transport: ups.transport },
      '10.0.0.3': { community: 'public', version: '1', transport: stranger.transport },
    });
    const { found } = await find(['10.0.0.1', '10.0.0.2', '10.0.0.3'], snmp, [
      credential('public'),
      credential('private'),
      credential('public', '1'),
    ]);
    expect(found).toMatchObject([
      { host: '10.0.0.2', credential: 1, profile: 'rfc1628-ups', kind: 'ups', sysName: 'UPS Room 3' },
      { host: '10.0.0.3', credential: 2, profile: null, sysObjectId: '1.3.6.1.4.1.99999.7' },
    ]);
    expect(asked.filter((line) => line.startsWith('10.0.0.2'))).toHaveLength(2);
  });

  it('prints entries that devices.yaml takes; secrets and strangers stay out of them', async () => {
    const { snmp } = network({
      '10.0.0.2': { community: 'private', transport: ups.transport },
      '10.0.0.4': { community: 'private', transport: ups.transport },
      '10.0.0.3': { community: 'public', transport: stranger.transport },
    });
    const credentials = [credential('public'), credential('private')];
    const { found } = await find(['10.0.0.2', '10.0.0.3', '10.0.0.4'], snmp, credentials);
    const text = asDevicesYaml(found, credentials);
    const file = parse(text) as { devices: { id: string; snmp: { community: unknown } }[] };
    expect(file.devices.map((device) => device.id)).toEqual(['ups-room-3', 'ups-room-3-2']);
    expect(file.devices[0]?.snmp.community).toEqual({ env: 'SNMP_COMMUNITY' });
    const filled = file.devices.map((device) => ({ ...device, snmp: { ...device.snmp, community: 'filled in' } }));
    expect(devicesFileSchema.safeParse({ devices: filled }).success).toBe(true);
    expect(text).toContain(
      '# 10.0.0.3 answers, but no profile knows it: sysObjectID 1.3.6.1.4.1.99999.7, "A \\"toaster\\"with two lines"',
    );
    expect(asDevicesYaml([], credentials)).toContain('devices: []');
  });

  it('asks no more than so many new addresses a second, and goes on past a mistake of one agent', async () => {
    const broken: SnmpTransport = {
      open: ({ host }) => {
        const refuse = async (): Promise<never> => {
          throw new ZhishouError('BAD_ANSWER', host, 'rubbish');
        };
        return { get: refuse, walk: refuse, set: refuse, close: () => {} };
      },
    };
    const { snmp } = network({
      '10.0.0.9': { community: 'public', transport: ups.transport },
      '10.0.0.8': { community: 'public', transport: broken },
    });
    const begun: number[] = [];
    const clock = createVirtualClock(instant(0));
    const watched: SnmpTransport = {
      open: (connection) => {
        begun.push(clock.now());
        return snmp.open(connection);
      },
    };
    const hosts = Array.from({ length: 40 }, (_, i) => `10.0.0.${i}`);
    const seen: number[] = [];
    const running = discoverNetwork(hosts, [credential('public')], {
      snmp: watched,
      profiles: sampleProfiles(),
      clock,
      rate: 10,
      atOnce: 8,
      onProgress: (done) => seen.push(done),
    });
    await clock.advanceByAsync(hours(1));
    expect((await running).map((one) => one.host)).toEqual(['10.0.0.9']);
    expect(begun.length).toBe(40);
    for (const [i, at] of begun.entries()) expect(at).toBeGreaterThanOrEqual(i * 100);
    expect(seen).toEqual(hosts.map((_, i) => i + 1));
  });
});
