import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { type RedfishReadConnection, redfishReadConnectionSchema } from '#core/config/connections.ts';
import { Secret } from '#core/secret.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { createMemoryRedfish } from '#platform/redfish/memory-redfish.ts';
import { createRedfishReader, type RedfishReader } from '#platform/redfish/redfish-reader.ts';
import { createSnmpTransport } from '#platform/snmp/snmp-transport.ts';
import { createRedfishReadDriver } from '#services/collector/drivers/redfish-driver.ts';
import { probe } from '#services/collector/probe.ts';
import { parseRedfishUrl } from '#services/collector/probe-redfish.ts';
import { chassisResources, type RedfishChassis } from '#simulators/devices/redfish-chassis.ts';
import { startRedfishServer } from '#simulators/devices/redfish-server.ts';

const clock = createSystemClock();
const PASSWORD = 'bmc-pass-42';
const server: Omit<RedfishChassis, 'style'> = {
  temperatures: [
    { name: 'Ambient Temp', context: 'SystemBoard', celsius: 22.5 },
    { name: 'CPU1 Temp', context: 'CPU', celsius: 91, health: 'Critical' },
    { name: 'CPU2 Temp', context: 'CPU', celsius: null },
    { name: 'Chassis Intake Temp', context: 'Intake', celsius: 24.8 },
    { name: 'Exhaust Temp', context: 'Exhaust', celsius: 40.5 },
  ],
  fanRpm: [2100, 2050],
  watts: 344,
  supplies: [
    { state: 'Enabled', health: 'OK', inputVolts: 230 },
    { state: 'Enabled', health: 'Warning', line: 'LossOfInput' },
    { state: 'Absent', health: null },
  ],
};

interface Subject {
  readonly reader: RedfishReader;
  readonly url: string;
}
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const ways: readonly [name: string, start: (chassis: RedfishChassis, expands: boolean) => Promise<Subject>][] = [
  [
    'over HTTP',
    async (chassis, expands) => {
      const machine = { power: () => 'on' as const, order: () => 'accepted' as const };
      const made = await startRedfishServer({
        ...{ host: '127.0.0.1', port: 0, clock, user: 'monitor', password: PASSWORD, expands },
        systems: [{ id: 'node-1', machine, resets: ['On'], chassis: () => chassis }],
      });
      stops.push(made.stop);
      return { reader: createRedfishReader(), url: made.url };
    },
  ],
  [
    'in memory',
    async (chassis, expands) => {
      const path = '/redfish/v1/Systems/node-1';
      const resources = new Map<string, object>([
        [
          '/redfish/v1/',
          {
            Systems: { '@odata.id': '/redfish/v1/Systems' },
            ProtocolFeaturesSupported: { ExpandQuery: { NoLinks: expands } },
          },
        ],
        ['/redfish/v1/Systems', { Members: [{ '@odata.id': path }] }],
        [
          path,
          {
            ...{ Id: 'node-1', PowerState: 'On', Status: { Health: 'OK' } },
            Links: { Chassis: [{ '@odata.id': '/redfish/v1/Chassis/node-1' }] },
          },
        ],
        ...chassisResources('node-1', 'node-1', chassis),
      ]);
      const service = { user: 'monitor', password: PASSWORD, resources: (wanted: string) => resources.get(wanted) };
      return { reader: createMemoryRedfish(new Map([['http://memory', service]])), url: 'http://memory' };
    },
  ],
];

const connect = (url: string, more: object = {}): RedfishReadConnection =>
  redfishReadConnectionSchema.parse({ url, user: 'monitor', password: new Secret(PASSWORD), ...more });
const driverOf = ({ reader, url }: Subject, more: object = {}) =>
  createRedfishReadDriver({ device: 'server-1', connection: connect(url, more), reader, clock });
const told = async (subject: Subject, more: object = {}): Promise<Record<string, unknown>> =>
  Object.fromEntries(
    (await driverOf(subject, more).poll()).map(({ point, decoded }) => [point, decoded.value ?? decoded.reason]),
  );

