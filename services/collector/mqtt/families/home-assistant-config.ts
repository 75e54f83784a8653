import { type FamilyAnswer, nothing } from '../family.ts';
import type { DiscoveredAvailability, DiscoveredEntity, MqttMemory } from '../memory.ts';
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
import { wordOf } from './entity-words.ts';

/**
 * <prefix>/<component>/[<node id>/]<object id>/config: what an entity is and where it speaks. Keys may be short (`stat_t`) and
 * topics may begin or end with `~`. A device's configuration may hold several components (`cmps`).
 */
const COMPONENTS = new Set(
  'sensor binary_sensor switch light climate fan cover lock number select button text event update siren alarm_control_panel device_tracker device_automation device camera image humidifier vacuum valve scene tag water_heater lawn_mower'.split(
    ' ',
  ),
);
const ID = /^[A-Za-z0-9_-]+$/;

export const isConfigTopic = (levels: readonly string[]): boolean => {
  if (levels.at(-1) !== 'config') return false;
  const place = levels.length === 4 ? 1 : levels.length === 5 ? 1 : -1;
  return place > 0 && COMPONENTS.has(levels[place] ?? '') && levels[0] !== 'tasmota';
};

export function readConfig(message: MqttMessage, memory: MqttMemory): FamilyAnswer {
  const { topic, levels } = message;
  if (!levels.slice(2, -1).every((id) => ID.test(id))) return nothing('bad', 'an id has signs that are not allowed');
  if (message.problem === 'empty') {
    forget(topic, memory);
    return { ...nothing('discovery', 'empty: the entity is removed'), cleared: true };
  }
  if (message.object === null) return nothing('bad', message.problem ?? 'not an object');
  const config = expand(message.object);
  const component = levels[1] ?? '';
  forget(topic, memory);
  const entities =
    component === 'device'
      ? entriesOf(objectAt(config, 'components')).flatMap(([key, one]) => {
          const own = objectOf(one);
          if (own === null) return [];
          const whole = expand({ ...config, ...expand(own) });
          return [entityOf(`${topic}#${key}`, textAt(whole, 'platform') ?? '', whole, levels)];
        })
      : [entityOf(topic, component, config, levels)];
  const usable = entities.filter((entity) => entity.stateTopic !== null || entity.availability.length > 0);
  if (usable.length === 0) return nothing('bad', 'names no topic to hear');
  for (const entity of usable.slice(0, 200)) remember(entity, memory);
  return nothing('discovery', 'discovery, not a reading');
}

function entityOf(config: string, component: string, object: JsonObject, levels: readonly string[]): DiscoveredEntity {
  const device = objectAt(object, 'device');
  const own = device === null ? null : (textAt(device, 'name') ?? identifierOf(device));
  const name = textAt(object, 'name') ?? textAt(object, 'object_id') ?? levels.at(-2) ?? 'entity';
  return {
    config,
    component,
    name,
    device: own ?? name,
    stateTopic: textAt(object, 'state_topic'),
    template: textAt(object, 'value_template') ?? textAt(object, 'state_value_template'),
    deviceClass: textAt(object, 'device_class'),
    unit: textAt(object, 'unit_of_measurement'),
    payloadOn: wordOf(field(object, 'payload_on') ?? 'ON'),
    payloadOff: wordOf(field(object, 'payload_off') ?? 'OFF'),
    expiresAfterSeconds: positive(numberAt(object, 'expire_after')),
    availability: availabilityOf(object),
  };
}

const positive = (value: number | null): number | null =>
  value !== null && value > 0 ? Math.min(value, 31_536_000) : null;

function identifierOf(device: JsonObject): string | null {
  const identifiers = field(device, 'identifiers');
  const first: unknown = Array.isArray(identifiers) ? identifiers[0] : identifiers;
  return typeof first === 'string' ? first : null;
}

