import { describe, expect, it } from 'vitest';
import { decodeFrame } from '#platform/ydt/ydt-frame.ts';
import { compileYdt } from '#services/collector/ydt-plan.ts';
import { KNOWN_FRAMES } from '../../platform/ydt/known-frames.ts';
import { profileOfFile } from '../support/profiles.ts';

const infoOf = (source: string): Uint8Array => {
  const known = KNOWN_FRAMES.find((frame) => frame.source.includes(source));
  const frame = decodeFrame(Buffer.from(known?.text ?? '', 'latin1'));
  if ('problem' in frame) throw new Error(frame.problem);
  return frame.info;
};
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** Values of the good points by name, and the others' reasons. */
function read(profile: string, infos: Readonly<Record<string, Uint8Array>>) {
  const plan = compileYdt(profileOfFile(profile), 1);
  const { values, misfits } = plan.read(new Map(Object.entries(infos)), new Map());
  const good = Object.fromEntries(
    values.flatMap(({ point, decoded }) => (decoded.quality === 'good' ? [[point, decoded.value]] : [])),
  );
  return { good, misfits: Object.fromEntries(misfits), values, asks: plan.asks };
}

describe('a Pylontech battery by its recorded answers', () => {
  it('US3000: cells, temperatures, current, capacity in three bytes', () => {
    const { good, misfits } = read('ydt-pylontech', { '46 42 {address}': infoOf('one pack') });
    expect(misfits).toEqual({});
    expect(good).toMatchObject({
      'cell.1.voltage': 3.294,
      'cell.15.voltage': 3.295,
      'cell.1.temperature': 22,
      'cell.4.temperature': 22,
      'battery.temperature': 22,
      'battery.current': 0,
      'battery.voltage': 49.431,
    });
    // 28,860 of 74,000 mAh.
    expect(good['battery.charge']).toBeCloseTo(39, 6);
    expect(good['battery.amphours']).toBeUndefined();
    expect(good['cell.16.voltage']).toBeUndefined();
  });

  it('says who it is', () => {
    const { good } = read('ydt-pylontech', { '46 51': infoOf('US2KBPL') });
    expect(good).toEqual({ 'device.model': 'US2KBPL', 'device.firmware': '2.1', 'device.mfr': 'Pylon' });
  });

  it('an answer with all packs in it is of another layout than that with one, and gives no reading', () => {
    const { good, misfits } = read('ydt-pylontech', { '46 42 {address}': infoOf('two US2000B') });
    expect(good).toEqual({});
    expect(misfits['46 42 {address}']).toMatch(/another layout/);
  });

  it('US2000B: the smaller capacity in two bytes', () => {
    // The first pack of the recorded answer, as a question for that pack alone gives it.
    const both = infoOf('two US2000B');
    const one = Uint8Array.of(0x11, 1, ...both.subarray(2, 2 + (both.length - 2) / 2));
    const { good, misfits } = read('ydt-pylontech', { '46 42 {address}': one });
    expect(misfits).toEqual({});
    expect(good).toMatchObject({ 'battery.charge': 100, 'battery.amphours': 50, 'battery.voltage': 51.634 });
  });

  it('alarms by cell and of the whole: below, above and other', () => {
    const quiet = hex('11 01 0F 000000000000000000000000000000 05 0000000000 00 00 00 00 06 00 00 00');
    expect(read('ydt-pylontech', { '46 44 {address}': quiet }).good).toEqual({ 'device.alarms': 'none' });
    const loud = Uint8Array.from(quiet);
    loud[5] = 1;
    loud[20] = 2;
    loud[25] = 0xf0;
    expect(read('ydt-pylontech', { '46 44 {address}': loud }).good).toEqual({
      'device.alarms': 'battery-voltage-bad cell-temperature-high cell-voltage-low',
    });
  });

  it('names the pack in its question', () => {
    const plan = compileYdt(profileOfFile('ydt-pylontech'), 0x1f);
    expect(plan.asks.map(({ cid1, cid2, info }) => [cid1, cid2, [...info]])).toEqual([
      [0x46, 0x51, []],
      [0x46, 0x42, [0x1f]],
      [0x46, 0x44, [0x1f]],
    ]);
  });
});

