import { type MqttFamily, nothing } from '../family.ts';
import { readKey, tellQuantity } from '../keys.ts';
import { type DiscoveredEntity, type MqttMemory, unitNamed } from '../memory.ts';
import { createTelling } from '../telling.ts';
import { hear, sensorQuantity } from './home-assistant.ts';

/**
 * ESPHome: <node>/<component>/<object id>/state, one bare value; units stand in the Home Assistant configuration, where one was
 * heard. <node>/status is birth and will. https://esphome.io/components/mqtt/
 */
export const esphome: MqttFamily = {
  id: 'esphome',
  matches: ({ levels, text }) => {
    if (levels.length >= 4 && (levels.at(-1) === 'state' || levels.at(-1) === 'command'))
      return COMPONENTS.has(levels.at(-3) ?? '');
    return (
      levels.length >= 2 &&
      levels.at(-1) === 'status' &&
      (text === 'online' || text === 'offline') &&
      levels[0] !== 'homeassistant'
    );
  },
  decode: (message, memory) => {
    const { levels, text } = message;
    if (levels.at(-1) === 'command') return nothing('command', 'a command, not a state');
    if (levels.at(-1) === 'status') {
      const telling = createTelling(levels.slice(0, -1).join('/'));
      telling.availability(text === 'online');
      return telling.answer('availability');
    }
    const [component = '', id = ''] = levels.slice(-3);
    if (message.problem === 'empty') return nothing('bad', 'empty');
    if (text === null) return nothing('bad', message.problem ?? 'not a text');
    const entity = entityAt(message.topic, memory);
    // A configuration that takes the value out of the message in its own way knows better.
    if (entity?.template != null || entity?.deviceClass != null) {
      const node = levels.slice(0, -3).join('/');
      const answer = hear(message, memory);
      return { ...answer, readings: answer.readings.map((reading) => ({ ...reading, device: node })) };
    }
    const telling = createTelling(levels.slice(0, -3).join('/'));
    if (component === 'switch' || component === 'light' || component === 'fan')
      telling.onOff('switch', text, { channel: id, numbered: true });
    else if (component === 'binary_sensor') {
      if (text !== 'ON' && text !== 'OFF') return nothing('bad', 'neither ON nor OFF');
      const known = readKey(id);
      if (known === null || !BINARY.has(known.quantity)) telling.other(id, text === 'ON');
      // The sensor is named for what it finds: ON is an open door, water, smoke.
      else telling.truth(known.quantity, text === 'ON', { channel: known.channel, numbered: known.channel !== null });
    } else if (component === 'sensor') {
      const unit = entity?.unit == null ? null : unitNamed(entity.unit);
      const quantity = sensorQuantity({ deviceClass: entity?.deviceClass ?? null, name: id }, unit);
      const key = readKey(id);
      const stated = unit ?? key?.unit ?? null;
      const channel = key === null ? id : key.channel;
      const numbered = channel !== null;
      if (quantity === null) telling.other(id, text);
      else
        tellQuantity(telling, quantity, text, {
          channel,
          numbered,
          as: id,
          ...(stated === null ? {} : { unit: stated }),
        });
    } else return nothing('event', 'a text or a state of its own, not a reading');
    const answer = telling.answer('reading');
    return answer.readings.length === 0 && answer.rejected === undefined ? nothing('bad', 'not a number') : answer;
  },
};

const COMPONENTS = new Set(
  'sensor binary_sensor switch light fan text_sensor cover number select climate lock button event valve text'.split(
    ' ',
  ),
);
const BINARY = new Set(['water_leak', 'smoke', 'door', 'motion', 'gas', 'tamper', 'vibration', 'battery_low']);

function entityAt(topic: string, memory: MqttMemory): DiscoveredEntity | null {
  for (const name of memory.entitiesByTopic.get(topic) ?? []) {
    const entity = memory.entities.get(name);
    if (entity?.stateTopic === topic) return entity;
  }
  return null;
}
