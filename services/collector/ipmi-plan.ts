import {
  alarmsValue,
  type BmcQuantity,
  type BmcSensor,
  type BmcState,
  noValue,
  numberValue,
  placeOf,
  sensorAlarms,
  sensorValues,
  slugOf,
  wordValue,
} from './bmc-points.ts';
import type { PointValue } from './snmp-plan.ts';

/**
 * From what `ipmitool -v -c exec` prints to points. Pure; never throws, whatever it prints.
 *
 * Three shapes of lines come one after the other: `System Power         : on` of the chassis;
 * `Inlet Temp,23,degrees C,ok,55.1,Air Inlet,…` of a sensor with a number, `PSU2 Status,0Bh,ok,10.2,Presence detected, Failure
 * detected` of one with states; `Instantaneous power reading:   220 Watts` of DCMI. Null: none of them came.
 */
export function readIpmi(text: string): readonly PointValue[] | null {
  const told: Told = { sensors: [], supplies: [], watts: null, chassis: new Map() };
  for (const line of text.slice(0, MOST_TEXT).split('\n').slice(0, MOST_LINES)) takeLine(line.trimEnd(), told);
  const { sensors, supplies, chassis } = told;
  if (sensors.length === 0 && supplies.length === 0 && chassis.size === 0) return null;
  const whole = wholePower(told);
  return [
    ...chassisValues(chassis),
    ...(whole === null ? [] : [whole]),
    ...supplyValues(supplies),
    ...sensorValues(sensors),
    alarmsValue([...chassisAlarms(chassis), ...supplyAlarms(supplies), ...sensorAlarms(sensors)], 'sdr elist'),
  ];
}

const MOST_TEXT = 256 * 1024;
const MOST_LINES = 3000;

interface Told {
  readonly sensors: BmcSensor[];
  readonly supplies: Supply[];
  readonly chassis: Map<string, string>;
  watts: number | null;
}

/** A power supply's states, IPMI 2.0 table 42-3, sensor type 08h. */
interface Supply {
  readonly name: string;
  /** The entity's instance: 10.2 is the second power supply. */
  readonly number: string;
  readonly states: string;
  /** False: the controller has no reading of it. */
  readonly read: boolean;
}

const NUMBERED =
  /^([^,]{1,64}),(-?\d{1,12}(?:\.\d{1,6})?)?,([^,]{0,40}),([a-z]{2,3})(?:,(\d{1,3}\.\d{1,3}),([^,]*),.*)?$/;
const STATED = /^([^,]{1,64}),([0-9A-F]{2,4}h),([a-z]{2,3}),(\d{1,3})\.(\d{1,3}),(.{0,400})$/;
const CHASSIS = /^([A-Z][A-Za-z/ -]{2,30}?)\s*: ?(.{0,60})$/;
const DCMI = /^\s*Instantaneous power reading:\s*(\d{1,7}) Watts/;

function takeLine(line: string, told: Told): void {
  const stated = STATED.exec(line);
  if (stated !== null) {
    const [, name = '', , state = '', entity = '', instance = '', states = ''] = stated;
    // Entity 10 is a power supply (IPMI 2.0 table 43-13). Of other sensors with states only the supplies' are told.
    if (entity === '10' && /status|ps\d|psu/i.test(name))
      told.supplies.push({
        name,
        number: instance,
        states: states.toLowerCase(),
        read: state === 'ok' && states !== '',
      });
    return;
  }
  const numbered = NUMBERED.exec(line);
  if (numbered !== null) {
    const sensor = toSensor(numbered);
    if (sensor !== null) told.sensors.push(sensor);
    return;
  }
  const watts = DCMI.exec(line)?.[1];
  if (watts !== undefined) told.watts = Number(watts);
  const chassis = CHASSIS.exec(line);
  if (chassis?.[1] !== undefined && CHASSIS_NAMES.has(chassis[1])) told.chassis.set(chassis[1], chassis[2] ?? '');
}

/** ipmitool's words for IPMI's units (table 43-15). */
const UNITS: readonly (readonly [unit: string, quantity: BmcQuantity])[] = [
  ['degrees C', 'temperature'],
  ['Volts', 'voltage'],
  ['Amps', 'current'],
  ['Watts', 'realpower'],
  ['RPM', 'rpm'],
  ['Hz', 'frequency'],
  ['% RH', 'humidity'],
  ['percent', 'percent'],
  ['unspecified', 'percent'],
];

function toSensor([, name = '', value, unit = '', state = '', , entity = '']: RegExpExecArray): BmcSensor | null {
  const known = UNITS.find(([said]) => said === unit)?.[1];
  // Without a reading the unit is left out too: what it is shows in its name.
  const quantity = known ?? (unit === '' ? quantityByName(name) : null);
  if (quantity === null || unit === 'unspecified') return null;
  const fan = quantity === 'percent' && /fan/i.test(name);
  const place = quantity === 'temperature' ? (placeOf(name) ?? (entity === 'Air Inlet' ? 'inlet' : null)) : null;
  const about = { name, quantity: fan ? ('speed' as const) : quantity, place, source: `sdr ${name}` };
  if (value === undefined || state === 'ns' || state === 'na')
    return { ...about, value: null, state: null, why: `the controller has no reading of it (${state})` };
  return { ...about, value: Number(value), state: Object.hasOwn(STATES, state) ? (STATES[state] ?? null) : null };
}

