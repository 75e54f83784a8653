import { seconds } from '#core/time.ts';
import type { RawUnit } from '#core/units.ts';
import { type FamilyAnswer, type MqttFamily, nothing } from '../family.ts';
import { unitNamed } from '../memory.ts';
import {
  entriesOf,
  field,
  type JsonObject,
  type MqttMessage,
  numberAt,
  objectAt,
  objectOf,
  textAt,
} from '../message.ts';
import type { Quantity } from '../quantities.ts';
import { createTelling, numberOf, type Telling } from '../telling.ts';
import { timeOf } from '../times.ts';
import { tellEnergy } from './tasmota-energy.ts';

/**
 * Tasmota: tele/<topic>/SENSOR and its kin, the parts of the topic in any order that %prefix% and %topic% were given.
 * https://tasmota.github.io/docs/MQTT/ , /Commands/#sensors
 */
export const tasmota: MqttFamily = {
  id: 'tasmota',
  matches: ({ levels }) => {
    if (levels[0] === 'tasmota' && levels[1] === 'discovery') return true;
    return placeOfPrefix(levels) >= 0 && (LAST.test(levels.at(-1) ?? '') || isCommand(levels));
  },
  decode: (message, _memory, { now }) => {
    const { levels, text } = message;
    if (levels[1] === 'discovery' && levels[0] === 'tasmota') return nothing('discovery', 'discovery, not a reading');
    if (isCommand(levels)) return nothing('command', 'a command, not a state');
    const last = levels.at(-1) ?? '';
    const device = deviceOf(levels);
    if (last === 'LWT') return presence(message, device);
    const result = last === 'RESULT' ? entriesOf(message.object).filter(([key]) => /^POWER\d*$/.test(key)) : [];
    if (result.length > 0) {
      const telling = createTelling(device);
      for (const [key, value] of result) telling.onOff('switch', value, channelOf(key, 'POWER'));
      return telling.answer('reading');
    }
    if (/^POWER\d*$/.test(last)) {
      const telling = createTelling(device);
      telling.onOff('switch', text, channelOf(last, 'POWER'));
      return telling.answer('reading');
    }
    if (
      /^(INFO\d?|DEEPSLEEP|POWER_LOW|UPTIME|RESULT|MARGINS|BUTTON\d|STATUS\d?|LOGGING)$/.test(last) &&
      !/^STATUS(8|11|10)?$/.test(last)
    )
      return announcement(message, last, now);
    if (message.problem !== null) return nothing('bad', message.problem);
    if (message.object === null) return nothing('bad', 'not an object');
    if (last === 'STATE' || last === 'STATUS11')
      return health(device, objectAt(message.object, 'StatusSTS') ?? message.object);
    const sensors = objectAt(message.object, 'StatusSNS') ?? message.object;
    if (last.startsWith('STATUS') && sensors === message.object)
      return nothing('housekeeping', 'a status without sensors');
    return tellSensors(device, sensors);
  },
};

const LAST =
  /^(SENSOR|STATE|LWT|STATUS\d{0,2}|INFO\d?|RESULT|POWER\d*|POWER_LOW|DEEPSLEEP|UPTIME|MARGINS|BUTTON\d|LOGGING)$/;
const PREFIXES = ['tele', 'stat', 'cmnd'];
const placeOfPrefix = (levels: readonly string[]): number => levels.findIndex((level) => PREFIXES.includes(level));
const isCommand = (levels: readonly string[]): boolean =>
  levels[0] === 'cmnd' || (levels.length > 2 && levels.at(-2) === 'cmnd');

/** What is left of the topic without the prefix and the last part. */
function deviceOf(levels: readonly string[]): string {
  const place = placeOfPrefix(levels);
  const before = levels.slice(0, place);
  const after = levels.slice(place + 1, -1);
  return (after.length > 0 ? after : before).join('/') || 'tasmota';
}

function presence(message: MqttMessage, device: string): FamilyAnswer {
  const word = message.text?.toLowerCase();
  if (word === '') return { ...nothing('availability', 'empty: the topic is cleared'), cleared: true };
  if (word !== 'online' && word !== 'offline') return nothing('bad', 'neither Online nor Offline');
  const telling = createTelling(device);
  telling.availability(word === 'online');
  return telling.answer('availability');
}

