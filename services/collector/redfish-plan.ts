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
  wordValue,
} from './bmc-points.ts';
import { asList, asObject, type Fields, linkIn, type RedfishKind } from './redfish-pages.ts';
import type { PointValue } from './snmp-plan.ts';

/** From the resources of a Redfish service to points (DSP2046). Pure; never throws, whatever they say. */
export interface RedfishBody {
  readonly kind: RedfishKind;
  readonly path: string;
  /** Null: it is not there any more. */
  readonly body: unknown;
}

interface Told {
  readonly sensors: BmcSensor[];
  readonly supplies: Supply[];
  readonly values: PointValue[];
  readonly alarms: string[];
  power: PointValue | null;
}

interface Supply {
  readonly fields: Fields;
  readonly source: string;
}

export function readRedfish(bodies: readonly RedfishBody[]): readonly PointValue[] {
  const told: Told = { sensors: [], supplies: [], values: [], alarms: [], power: null };
  for (const { kind, path, body } of bodies) READERS[kind](asObject(body), path, told);
  const { supplies, values, alarms, power } = told;
  const sensors = withOneInlet(told.sensors);
  const states = supplies.map((supply, index) => supplyValues(supply, index + 1));
  return [
    ...values,
    ...(power === null ? [] : [power]),
    ...states.flatMap((one) => one.values),
    ...sensorValues(sensors),
    alarmsValue([...alarms, ...states.flatMap((one) => one.alarms), ...sensorAlarms(sensors)], bodies[0]?.path ?? ''),
  ];
}

type Reader = (fields: Fields, path: string, told: Told) => void;

const READERS: Readonly<Record<RedfishKind, Reader>> = {
  system: readSystem,
  thermal: (fields, path, { sensors }) => {
    for (const one of asList(fields.Temperatures))
      sensors.push(...sensorOf(one, 'temperature', one.ReadingCelsius, path));
    for (const one of asList(fields.Fans)) sensors.push(...fanOf(one, path));
  },
  power: (fields, path, told) => {
    for (const one of asList(fields.PowerControl)) takePower(told, one.PowerConsumedWatts, placeIn(one, path));
    for (const one of asList(fields.Voltages)) told.sensors.push(...sensorOf(one, 'voltage', one.ReadingVolts, path));
    for (const one of asList(fields.PowerSupplies)) told.supplies.push({ fields: one, source: placeIn(one, path) });
  },
  sensors: (fields, path, { sensors }) => {
    for (const one of asList(fields.Members)) {
      const quantity = quantityOf(one);
      if (quantity !== null) sensors.push(...sensorOf(one, quantity, one.Reading, path));
    }
  },
  metrics: (fields, path, { sensors }) => {
    const summary = asObject(fields.TemperatureSummaryCelsius);
    const named = ['Intake', 'Exhaust'].map((name) => ({ ...asObject(summary[name]), DeviceName: name }));
    const told = asList(fields.TemperatureReadingsCelsius);
    const known = new Set(told.map((one) => one.DataSourceUri));
    for (const one of [...named.filter((one) => !('DataSourceUri' in one) || !known.has(one.DataSourceUri)), ...told])
      if ('Reading' in one) sensors.push(...sensorOf(one, 'temperature', one.Reading, path));
  },
  environment: (fields, path, told) => {
    takePower(told, asObject(fields.PowerWatts).Reading, path);
    if (told.sensors.some(({ quantity }) => quantity === 'rpm' || quantity === 'speed')) return;
    for (const one of asList(fields.FanSpeedsPercent)) told.sensors.push(...fanOf(one, path));
  },
  supply: (fields, path, { supplies }) => void supplies.push({ fields, source: path }),
};

function readSystem(fields: Fields, path: string, { values, alarms }: Told): void {
  const identity: readonly (readonly [point: string, value: unknown])[] = [
    ['device.mfr', fields.Manufacturer],
    ['device.model', fields.Model],
    ['device.serial', fields.SerialNumber],
    ['device.firmware', fields.BiosVersion],
  ];
  for (const [point, value] of identity) {
    const text = textOf(value);
    if (text !== null) values.push(wordValue(point, text, path));
  }
  const power = lookUp(POWER, textOf(fields.PowerState));
  if (power !== undefined) values.push(wordValue('host.power.status', power, path, textOf(fields.PowerState)));
  else values.push(noValue('host.power.status', path, 'the service does not say whether it is on'));
  const status = asObject(fields.Status);
  const health = lookUp(HEALTH, textOf(status.HealthRollup) ?? textOf(status.Health));
  if (health === undefined) return;
  values.push(wordValue('device.status', health, path, textOf(status.HealthRollup) ?? textOf(status.Health)));
  if (health !== 'normal') alarms.push(`device-${health}`);
}

/** DSP2046, PowerState: on its way is still where it was. */
const POWER: Readonly<Record<string, 'on' | 'off'>> = {
  On: 'on',
  PoweringOff: 'on',
  Paused: 'on',
  Off: 'off',
  PoweringOn: 'off',
};
const HEALTH: Readonly<Record<string, BmcState>> = { OK: 'normal', Warning: 'warning', Critical: 'critical' };