describe.each(ways)("a server's sensors by Redfish (%s)", (_name, start) => {
  it('of a service with the older resources, with all that it tells', async () => {
    expect(await told(await start({ style: 'thermal', ...server }, false))).toEqual({
      'host.power.status': 'on',
      'device.status': 'normal',
      'device.realpower': 344,
      'psu.1.status': 'normal',
      'psu.1.input.voltage': 230,
      'psu.2.status': 'warning',
      'psu.3.status': 'absent',
      'sensor.ambient.temperature': 22.5,
      'sensor.ambient.status': 'normal',
      'sensor.cpu1.temperature': 91,
      'sensor.cpu1.status': 'critical',
      'sensor.cpu2.temperature': 'the service says that it is Disabled',
      'ambient.inlet.temperature': 24.8,
      'ambient.inlet.status': 'normal',
      'ambient.exhaust.temperature': 40.5,
      'ambient.exhaust.status': 'normal',
      'fan.system-1.rpm': 2100,
      'fan.system-1.status': 'normal',
      'fan.system-2.rpm': 2050,
      'fan.system-2.status': 'normal',
      'sensor.vrm1.voltage': 12,
      'sensor.vrm1.status': 'normal',
      'device.alarms': 'cpu1-temp-critical psu-2-warning',
    });
  });

  it.each([
    ['with its sensors in one answer', true],
    ['without, by its metrics', false],
  ])('of a service with the newer resources, %s', async (_title, expands) => {
    const values = await told(await start({ style: 'sensors', ...server }, expands));
    expect(values).toMatchObject({
      'host.power.status': 'on',
      'device.realpower': 344,
      'ambient.inlet.temperature': 24.8,
      'ambient.exhaust.temperature': 40.5,
      'sensor.cpu1.temperature': 91,
      'fan.system-1.rpm': 2100,
      'psu.1.status': 'normal',
      'psu.2.status': 'input-lost',
      'psu.3.status': 'absent',
    });
    expect(values['device.alarms']).toBe(expands ? 'cpu1-temp-critical psu-2-input-lost' : 'psu-2-input-lost');
  });

  it('finds its pages once, and gets those alone afterwards', async () => {
    const subject = await start({ style: 'thermal', ...server }, false);
    const asked: string[] = [];
    const reader: RedfishReader = {
      converse: (target, limit, use) =>
        subject.reader.converse(target, limit, (get) =>
          use((path) => {
            asked.push(path);
            return get(path);
          }),
        ),
    };
    const driver = driverOf({ ...subject, reader });
    await driver.poll();
    asked.length = 0;
    await driver.poll();
    const chassis = '/redfish/v1/Chassis/node-1';
    expect(asked).toEqual(['/redfish/v1/Systems/node-1', `${chassis}/Thermal`, `${chassis}/Power`]);
  });

  it('a wrong password is a refusal, and never told', async () => {
    const subject = await start({ style: 'thermal', ...server }, false);
    const asked = driverOf(subject, { password: new Secret('wrong-one') }).poll();
    await expect(asked).rejects.toMatchObject({ code: 'REFUSED', message: expect.not.stringContaining('wrong-one') });
  });

  it('a system that is not there is told with its path', async () => {
    const subject = await start({ style: 'thermal', ...server }, false);
    const asked = driverOf(subject, { system: 'Systems/other' }).poll();
    await expect(asked).rejects.toMatchObject({
      code: 'BAD_ANSWER',
      message: expect.stringContaining('Systems/other'),
    });
  });

  it('nobody at the address is no answer', async () => {
    const subject = await start({ style: 'thermal', ...server }, false);
    const asked = driverOf({ ...subject, url: 'http://127.0.0.1:1' }).poll();
    await expect(asked).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });
});

