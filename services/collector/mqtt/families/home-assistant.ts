import { seconds } from '#core/time.ts';
import type { RawUnit } from '#core/units.ts';
import { type FamilyAnswer, type MqttFamily, nothing } from '../family.ts';
import { readKey, tellQuantity } from '../keys.ts';
import { type DiscoveredEntity, type MqttMemory, unitNamed } from '../memory.ts';
import type { MqttMessage } from '../message.ts';
import type { Quantity } from '../quantities.ts';
import { createTelling, type Telling, type TellOptions } from '../telling.ts';
import { evaluateTemplate } from '../template.ts';
import { wordOf } from './entity-words.ts';
import { isConfigTopic, kindOf, readConfig } from './home-assistant-config.ts';

/**
 * Home Assistant discovery: a retained configuration names the topics, units and words of an entity; readings then come on
 * those topics in any form. https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery
 */
export const homeAssistant: MqttFamily = {
  id: 'home-assistant',
  matches: (message, memory) =>
    isConfigTopic(message.levels) ||
    (message.levels.length === 2 && message.levels[0] === 'homeassistant' && message.levels[1] === 'status') ||
    memory.entitiesByTopic.has(message.topic),
  decode: (message, memory) => {
    if (isConfigTopic(message.levels)) return readConfig(message, memory);
    if (message.levels[0] === 'homeassistant') return nothing('housekeeping', 'Home Assistant’s own birth or will');
    return hear(message, memory);
  },
};

/** Everything that entities say through this topic: their state, or whether they are there. */
export function hear(message: MqttMessage, memory: MqttMemory): FamilyAnswer {
  if (message.problem === 'empty') return nothing('bad', 'empty');
  if (message.text === null) return nothing('bad', message.problem ?? 'not a text');
  const telling = createTelling('');
  let kind: 'reading' | 'availability' = 'reading';
  const names = [...(memory.entitiesByTopic.get(message.topic) ?? [])].slice(0, 200);
  for (const name of names) {
    const entity = memory.entities.get(name);
    if (entity === undefined) continue;
    if (entity.availability.some(({ topic }) => topic === message.topic)) {
      kind = 'availability';
      tellAvailability(telling, entity, message);
    }
    if (entity.stateTopic === message.topic) {
      const alone = (memory.entityKinds.get(kindOf(entity))?.size ?? 0) <= 1;
      tellState(telling, entity, message, alone);
    }
  }
  const answer = telling.answer(kind);
  return answer.readings.length === 0 && answer.rejected === undefined ? nothing('bad', 'no value') : answer;
}

function tellAvailability(telling: Telling, entity: DiscoveredEntity, message: MqttMessage): void {
  for (const { topic, template, available, notAvailable } of entity.availability) {
    if (topic !== message.topic) continue;
    const found = takenOut(template, message);
    if ('problem' in found) {
      telling.problem(`${entity.name}: ${found.problem}`);
      return;
    }
    const word = wordOf(found.value);
    if (word !== available && word !== notAvailable) {
      telling.problem(`${entity.name}: neither ${available} nor ${notAvailable}`);
      return;
    }
    telling.availability(word === available, { device: entity.device });
  }
}

function tellState(telling: Telling, entity: DiscoveredEntity, message: MqttMessage, alone: boolean): void {
  const found = takenOut(entity.template, message);
  if ('problem' in found) {
    telling.problem(`${entity.name}: ${found.problem}`);
    return;
  }
  const holds = entity.expiresAfterSeconds;
  const at: TellOptions = {
    device: entity.device,
    as: entity.name,
    ...(alone ? {} : { channel: safe(entity), numbered: true, label: entity.name }),
    ...(holds === null ? {} : { holdsFor: seconds(holds) }),
  };
  if (found.value === undefined || found.value === null) {
    telling.number('temperature', null, at);
    return;
  }
  if (entity.component === 'binary_sensor') {
    tellBinary(telling, entity, found.value, at);
    return;
  }
  if (entity.component === 'switch' || entity.component === 'light') {
    telling.onOff('switch', found.value, at);
    return;
  }
  tellNumber(telling, entity, found.value, at);
}

