import { afterEach, describe, expect, it } from 'vitest';
import { planSchema } from '#core/config/plan.ts';
import type { Site } from '#core/config/site.ts';
import type { Value } from '#core/reading.ts';
import { Secret } from '#core/secret.ts';
import { seconds } from '#core/time.ts';
import { silentLog } from '#platform/log.ts';
import { createMemoryNutNet, type MemoryNutClient } from '#platform/nut/memory-nut.ts';
import { withAbsent } from '#services/alerts/actions/absent-driver.ts';
import { createActionRunner } from '#services/alerts/actions/action-runner.ts';
import { makeService, type Service } from '../service.ts';
import { DEVICES, fakeMetrics, makeBatch, makeConfig, makeDevice, makeRule } from '../support.ts';
import { contextOf, LOGIN, NAS, nutSite, ON_BATTERY, ON_LINE } from './rig.ts';

/** The whole alerts service with a NUT client that obeys as upsmon does: it logs out and its port closes once it has read FSD. */
const STATUS = 'GET VAR ups ups.status\n';

const PLAN = planSchema.parse({
  id: 'outage',
  title: 'Outage',
  version: '1',
  level: 'serious',
  triggers: { alerts: ['mains-lost'], button: true },
  source: 'test',
  power: {
    ...{ ups: ['ups-1'], limit: '90m', settle: '2m', treat_silence_on_battery_as: 'hold' },
    margin: { share: 0.1, at_least: '90s' },
    recovery: { charge_above: 30, settle: '5m' },
  },
  steps: [
    { id: 'down', title: 'Shut down', stage: 'protect', act: { operation: 'shutdown', on: { devices: ['nas-1'] } } },
  ],
});

interface Nas {
  readonly client: MemoryNutClient;
  up: boolean;
}

function house(site: Site = nutSite()) {
  const net = createMemoryNutNet();
  const nas: { now: Nas | null } = { now: null };
  const battery = { runtime: '60m', at_load: 2000 };
  const ups = makeDevice({ id: 'ups-1', kind: 'ups', snmp: { host: '127.0.0.1', community: 'public' }, battery });
  const config = makeConfig({
    site,
    devices: [ups, ...DEVICES.filter(({ id }) => id !== 'ups-1'), NAS],
    rules: [makeRule({ id: 'mains-lost', when: { point: 'ups.status', is: 'OB' }, severity: 'high' })],
    plans: [PLAN],
  });
  const service = makeService({
    config,
    nut: net.listener,
    reach: { tcp: () => Promise.resolve(nas.now?.up === true ? 'open' : 'closed') },
  });
  services.push(service);
  const read = async (points: Readonly<Record<string, Value | null>>): Promise<void> => {
    await service.publish(
      makeBatch('ups-1', service.clock.now(), { ...points, 'ups.realpower': 2000, 'ups.load': 40 }),
    );
  };
  const boot = (): MemoryNutClient => {
    const client = net.connect('10.0.0.4');
    client.send(LOGIN);
    nas.now = { client, up: true };
    return client;
  };
  /** upsmon's look, every five seconds. */
  const look = (): void => {
    const said = nas.now?.client.send(STATUS) ?? '';
    if (!said.includes('FSD') || nas.now === null) return;
    nas.now.client.close();
    nas.now.up = false;
  };
  const live = async (s: number, points: Readonly<Record<string, Value | null>>): Promise<void> => {
    for (let passed = 0; passed < s; passed += 5) {
      await read(points);
      if (nas.now?.up === true) look();
      await service.advance(seconds(5));
    }
  };
  return { service, net, nas, read, boot, live };
}

const services: Service[] = [];
afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
});

describe('the service with NUT clients', () => {
  it('serves what it reads, and nothing without a nut_server in site.yaml', async () => {
    const { service, net, read } = house();
    await service.start();
    await read(ON_LINE);
    expect(net.connect('10.0.0.9').send(STATUS)).toBe('VAR ups ups.status "OL"\n');

    const { nut_server: _, ...bare } = nutSite();
    const silent = house(bare as Site);
    await silent.service.start();
    expect(() => silent.net.connect('10.0.0.9')).toThrow();
  });

  it('shuts a storage system down through its own NUT client, proven by its port and not by our word (L16)', async () => {
    const { service, boot, nas, live } = house();
    await service.start();
    await service.command({ kind: 'site.arm', reason: 'tested' });
    await live(30, ON_LINE);
    const client = boot();
    await live(30, ON_BATTERY);
    const incident = service.seen('incident/+').at(-1);
    if (incident === undefined) throw new Error('an outage has its incident');
    expect(nas.now?.up).toBe(true);
    expect(client.closed).toBe(false);
    expect(
      await service.command({ kind: 'incident.start-sequence', incident: incident.id, reason: 'now' }),
    ).toMatchObject({ ok: true });
    await live(60, ON_BATTERY);
    expect(nas.now?.up).toBe(false);
    const step = service
      .seen('incident/+')
      .at(-1)
      ?.steps.find(({ id }) => id === 'down:nas-1');
    expect(step).toMatchObject({ state: 'done' });
    const timeline = JSON.stringify(service.seen('incident/+').at(-1)?.timeline);
    expect(timeline).toContain('FSD on ups, told to 10.0.0.4');
  });

  it('does not say it when the site is not armed: it advises', async () => {
    const { service, boot, nas, live } = house();
    await service.start();
    boot();
    await live(30, ON_BATTERY);
    const incident = service.seen('incident/+').at(-1);
    await service.command({ kind: 'incident.start-sequence', incident: incident?.id ?? '', reason: 'now' });
    await live(60, ON_BATTERY);
    expect(nas.now?.up).toBe(true);
  });
});

describe('I9: saying FSD in a drill', () => {
  const simulated = (host: string): Site => ({ ...nutSite({ host }), simulation: true });
  const rows: readonly [reason: string, site: Site, mode: 'drill' | 'rehearsal' | null, allowed: boolean][] = [
    ['a real site, for real', nutSite(), null, true],
    ['a drill on a real site would shut real machines down', nutSite(), 'drill', false],
    ['a rehearsal acts on nothing', nutSite(), 'rehearsal', false],
    ['a simulated room on loopback', simulated('127.0.0.1'), 'drill', true],
    ['a simulated room that real machines could have logged in to', simulated('0.0.0.0'), 'drill', false],
  ];
  it.each(rows)('%s', async (_reason, site, mode, allowed) => {
    const asked: string[] = [];
    const nut_serve = {
      run: (_: unknown, { run }: { run: string }) => {
        asked.push(run);
        return Promise.resolve({ result: 'ok' as const, detail: '' });
      },
    };
    const runner = createActionRunner({
      ...{ config: { site, devices: [] }, drivers: withAbsent({ nut_serve }), mode },
      ...{ log: silentLog, metrics: fakeMetrics() },
    });
    const outcome = await runner.run({ nut_serve: { ups: 'ups', say: 'shutdown' } }, contextOf());
    expect(outcome.result).toBe(allowed ? 'ok' : 'failed');
    expect(asked).toHaveLength(allowed ? 1 : 0);
  });

  it('keeps passwords out of what is written down', () => {
    const text = JSON.stringify(nutSite({ users: [{ name: 'monuser', password: new Secret('hidden-word') }] }));
    expect(text).not.toContain('hidden-word');
  });
});
