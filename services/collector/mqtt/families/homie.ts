import { type FamilyAnswer, type MqttFamily, nothing } from '../family.ts';
import { readKey, tellQuantity } from '../keys.ts';
import { type HomieProperty, type MqttMemory, unitNamed } from '../memory.ts';
import { entriesOf, type JsonObject, type MqttMessage, objectAt, objectOf, textAt } from '../message.ts';
import { createTelling, type Telling } from '../telling.ts';
import { sensorQuantity } from './home-assistant.ts';

/**
 * Homie, versions 2 to 5: homie/<device>/<node>/<property> (5: homie/5/…), one bare value; units and types in attributes beside it
 * or, from version 5, in the device's $description. https://homieiot.github.io/specification/
 */
export const homie: MqttFamily = {
  id: 'homie',
  matches: ({ levels, text }, memory) => {
    const [base = '', , attribute] = levels;
    if (base === 'homie' || memory.homieBases.has(base)) return levels.length >= 3;
    if (attribute === '$homie' && /^\d\./.test(text ?? '')) {
      memory.homieBases.set(base, true);
      return true;
    }
    return false;
  },
  decode: (message, memory) => {
    const base = message.levels[0] ?? '';
    const five = message.levels[1] === '5';
    const [device = '', ...rest] = message.levels.slice(five ? 2 : 1);
    if (device.startsWith('$')) return nothing('event', 'told to everyone, not a reading');
    if (rest.at(-1) === 'set') return nothing('command', 'a command, not a state');
    const prefix = `${base}/${device}`;
    if (rest.length === 1) return deviceAttribute(message, device, prefix, rest[0] ?? '', memory);
    if (rest[0]?.startsWith('$')) return nothing('housekeeping', 'about the device itself, not a reading');
    const [node = '', property = '', attribute] = rest;
    if (property.startsWith('$')) return nothing('discovery', 'about a node, not a reading');
    if (attribute !== undefined) return propertyAttribute(message, `${prefix}/${node}/${property}`, attribute, memory);
    noteNode(`${prefix}/${node}/${property}`, memory);
    const alone = (memory.homieNodes.get(`${prefix}/${property}`)?.size ?? 0) <= 1;
    const about = memory.homieProperties.get(`${prefix}/${node}/${property}`) ?? null;
    return value(message, device, [node, property], about, alone);
  },
};

/** `sleeping` is alive; `alert` works and wants someone. */
const STATES: Readonly<Record<string, boolean>> = {
  ready: true,
  sleeping: true,
  alert: true,
  init: true,
  disconnected: false,
  lost: false,
};

function deviceAttribute(
  message: MqttMessage,
  device: string,
  prefix: string,
  attribute: string,
  memory: MqttMemory,
): FamilyAnswer {
  const { text } = message;
  if (attribute === '$state' || attribute === '$online') {
    if (text === '') return { ...nothing('availability', 'empty: the device is removed'), cleared: true };
    const online = attribute === '$online' ? { true: true, false: false }[text ?? ''] : STATES[text ?? ''];
    if (online === undefined) return nothing('bad', 'not a state of the convention');
    if (text === 'init') return nothing('birth', 'the device is about to describe itself');
    const telling = createTelling(device);
    telling.availability(online);
    return telling.answer('availability');
  }
  if (attribute === '$description') return description(message, prefix, memory);
  return nothing(attribute.startsWith('$') ? 'discovery' : 'housekeeping', 'about the device, not a reading');
}

/** Version 5: {"nodes": {"<node>": {"properties": {"<property>": {"datatype", "unit", "format", "name"}}}}}. */
function description(message: MqttMessage, prefix: string, memory: MqttMemory): FamilyAnswer {
  if (message.object === null) return nothing('bad', message.problem ?? 'not an object');
  for (const [node, one] of entriesOf(objectAt(message.object, 'nodes')))
    for (const [property, about] of entriesOf(objectAt(objectOf(one), 'properties')))
      learn(objectOf(about), `${prefix}/${node}/${property}`, memory);
  return nothing('discovery', 'the device describes itself');
}