describe('a UPS by the tables of its maker', () => {
  // Made up: no recording of this UPS is public.
  const u16 = (value: number): string => value.toString(16).padStart(4, '0');
  const measured = (input: number): Uint8Array =>
    hex(
      [
        '00',
        ...[input, 0x2020, 0x2020].map(u16),
        ...[22_000, 0x2020, 0x2020].map(u16),
        ...[512, 0x2020, 0x2020].map(u16),
        u16(24_600),
        u16(5000),
        '20200000',
        u16(5001),
        '00000000',
        u16(87),
        u16(113),
        '00000000',
        u16(2250),
      ].join(''),
    );
  const alarms = (changes: Readonly<Record<number, number>> = {}): Uint8Array => {
    const bytes = new Uint8Array(24);
    bytes[7] = 0x20;
    bytes[8] = 15;
    for (const [place, value] of Object.entries(changes)) bytes[Number(place)] = value;
    return bytes;
  };
  const ups = (states: string, input = 21_950, changes: Readonly<Record<number, number>> = {}) =>
    read('ydt-liebert-gxe', { '2A 42': measured(input), '2A 43': hex(states), '2A 44': alarms(changes) });

  it('Liebert GXE: hundredths, kilowatts, minutes; phases that it has not are left out', () => {
    const { good, misfits, values } = ups('00 01 00 E1 E1 E1');
    expect(misfits).toEqual({});
    expect(good).toEqual({
      'input.voltage': 219.5,
      'output.voltage': 220,
      'output.current': 5.12,
      'battery.voltage': 246,
      'output.frequency': 50,
      'input.frequency': 50.01,
      'ups.realpower': 870,
      'ups.power': 1130,
      'battery.runtime': 1350,
      'ups.status': 'OL CHRG',
      'device.alarms': 'none',
    });
    expect(values.filter(({ decoded }) => decoded.quality !== 'good')).toEqual([]);
  });

  it.each([
    ['on battery', '00 01 00 E2 E3 E1', 0, {}, 'OB DISCHRG'],
    ['on battery at its end', '00 01 00 E2 E3 E1', 0, { 14: 0xf0 }, 'OB LB DISCHRG'],
    ['on battery with a low voltage', '00 01 00 E2 E3 E1', 0, { 6: 1 }, 'OB LB DISCHRG'],
    ['without mains, its states not refreshed yet', '00 01 00 E1 E0 E1', 0, {}, 'OB DISCHRG'],
    ['on bypass', '00 02 00 E1 E0 E1', 21_950, {}, 'OL BYPASS'],
    ['on bypass while the rectifier draws on the battery', '00 02 00 E2 E3 E1', 21_950, {}, 'OL DISCHRG BYPASS'],
    ['in a self-test with mains there: no outage (L3)', '00 01 00 E2 E3 E0', 21_950, {}, 'OL DISCHRG TEST'],
    ['in a self-test when mains goes', '00 01 00 E2 E3 E0', 0, {}, 'OB DISCHRG TEST'],
    ['overloaded', '00 01 00 E1 E0 E1', 21_950, { 16: 0xf0 }, 'OL OVER'],
  ])('Liebert GXE %s', (_what, states, input, changes, status) => {
    expect(ups(states, input, changes).good['ups.status']).toBe(status);
  });

  it('a state that the table does not have is no state', () => {
    const { good, values } = ups('00 07 00 E1 E0 E1');
    expect(good['ups.status']).toBeUndefined();
    expect(values.find(({ point }) => point === 'ups.status')?.decoded.reason).toMatch(/no meaning/);
  });

  it('alarms have names; what the model has behind the table is told as the maker’s own', () => {
    expect(
      ups('00 01 00 E1 E0 E1', 21_950, { 1: 3, 2: 0xf0, 10: 0xf0, 13: 0xe0, 20: 0xf0 }).good['device.alarms'],
    ).toBe('fan-fault mains-voltage-bad makers-own-alarm out-of-sync');
  });

  it('an answer that is shorter than its table gives no reading and spoils no other (L36)', () => {
    const { good, misfits, values } = read('ydt-liebert-gxe', {
      '2A 42': measured(21_950).subarray(0, 30),
      '2A 43': hex('00 01 00 E1 E1 E1'),
      '2A 44': alarms(),
    });
    expect(Object.keys(misfits)).toEqual(['2A 42']);
    expect(good).toEqual({ 'ups.status': 'OL CHRG', 'device.alarms': 'none' });
    expect(values.find(({ point }) => point === 'battery.runtime')?.decoded).toMatchObject({ quality: 'missing' });
  });
});

