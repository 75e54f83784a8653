import { type MqttFamily, nothing } from '../family.ts';
import { readKey, tellByKey, tellObject } from '../keys.ts';
import type { MqttMemory } from '../memory.ts';
import {
  entriesOf,
  field,
  type JsonObject,
  listAt,
  type MqttMessage,
  numberAt,
  objectAt,
  objectOf,
  textAt,
} from '../message.ts';
import { createTelling, numberOf, type Telling } from '../telling.ts';

/**
 * PUSR (有人) edge gateways: topics and keys are the installer's, registers come as they are, without their scale. What a scale
 * proves of itself is used (no air has more than 100 % humidity); everything else needs a profile.
 */
export const usr: MqttFamily = {
  id: 'usr-gateway',
  matches: ({ levels, object }) => levels[0]?.toLowerCase() === 'usr' || objectAt(object, 'rw_prot') !== null,
  decode: (message, memory) => {
    const { levels, object } = message;
    if (object === null) return nothing('bad', message.problem ?? 'not an object');
    const envelope = objectAt(object, 'rw_prot');
    const device = levels.length > 1 ? levels.slice(0, -1).join('/') : (levels[0] ?? '');
    const telling = createTelling(device);
    if (envelope !== null) {
      if (textAt(envelope, 'dir') === 'down') return nothing('command', 'a request to read or write');
      for (const one of listAt(envelope, 'r_data')) tellPoint(telling, objectOf(one));
    } else tellRegisters(telling, message, object, memory);
    const answer = telling.answer('reading');
    return answer.readings.length === 0 && answer.rejected === undefined ? nothing('bad', 'no known value') : answer;
  },
};

/** {"name": "DI1", "value": "0", "err": "0"} */
function tellPoint(telling: Telling, point: JsonObject | null): void {
  const name = textAt(point, 'name');
  if (name === null) return;
  const failed = field(point, 'err');
  if (failed !== undefined && failed !== 0 && failed !== '0') {
    telling.problem(`${name}: error ${String(failed).slice(0, 20)}`);
    return;
  }
  const contact = /^DI(\d+)$/i.exec(name);
  const relay = /^DO(\d+)$/i.exec(name);
  const raw = field(point, 'value');
  if (contact !== null) telling.truth('input', raw, { channel: contact[1] ?? null, numbered: true, as: name });
  else if (relay !== null) telling.truth('output', raw, { channel: relay[1] ?? null, numbered: true, as: name });
  else if (!tellByKey(telling, name, raw)) telling.other(name, raw);
}

function tellRegisters(telling: Telling, { topic }: MqttMessage, object: JsonObject, memory: MqttMemory): void {
  const humidity =
    numberAt(object, 'humidity') ?? numberOf(field(object, 'humi') ?? field(object, 'hum') ?? field(object, '湿度'));
  if (humidity !== null && Number.isInteger(humidity) && humidity > 100 && humidity <= 1000)
    memory.tenths.set(topic, true);
  if (!memory.tenths.has(topic)) {
    tellObject(telling, object, new Set());
    return;
  }
  for (const [key, raw] of entriesOf(object)) {
    const meant = readKey(key)?.quantity;
    const value = numberOf(raw);
    const scaled = (meant === 'temperature' || meant === 'humidity') && value !== null && Number.isInteger(value);
    tellByKey(telling, key, scaled ? value / 10 : raw);
  }
}
