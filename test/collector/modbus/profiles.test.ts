import { describe, expect, it } from 'vitest';
import type { Profile } from '#core/config/profile.ts';
import { RegisterBank } from '#simulators/devices/modbus-server.ts';
import { profileOfFile } from '../support/profiles.ts';
import { modbusRig, settled, shown } from './rig.ts';

/** Raw registers as the makers' documents and real devices give them; what comes out is written by hand, not by the profile. */
async function read(
  profile: string,
  bank: RegisterBank,
): Promise<{ values: Record<string, unknown>; reads: string[] }> {
  const profiles: Profile[] = [profileOfFile(profile)];
  const { clock, driver, asked } = await modbusRig({ 1: bank });
  const values = shown(await settled(clock, driver(profile, profiles).poll()));
  return { values, reads: asked.map(({ functionCode, address, count }) => `${functionCode} ${address}+${count}`) };
}

describe('register maps', () => {
  it('RenKe RS-WS: the manual’s example is 65.8 % and −10.1 °C, in one question', async () => {
    const { values, reads } = await read('renke-rs-ws', new RegisterBank({ holding: { 0: 0x0292, 1: 0xff9b } }));
    expect(values).toEqual({ 'ambient.humidity': 65.8, 'ambient.temperature': -10.1 });
    expect(reads).toEqual(['3 0+2']);
  });

  it.each([
    ['the manual’s example', 0x0131, 0x0222, 30.5, 54.6],
    ['the manual’s example below zero', 0xff33, 0x0222, -20.5, 54.6],
    [
      'a sensor that is broken off',
      0x7fff,
      0xffff,
      'implausible: 3276.7 °C is outside -40 to 100',
      'implausible: 6553.5 % is outside 0 to 100',
    ],
  ])('XY-MD02: %s', async (_what, temperature, humidity, degrees, percent) => {
    const { values, reads } = await read('xy-md02', new RegisterBank({ input: { 1: temperature, 2: humidity } }));
    expect(values).toEqual({ 'ambient.temperature': degrees, 'ambient.humidity': percent });
    expect(reads).toEqual(['4 1+2']);
  });

  it('Eastron SDM630: floats high word first, never more than 80 registers, never at an odd address', async () => {
    const bank = new RegisterBank({}, { most: 80 });
    for (let at = 0; at < 80; at++) bank.set('input', at, 0);
    const put = (at: number, value: number): void => bank.put('input', at, value, 'f32');
    // The protocol document’s example: 43 66 33 34 is 230.2 V.
    bank.set('input', 0, 0x4366);
    bank.set('input', 1, 0x3334);
    put(6, 4.25);
    put(12, 950.5);
    put(52, 2850);
    put(70, 50.02);
    put(72, 1234.5);
    const { values, reads } = await read('eastron-sdm630', bank);
    expect(values).toMatchObject({
      'input.L1.voltage': 230.2,
      'input.L1.current': 4.25,
      'input.L1.realpower': 950.5,
      'input.L3.powerfactor': 0,
      'input.realpower': 2850,
      'input.frequency': 50.02,
      'input.energy': 1_234_500,
    });
    expect(reads).toEqual(['4 0+74']);
  });

  /** What NUT tells of a UPS2000-G-3KRTS: 225.4 V in, 220.1 V out, 82.1 V, 100 %, 5502 s. */
  const huawei = (): RegisterBank => {
    const bank = new RegisterBank(
      {},
      { identity: { 135: '\u0000\u0000\u0000\u0001', 136: '1=UPS2000;2=V100R001C01SPC120;3=1.0;4=X' } },
    );
    for (const [from, to] of [
      [11000, 11027],
      [12000, 12033],
      [41180, 41206],
    ] as const)
      for (let at = from; at <= to; at++) bank.set('holding', at, 0);
    const words = {
      11000: 2254,
      11001: 0x7fff,
      11002: 0x7fff,
      11003: 500,
      11004: 2254,
      11007: 500,
      11008: 2201,
      11011: 12,
      11014: 500,
      11015: 2,
      11018: 3,
      11021: 75,
      11024: 2,
      11026: 0,
      11027: 251,
      11043: 0,
      12000: 821,
      12002: 3,
      12003: 100,
      12004: 0,
      12005: 5502,
      19009: 30,
    };
    for (const [at, word] of Object.entries(words)) bank.set('holding', Number(at), word);
    return bank;
  };
  it('Huawei UPS2000: what NUT reads of a UPS2000-G-3KRTS, in as few questions as the guide allows', async () => {
    const { values, reads } = await read('huawei-ups2000-modbus', huawei());
    expect(values).toEqual({
      'input.voltage': 225.4,
      'input.frequency': 50,
      'bypass.voltage': 225.4,
      'bypass.frequency': 50,
      'output.voltage': 220.1,
      'output.current': 1.2,
      'output.frequency': 50,
      'ups.realpower': 200,
      'ups.power': 300,
      'ups.load': 7.5,
      'ups.temperature': 25.1,
      'battery.voltage': 82.1,
      'battery.charge': 100,
      'battery.runtime': 5502,
      'ups.power.nominal': 3000,
      'ups.status': 'OL CHRG',
      'device.alarms': 'none',
    });
    expect(reads).toEqual(['3 11000+28', '3 11043+1', '3 12000+6', '3 19009+1', '3 41180+27']);
  });

  it('Huawei UPS2000: on battery, low, overloaded; three phases; no value is none', async () => {
    const bank = huawei();
    const words = {
      11024: 3,
      11043: 1 << 6,
      12002: 5,
      12003: 0xffff,
      11026: 1,
      11001: 2301,
      11002: 0,
      41197: 1 << 5,
      41194: 1 << 4,
    };
    for (const [at, word] of Object.entries(words)) bank.set('holding', Number(at), word);
    const { values } = await read('huawei-ups2000-modbus', bank);
    expect(values).toMatchObject({
      'ups.status': 'OB LB DISCHRG OVER',
      'battery.charge': 'missing: 65535 means no value: no value',
      'input.L1.voltage': 225.4,
      'input.L2.voltage': 230.1,
      'input.L3.voltage': 0,
      'input.voltage': 0,
      'device.alarms': 'battery-disconnected output-overload',
    });
  });

  it('Huawei UPS2000: a state that the guide does not know is no state', async () => {
    const bank = huawei();
    bank.set('holding', 11024, 4);
    const { values } = await read('huawei-ups2000-modbus', bank);
    expect(values['ups.status']).toMatch(/^missing: N1024 .* gave 4, which has no meaning$/);
  });

  it('Huawei UPS2000 is recognised by what it tells of itself (function 43/14)', async () => {
    const profiles = [profileOfFile('renke-rs-ws'), profileOfFile('huawei-ups2000-modbus')];
    const { clock, driver } = await modbusRig({ 1: huawei() });
    const own = driver(null, profiles);
    await settled(clock, own.poll());
    expect(own.profile()?.id).toBe('huawei-ups2000-modbus');
  });

  it('APC Smart-UPS: binary fractions, texts, states; countdowns that do not run; an efficiency that cannot be told', async () => {
    const bank = new RegisterBank();
    for (const [from, to] of [
      [0, 26],
      [128, 159],
      [516, 635],
    ] as const)
      for (let at = from; at <= to; at++) bank.set('holding', at, 0);
    const words = {
      1: 0x0004,
      18: 0x0002,
      128: 0,
      129: 1620,
      130: 50_944,
      131: 1728,
      135: 3296,
      136: 6400,
      140: 64,
      142: 14_720,
      144: 6400,
      150: 0x0020,
      151: 0xffff,
      154: 0xfffc,
      155: 0xffff,
      156: 0xffff,
      19: 0x0004,
      23: 0x0004,
      588: 1500,
      589: 1000,
    };
    for (const [at, word] of Object.entries(words)) bank.set('holding', Number(at), word);
    bank.put('holding', 532, 'Smart-UPS 1500', 'ascii', { length: 16 });
    bank.put('holding', 564, 'AS1234567890', 'ascii', { length: 8 });
    const { values, reads } = await read('apc-smart-ups-modbus', bank);
    expect(values).toMatchObject({
      'battery.runtime': 1620,
      'battery.charge': 99.5,
      'battery.voltage': 54,
      'battery.temperature': 25.75,
      'ups.load': 25,
      'output.current': 2,
      'output.voltage': 230,
      'output.frequency': 50,
      'input.voltage': 'missing: 65535 means no value: not applicable',
      'ups.efficiency': 'missing: -4 means no value: on battery',
      'ups.timer.shutdown': -1,
      'ups.power.nominal': 1500,
      'ups.realpower.nominal': 1000,
      'device.model': 'Smart-UPS 1500',
      'device.serial': 'AS1234567890',
      'ups.status': 'OB LB RB BOOST',
      'ups.test.result': 'passed',
      'device.alarms': 'battery-needs-replacement',
    });
    expect(reads).toEqual(['3 0+25', '3 128+29', '3 516+74']);
  });

  it('Tripp Lite MODBUSCARD: one phase or three, at most twelve registers in an answer', async () => {
    const bank = new RegisterBank({}, { most: 12 });
    for (let at = 1024; at <= 1130; at++) bank.set('input', at, 0);
    const words = {
      1029: 200,
      1030: 180,
      1058: 25,
      1059: 97,
      1060: 2731,
      1061: 15,
      1062: 24,
      1072: 3,
      1073: 500,
      1074: 2301,
      1078: 2288,
      1082: 2310,
      1056: 1,
      1091: 500,
      1092: 1,
      1093: 2200,
      1094: 43,
      1095: 95,
      1096: 48,
      1100: 77,
    };
    for (const [at, word] of Object.entries(words)) bank.set('input', Number(at), word);
    const { values, reads } = await read('tripplite-modbuscard', bank);
    expect(values).toMatchObject({
      'ups.power.nominal': 2000,
      'battery.runtime': 1500,
      'battery.charge': 97,
      'battery.voltage': 273.1,
      'input.voltage': 228.8,
      'input.L2.voltage': 228.8,
      'ups.load': 48,
      'ups.realpower': 950,
      'ups.status': 'OL CHRG',
    });
    expect(values).not.toHaveProperty('output.L2.load');
    expect(reads.every((one) => Number(one.split('+')[1]) <= 12)).toBe(true);
  });
});