/** Two nodes with a `temperature` each: then the node is part of the point's name. */
function noteNode(key: string, memory: MqttMemory): void {
  const [base, device, node, property] = key.split('/');
  const nodes = memory.homieNodes.obtain(`${base}/${device}/${property}`, () => new Set());
  if (nodes.size < 50 && node !== undefined) nodes.add(node);
}

function learn(about: JsonObject | null, key: string, memory: MqttMemory): void {
  noteNode(key, memory);
  memory.homieProperties.set(key, {
    unit: textAt(about, 'unit'),
    datatype: textAt(about, 'datatype'),
    name: textAt(about, 'name'),
    format: textAt(about, 'format'),
  });
}

const empty = (): HomieProperty => ({ unit: null, datatype: null, name: null, format: null });

function propertyAttribute(message: MqttMessage, key: string, attribute: string, memory: MqttMemory): FamilyAnswer {
  if (attribute === '$target') return nothing('housekeeping', 'what the device is to become, not what it is');
  noteNode(key, memory);
  const text = message.text?.slice(0, 200) ?? null;
  if (attribute === '$unit') memory.homieProperties.obtain(key, empty).unit = text;
  else if (attribute === '$datatype') memory.homieProperties.obtain(key, empty).datatype = text;
  else if (attribute === '$name') memory.homieProperties.obtain(key, empty).name = text;
  else if (attribute === '$format') memory.homieProperties.obtain(key, empty).format = text;
  return nothing('discovery', 'about a property, not its value');
}

function value(
  message: MqttMessage,
  device: string,
  [node, id]: readonly [node: string, property: string],
  about: HomieProperty | null,
  alone: boolean,
): FamilyAnswer {
  const { text } = message;
  if (text === null) return nothing('bad', message.problem ?? 'not a text');
  if (text === '') return nothing('bad', 'empty');
  const telling = createTelling(device);
  tellProperty(telling, [node, id], text, about, alone);
  const answer = telling.answer('reading');
  return answer.readings.length === 0 && answer.rejected === undefined
    ? nothing('event', 'a text of its own, not a reading')
    : answer;
}

function tellProperty(
  telling: Telling,
  [node, id]: readonly [node: string, property: string],
  text: string,
  about: HomieProperty | null,
  alone: boolean,
): void {
  const datatype = about?.datatype ?? null;
  if (datatype === 'boolean' && text !== 'true' && text !== 'false') {
    telling.problem(`${node}/${id}: neither true nor false`);
    return;
  }
  const key = readKey(id) ?? (/^(value|state|status|level|percent|measurement)$/i.test(id) ? readKey(node) : null);
  const unit = about?.unit == null ? null : unitNamed(about.unit);
  // A boolean that is called `power` or `temperature` is a switch, and a number is no door.
  const fits = key !== null && (datatype !== 'boolean' || text === 'true' || text === 'false');
  const at = { channel: node, numbered: !alone, as: `${node}/${id}`, label: about?.name ?? `${node}/${id}` };
  if (fits && !(datatype === 'boolean' && NUMERIC.has(key.quantity))) {
    const stated = unit ?? key.unit;
    tellQuantity(telling, key.quantity, text, {
      ...at,
      contact: key.contact,
      ...(stated === null ? {} : { unit: stated }),
    });
    return;
  }
  if (datatype === 'boolean') {
    telling.other(`${node}-${id}`, text === 'true', at);
    return;
  }
  const byUnit = sensorQuantity({ deviceClass: null, name: id }, unit);
  if (byUnit !== null && unit !== null) {
    tellQuantity(telling, byUnit, text, { ...at, unit });
    return;
  }
  if (datatype === 'enum' || datatype === 'string' || datatype === 'color' || datatype === 'datetime') return;
  telling.other(`${node}-${id}`, text, at);
}

const NUMERIC = new Set<string>([
  'power',
  'energy',
  'temperature',
  'humidity',
  'voltage',
  'current',
  'battery',
  'illuminance',
  'co2',
  'pressure',
]);