function availabilityOf(object: JsonObject): DiscoveredAvailability[] {
  const single = textAt(object, 'availability_topic');
  const available = wordOf(field(object, 'payload_available') ?? 'online');
  const notAvailable = wordOf(field(object, 'payload_not_available') ?? 'offline');
  if (single !== null)
    return [{ topic: single, template: textAt(object, 'availability_template'), available, notAvailable }];
  return listAt(object, 'availability')
    .slice(0, 10)
    .flatMap((one) => {
      const entry = objectOf(one);
      const expanded = entry === null ? null : expand(entry);
      const topic = textAt(expanded, 'topic');
      if (topic === null) return [];
      return [
        {
          topic,
          template: textAt(expanded, 'value_template'),
          available: wordOf(field(expanded, 'payload_available') ?? available),
          notAvailable: wordOf(field(expanded, 'payload_not_available') ?? notAvailable),
        },
      ];
    });
}

/** Two probes on one board have two topics and one class. */
export const kindOf = ({ device, component, deviceClass, unit }: DiscoveredEntity): string =>
  [device, component, deviceClass ?? '', deviceClass === null ? (unit ?? '') : ''].join('\n');

function remember(entity: DiscoveredEntity, memory: MqttMemory): void {
  memory.entities.set(entity.config, entity);
  const alike = memory.entityKinds.obtain(kindOf(entity), () => new Set());
  if (alike.size < 500) alike.add(entity.config);
  const topics = [entity.stateTopic, ...entity.availability.map(({ topic }) => topic)];
  for (const topic of topics) {
    if (topic === null || topic.length > 500) continue;
    const known = memory.entitiesByTopic.obtain(topic, () => new Set());
    if (known.size < 500) known.add(entity.config);
  }
}

function forget(topic: string, memory: MqttMemory): void {
  for (const name of [topic, ...[...memory.entities.keys()].filter((key) => key.startsWith(`${topic}#`))]) {
    const entity = memory.entities.get(name);
    if (entity === undefined) continue;
    memory.entities.delete(name);
    memory.entityKinds.get(kindOf(entity))?.delete(name);
    for (const one of [entity.stateTopic, ...entity.availability.map((how) => how.topic)]) {
      const names = one === null ? undefined : memory.entitiesByTopic.get(one);
      names?.delete(name);
      if (one !== null && names?.size === 0) memory.entitiesByTopic.delete(one);
    }
  }
}

/** homeassistant/components/mqtt/abbreviations.py, the keys that readings need. */
const SHORT: Readonly<Record<string, string>> = {
  avty: 'availability',
  avty_t: 'availability_topic',
  avty_tpl: 'availability_template',
  cmps: 'components',
  dev: 'device',
  dev_cla: 'device_class',
  exp_aft: 'expire_after',
  ids: 'identifiers',
  obj_id: 'object_id',
  p: 'platform',
  pl_avail: 'payload_available',
  pl_not_avail: 'payload_not_available',
  pl_off: 'payload_off',
  pl_on: 'payload_on',
  stat_t: 'state_topic',
  stat_val_tpl: 'state_value_template',
  t: 'topic',
  uniq_id: 'unique_id',
  unit_of_meas: 'unit_of_measurement',
  val_tpl: 'value_template',
};

/** Long keys, and `~` at either end of a topic replaced by the base. */
function expand(object: JsonObject): JsonObject {
  const base = textAt(object, '~');
  const long: Record<string, unknown> = {};
  for (const [key, value] of entriesOf(object)) {
    const name = Object.hasOwn(SHORT, key) ? (SHORT[key] ?? key) : key;
    if (name === '__proto__') continue;
    if (base !== null && typeof value === 'string' && name.endsWith('topic')) long[name] = withBase(value, base);
    else if (name === 'device' && objectOf(value) !== null) long[name] = expand(objectOf(value) ?? {});
    else if (base !== null && name === 'availability' && Array.isArray(value))
      long[name] = value.slice(0, 10).map((one) => {
        const entry = objectOf(one);
        return entry === null ? one : expand({ '~': base, ...entry });
      });
    else long[name] = value;
  }
  return long;
}

function withBase(topic: string, base: string): string {
  if (topic.startsWith('~')) return `${base}${topic.slice(1)}`;
  return topic.endsWith('~') ? `${topic.slice(0, -1)}${base}` : topic;
}
