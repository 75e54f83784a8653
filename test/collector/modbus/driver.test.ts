import { describe, expect, it } from 'vitest';
import { type Profile, profileSchema } from '#core/config/profile.ts';
import { hours, minutes } from '#core/time.ts';
import { rtuFrame } from '#platform/modbus/frames.ts';
import { type Delivery, type ModbusRequest, RegisterBank } from '#simulators/devices/modbus-server.ts';
import { modbusRig, settled, shown } from './rig.ts';

/** Made up: no device has this map. */
const MAP: Profile = profileSchema.parse({
  id: 'made-up',
  modbus: {
    order: 'CDAB',
    blocks: [{ table: 'holding', from: 0, to: 20, source: 'made up' }],
    points: [
      { point: 'input.voltage', table: 'holding', at: 0, scale: 0.1, unit: 'V', source: 'made up' },
      { point: 'input.energy', table: 'holding', at: 1, type: 'u32', unit: 'kWh', source: 'made up' },
      {
        point: 'input.realpower',
        table: 'holding',
        at: 4,
        type: 'f32',
        unit: 'kW',
        sentinels: { NaN: 'no sensor' },
        source: 'made up',
      },
      { point: 'device.serial', table: 'holding', at: 6, type: 'bcd', length: 2, source: 'made up' },
      { point: 'room.leak', table: 'discrete', at: 3, source: 'made up' },
      { point: 'room.door', table: 'holding', at: 8, bit: 9, inverted: true, source: 'made up' },
      {
        point: 'ambient.{index}.temperature',
        table: 'holding',
        at: 11,
        type: 's16',
        scale: 0.1,
        repeat: { count: 3, step: 3 },
        where: [{ table: 'holding', at: 10, step: 3, not: ['0'] }],
        combine: { point: 'ambient.temperature', by: 'max' },
        source: 'made up',
      },
    ],
  },
});

function bankOf(): RegisterBank {
  const bank = new RegisterBank({ discrete: { 3: 1 } });
  for (let at = 0; at <= 20; at++) bank.set('holding', at, 0);
  bank.set('holding', 0, 2301);
  bank.put('holding', 1, 123_456, 'u32', { order: 'CDAB' });
  bank.put('holding', 4, 1.5, 'f32', { order: 'CDAB' });
  bank.put('holding', 6, 20_260_122, 'bcd', { order: 'CDAB', length: 2 });
  bank.set('holding', 8, 1 << 9);
  bank.set('holding', 10, 1);
  bank.set('holding', 11, 215);
  bank.set('holding', 16, 1);
  bank.set('holding', 17, -51);
  return bank;
}

const GOOD = {
  'input.voltage': 230.1,
  'input.energy': 123_456_000,
  'input.realpower': 1500,
  'device.serial': '20260122',
  'room.leak': true,
  'room.door': false,
  'ambient.1.temperature': 21.5,
  'ambient.3.temperature': -5.1,
  'ambient.temperature': 21.5,
};

const start = async (
  bank: RegisterBank,
  trouble?: (request: ModbusRequest, answer: Uint8Array) => readonly Delivery[] | null,
) => {
  const rig = await modbusRig({ 1: bank }, trouble === undefined ? {} : { trouble });
  const driver = rig.driver('made-up', [MAP]);
  const poll = async (): Promise<Record<string, unknown>> => shown(await settled(rig.clock, driver.poll()));
  const reads = (): string[] =>
    rig.asked.splice(0).map(({ functionCode, address, count }) => `${functionCode} ${address}+${count}`);
  return { ...rig, driver, poll, reads };
};