/** `ok`, and the threshold that is passed: non-critical, critical, non-recoverable, lower or upper. */
const STATES: Readonly<Record<string, BmcState>> = {
  ok: 'normal',
  ...Object.fromEntries(['nc', 'lnc', 'unc'].map((word) => [word, 'warning' as const])),
  ...Object.fromEntries(['cr', 'lcr', 'ucr'].map((word) => [word, 'critical' as const])),
  ...Object.fromEntries(['nr', 'lnr', 'unr'].map((word) => [word, 'failed' as const])),
};

const BY_NAME: readonly (readonly [RegExp, BmcQuantity])[] = [
  [/temp|margin/i, 'temperature'],
  [/fan|rpm/i, 'rpm'],
  [/pwr|power|watt/i, 'realpower'],
  [/volt|vcore|\d v$|^\+?\d+(\.\d+)?v/i, 'voltage'],
  [/curr|amp/i, 'current'],
];
const quantityByName = (name: string): BmcQuantity | null =>
  BY_NAME.find(([pattern]) => pattern.test(name))?.[1] ?? null;

/** DCMI's figure; where the controller has none, the sensor that makers call the whole server's. */
function wholePower({ watts, sensors }: Told): PointValue | null {
  if (watts !== null && watts > 0) return numberValue('device.realpower', watts, 'dcmi power reading');
  const whole = sensors.find(
    ({ name, quantity, value }) =>
      quantity === 'realpower' &&
      value !== null &&
      /^(pwr consumption|(sys(tem)?|total|chassis|node)[ _](pwr|power)|power meter|total_power)/i.test(name),
  );
  return whole?.value == null ? null : numberValue('device.realpower', whole.value, whole.source);
}

const CHASSIS_ALARMS: Readonly<Record<string, string>> = {
  'Power Overload': 'power-overload',
  'Main Power Fault': 'main-power-fault',
  'Power Control Fault': 'power-control-fault',
  'Drive Fault': 'disk-fault',
  'Cooling/Fan Fault': 'fan-fault',
};
const POWER = 'System Power';
const INTRUSION = 'Chassis Intrusion';
const CHASSIS_NAMES: ReadonlySet<string> = new Set([POWER, INTRUSION, ...Object.keys(CHASSIS_ALARMS)]);

function chassisValues(chassis: ReadonlyMap<string, string>): PointValue[] {
  const power = chassis.get(POWER);
  const source = 'chassis status';
  if (power === undefined) return [];
  if (power === 'on' || power === 'off') return [wordValue('host.power.status', power, source)];
  return [noValue('host.power.status', source)];
}

const chassisAlarms = (chassis: ReadonlyMap<string, string>): string[] => [
  ...Object.entries(CHASSIS_ALARMS).flatMap(([name, alarm]) => (chassis.get(name) === 'true' ? [alarm] : [])),
  ...(chassis.get(INTRUSION) === 'active' ? ['chassis-open'] : []),
];

const supplyPoint = ({ number }: Supply): string => `psu.${number}.status`;

/** The worst of what is told at once: present and failed is failed. */
function supplyWord({ states }: Supply): string {
  if (/power supply ac lost|input lost|ac lost/.test(states)) return 'input-lost';
  if (/predictive failure/.test(states)) return 'failing';
  if (/failure detected|config error|out.of.range/.test(states)) return 'failed';
  return /presence detected/.test(states) ? 'normal' : 'absent';
}

function supplyValues(supplies: readonly Supply[]): PointValue[] {
  const seen = new Set<string>();
  return supplies.flatMap((supply) => {
    const point = supplyPoint(supply);
    const source = `sdr ${supply.name}`;
    if (seen.has(point)) return [];
    seen.add(point);
    return [supply.read ? wordValue(point, supplyWord(supply), source, supply.states) : noValue(point, source)];
  });
}

const supplyAlarms = (supplies: readonly Supply[]): string[] =>
  supplies.flatMap((supply) => {
    const word = supply.read ? supplyWord(supply) : 'normal';
    return word === 'normal' || word === 'absent' ? [] : [`psu-${slugOf(supply.number)}-${word}`];
  });

/** Who made it: of `mc info` and `fru print 0`. What is not told is left out. */
export function readIdentity(text: string): readonly PointValue[] {
  const lines = text.slice(0, MOST_TEXT).split('\n').slice(0, MOST_LINES);
  const find = (...names: string[]): string | undefined => {
    for (const name of names)
      for (const line of lines) {
        const [said = '', ...rest] = line.split(':');
        const value = rest.join(':').trim().slice(0, 200);
        if (said.trim() === name && value !== '' && !/^(unspecified|to be filled|unknown)/i.test(value)) return value;
      }
    return undefined;
  };
  const values: readonly (readonly [point: string, value: string | undefined])[] = [
    ['device.mfr', find('Product Manufacturer', 'Board Mfg', 'Manufacturer Name')],
    ['device.model', find('Product Name', 'Board Product')],
    ['device.serial', find('Product Serial', 'Chassis Serial', 'Board Serial')],
    ['device.firmware', find('Firmware Revision')],
  ];
  return values.flatMap(([point, value]) =>
    value === undefined ? [] : [wordValue(point, value, 'mc info, fru print 0')],
  );
}
