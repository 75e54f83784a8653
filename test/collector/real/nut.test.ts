import { afterAll, beforeAll, expect, it } from 'vitest';
import { nutReadConnectionSchema } from '#core/config/connections.ts';
import { ZhishouError } from '#core/errors.ts';
import { createNutConnector } from '#platform/nut/nut-client.ts';
import { createNutReader } from '#platform/nut/nut-reader.ts';
import { createSnmpTransport } from '#platform/snmp/snmp-transport.ts';
import { createNutDriver } from '#services/collector/drivers/nut-driver.ts';
import { probe } from '#services/collector/probe.ts';
import { startUpsd, type Upsd, until } from '../../alerts/nut/real-nut.ts';
import { describeReal } from '../../support/real.ts';
import { profileOfFile } from '../support/profiles.ts';

/** A made-up three-phase UPS with an outlet group and a probe. */
const VARIABLES = `ups.status: OL CHRG
battery.charge: 97
battery.charge.low: 20
battery.runtime: 2640
battery.voltage: 273.4
battery.capacity: 9.00
ups.test.result: Done and passed
device.serial: 0042
input.L1-N.voltage: 229.8
input.L2-N.voltage: 231.2
input.L3-N.voltage: 230.4
input.frequency: 49.9
output.L1.power.percent: 41
ups.load: 44
ups.temperature: 31.5
ambient.1.temperature: 23.4
ambient.1.humidity: 038.8
outlet.1.status: on
outlet.1.desc: Rack A
experimental.something: 7
TIMER 3600
`;
const profiles = [profileOfFile('nut-ups')];

describeReal(['upsc', 'upsd', 'dummy-ups'], "a UPS read through Debian's upsd", () => {
  let upsd: Upsd;
  beforeAll(async () => {
    upsd = await startUpsd(VARIABLES);
  });
  afterAll(() => upsd.stop());
  const driverOf = (server: Upsd, more: object = {}) => {
    const given = { host: '127.0.0.1', port: server.port, ups: 'dummy', timeout: '2s', ...more };
    const connection = nutReadConnectionSchema.parse(given);
    const reader = createNutReader(createNutConnector());
    return createNutDriver({ device: 'ups-1', connection, profile: null, profiles, reader });
  };
  const refusal = async (driver: ReturnType<typeof driverOf>): Promise<string> => {
    const error = await driver.poll().catch((thrown: unknown) => thrown);
    return error instanceof ZhishouError ? `${error.code} ${error.message}` : String(error);
  };

  it('tells every variable as a point', async () => {
    const driver = driverOf(upsd);
    const values = await driver.poll();
    const good = Object.fromEntries(values.map(({ point, decoded }) => [point, decoded.value]));
    expect(good).toEqual({
      'ups.status': 'OL CHRG',
      'device.alarms': 'none',
      'device.mfr': 'Dummy Manufacturer',
      'device.model': 'Dummy UPS',
      'ups.test.result': 'Done and passed',
      'device.serial': '0042',
      'device.type': 'ups',
      'battery.runtime': 2640,
      'battery.charge': 97,
      'battery.charge.low': 20,
      'battery.voltage': 273.4,
      'battery.amphours': 9,
      'input.L1-N.voltage': 229.8,
      'input.L2-N.voltage': 231.2,
      'input.L3-N.voltage': 230.4,
      'input.frequency': 49.9,
      'output.L1.load': 41,
      'outlet.1.status': 'on',
      'ambient.1.temperature': 23.4,
      'ambient.1.humidity': 38.8,
      'ups.load': 44,
      'ups.temperature': 31.5,
    });
    expect(driver.labels?.()).toEqual({ 'outlet.1.status': 'Rack A' });
    const before = driver.labels?.();
    await driver.poll();
    expect(driver.labels?.()).toBe(before);
    driver.close();
  });

  it('probe lists the UPSes of the server and reads one by its address alone', async () => {
    const deps = { snmp: createSnmpTransport(), profiles, links: { nut: createNutReader(createNutConnector()) } };
    const address = `nut://127.0.0.1:${upsd.port}`;
    expect((await probe(address, deps)).behind).toEqual([{ address: `${address}/dummy`, description: 'Made up' }]);
    const { recognised, points } = await probe(`${address}/dummy`, deps);
    expect(recognised).toBe('nut-ups');
    expect(points.find(({ name }) => name === 'battery.runtime')).toMatchObject({ value: 2640, unit: 's' });
  });

  it('a UPS that the server does not know is a refusal', async () => {
    const driver = driverOf(upsd, { ups: 'other' });
    expect(await refusal(driver)).toMatch(/^REFUSED .*knows no UPS other \(UNKNOWN-UPS\)/);
    driver.close();
  });

  it('is silent while its driver stands still or is gone, each with its reason, and heard again afterwards', async () => {
    const fresh = await startUpsd(VARIABLES);
    const driver = driverOf(fresh);
    try {
      fresh.driver.kill('SIGSTOP');
      await until(async () => /^UNREACHABLE .*lost contact .*DATA-STALE/.test(await refusal(driver)), 'stale');
      fresh.driver.kill('SIGCONT');
      await until(
        async () => (await driver.poll().catch(() => [])).some(({ point }) => point === 'ups.status'),
        'the UPS is heard again',
      );
      fresh.driver.kill('SIGKILL');
      await until(
        async () => /^UNREACHABLE .*driver of dummy .*DRIVER-NOT-CONNECTED/.test(await refusal(driver)),
        'gone',
      );
    } finally {
      driver.close();
      await fresh.stop();
    }
  });

  it('is unreachable when the server has gone', async () => {
    const first = await startUpsd(VARIABLES);
    const driver = driverOf(first);
    await driver.poll();
    await first.stop();
    expect(await refusal(driver)).toMatch(/^UNREACHABLE /);
    driver.close();
  });
});