describe('reading a Modbus unit by its register map', () => {
  it('types, orders, bits, rows that are there, and those that are not left out', async () => {
    const { poll, reads } = await start(bankOf());
    expect(await poll()).toEqual(GOOD);
    expect(reads()).toEqual(['2 3+1', '3 0+18']);
  });

  it('one malformed value spoils no other', async () => {
    const bank = bankOf();
    bank.put('holding', 4, Number.NaN, 'f32', { order: 'CDAB' });
    bank.set('holding', 0, 65_535);
    const { poll } = await start(bank);
    expect(await poll()).toEqual({
      ...GOOD,
      'input.voltage': 'implausible: 6553.5 V is outside 0 to 1000',
      'input.realpower': 'missing: NaN means no value: no sensor',
    });
  });

  it('what the device refuses is found in halves, remembered, and asked for again after six hours', async () => {
    const bank = bankOf();
    bank.clear('holding', 6);
    bank.clear('holding', 7);
    bank.clear('holding', 9);
    const { poll, reads, clock } = await start(bank);
    const { 'device.serial': _, ...rest } = GOOD;
    expect(await poll()).toEqual(rest);
    expect(reads().length).toBeGreaterThan(3);
    expect(await poll()).toEqual(rest);
    const known = reads();
    expect(known).not.toContain('3 6+2');
    for (const read of known) {
      const [from = 0, count = 0] = (read.startsWith('3') ? read.slice(2) : '20+0').split('+').map(Number);
      expect([6, 7, 9].some((hole) => hole >= from && hole < from + count)).toBe(false);
    }
    bank.put('holding', 6, 20_260_122, 'bcd', { order: 'CDAB', length: 2 });
    await clock.advanceByAsync(hours(6));
    expect(await poll()).toEqual(GOOD);
  });

  it('a whole table that it does not know is left out', async () => {
    const { poll, reads } = await start(bankOf(), ({ functionCode, unit }) =>
      functionCode === 2 ? [{ bytes: rtuFrame(unit, Uint8Array.of(0x82, 1)) }] : null,
    );
    const { 'room.leak': _, ...rest } = GOOD;
    expect(await poll()).toEqual(rest);
    reads();
    await poll();
    expect(reads()).toEqual(['3 0+18']);
  });

  it('busy is said of now: the values are missing with the reason, and asked for again', async () => {
    let busy = true;
    const { poll } = await start(bankOf(), ({ functionCode, unit }) =>
      busy && functionCode === 2 ? [{ bytes: rtuFrame(unit, Uint8Array.of(0x82, 6)) }] : null,
    );
    expect(await poll()).toEqual({
      ...GOOD,
      'room.leak': 'missing: the device answers with exception 6 (device busy)',
    });
    busy = false;
    expect(await poll()).toEqual(GOOD);
  });

  it('another device at this address refuses everything: REFUSED, and a minute later it is looked at anew', async () => {
    const bank = new RegisterBank();
    const { driver, clock, poll, reads } = await start(bank);
    await expect(settled(clock, driver.poll())).rejects.toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining('exception 2 (illegal data address)'),
    });
    reads();
    await expect(settled(clock, driver.poll())).rejects.toMatchObject({ code: 'REFUSED' });
    expect(reads()).toEqual([]);
    const good = bankOf();
    for (let at = 0; at <= 20; at++) bank.set('holding', at, good.read('holding', at) ?? 0);
    bank.set('discrete', 3, 1);
    await clock.advanceByAsync(minutes(1));
    expect(await poll()).toEqual(GOOD);
  });

  it('a question that is not answered fails the whole poll, so that nothing old passes for new', async () => {
    let silent = false;
    const { poll, driver, clock } = await start(bankOf(), ({ functionCode }) =>
      silent && functionCode === 3 ? [] : null,
    );
    await poll();
    silent = true;
    await expect(settled(clock, driver.poll())).rejects.toMatchObject({ code: 'TIMED_OUT' });
  });

  it.each([
    ['no profile of this name', 'unknown', 'there is no profile unknown'],
    ['a profile without registers', 'empty', 'the profile empty has no registers'],
    [
      'none named, and it does not tell what it is',
      null,
      'it does not tell what it is; name its profile, one of made-up',
    ],
  ])('BAD_CONFIGURATION: %s', async (_what, profile, message) => {
    const { clock, driver } = await modbusRig({ 1: bankOf() });
    const own = driver(profile, [MAP, profileSchema.parse({ id: 'empty' })]);
    await expect(settled(clock, own.poll())).rejects.toMatchObject({
      code: 'BAD_CONFIGURATION',
      message: expect.stringContaining(message),
    });
  });

  it('recognised by what it tells, the heaviest that fits', async () => {
    const named = (id: string, like: string, weight: number): Profile =>
      profileSchema.parse({
        id,
        recognise: [{ modbus: { object: 1, like }, weight, source: 'made up' }],
        modbus: { points: MAP.modbus.points.slice(0, 1) },
      });
    const bank = new RegisterBank({ holding: { 0: 2200 } }, { identity: { 0: 'Made Up', 1: 'UPS-33', 2: '1' } });
    const { clock, driver } = await modbusRig({ 1: bank });
    const own = driver(null, [named('any', 'UPS', 10), named('this', '^UPS-3', 50), named('other', 'PDU', 90)]);
    expect(shown(await settled(clock, own.poll()))).toEqual({ 'input.voltage': 220 });
    expect(own.profile()?.id).toBe('this');
  });
});