function tellBinary(telling: Telling, entity: DiscoveredEntity, value: unknown, at: TellOptions): void {
  const word = wordOf(value);
  if (word !== entity.payloadOn && word !== entity.payloadOff) {
    telling.problem(`${entity.name}: neither ${entity.payloadOn} nor ${entity.payloadOff}`);
    return;
  }
  const on = word === entity.payloadOn;
  const quantity = binaryQuantity(entity);
  if (quantity === 'availability') telling.availability(on, { device: entity.device });
  else if (quantity !== null) telling.truth(quantity, on, at);
  else telling.other('binary', on, { ...at, label: entity.name, point: `sensor.${safe(entity)}.active` });
}

function tellNumber(telling: Telling, entity: DiscoveredEntity, value: unknown, at: TellOptions): void {
  const unit = entity.unit === null ? null : unitNamed(entity.unit);
  const quantity = sensorQuantity(entity, unit);
  if (quantity !== null) tellQuantity(telling, quantity, value, { ...at, ...(unit === null ? {} : { unit }) });
  else telling.other('value', value, { ...at, label: entity.name, point: `sensor.${safe(entity)}.number` });
}

function takenOut(template: string | null, message: MqttMessage): { value: unknown } | { problem: string } {
  if (template === null) return { value: message.json === undefined ? message.text : message.json };
  return evaluateTemplate(template, { text: message.text ?? '', json: message.json });
}

const safe = (entity: DiscoveredEntity): string =>
  entity.name
    .replaceAll(/[^A-Za-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .toLowerCase()
    .slice(0, 50) || 'entity';

/** https://www.home-assistant.io/integrations/sensor/#device-class */
const SENSOR_CLASSES: Readonly<Record<string, Quantity>> = {
  temperature: 'temperature',
  humidity: 'humidity',
  battery: 'battery',
  voltage: 'voltage',
  current: 'current',
  power: 'power',
  energy: 'energy',
  apparent_power: 'apparent_power',
  reactive_power: 'reactive_power',
  power_factor: 'power_factor',
  frequency: 'frequency',
  pressure: 'pressure',
  atmospheric_pressure: 'pressure',
  illuminance: 'illuminance',
  carbon_dioxide: 'co2',
  volatile_organic_compounds_parts: 'tvoc',
  pm1: 'pm1',
  pm25: 'pm25',
  pm10: 'pm10',
  signal_strength: 'rssi',
  distance: 'distance',
  sound_pressure: 'noise',
  moisture: 'soil_moisture',
};

/** https://www.home-assistant.io/integrations/binary_sensor/#device-class */
const BINARY_CLASSES: Readonly<Record<string, Quantity>> = {
  moisture: 'water_leak',
  smoke: 'smoke',
  gas: 'gas',
  carbon_monoxide: 'carbon_monoxide',
  door: 'door',
  window: 'door',
  opening: 'door',
  garage_door: 'door',
  motion: 'motion',
  occupancy: 'motion',
  presence: 'motion',
  tamper: 'tamper',
  vibration: 'vibration',
  battery: 'battery_low',
  connectivity: 'availability',
  problem: 'fault',
};

function binaryQuantity({ deviceClass, name }: DiscoveredEntity): Quantity | null {
  if (deviceClass !== null)
    return Object.hasOwn(BINARY_CLASSES, deviceClass) ? (BINARY_CLASSES[deviceClass] ?? null) : null;
  const known = readKey(name)?.quantity ?? null;
  return known === 'water_leak' || known === 'smoke' || known === 'door' || known === 'motion' ? known : null;
}

/** What a unit alone says. */
const BY_UNIT: Partial<Record<RawUnit, Quantity>> = {
  '°C': 'temperature',
  '°F': 'temperature',
  V: 'voltage',
  A: 'current',
  W: 'power',
  kW: 'power',
  VA: 'apparent_power',
  kWh: 'energy',
  Wh: 'energy',
  Hz: 'frequency',
  lx: 'illuminance',
  hPa: 'pressure',
  ppm: 'co2',
  dBm: 'rssi',
};

export function sensorQuantity(
  { deviceClass, name }: Pick<DiscoveredEntity, 'deviceClass' | 'name'>,
  unit: RawUnit | null,
): Quantity | null {
  if (deviceClass !== null && Object.hasOwn(SENSOR_CLASSES, deviceClass)) return SENSOR_CLASSES[deviceClass] ?? null;
  const named = readKey(name)?.quantity;
  if (named !== undefined) return named;
  return unit === null ? null : (BY_UNIT[unit] ?? null);
}
