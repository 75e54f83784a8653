import { describe, expect, it } from 'vitest';
import { profileSchema } from '#core/config/profile.ts';
import { alarmNames, compileNut, type NutValue, readStatus } from '#services/collector/nut-plan.ts';
import { profileOfFile } from './support/profiles.ts';

/** What becomes of a NUT server's variables. */
const plan = compileNut(profileOfFile('nut-ups'));
const read = (variables: Readonly<Record<string, string>>): readonly NutValue[] =>
  plan.read(new Map(Object.entries(variables)));
const told = (variables: Readonly<Record<string, string>>): Record<string, unknown> =>
  Object.fromEntries(read(variables).map(({ point, decoded }) => [point, decoded.value ?? decoded.reason]));

describe('the variables of a UPS behind a NUT server', () => {
  it('a usbhid UPS: numbers under their own names, others under ours, nothing of the driver', () => {
    const values = told({
      'battery.charge': '100',
      'battery.charge.low': '20',
      'battery.runtime': '1530',
      'battery.voltage': '13.60',
      'battery.type': 'PbAc',
      'battery.capacity': '7.20',
      'device.mfr': 'EATON',
      'device.model': 'Ellipse PRO 1600',
      'driver.name': 'usbhid-ups',
      'driver.parameter.pollinterval': '2',
      'driver.version': '2.8.0',
      'experimental.ups.mode.buzzwords': '3',
      'input.transfer.high': '264',
      'input.transfer.low': '184',
      'input.voltage': '231.0',
      'outlet.1.desc': 'PowerShare Outlet 1',
      'outlet.1.status': 'on',
      'outlet.1.switchable': 'yes',
      'output.frequency': '49.9',
      'ups.delay.shutdown': '20',
      'ups.firmware': '02.14.0026',
      'ups.load': '013',
      'ups.realpower': '215',
      'ups.status': 'OL CHRG',
      'ups.timer.shutdown': '-1',
      'ups.vendorid': '0463',
    });
    expect(values).toEqual({
      'ups.status': 'OL CHRG',
      'device.alarms': 'none',
      'device.mfr': 'EATON',
      'device.model': 'Ellipse PRO 1600',
      'device.firmware': '02.14.0026',
      'battery.runtime': 1530,
      'battery.charge': 100,
      'battery.voltage': 13.6,
      'battery.amphours': 7.2,
      'battery.type': 'PbAc',
      'ups.shutdown.delay': 20,
      'input.transfer.voltage.low': 184,
      'input.transfer.voltage.high': 264,
      'outlet.1.status': 'on',
      'battery.charge.low': 20,
      'input.voltage': 231,
      'output.frequency': 49.9,
      'ups.load': 13,
      'ups.realpower': 215,
      'ups.timer.shutdown': -1,
    });
  });

  it('three phases keep the names that NUT gives them; the bypass is no input', () => {
    const values = told({
      'input.L1-N.voltage': '229.8',
      'input.L1-L2.voltage': '398.3',
      'input.L1.current': '133.0',
      'output.L1.power.percent': '41',
      'input.bypass.L1-N.voltage': '230',
      'input.phases': '3',
    });
    expect(values).toEqual({
      'input.L1-N.voltage': 229.8,
      'input.L1-L2.voltage': 398.3,
      'input.L1.current': 133,
      'output.L1.load': 41,
      'bypass.L1-N.voltage': 230,
    });
  });

  it('an outlet carries the name that people gave it; of two sources the first that is good counts', () => {
    const [status] = read({ 'outlet.2.desc': 'NAS', 'outlet.2.status': 'perhaps', 'outlet.2.switch': 'off' });
    expect(status).toMatchObject({ point: 'outlet.2.status', label: 'NAS', oid: 'outlet.2.switch' });
    expect(status?.decoded).toEqual({ value: 'off', quality: 'good' });
    expect(told({ 'device.mfr': '', 'ups.mfr': 'APC' })).toEqual({ 'device.mfr': 'APC' });
  });

  const noValues: readonly [variable: string, text: string, reason: RegExp, why: string][] = [
    ['battery.runtime', '0', /means no value/, 'drivers that do not know it send 0'],
    ['battery.runtime', '0.00', /means no value/, 'the same with decimals'],
    ['battery.runtime', '65535', /ceiling/, "the counter's ceiling"],
    ['battery.charge', '255', /not measured/, 'an unsigned -1'],
    ['battery.charge', 'n/a', /is not a number/, 'no number'],
    ['ups.load', '655.35', /outside 0 to 200/, 'no load can be that'],
  ];
  it.each(noValues)('%s %j is no good value: %s (%s)', (variable, text, reason) => {
    const found = read({ [variable]: text, 'input.voltage': '230' });
    const value = found.find(({ point }) => point === variable);
    // A text where a number is due is no reading at all when nothing else is known of the variable.
    if (variable !== 'battery.charge' || text !== 'n/a') expect(value?.decoded.quality).not.toBe('good');
    expect(value?.decoded.reason).toMatch(reason);
    // One malformed value never spoils the others (L36).
    expect(found.find(({ point }) => point === 'input.voltage')?.decoded).toEqual({ value: 230, quality: 'good' });
  });

  it('the order is the same whatever the order of the list', () => {
    const variables = { 'ups.load': '5', 'battery.charge': '100', 'ups.status': 'OL', 'input.voltage': '230' };
    const points = (of: Record<string, string>): string[] => read(of).map(({ point }) => point);
    expect(points(Object.fromEntries(Object.entries(variables).reverse()))).toEqual(points(variables));
    expect(points(variables)[0]).toBe('ups.status');
  });

  it('a profile that builds on it says otherwise for one variable and keeps the rest', () => {
    const child = profileSchema.parse({
      id: 'odd',
      nut: {
        points: [
          { point: 'battery.runtime', variable: 'battery.runtime', unit: 'min', source: 'this driver tells minutes' },
        ],
      },
    });
    const values = compileNut(child).read(new Map([['battery.runtime', '30']]));
    expect(values.map(({ decoded }) => decoded.value)).toEqual([1800]);
  });
});