describe('an air conditioner by the tables of its maker', () => {
  it('tenths of degrees and per cent, below zero outside, set points', () => {
    const { good, misfits } = read('ydt-air-conditioner', {
      '60 42': hex('00FA 01C2 FF9C'),
      '60 43': hex('01'),
      '60 47': hex('0118 0190 00E6 0014 01C2 0032'),
    });
    expect(misfits).toEqual({});
    expect(good).toEqual({
      'cooling.return.temperature': 25,
      'cooling.return.humidity': 45,
      'ambient.outdoor.temperature': -10,
      'cooling.status': 'on',
      'cooling.setpoint': 23,
      'cooling.setpoint.humidity': 45,
    });
  });

  it('of a maker with another table is refused, not misread', () => {
    expect(read('ydt-air-conditioner', { '60 42': hex('00 00FA 01C2 FF9C') })).toMatchObject({
      good: {},
      misfits: { '60 42': 'INFO has 7 bytes, 6 were expected: another layout' },
    });
  });
});

describe('a switching power supply by the tables of its makers', () => {
  // Made up: no recording is public.
  const f32 = (...values: readonly number[]): number[] =>
    values.flatMap((value) => {
      const bytes = Buffer.alloc(4);
      bytes.writeFloatLE(value);
      return [...bytes];
    });
  const dc = [0, ...f32(53.5, 42), 2, ...f32(1.5, -0.5), 3, ...f32(10, 20, 12), 2, ...f32(53.4, 25)];

  it('tells its voltage, load, batteries and branches, mains and rectifiers, and the fuse that is open', () => {
    const { good, misfits } = read('ydt-dc-power', {
      '42 41': Uint8Array.from(dc),
      '42 44': hex('00 00 04 00 00 03 00'),
      '40 41': Uint8Array.from([0, 1, ...f32(221, 222, 223, 50), 0, ...f32(4, 4, 4)]),
      '41 41': Uint8Array.from([0, ...f32(53.5), 6, ...f32(7), 0]),
    });
    expect(misfits).toEqual({});
    expect(good).toEqual({
      'dc.voltage': 53.5,
      'dc.current': 42,
      'battery.1.current': 1.5,
      'battery.2.current': -0.5,
      'battery.current': 1,
      'branch.1.current': 10,
      'branch.2.current': 20,
      'branch.3.current': 12,
      'input.L1.voltage': 221,
      'input.L2.voltage': 222,
      'input.L3.voltage': 223,
      'input.voltage': 223,
      'input.frequency': 50,
      'rectifier.voltage': 53.5,
      'rectifier.count': 6,
      'device.alarms': 'dc-fuse-open',
    });
  });

  it('with a byte more in front, as some makers have it, is refused and not misread', () => {
    const { good, misfits } = read('ydt-dc-power', { '42 41': Uint8Array.from([0, 1, ...dc.slice(1)]) });
    expect(good).toEqual({});
    expect(misfits['42 41']).toMatch(/INFO has/);
  });
});
