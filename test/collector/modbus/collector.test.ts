import { afterEach, describe, expect, it } from 'vitest';
import { seconds } from '#core/time.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { createModbusConnector } from '#platform/modbus/connector.ts';
import { createMemoryNet, type MemoryNet } from '#platform/modbus/memory-net.ts';
import { openProbe, probe } from '#services/collector/probe.ts';
import type { ProbeDependencies } from '#services/collector/probe-result.ts';
import { createModbusServer, type ModbusUnit, RegisterBank } from '#simulators/devices/modbus-server.ts';
import { sampleProfiles } from '../support/profiles.ts';
import { startSite } from '../support/site.ts';

const clock = createSystemClock();

async function serve(units: Record<number, ModbusUnit>): Promise<MemoryNet> {
  const net = createMemoryNet();
  const byNumber = new Map(Object.entries(units).map(([unit, bank]) => [Number(unit), bank]));
  await net.serve({ host: 'gateway', port: 502 }, createModbusServer({ units: byNumber, framing: 'tcp', clock }));
  return net;
}

const sensor = (id: string, unit: number) => ({
  id,
  name: id,
  kind: 'sensor',
  profile: 'renke-rs-ws',
  modbus: { host: 'gateway', unit, timeout: '50ms' },
});

describe('Modbus devices in the collector', () => {
  let site: Awaited<ReturnType<typeof startSite>> | null = null;
  afterEach(async () => {
    await site?.collector.stop();
    site = null;
  });

  it('three units behind one gateway are read, and a changed register is a changed reading', async () => {
    const banks = [1, 2, 3].map((unit) => new RegisterBank({ holding: { 0: 400 + unit, 1: 200 + unit } }));
    const net = await serve({ 1: banks[0]!, 2: banks[1]!, 3: banks[2]! });
    const modbus = createModbusConnector({ dial: net.dial, clock });
    site = await startSite([sensor('th-1', 1), sensor('th-2', 2), sensor('th-3', 3)], { links: { modbus } });
    await site.clock.advanceByAsync(seconds(11));
    expect(site.reading('th-2/ambient.temperature')).toMatchObject({ value: 20.2, quality: 'good' });
    expect(site.reading('th-3/ambient.humidity')).toMatchObject({ value: 40.3, quality: 'good' });
    banks[1]?.set('holding', 1, 351);
    await site.clock.advanceByAsync(seconds(10));
    expect(site.reading('th-2/ambient.temperature')).toMatchObject({ value: 35.1, quality: 'good' });
    expect(site.status('th-1')).toMatchObject({ state: 'responding', profile: 'renke-rs-ws' });
  });

  it('where Modbus is not read the device says so, and disturbs nobody', async () => {
    site = await startSite([sensor('th-1', 1)]);
    await site.clock.advanceByAsync(seconds(11));
    expect(site.statuses.at(-1)).toMatchObject({
      state: 'silent',
      reason: expect.stringContaining('modbus is not read here'),
    });
    expect(site.reading('th-1/device.responding')).toMatchObject({ value: false });
  });
});

describe('zhishou probe modbus://…', () => {
  const deps = async (): Promise<ProbeDependencies> => {
    const ups = new RegisterBank({}, { identity: { 135: '1', 136: '1=UPS2000;2=V1;3=1;4=X' } });
    for (let at = 11_000; at < 12_034; at++) ups.set('holding', at, at === 11_024 ? 2 : 0);
    const net = await serve({ 1: new RegisterBank({ holding: { 0: 0x0292, 1: 0xff9b } }), 7: ups });
    const links = { modbus: createModbusConnector({ dial: net.dial, clock }) };
    return {
      links,
      clock,
      profiles: sampleProfiles(),
      snmp: { open: () => Promise.reject(new Error('not asked')) as never },
    };
  };

  it('reads a unit by a named profile: points, raw registers, where they stand', async () => {
    const result = await probe('modbus://gateway:502/1?profile=renke-rs-ws', await deps());
    expect(result).toMatchObject({
      recognised: 'renke-rs-ws',
      points: [
        { name: 'ambient.humidity', value: 65.8, unit: '%', oid: 'holding 0', raw: 658 },
        { name: 'ambient.temperature', value: -10.1, unit: '°C', oid: 'holding 1', raw: -101 },
      ],
    });
  });
  it('a UPS that tells what it is needs no name', async () => {
    const { recognised, points } = await probe('modbus://gateway:502/7', await deps());
    expect(recognised).toBe('huawei-ups2000-modbus');
    expect(points.find(({ name }) => name === 'ups.status')).toMatchObject({ value: 'OL', oid: 'holding 11024' });
  });
  it.each([
    ['a unit that is not there', 'modbus://gateway:502/9?profile=renke-rs-ws&timeout=50ms', 'TIMED_OUT'],
    ['nobody listens', 'modbus://elsewhere:502/1?profile=renke-rs-ws', 'UNREACHABLE'],
    ['one that does not tell what it is', 'modbus://gateway:502/1', 'BAD_CONFIGURATION'],
    ['an unknown profile', 'modbus://gateway:502/1?profile=nothing', 'NOT_FOUND'],
    ['a unit that cannot be', 'modbus://gateway:502/300?profile=renke-rs-ws', 'BAD_REQUEST'],
    ['a unit that is none', 'modbus://gateway:502/one', 'BAD_REQUEST'],
    ['an option that is none', 'modbus://gateway:502/1?baud=9600', 'BAD_REQUEST'],
    ['a framing that is none', 'modbus://gateway:502/1?framing=ascii', 'BAD_REQUEST'],
    ['no host', 'modbus:///1', 'BAD_REQUEST'],
  ])('%s', async (_what, url, code) => {
    await expect(probe(url, await deps())).rejects.toMatchObject({ code });
  });
  it('looked at again and again over one connection', async () => {
    const session = openProbe('modbus://gateway:502/1?profile=renke-rs-ws', await deps());
    expect((await session.read()).points).toHaveLength(2);
    expect((await session.read()).points).toHaveLength(2);
    session.close();
  });
});