describe('a Redfish service that is no help', () => {
  async function serving(answers: (path: string) => { status: number; body: string } | null): Promise<string> {
    const made = createServer((request, response) => {
      const answer = answers(request.url ?? '');
      if (answer !== null) response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
    });
    await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
    stops.push(async () => {
      made.closeAllConnections();
      await new Promise((resolve) => made.close(resolve));
    });
    return `http://127.0.0.1:${(made.address() as { port: number }).port}`;
  }
  const pages = new Map<string, object>([
    ['/redfish/v1/', {}],
    ['/redfish/v1/Systems', { Members: [{ '@odata.id': '/redfish/v1/Systems/1' }] }],
    ['/redfish/v1/Systems/1', { PowerState: 'On', Links: { Chassis: [{ '@odata.id': '/redfish/v1/Chassis/1' }] } }],
    ...chassisResources('1', '1', { style: 'thermal', ...server }),
  ]);
  const good = (path: string) => {
    const body = pages.get(path);
    return body === undefined ? { status: 404, body: '{}' } : { status: 200, body: JSON.stringify(body) };
  };
  const reader = createRedfishReader();

  it('one page that is broken spoils no other (L36)', async () => {
    const url = await serving((path) => (path.endsWith('/Power') ? { status: 500, body: 'oops' } : good(path)));
    const values = await told({ reader, url });
    expect(values['ambient.inlet.temperature']).toBe(24.8);
    expect(values).not.toHaveProperty('device.realpower');
  });

  it('one that falls silent is given up after its time', async () => {
    const url = await serving((path) => (path.endsWith('/Power') ? null : good(path)));
    await expect(driverOf({ reader, url }, { timeout: '300ms' }).poll()).rejects.toMatchObject({ code: 'TIMED_OUT' });
  });

  it('one that points to another host gets no credentials there', async () => {
    const evil = { Links: { Chassis: [{ '@odata.id': 'http://127.0.0.1:1/redfish/v1/Chassis/1' }] }, PowerState: 'On' };
    const url = await serving((path) =>
      path === '/redfish/v1/Systems/1' ? { status: 200, body: JSON.stringify(evil) } : good(path),
    );
    await expect(driverOf({ reader, url }).poll()).rejects.toMatchObject({ code: 'BAD_ANSWER' });
  });

  it('one that is no Redfish service is a wrong answer', async () => {
    const url = await serving(() => ({ status: 200, body: '<html>' }));
    await expect(driverOf({ reader, url }).poll()).rejects.toMatchObject({ code: 'BAD_ANSWER' });
  });

  it('several systems behind one service are named, so that one is chosen', async () => {
    const members = ['1', '2'].map((id) => ({ '@odata.id': `/redfish/v1/Systems/${id}` }));
    const url = await serving((path) =>
      path === '/redfish/v1/Systems' ? { status: 200, body: JSON.stringify({ Members: members }) } : good(path),
    );
    await expect(driverOf({ reader, url }).poll()).rejects.toMatchObject({
      message: expect.stringContaining('Systems/1, Systems/2; name one'),
    });
    expect((await told({ reader, url }, { system: 'Systems/1' }))['ambient.inlet.temperature']).toBe(24.8);
  });

  it('probe reads one by its address alone', async () => {
    const { host } = new URL(await serving(good));
    const deps = { snmp: createSnmpTransport(), profiles: [], links: { redfish: reader }, clock };
    const { recognised, points } = await probe(`redfish+http://monitor:x@${host}`, deps);
    expect(recognised).toBe('redfish');
    expect(points.find(({ name }) => name === 'device.realpower')).toMatchObject({ value: 344, unit: 'W' });
  });
});

describe("the address of a server's Redfish service", () => {
  it.each([
    ['redfish://monitor:p%40ss@10.0.0.9', { url: 'https://10.0.0.9', user: 'monitor', auth: 'basic' }],
    ['redfish+http://m:x@[fd00::9]:8000?system=Systems/1', { url: 'http://[fd00::9]:8000', system: 'Systems/1' }],
    ['redfish://m:x@bmc?auth=session', { auth: 'session' }],
  ])('%s is understood', (url, expected) => {
    expect(parseRedfishUrl(url)).toMatchObject(expected);
  });
  it.each(['redfish://bmc', 'redfish://m@bmc', 'redfish://m:x@bmc?password=y', 'redfish://m:x@bmc?auth=none'])(
    '%s is refused',
    (url) => {
      expect(() => parseRedfishUrl(url)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
    },
  );
});