/** A sensor's value, or why it has none; nothing at all of one that is not there. */
function sensorOf(fields: Fields, quantity: BmcQuantity, reading: unknown, path: string): BmcSensor[] {
  const name = nameOf(fields);
  if (name === null) return [];
  const status = asObject(fields.Status);
  const state = textOf(status.State);
  if (state === 'Absent') return [];
  const context = textOf(fields.PhysicalContext);
  const place = quantity !== 'temperature' ? null : (lookUp(PLACES, context) ?? placeOf(name));
  const about = { name, quantity, place, source: placeIn(fields, path) };
  const lies = state !== null && state !== 'Enabled' && state !== 'StandbyOffline' && state !== 'Quiesced';
  if (lies) return [{ ...about, value: null, state: null, why: `the service says that it is ${state}` }];
  const value = numberOf(reading);
  if (value === null) return [{ ...about, value: null, state: null, why: 'the service has no reading of it now' }];
  return [{ ...about, value, state: lookUp(HEALTH, textOf(status.Health)) ?? null }];
}

const PLACES: Readonly<Record<string, 'inlet' | 'exhaust'>> = {
  Intake: 'inlet',
  Exhaust: 'exhaust',
};

/** Older services say `FanName` and `ReadingRPM`; newer ones percent and `SpeedRPM`. */
function fanOf(fields: Fields, path: string): BmcSensor[] {
  const rpm = numberOf(fields.SpeedRPM) ?? numberOf(fields.ReadingRPM);
  if (rpm !== null) return sensorOf(fields, 'rpm', rpm, path);
  const unit = textOf(fields.ReadingUnits) ?? 'Percent';
  return sensorOf(fields, unit === 'RPM' ? 'rpm' : 'speed', fields.Reading, path);
}

/** DSP2046 Sensor: the type, or the UCUM unit where the type is not told. */
function quantityOf(fields: Fields): BmcQuantity | null {
  const type =
    lookUp(QUANTITIES, textOf(fields.ReadingType)) ?? lookUp(QUANTITIES, textOf(fields.ReadingUnits)) ?? null;
  return type === 'percent' && /fan/i.test(nameOf(fields) ?? '') ? 'speed' : type;
}

const QUANTITIES: Readonly<Record<string, BmcQuantity>> = {
  Temperature: 'temperature',
  Cel: 'temperature',
  Voltage: 'voltage',
  V: 'voltage',
  Current: 'current',
  A: 'current',
  Power: 'realpower',
  W: 'realpower',
  Rotational: 'rpm',
  '{rev}/min': 'rpm',
  RPM: 'rpm',
  Humidity: 'humidity',
  Frequency: 'frequency',
  Hz: 'frequency',
  Percent: 'percent',
  '%': 'percent',
};

/** The whole server's: the first that tells any. */
function takePower(told: Told, watts: unknown, source: string): void {
  const value = numberOf(watts);
  if (told.power === null && value !== null) told.power = numberValue('device.realpower', value, source);
}

/** Numbered as the service lists them, from 1: names are the makers' whim. */
function supplyValues({ fields, source }: Supply, number: number): { values: PointValue[]; alarms: string[] } {
  const status = asObject(fields.Status);
  const word = supplyWord(fields, textOf(status.State), textOf(status.Health));
  const point = `psu.${number}.status`;
  if (word === null) return { values: [noValue(point, source, 'the service does not say how it is')], alarms: [] };
  const alarms = word === 'normal' || word === 'absent' ? [] : [`psu-${number}-${word}`];
  const figures: readonly (readonly [name: string, value: number | null])[] = [
    ['input.voltage', numberOf(fields.LineInputVoltage)],
    ['input.realpower', numberOf(fields.PowerInputWatts)],
    ['output.realpower', numberOf(fields.PowerOutputWatts) ?? numberOf(fields.LastPowerOutputWatts)],
  ];
  const values = figures.flatMap(([name, value]) =>
    value === null || word === 'absent' ? [] : [numberValue(`psu.${number}.${name}`, value, source)],
  );
  return { values: [wordValue(point, word, source), ...values], alarms };
}

function supplyWord(fields: Fields, state: string | null, health: string | null): string | null {
  if (state === 'Absent') return 'absent';
  const line = textOf(fields.LineInputStatus);
  if (line === 'LossOfInput') return 'input-lost';
  if (health === 'Critical') return 'failed';
  if (health === 'Warning' || line === 'OutOfRange') return 'warning';
  return health === 'OK' || state === 'Enabled' ? 'normal' : null;
}

/** Who says Intake knows better than a name that sounds like it. */
function withOneInlet(sensors: readonly BmcSensor[]): readonly BmcSensor[] {
  const sure = sensors.find(({ place, name }) => place === 'inlet' && !/ambient/i.test(name));
  if (sure === undefined) return sensors;
  return sensors.map((one) => (one.place === 'inlet' && one !== sure ? { ...one, place: null } : one));
}

const nameOf = (fields: Fields): string | null =>
  textOf(fields.Name) ??
  textOf(fields.FanName) ??
  textOf(fields.DeviceName) ??
  textOf(fields.Id) ??
  textOf(textOf(fields.DataSourceUri)?.split('/').at(-1)) ??
  textOf(fields.MemberId);

/** The member's own address where it has one, else its page's. */
const placeIn = (fields: Fields, path: string): string => (linkIn(fields) ?? path).slice(0, 200);

const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

function textOf(value: unknown): string | null {
  const text =
    typeof value === 'string'
      ? value
          .replaceAll(/\p{Cc}/gu, ' ')
          .trim()
          .slice(0, 200)
      : '';
  return text === '' ? null : text;
}

/** What the other side says is no key of ours: it may say `toString`. */
const lookUp = <T>(table: Readonly<Record<string, T>>, word: string | null): T | undefined =>
  word !== null && Object.hasOwn(table, word) ? table[word] : undefined;
