import { afterEach, describe, expect, it } from 'vitest';
import type { Config } from '#core/config/config.ts';
import { type Device, deviceSchema } from '#core/config/device.ts';
import { seededRandom } from '#core/random.ts';
import { Secret } from '#core/secret.ts';
import { minutes } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { freePorts } from '#platform/net.ts';
import { createNutConnector } from '#platform/nut/nut-client.ts';
import { createNutReader } from '#platform/nut/nut-reader.ts';
import { createIpmiReadDriver } from '#services/collector/drivers/ipmi-driver.ts';
import { createNutDriver } from '#services/collector/drivers/nut-driver.ts';
import type { PolledDriver } from '#services/collector/drivers/polled-driver.ts';
import { createRedfishReadDriver } from '#services/collector/drivers/redfish-driver.ts';
import { inMemoryControllers } from '#simulators/devices/bmc-sensors.ts';
import { inMemoryNut, startNutFaces } from '#simulators/devices/nut-faces.ts';
import { createRoom, type Room } from '#simulators/room.ts';
import { MONDAY, sampleConfig } from '../alerts/plans/outage-rig.ts';
import { profileOfFile } from '../collector/support/profiles.ts';
import { sampleSpec } from './sample-room.ts';

/** The simulated room, read by NUT, IPMI and Redfish: the same drivers as production. */
const account = { user: 'monitor', password: new Secret('sample') };
const rooms: Room[] = [];
afterEach(() => {
  for (const room of rooms.splice(0)) room.stop();
});

function rig(port = 3493) {
  const sample = sampleConfig();
  const ways: Readonly<Record<string, object>> = {
    'ups-1': { nut: { host: '127.0.0.1', port, ups: 'ups' } },
    'server-1': { ipmi: { host: 'bmc-1', ...account } },
    'server-2': { redfish: { url: 'http://bmc-2', ...account } },
  };
  const devices = sample.devices.map((device): Device => {
    const way = ways[device.id];
    const read = deviceSchema.parse({ id: device.id, name: device.id, kind: device.kind, ...way });
    return way === undefined ? device : { ...device, nut: read.nut, ipmi: read.ipmi, redfish: read.redfish };
  });
  const config: Config = { ...sample, devices };
  const clock = createVirtualClock(MONDAY);
  const room = createRoom({ config, simulation: sampleSpec(), clock, random: seededRandom(1), log: silentLog });
  rooms.push(room);
  const find = (id: string): Device => {
    const device = devices.find((one) => one.id === id);
    if (device === undefined) throw new Error(id);
    return device;
  };
  return { config, clock, room, find, touched: new Set<string>() };
}

const told = async (driver: PolledDriver): Promise<Record<string, unknown>> =>
  Object.fromEntries((await driver.poll()).map(({ point, decoded }) => [point, decoded.value]));

const profiles = [profileOfFile('nut-ups')];

describe('the simulated UPS behind a NUT server', () => {
  it('tells the room’s own points, in memory and over TCP alike, and is stale when it is dark', async () => {
    const [port = 0] = await freePorts(1);
    const { config, clock, room, find, touched } = rig(port);
    const connection = find('ups-1').nut;
    if (connection === undefined) throw new Error('no NUT');
    const stop = await startNutFaces(room, config);
    const common = { device: 'ups-1', connection, profile: null, profiles };
    const readers = [inMemoryNut(room, config, touched), createNutReader(createNutConnector())];
    const drivers = readers.map((reader) => createNutDriver({ ...common, reader }));
    const [inMemory, overTcp] = await Promise.all(drivers.map(told));
    expect(inMemory).toEqual(overTcp);
    expect(inMemory).toMatchObject({ 'ups.status': 'OL', 'device.alarms': 'none', 'battery.charge': 100 });
    expect(touched).toEqual(new Set([`tcp 127.0.0.1:${port}`]));

    room.apply({ kind: 'mains', present: false });
    await clock.advanceByAsync(minutes(1));
    expect((await told(drivers[0]!))['ups.status']).toMatch(/^OB/);
    await clock.advanceByAsync(minutes(600));
    await expect(drivers[0]!.poll()).rejects.toMatchObject({ message: expect.stringContaining('DATA-STALE') });
    for (const driver of drivers) driver.close();
    await stop();
  });
});

describe("the simulated servers' management controllers", () => {
  it('tell by IPMI and by Redfish what the room has: its air, the power drawn, on and off', async () => {
    const { config, clock, room, find, touched } = rig();
    const { ipmi, redfish } = inMemoryControllers(room, config, touched);
    const [one, two] = [find('server-1').ipmi, find('server-2').redfish];
    if (one === undefined || two === undefined) throw new Error('no controller');
    const drivers = [
      createIpmiReadDriver({ device: 'server-1', connection: one, reader: ipmi }),
      createRedfishReadDriver({ device: 'server-2', connection: two, reader: redfish, clock }),
    ];
    const celsius = Math.round(room.look().world.climate.temperatureC * 10) / 10;
    for (const driver of drivers) {
      const values = await told(driver);
      expect(values).toMatchObject({
        'host.power.status': 'on',
        'ambient.inlet.temperature': celsius,
        'ambient.exhaust.temperature': celsius + 12,
        'psu.1.status': 'normal',
        'device.alarms': 'none',
      });
      expect(values['device.realpower']).toBeGreaterThan(50);
    }
    room.orderBmc('server-1', 'off', 'test');
    expect((await told(drivers[0]!))['host.power.status']).toBe('off');
    expect(touched).toEqual(new Set(['udp bmc-1:623', 'tcp bmc-2']));
  });
});