/** Births, alerts and answers. A deep sleeper says when it wakes again. */
function announcement(message: MqttMessage, last: string, now: number): FamilyAnswer {
  const wake = numberAt(objectAt(message.object, 'DeepSleep'), 'Epoch');
  const left = wake === null ? 0 : wake - now / 1000;
  if (last.startsWith('INFO')) return nothing('birth', 'about the device itself, not a reading');
  return {
    ...nothing('event', 'an announcement, not a reading'),
    ...(left > 0 && left < 7 * 86_400 ? { sleepsFor: seconds(left) } : {}),
  };
}

const channelOf = (key: string, prefix: string): { channel: string; numbered: true } | Record<string, never> => {
  const index = key.slice(prefix.length);
  return index === '' ? {} : { channel: index, numbered: true };
};

function health(device: string, state: JsonObject): FamilyAnswer {
  const telling = createTelling(device, timeOf(field(state, 'Time')));
  telling.number('uptime', field(state, 'UptimeSec'), { as: 'UptimeSec' });
  // Wifi.RSSI is a per cent figure; Signal is dBm.
  telling.number('rssi', field(objectAt(state, 'Wifi'), 'Signal'), { as: 'Signal' });
  telling.number('battery', field(state, 'BatteryPercentage'), { as: 'BatteryPercentage' });
  for (const [key, value] of entriesOf(state))
    if (/^POWER\d*$/.test(key)) telling.onOff('switch', value, channelOf(key, 'POWER'));
  return telling.answer('reading');
}

/** Keys of a sensor chip. What is not here (counters, raw analogue values) has no meaning of its own: a profile gives it one. */
const CHIP_KEYS: Readonly<Record<string, Quantity>> = {
  Temperature: 'temperature',
  Humidity: 'humidity',
  DewPoint: 'dew_point',
  Pressure: 'pressure',
  CarbonDioxide: 'co2',
  eCO2: 'co2_equivalent',
  TVOC: 'tvoc',
  Illuminance: 'illuminance',
  Distance: 'distance',
  'PM2.5': 'pm25',
  PM10: 'pm10',
  Moisture: 'soil_moisture',
  Voltage: 'voltage',
  Current: 'current',
  Power: 'power',
  Factor: 'power_factor',
  Frequency: 'frequency',
  Energy: 'energy',
  // Meters read through Tasmota's smart meter interface; the names are those of its own descriptors.
  Total_in: 'energy',
  Total_out: 'energy_returned',
  Power_curr: 'power',
  BatteryPercentage: 'battery',
  BatteryVoltage: 'battery_voltage',
  LinkQuality: 'linkquality',
  RSSI: 'rssi',
};
const CHIP_TRUTHS: Readonly<Record<string, readonly [Quantity, inverted: boolean]>> = {
  Water: ['water_leak', false],
  Leak: ['water_leak', false],
  Flood: ['water_leak', false],
  DoorOpen: ['door', false],
  // zigbee2tasmota's Contact: 1 is open (zone status alarm 1).
  Contact: ['door', false],
  Occupancy: ['motion', false],
  Motion: ['motion', false],
  Fire: ['smoke', false],
  Smoke: ['smoke', false],
  Tamper: ['tamper', false],
  Vibration: ['vibration', false],
};

/** Older firmware puts the probes of a bus into one object: {"DS18x20": {"DS1": {"Temperature": …}}}. */
const DEEPER = /^DS\d+$/;

interface Units {
  readonly temperature: RawUnit;
  readonly pressure: RawUnit;
}