describe("NUT's words of the state", () => {
  const rows: readonly [said: string, value: string | null, why: string][] = [
    ['OL', 'OL', 'on line'],
    ['OL CHRG', 'OL CHRG', 'charging'],
    ['OB DISCHRG', 'OB DISCHRG', 'on battery'],
    ['OB LB', 'OB LB', 'and low'],
    ['ALARM OL RB', 'OL RB ALARM', "the registry's order, whatever the driver's"],
    ['  ol  chrg ', 'OL CHRG', 'blanks and small letters'],
    ['OB OVERHEAT', 'OB', 'words of newer drivers do not hide an outage'],
    ['OL DISCHRG', 'OL DISCHRG', 'a UPS that calibrates itself'],
    ['FSD OB LB', 'OB LB FSD', 'its primary has given the order'],
    ['WAIT', null, 'the driver has just started'],
    ['', null, 'nothing'],
    ['OL OB', null, 'both cannot be'],
    ['COMMBAD', null, 'no word of the state'],
  ];
  it.each(rows)('%j is %j (%s)', (said, value) => {
    const { value: read, quality, reason } = readStatus(said);
    expect(read).toBe(value);
    expect(quality === 'good').toBe(value !== null);
    if (value === null) expect(reason).toBeTruthy();
  });

  const alarms: readonly [alarm: string, names: string[], why: string][] = [
    ['[Replace battery!] [Shutdown imminent!]', ['replace-battery', 'shutdown-imminent'], 'in brackets'],
    ['Replace battery! Overload!', ['overload', 'replace-battery'], 'one after the other'],
    ['OVERHEAT', ['overheat'], 'one word'],
    ['  ', [], 'nothing'],
  ];
  it.each(alarms)('the alarms %j are %j (%s)', (alarm, names) => {
    expect(alarmNames(alarm)).toEqual(names);
  });

  it('ALARM without a text is an alarm all the same; no ALARM is the word of its driver that there is none', () => {
    expect(told({ 'ups.status': 'ALARM OL' })).toMatchObject({ 'device.alarms': 'not-named' });
    expect(told({ 'ups.status': 'OL' })).toMatchObject({ 'device.alarms': 'none' });
    expect(told({ 'ups.status': 'WAIT' })).not.toHaveProperty('device.alarms');
  });
});
