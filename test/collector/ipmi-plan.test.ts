import { describe, expect, it } from 'vitest';
import { slugOf } from '#services/collector/bmc-points.ts';
import { readIdentity, readIpmi } from '#services/collector/ipmi-plan.ts';

/** What becomes of ipmitool's lines; their shapes are those of ipmitool 1.8.19 with -v -c. */
const told = (text: string): Record<string, unknown> =>
  Object.fromEntries((readIpmi(text) ?? []).map(({ point, decoded }) => [point, decoded.value ?? decoded.reason]));

const THRESHOLDS = '55.1,System Board,Temperature,,,,50.000,47.000,42.000,0.000,3.000,5.000,0.000,255.000';

describe('the sensors that ipmitool prints', () => {
  it('chassis, sensors, supplies and DCMI in one text', () => {
    expect(
      told(`System Power         : on
Power Overload       : false
Main Power Fault     : false
Chassis Intrusion    : active
Drive Fault          : true
Cooling/Fan Fault    : false
Inlet Temp,23,degrees C,ok,${THRESHOLDS}
Temp,61,degrees C,ucr,3.1,Processor,Temperature,,,,,,,,,,,
Temp,58,degrees C,ok,3.2,Processor,Temperature,,,,,,,,,,,
Fan1A,40.000,percent,ok,29.1,Fan Device,Fan,,,,,,,,,,,
-12V,-11.900,Volts,lnc,7.1,System Board,Voltage,,,,,,,,,,,
Exhaust Temp,,,ns,55.2,System Board,Temperature,,,,,,,,,,,
PS1 Status,C8h,ok,10.1,Presence detected
PS2 Status,C9h,ok,10.2,Presence detected, Power Supply AC lost
PS3 Status,CAh,ns,10.3,Disabled
    Instantaneous power reading:                   220 Watts
    Minimum during sampling period:                 18 Watts
`),
    ).toEqual({
      'host.power.status': 'on',
      'device.realpower': 220,
      'psu.1.status': 'normal',
      'psu.2.status': 'input-lost',
      'psu.3.status': 'the controller has no reading of it now',
      'ambient.inlet.temperature': 23,
      'ambient.inlet.status': 'normal',
      'sensor.temp.temperature': 61,
      'sensor.temp.status': 'critical',
      'sensor.temp-2.temperature': 58,
      'sensor.temp-2.status': 'normal',
      'fan.1a.speed': 40,
      'fan.1a.status': 'normal',
      'sensor.minus-12v.voltage': -11.9,
      'sensor.minus-12v.status': 'warning',
      'ambient.exhaust.temperature': 'the controller has no reading of it (ns)',
      'device.alarms': 'chassis-open disk-fault minus-12v-warning psu-2-input-lost temp-critical',
    });
  });

  it('a sensor that has no reading keeps its name', () => {
    const well = told(`CPU2 Temp,50,degrees C,ok,${THRESHOLDS}\n`);
    const without = told('CPU2 Temp,,,ns,3.2,Processor,Temperature,,,,,,,,,,,\n');
    expect(Object.keys(well)).toContain('sensor.cpu2.temperature');
    expect(Object.keys(without)).toContain('sensor.cpu2.temperature');
  });

  it('a second sensor of the same name keeps its number while the first has none', () => {
    const text = (first: string): string =>
      `Temp,${first},3.1,Processor,Temperature,,,,,,,,,,,\nTemp,58,degrees C,ok,3.2,Processor,Temperature,,,,,,,,,,,\n`;
    expect(told(text('61,degrees C,ok'))['sensor.temp-2.temperature']).toBe(58);
    expect(told(text(',,ns'))['sensor.temp-2.temperature']).toBe(58);
  });

  it('DCMI without a figure is no power; the sensor of the whole server stands in', () => {
    const sensor = 'Pwr Consumption,140,Watts,ok,7.1,System Board,Current,,,,,,,,,,,\n';
    expect(told(`${sensor}    Instantaneous power reading:                     0 Watts\n`)['device.realpower']).toBe(
      140,
    );
    expect(told(sensor)['device.realpower']).toBe(140);
  });

  it('a value that cannot be is no reading, and spoils no other (L36)', () => {
    const values =
      readIpmi(`Inlet Temp,999,degrees C,ok,${THRESHOLDS}\nCPU1 Temp,50,degrees C,ok,${THRESHOLDS}\n`) ?? [];
    const quality = (name: string) => values.find(({ point }) => point === name)?.decoded.quality;
    expect(quality('ambient.inlet.temperature')).toBe('implausible');
    expect(quality('sensor.cpu1.temperature')).toBe('good');
  });

  it('nothing that could be read is no answer at all', () => {
    expect(readIpmi('')).toBe(null);
    expect(readIpmi('Get SDR 0001 command failed\nsomething: else\n')).toBe(null);
  });

  it('who made it comes from the product, else from the board, and fillers are nobody', () => {
    const fru = `Firmware Revision         : 9.08
Manufacturer Name         : MontaVista Software, Inc.
 Board Mfg             : Example Systems
 Product Manufacturer  : To be filled by O.E.M.
 Product Name          : Node 2U: rev B
 Product Serial        : S/N 0042
`;
    expect(Object.fromEntries(readIdentity(fru).map(({ point, decoded }) => [point, decoded.value]))).toEqual({
      'device.mfr': 'Example Systems',
      'device.model': 'Node 2U: rev B',
      'device.serial': 'S/N 0042',
      'device.firmware': '9.08',
    });
  });
});

describe("a sensor's name as part of a point's", () => {
  it.each([
    ['CPU1 Temp', 'cpu1-temp'],
    ['+12V', '12v'],
    ['-12V', 'minus-12v'],
    ['P1-DIMMA1 TEMP', 'p1-dimma1-temp'],
    ['进风口', 'unnamed'],
    ['  ', 'unnamed'],
    ['x'.repeat(300), 'x'.repeat(40)],
  ])('%j is %s', (name, slug) => {
    expect(slugOf(name)).toBe(slug);
  });
});