function tellSensors(device: string, sensors: JsonObject): FamilyAnswer {
  const units: Units = {
    temperature: unitNamed(textAt(sensors, 'TempUnit') ?? 'C') ?? '°C',
    pressure: unitNamed(textAt(sensors, 'PressureUnit') ?? 'hPa') ?? 'hPa',
  };
  const telling = createTelling(device, timeOf(field(sensors, 'Time')));
  for (const [key, value] of entriesOf(sensors)) {
    const chip = objectOf(value);
    if (/^Switch\d+$/.test(key)) telling.onOff('switch', value, channelOf(key, 'Switch'));
    else if (/^POWER\d*$/.test(key)) telling.onOff('switch', value, channelOf(key, 'POWER'));
    else if (chip === null) continue;
    else if (key === 'ENERGY') tellEnergy(telling, chip, units.temperature);
    else if (/^(Lw|Zb)Received$/.test(key)) tellRelayed(telling, chip, units);
    else if (/^ESP32/.test(key))
      telling.number('device_temperature', field(chip, 'Temperature'), { unit: units.temperature });
    else if (key !== 'COUNTER') tellChip(telling, key, chip, units);
  }
  const answer = telling.answer('reading');
  return answer.readings.length === 0 && answer.rejected === undefined
    ? nothing('bad', 'no value that has a meaning of its own')
    : answer;
}

function tellChip(telling: Telling, name: string, chip: JsonObject, units: Units, device?: string): void {
  const error = field(chip, 'Error');
  if (typeof error === 'number' && error !== 0) {
    telling.problem(`${name}: error ${error}`);
    return;
  }
  const more = device === undefined ? { channel: name } : { device };
  for (const [key, raw] of entriesOf(chip)) {
    const truth = Object.hasOwn(CHIP_TRUTHS, key) ? CHIP_TRUTHS[key] : undefined;
    if (truth !== undefined) telling.truth(truth[0], raw, { ...more, inverted: truth[1], as: key });
    else if (/^[XYZ]?Accel[XYZ]Axis$/.test(key))
      telling.number('acceleration', raw, { channel: (key[5] ?? '').toLowerCase(), numbered: true });
    else if (key === 'Battery') tellBattery(telling, raw, more);
    else if (objectOf(raw) !== null && DEEPER.test(key))
      tellChip(telling, `${name}-${key}`, objectOf(raw) ?? {}, units, device);
    else tellChipNumber(telling, name, key, raw, units, more);
  }
}

function tellChipNumber(
  telling: Telling,
  name: string,
  key: string,
  raw: unknown,
  units: Units,
  more: { channel?: string; device?: string },
): void {
  // ANALOG: Temperature1, Temperature2.
  const [, base = key, index] = /^(Temperature|Humidity|Illuminance)(\d)$/.exec(key) ?? [];
  const quantity = Object.hasOwn(CHIP_KEYS, base) ? CHIP_KEYS[base] : undefined;
  if (quantity === undefined || typeof raw === 'object') {
    if (quantity !== undefined && raw === null) telling.number(quantity, null, more);
    return;
  }
  // A DS18B20's memory after power-on, before it has measured (its data sheet, figure 4).
  if (quantity === 'temperature' && name.startsWith('DS18') && raw === 85) {
    telling.problem(`${name}: 85 °C is what it says before it has measured`);
    return;
  }
  const unit = quantity === 'pressure' ? units.pressure : isDegrees(quantity) ? units.temperature : undefined;
  const stated = unit ?? (quantity === 'distance' ? (name.startsWith('VL53') ? 'mm' : 'cm') : undefined);
  const channel = index === undefined ? {} : { channel: `${name}-${index}` };
  telling.number(quantity, raw, {
    ...more,
    ...channel,
    as: `${name}.${key}`,
    ...(stated === undefined ? {} : { unit: stated }),
  });
}

const isDegrees = (quantity: Quantity): boolean => quantity === 'temperature' || quantity === 'dew_point';

/** Per cent over BLE, volts over LoRaWAN: no sensor's cell has less than five per cent and speaks of it in decimals. */
function tellBattery(telling: Telling, raw: unknown, more: { channel?: string; device?: string }): void {
  const value = numberOf(raw);
  const { channel: _, ...rest } = more;
  if (value !== null && value <= 5 && more.device !== undefined) telling.number('battery_voltage', raw, rest);
  else telling.number('battery', raw, rest);
}

/** Devices behind a Tasmota bridge: each under its own address, or its name. */
function tellRelayed(telling: Telling, relayed: JsonObject, units: Units): void {
  for (const [address, value] of entriesOf(relayed)) {
    const chip = objectOf(value);
    if (chip === null) continue;
    tellChip(telling, address, chip, units, textAt(chip, 'Name') ?? address);
  }
}
