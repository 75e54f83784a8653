import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ipmiReadConnectionSchema } from '#core/config/connections.ts';
import { ZhishouError } from '#core/errors.ts';
import { Secret } from '#core/secret.ts';
import { seconds } from '#core/time.ts';
import { createIpmiReader } from '#platform/ipmi/ipmi-reader.ts';
import { createSnmpTransport } from '#platform/snmp/snmp-transport.ts';
import { createIpmiReadDriver } from '#services/collector/drivers/ipmi-driver.ts';
import { probe } from '#services/collector/probe.ts';
import { IPMI_PASSWORD, IPMI_USER, type IpmiSim, startIpmiSim } from '../../alerts/actions/ipmi-sim.ts';
import { describeReal } from '../../support/real.ts';
import { type SimulatedSensor, sensorCommands } from '../support/ipmi-sensors.ts';

const SENSORS: readonly SimulatedSensor[] = [
  { number: 1, name: 'Inlet Temp', type: 1, unit: 1, entity: 0x37, instance: 1, raw: 23, upper: [47, 42] },
  { number: 2, name: 'CPU1 Temp', type: 1, unit: 1, entity: 3, instance: 1, raw: 61, upper: [100, 90] },
  { number: 3, name: 'FAN 1', type: 4, unit: 18, entity: 29, instance: 1, raw: 54, multiplier: 100 },
  { number: 4, name: 'P12V', type: 2, unit: 4, entity: 7, instance: 1, raw: 202, multiplier: 6, exponent: -2 },
  { number: 5, name: 'Pwr Consumption', type: 0x0b, unit: 6, entity: 7, instance: 1, raw: 55, multiplier: 4 },
  { number: 6, name: 'Exhaust Temp', type: 1, unit: 1, entity: 0x37, instance: 2, raw: null },
  { number: 10, name: 'PSU1 Status', type: 8, entity: 10, instance: 1, states: [0] },
  { number: 11, name: 'PSU2 Status', type: 8, entity: 10, instance: 2, states: [0, 1] },
  { number: 12, name: 'PSU3 Status', type: 8, entity: 10, instance: 3, states: [0, 3] },
];
const reader = createIpmiReader({ patience: { timeoutS: 1, retries: 1 } });
const connect = (port: number, more: object = {}) =>
  ipmiReadConnectionSchema.parse({
    ...{ host: '127.0.0.1', port, user: IPMI_USER, password: new Secret(IPMI_PASSWORD), cipher: 3, level: 'user' },
    ...more,
  });
const poll = (port: number, more: object = {}) =>
  createIpmiReadDriver({ device: 'server-1', connection: connect(port, more), reader }).poll();
const refusal = async (asked: Promise<unknown>): Promise<string> => {
  const error = await asked.catch((thrown: unknown) => thrown);
  return error instanceof ZhishouError ? `${error.code} ${error.message}` : 'no error';
};

describeReal(['ipmitool', 'ipmi_sim'], "a server's sensors through ipmitool and ipmi_sim", () => {
  let bmc: IpmiSim;
  beforeAll(async () => {
    bmc = await startIpmiSim(sensorCommands(SENSORS));
    // It listens a moment after it was started.
    while ((await refusal(poll(bmc.port))) !== 'no error');
  }, 30_000);
  afterAll(() => bmc.stop());

  it('tells temperatures, fans, voltages, power and supplies under our names', async () => {
    const values = await poll(bmc.port);
    const told = Object.fromEntries(values.map(({ point, decoded }) => [point, decoded.value ?? decoded.reason]));
    expect(told).toMatchObject({
      'device.firmware': '9.08',
      'host.power.status': 'on',
      'device.realpower': 220,
      'ambient.inlet.temperature': 23,
      'ambient.inlet.status': 'normal',
      'sensor.cpu1.temperature': 61,
      'fan.1.rpm': 5400,
      'sensor.p12v.voltage': 12.12,
      'sensor.pwr-consumption.realpower': 220,
      'ambient.exhaust.temperature': 'the controller has no reading of it (ns)',
      'psu.1.status': 'normal',
      'psu.2.status': 'failed',
      'psu.3.status': 'input-lost',
      'device.alarms': 'psu-2-failed psu-3-input-lost',
    });
    expect(values.every(({ oid }) => oid !== null)).toBe(true);
  });

  it('tells that the chassis is off, which is no silence', async () => {
    bmc.setPower('off');
    const values = await poll(bmc.port);
    expect(values.find(({ point }) => point === 'host.power.status')?.decoded.value).toBe('off');
    bmc.setPower('on');
  });

  it('probe reads it by its address alone', async () => {
    const url = `ipmi://${IPMI_USER}:${IPMI_PASSWORD}@127.0.0.1:${bmc.port}?cipher=3`;
    const { recognised, points } = await probe(url, {
      snmp: createSnmpTransport(),
      profiles: [],
      links: { ipmi: reader },
    });
    expect(recognised).toBe('ipmi');
    expect(points.find(({ name }) => name === 'ambient.inlet.temperature')).toMatchObject({ value: 23, unit: '°C' });
  });

  it.each([
    ['a wrong password', { password: new Secret('wrong-one') }, /^REFUSED .*the password of zhishou is wrong/],
    ['an unknown user', { user: 'nobody' }, /^REFUSED .*it knows no user nobody/],
    ['a cipher suite that is not offered', { cipher: 17 }, /^REFUSED .*does not offer cipher suite 17/],
    ['a port without a controller', { port: 1 }, /^(TIMED_OUT|UNREACHABLE) /],
  ])('%s: says why, and never the password', async (_title, more, text) => {
    const said = await refusal(poll(bmc.port, more));
    expect(said).toMatch(text);
    expect(said).not.toMatch(/wrong-one|ipmi-pass/);
  });

  it('one that hangs is given up after its time, and its ipmitool is ended', async () => {
    const hanging = await startIpmiSim(sensorCommands(SENSORS));
    while ((await refusal(poll(hanging.port))) !== 'no error');
    const asked = reader.ask('read', connect(hanging.port), seconds(0.001));
    await expect(asked).rejects.toMatchObject({ code: 'TIMED_OUT' });
    await hanging.stop();
  }, 30_000);
});

describe('without ipmitool', () => {
  it('the device says which package is missing', async () => {
    const absent = createIpmiReader({ program: '/no/such/ipmitool' });
    const asked = absent.ask('read', connect(9), seconds(5));
    await expect(asked).rejects.toMatchObject({
      code: 'BAD_CONFIGURATION',
      message: expect.stringContaining('install the package ipmitool'),
    });
  });
});
